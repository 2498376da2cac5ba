/* SPDX-License-Identifier: MIT */
/* Addresses wherever they stand in messages. With this key 192.0.2.1 becomes 252.255.2.50 and so
 * on: the tests ask the map, and look for what it says. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counts.h"
#include "pcap2ipfix/fields.h"
#include "privacy/anonymise.h"
#include "privacy/anonymise_packet.h"
#include "privacy/anonymise_text.h"

static struct p2i_crypto_pan *pan;
static struct p2i_texts texts;

static void setup(void)
{
    uint8_t key[P2I_CRYPTO_PAN_KEY];
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)(7 * i + 1);
    }
    pan = p2i_crypto_pan_new(key);
    cr_assert_not_null(pan);
}

static void done(void)
{
    p2i_texts_free(&texts);
    p2i_crypto_pan_free(pan);
}

static struct p2i_view view(const char *text)
{
    return p2i_view_of(text, strlen(text));
}

/* What an address becomes, as text; in one of a few places that are used in turn. */
static const char *mapped(const char *text)
{
    static char results[8][INET6_ADDRSTRLEN];
    static unsigned next;
    char *result = results[next++ % 8];
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    struct p2i_address address = {0};
    struct p2i_address other;
    cr_assert_eq(inet_pton(family, text, address.bytes), 1);
    cr_assert(p2i_crypto_pan_map(pan, family == AF_INET6 ? 6 : 4, &address, &other));
    cr_assert_not_null(inet_ntop(family, other.bytes, result, INET6_ADDRSTRLEN));
    return result;
}

static void expect(struct p2i_view seen, const char *text)
{
    cr_expect(p2i_view_equals(seen, view(text)), "'%.*s' instead of '%s'", (int)seen.size,
              seen.size > 0 ? (const char *)seen.data : "", text);
}

/* Replaces '$' in `from` by the address and in what is expected by what that becomes. */
static void expect_text(const char *form, const char *address)
{
    char from[256];
    char to[256];
    const char *at = strchr(form, '$');
    int front = (int)(at - form);
    (void)snprintf(from, sizeof from, "%.*s%s%s", front, form, address, at + 1);
    (void)snprintf(to, sizeof to, "%.*s%s%s", front, form, mapped(address), at + 1);
    struct p2i_view text = view(from);
    cr_assert(p2i_anonymise_text(pan, &text, &texts));
    expect(text, to);
    p2i_texts_reset(&texts);
}

static void expect_same(const char *text)
{
    struct p2i_view seen = view(text);
    cr_assert(p2i_anonymise_text(pan, &seen, &texts));
    expect(seen, text);
    p2i_texts_reset(&texts);
}

Test(anonymise, literal_addresses_in_texts, .init = setup, .fini = done)
{
    static const char *const forms[] = {"$",          "http://$/",    "$:8080",   "sip:anna@$:5060",
                                        "a, $",       "$.",           "[$]",      "user@[$]",
                                        "x=$&y",      "$,b",          "(from $)", "host-$-x",
                                        "ip4:$ -all", "<sip:u@$;tag>"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        expect_text(forms[i], "192.0.2.1");
        expect_text(forms[i], "255.255.255.255");
    }
    expect_text("$.nip.example", "192.0.2.1");
    expect_text("cafe.$.beef", "192.0.2.1");
    static const char *const forms6[] = {
        "$", "http://[$]/", "[$]:80", "user@[IPv6:$]", "$,b", "c=IN IP6 $", "$%eth0", "($).", "$."};
    for (size_t i = 0; i < sizeof forms6 / sizeof *forms6; i++) {
        expect_text(forms6[i], "2001:db8::1");
        expect_text(forms6[i], "fe80::1:2:3:4");
        expect_text(forms6[i], "1:2:3:4:5:6:7:8");
        expect_text(forms6[i], "::ffff:192.0.2.1");
    }
}

Test(anonymise, all_forms_of_one_address_become_one, .init = setup, .fini = done)
{
    struct p2i_view text = view("2001:DB8:0:0:0:0:0:1 192.000.002.001");
    char to[128];
    (void)snprintf(to, sizeof to, "%s %s", mapped("2001:db8::1"), mapped("192.0.2.1"));
    cr_assert(p2i_anonymise_text(pan, &text, &texts));
    expect(text, to);
}

Test(anonymise, other_texts_stay, .init = setup, .fini = done)
{
    static const char *const same[] = {"",
                                       "www.example.org",
                                       "1.2.3",
                                       "1.2.3.4.5",
                                       "256.1.1.1",
                                       "1..2.3.4",
                                       "v1.2.3.4",
                                       "1.2.3.4x",
                                       "a1.2.3.4",
                                       "12:34:56",
                                       "std::move",
                                       "...",
                                       ":::",
                                       "aa:bb:cc:dd:ee:ff",
                                       "1:2:3:4:5:6:7:8:9",
                                       "0001.2.3.4",
                                       ("\xc3\xa9"
                                        "1.2.3.4"),
                                       "_1.2.3.4",
                                       "1.2.3.4_"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        expect_same(same[i]);
    }
}

Test(anonymise, hostile_texts_cost_little, .init = setup, .fini = done, .timeout = 20)
{
    enum { SIZE = 64 * 1024 };
    static const char *const patterns[] = {":", ".", "1:", "1.", "a:1.", "::1 "};
    char *text = malloc(SIZE + 1);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (size_t at = 0; at < SIZE; at++) {
            text[at] = patterns[i][at % strlen(patterns[i])];
        }
        for (int j = 0; j < 50; j++) {
            struct p2i_view seen = p2i_view_of(text, SIZE);
            cr_assert(p2i_anonymise_text(pan, &seen, &texts));
            p2i_texts_reset(&texts);
        }
    }
    free(text);
}

static void expect_domain(const char *from, const char *to)
{
    struct p2i_view name = view(from);
    cr_assert(p2i_anonymise_domain(pan, &name, &texts));
    expect(name, to);
    p2i_texts_reset(&texts);
}

Test(anonymise, reverse_names, .init = setup, .fini = done)
{
    unsigned bytes[4];
    char name[128];
    cr_assert_eq(
        sscanf(mapped("192.0.2.1"), "%u.%u.%u.%u", &bytes[0], &bytes[1], &bytes[2], &bytes[3]), 4);
    (void)snprintf(name, sizeof name, "%u.%u.%u.%u.IN-addr.arpa", bytes[3], bytes[2], bytes[1],
                   bytes[0]);
    expect_domain("1.2.0.192.IN-addr.arpa", name);
    (void)snprintf(name, sizeof name, "%u.%u.%u.in-addr.arpa", bytes[2], bytes[1], bytes[0]);
    expect_domain("2.0.192.in-addr.arpa", name);
    (void)snprintf(name, sizeof name, "lb._dns-sd._udp.%u.%u.%u.%u.in-addr.arpa", bytes[3],
                   bytes[2], bytes[1], bytes[0]);
    expect_domain("lb._dns-sd._udp.1.2.0.192.in-addr.arpa", name);
    expect_domain("x.in-addr.arpa", "x.in-addr.arpa");
    expect_domain("in-addr.arpa", "in-addr.arpa");
    expect_domain("256.in-addr.arpa", "256.in-addr.arpa");
    expect_domain("www.example", "www.example");
    (void)snprintf(name, sizeof name, "%s.dnsbl.example", mapped("1.2.0.192"));
    expect_domain("1.2.0.192.dnsbl.example", name);
}

Test(anonymise, reverse_names_of_ipv6, .init = setup, .fini = done)
{
    struct p2i_address address;
    char name[128];
    cr_assert_eq(inet_pton(AF_INET6, mapped("2001:db8::567:89ab"), address.bytes), 1);
    size_t at = 0;
    for (int i = 31; i >= 0; i--) {
        unsigned nibble = i % 2 == 0 ? address.bytes[i / 2] >> 4 : address.bytes[i / 2] & 15;
        at += (size_t)snprintf(name + at, sizeof name - at, "%x.", nibble);
    }
    (void)snprintf(name + at, sizeof name - at, "ip6.arpa");
    expect_domain("b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.d.0.1.0.0.2.ip6.arpa", name);
    expect_domain("8.b.d.0.1.0.0.2.ip6.arpa", name + 48);
    expect_domain("d.0.1.0.0.2.ip6.arpa", name + 52);
}

static void expect_bytes(struct p2i_view seen, size_t at, const char *address)
{
    uint8_t bytes[16];
    size_t size = strchr(address, ':') != NULL ? 16 : 4;
    cr_assert_eq(inet_pton(size == 16 ? AF_INET6 : AF_INET, mapped(address), bytes), 1);
    cr_assert_geq(seen.size, at + size);
    cr_expect_arr_eq(seen.data + at, bytes, size, "%s", address);
}

static struct p2i_view rdata_of(uint16_t rr_type, struct p2i_view rdata)
{
    union p2i_any_message message;
    memset(&message, 0, sizeof message);
    message.dns =
        (struct p2i_dns){.domain = view("www.example"), .rdata = rdata, .rr_type = rr_type};
    p2i_texts_reset(&texts);
    cr_assert(p2i_anonymise(pan, P2I_RECORD_DNS, &message, &texts));
    cr_expect_eq(message.dns.rdata.size, rdata.size);
    return message.dns.rdata;
}

Test(anonymise, dns_data, .init = setup, .fini = done)
{
    expect_bytes(rdata_of(1, P2I_VIEW("\xc0\0\2\1")), 0, "192.0.2.1");
    expect_bytes(rdata_of(28, P2I_VIEW("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")), 0,
                 "2001:db8::1");
    struct p2i_view other = P2I_VIEW("\xc0\0\2\1");
    cr_expect(p2i_view_equals(rdata_of(16, other), other));
    struct p2i_view odd = P2I_VIEW("\xc0\0\2\1\1");
    cr_expect(p2i_view_equals(rdata_of(1, odd), odd));
    struct p2i_view service =
        P2I_VIEW("\0\1\3foo\0\0\1\0\3\2h2\0\4\0\10\xc0\0\2\1\xc0\0\2\2\0\6\0\20"
                 "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
    for (uint16_t type = 64; type <= 65; type++) {
        struct p2i_view seen = rdata_of(type, service);
        cr_expect(p2i_view_equals(p2i_view_first(seen, 18), p2i_view_first(service, 18)));
        expect_bytes(seen, 18, "192.0.2.1");
        expect_bytes(seen, 22, "192.0.2.2");
        expect_bytes(seen, 30, "2001:db8::1");
    }
    for (size_t size = 0; size < service.size; size++) {
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, service.data, size);
        (void)rdata_of(65, p2i_view_of(copy, size));
        free(copy);
    }
}

Test(anonymise, texts_of_every_kind, .init = setup, .fini = done)
{
    static const size_t view_counts[P2I_RECORD_KINDS] = {6, 2, 1, 8, 3, 5, 6, 1, 2, 1, 1};
    /* By kind, in the order of the struct: 'y' is replaced, 'n' stays, '-' is no text. */
    static const char *const wanted[P2I_RECORD_KINDS] = {
        [P2I_RECORD_CLICKSTREAM] = "yyyny-", /* not the user agent */
        [P2I_RECORD_HTTP_REPLY] = "ny",
        [P2I_RECORD_SSL_REPLY] = "y",
        [P2I_RECORD_SIP] = "nyyyynny",
        [P2I_RECORD_FTP] = "yyn",
        [P2I_RECORD_IM] = "ynyny",
        [P2I_RECORD_MAIL] = "yyynyy",
        [P2I_RECORD_RAW] = "-",
        [P2I_RECORD_DNS] = "y-",
        [P2I_RECORD_FLOW] = "y",
        [P2I_RECORD_BIFLOW] = "y",
    };
    for (size_t kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        union {
            union p2i_any_message any;
            struct p2i_view views[8]; /* every struct begins with its views */
        } message;
        memset(&message, 0, sizeof message);
        for (size_t i = 0; i < view_counts[kind]; i++) {
            message.views[i] = wanted[kind][i] != '-' ? view("192.0.2.1") : view("");
        }
        cr_assert(p2i_anonymise(pan, (enum p2i_record_kind)kind, &message.any, &texts));
        for (size_t i = 0; i < view_counts[kind]; i++) {
            if (wanted[kind][i] != '-') {
                bool replaced = p2i_view_equals(message.views[i], view(mapped("192.0.2.1")));
                cr_expect_eq(replaced, wanted[kind][i] == 'y', "%s %zu",
                             p2i_record_name((enum p2i_record_kind)kind), i);
            }
        }
        p2i_texts_reset(&texts);
    }
}

Test(anonymise, facts, .init = setup, .fini = done)
{
    static const struct p2i_address source = {.bytes = {192, 0, 2, 1}};
    static const struct p2i_address destination = {.bytes = {192, 0, 2, 2}};
    static const struct p2i_packet_info info = {
        .source_mac = {2, 1}, .destination_mac = {2, 2}, .vlan_id = 7};
    struct p2i_record_facts facts = {.source = &source,
                                     .destination = &destination,
                                     .info = &info,
                                     .login = P2I_VIEW("192.0.2.3"),
                                     .session_id = 1,
                                     .ip_version = 4};
    struct p2i_anonymous_facts own;
    cr_assert(p2i_anonymise_facts(pan, &facts, &own, &texts));
    expect_bytes(p2i_view_of(facts.source->bytes, 16), 0, "192.0.2.1");
    expect_bytes(p2i_view_of(facts.destination->bytes, 16), 0, "192.0.2.2");
    static const uint8_t zeros[6];
    cr_expect_arr_eq(facts.info->source_mac, zeros, 6);
    cr_expect_arr_eq(facts.info->destination_mac, zeros, 6);
    cr_expect_eq(facts.info->vlan_id, 7);
    cr_expect_neq(facts.session_id, 1);
    expect(facts.login, mapped("192.0.2.3"));
}

static struct p2i_view packet_of(struct p2i_view packet)
{
    p2i_texts_reset(&texts);
    cr_assert(p2i_anonymise_packet(pan, &packet, &texts));
    return packet;
}

#define IPV4(first, fragment, protocol)                                                            \
    first "\0\0\x30\1\2" fragment "\x40" protocol "\xab\xcd\xc0\0\2\1\xc0\0\2\2"
#define UDP "\x13\xc4\x13\xc5\0\x1c\xab\xcd"
#define TCP "\x13\xc4\x13\xc5\1\2\3\4\5\6\7\x8\x70\x18\1\2\xab\xcd\0\0\2\4\5\xb4\1\1\1\1"

Test(anonymise, raw_packets_of_ipv4, .init = setup, .fini = done)
{
    struct p2i_view udp = packet_of(P2I_VIEW(IPV4("\x45", "\0\0", "\x11") UDP "192.0.2.1"));
    cr_assert_eq(udp.size, 28);
    expect_bytes(udp, 12, "192.0.2.1");
    expect_bytes(udp, 16, "192.0.2.2");
    cr_expect_arr_eq(udp.data + 10, "\0\0", 2);
    cr_expect_arr_eq(udp.data + 20, "\x13\xc4\x13\xc5\0\x1c\0\0", 8);
    struct p2i_view tcp = packet_of(P2I_VIEW(IPV4("\x45", "\0\0", "\6") TCP "192.0.2.1"));
    cr_assert_eq(tcp.size, 48);
    cr_expect_arr_eq(tcp.data + 20,
                     "\x13\xc4\x13\xc5\1\2\3\4\5\6\7\x8\x70\x18\1\2\0\0\0\0\0\0\0\0\0\0\0\0", 28);
    struct p2i_view options =
        packet_of(P2I_VIEW(IPV4("\x46", "\0\0", "\x11") "\x7\4\xc0\0" UDP "x"));
    cr_assert_eq(options.size, 32);
    cr_expect_arr_eq(options.data + 20, "\0\0\0\0\x13\xc4", 6);
    cr_expect_eq(packet_of(P2I_VIEW(IPV4("\x45", "\0\1", "\x11") UDP "x")).size, 20);
    cr_expect_eq(packet_of(P2I_VIEW(IPV4("\x45", "\0\0", "\x84") UDP "x")).size, 20);
    cr_expect_eq(packet_of(P2I_VIEW(IPV4("\x44", "\0\0", "\x11") UDP "x")).size, 0);
    cr_expect_eq(packet_of(P2I_VIEW("")).size, 0);
}

#define IPV6(next)                                                                                 \
    "\x60\0\0\0\0\x20" next                                                                        \
    "\x40\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"

Test(anonymise, raw_packets_of_ipv6, .init = setup, .fini = done)
{
    struct p2i_view udp = packet_of(P2I_VIEW(IPV6("\x11") UDP "x"));
    cr_assert_eq(udp.size, 48);
    expect_bytes(udp, 8, "2001:db8::1");
    expect_bytes(udp, 24, "2001:db8::2");
    cr_expect_arr_eq(udp.data + 40, "\x13\xc4\x13\xc5\0\x1c\0\0", 8);
    struct p2i_view options = packet_of(P2I_VIEW(IPV6("\0") "\x2c\0\1\4\1\2\3\4"
                                                            "\x11\0\0\1\1\2\3\4" UDP "x"));
    cr_assert_eq(options.size, 64);
    cr_expect_arr_eq(options.data + 40, "\x2c\0\0\0\0\0\0\0\x11\0\0\1\1\2\3\4", 16);
    /* A later fragment; a header that is cut; one that is not known. */
    cr_expect_eq(packet_of(P2I_VIEW(IPV6("\x2c") "\x11\0\1\0\1\2\3\4" UDP "x")).size, 48);
    cr_expect_eq(packet_of(P2I_VIEW(IPV6("\0") "\x11\xff\1\4\1\2\3\4" UDP)).size, 56);
    cr_expect_eq(packet_of(P2I_VIEW(IPV6("\0") "\x11\0\1\4")).size, 40);
    cr_expect_eq(packet_of(P2I_VIEW(IPV6("\x33") UDP)).size, 40);
}

Test(anonymise, raw_packets_cut_anywhere, .init = setup, .fini = done)
{
    static const char four[] = IPV4("\x46", "\0\0", "\6") "\x7\4\xc0\0" TCP "x";
    static const char six[] = IPV6("\0") "\x6\0\1\4\1\2\3\4" TCP "x";
    for (size_t size = 0; size < sizeof six; size++) {
        const char *const packets[] = {four, six};
        for (size_t i = 0; i < 2; i++) {
            size_t cut = i == 0 && size >= sizeof four ? sizeof four - 1 : size;
            uint8_t *copy = malloc(cut + 1);
            memcpy(copy, packets[i], cut);
            struct p2i_view seen = packet_of(p2i_view_of(copy, cut));
            cr_expect_leq(seen.size, cut);
            cr_expect_eq(seen.size > 0, cut >= (i == 0 ? 20U : 40U));
            free(copy);
        }
    }
}
