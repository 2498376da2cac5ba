/* SPDX-License-Identifier: MIT */
/* Writers of binary protocols: wherever eight bytes are planted into a message, and wherever it is
 * cut, they are gone behind it, except where nothing but numbers can stand. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/quic/quic_seal.h"
#include "protocol/recognise/recognise.h"
#include "rewrite/internal.h"
#include "rewrite/x509.h"

typedef void writer(struct p2i_writing *writing, struct p2i_bytes span);

static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {4, 5, 6};
static const char marker[] = "Zq7vKjXw";
enum { MARKER = sizeof marker - 1, MOST = 2048 };

static struct p2i_substitution *words;

static void setup(void)
{
    words = p2i_substitution_new(key);
    cr_assert_not_null(words);
}

static void done(void)
{
    p2i_substitution_free(words);
}

/* Runs a writer over a copy that ends where its block ends. Static until the next call. */
static const uint8_t *written(writer *write, const uint8_t *data, size_t size)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(size + 1);
    memcpy(copy, data, size);
    struct p2i_writing writing = {.words = words};
    write(&writing, p2i_span_of(copy, size));
    cr_expect(!writing.out_of_memory);
    return copy;
}

/* Plants the marker at each place of the message, and at each place of each shorter one. */
static void expect_gone(writer *write, const void *message, size_t size)
{
    uint8_t data[MOST];
    for (size_t end = MARKER; end <= size; end++) {
        for (size_t at = 0; at + MARKER <= end; at += end == size ? 1 : 7) {
            memcpy(data, message, end);
            memcpy(data + at, marker, MARKER);
            cr_expect_null(memmem(written(write, data, end), end, marker, MARKER),
                           "at %zu of %zu bytes", at, end);
        }
    }
}

/* The same for words that the message has: at each cut no four letters of one are left. */
static void expect_lost(writer *write, const void *message, size_t size, const char *word)
{
    cr_assert_not_null(memmem(message, size, word, strlen(word)));
    for (size_t end = 0; end <= size; end++) {
        const uint8_t *seen = written(write, message, end);
        for (size_t i = 0; i + 4 <= strlen(word); i++) {
            cr_expect_null(memmem(seen, end, word + i, 4), "%s, cut at %zu", word, end);
        }
    }
}

/* ---- DNS ---- */

static const char answer[] =
    "\x12\x34\x81\x80\0\1\0\x9\0\0\0\1"
    "\6intern\7example\3org\0\0\x1\0\1"                               /* question */
    "\xc0\x0c\0\x1\0\1\0\0\0\x3c\0\4\xc0\0\2\7"                       /* A */
    "\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10 \x01\xd\xb8gehtuchniemd"      /* AAAA */
    "\xc0\x0c\0\x5\0\1\0\0\0\x3c\0\x9\6sekret\xc0\x13"                /* CNAME */
    "\xc0\x0c\0\x6\0\1\0\0\0\x3c\0\x20\2ns\xc0\x0c\4root\xc0\x0c"     /* SOA */
    "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"                        /* its numbers */
    "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\x10\x0fpassword=geheim"           /* TXT */
    "\xc0\x0c\0\x21\0\1\0\0\0\x3c\0\x0e\0\1\0\2\0\x50\5srv-1\xc0\x0c" /* SRV */
    "\xc0\x0c\0\x41\0\1\0\0\0\x3c\0\x1d\0\1\0"                        /* HTTPS */
    "\0\1\0\x6\2h2\2zq"                                               /* its ALPN */
    "\0\4\0\4\xc0\0\2\x9\0\x80\0\4KEYS"                               /* IPv4 hint, other */
    "\xc0\x0c\0\x2e\0\1\0\0\0\x3c\0\x8signedby"                       /* RRSIG */
    "\xc0\x0c\0\x1\0\1\0\0\0\x3c\0\x8\xc0\0\2\7more"                  /* A that is too long */
    "\0\0\x29\x10\0\0\0\0\0\0\x0c\0\xa\0\x8"                          /* OPT */
    "a-cookie";

Test(binary, names_of_dns, .init = setup, .fini = done)
{
    expect_gone(p2i_write_dns, answer, sizeof answer - 1);
    static const char *const lost[] = {"intern", "sekret",   "gehtuchniemd", "geheim",
                                       "srv-1",  "signedby", "more",         "a-cookie"};
    static const char option[] = "\0\0\x29\x10\0\0\0\0\0\0\x0c\0\xa\0\x8"; /* the end is reached */
    cr_expect_not_null(memmem(written(p2i_write_dns, (const uint8_t *)answer, sizeof answer - 1),
                              sizeof answer - 1, option, sizeof option - 1));
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        expect_lost(p2i_write_dns, answer, sizeof answer - 1, lost[i]);
    }
}

Test(binary, addresses_of_dns_that_are_cut, .init = setup, .fini = done)
{
    enum { ADDRESS_AT = 12 + 24 + 12 };
    uint8_t address[4] = {192, 0, 2, 7};
    p2i_substitute_ipv4(words, address);
    for (size_t size = 0; size <= 4; size++) {
        const uint8_t *seen = written(p2i_write_dns, (const uint8_t *)answer, ADDRESS_AT + size);
        cr_expect_arr_eq(seen + ADDRESS_AT, address, size);
    }
}

Test(binary, labels_behind_the_longest_name, .init = setup, .fini = done)
{
    static const uint8_t head[] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    uint8_t data[MOST] = {0};
    memcpy(data, head, sizeof head);
    size_t at = sizeof head;
    for (unsigned i = 0; i < 40; i++, at += 9) {
        data[at] = 8;
        memcpy(data + at + 1, marker, MARKER);
    }
    data[at + 2] = 1;
    data[at + 4] = 1;
    cr_expect_null(memmem(written(p2i_write_dns, data, at + 5), at + 5, marker, MARKER));
}

Test(binary, what_is_no_dns_message, .init = setup, .fini = done)
{
    static const char text[] = "Please fetch the parcel from Anna Smith at ten o'clock";
    expect_lost(p2i_write_dns, text, sizeof text - 1, "Please fetch the parcel");
    expect_lost(p2i_write_dns_stream, text, sizeof text - 1, "Please fetch the parcel");
}

/* ---- TLS ---- */

static const char client[] =
    "\x16\3\1\1\x0f\1\0\1\x0b\3\3"
    "RandomRandomRandomRandomRandomRa\x10SessionSessionId\0\4\x13\1\xc0\x2b\1\0\0\xce"
    "\0\0\0\x10\0\x0e\0\0\x0bintern.corp"    /* server name */
    "\0\5\0\x0e\1\0\x05ocsp1\0\4exts"        /* status with a responder */
    "\0\x12\0\x5stamp"                       /* time stamps */
    "\0\x11\0\x9\0\7\2\0\4\0\0\0\0"          /* status, version 2 */
    "\0\x10\0\x0e\0\x0c\2h2\x8project9"      /* ALPN */
    "\0\x0a\0\4\0\2\0\x1d\0\x0d\0\4\0\2\4\3" /* groups, algorithms */
    "\0\x2b\0\3\2\3\4\0\x2d\0\2\1\1"         /* versions, modes */
    "\xff\1\0\x0d\x0cverify-bytes"           /* renegotiation */
    "\0\x23\0\x8"
    "a-ticket" /* ticket */
    "\0\x39\0\x8"
    "quicpara"                        /* transport parameters */
    "\0\x15\0\4\0\0\0\0"              /* padding */
    "\0\x33\0\x0a\0\x8\0\x1d\0\4keys" /* key share */
    "\xfe\x0d\0\x8"
    "innername"; /* encrypted hello, longer than it says */

Test(binary, hellos_of_clients, .init = setup, .fini = done)
{
    static const char *const lost[] = {
        "RandomRandom", "SessionSessionId", "intern",   "corp",     "ocsp1", "exts",     "stamp",
        "project9",     "verify-bytes",     "a-ticket", "quicpara", "keys",  "innername"};
    expect_gone(p2i_write_tls, client, sizeof client - 1);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        expect_lost(p2i_write_tls, client, sizeof client - 1, lost[i]);
    }
    const uint8_t *seen = written(p2i_write_tls, (const uint8_t *)client, sizeof client - 1);
    static const char suites[] = "\0\4\x13\1\xc0\x2b\1\0";
    static const char groups[] = "\0\x0a\0\4\0\2\0\x1d\0\x0d\0\4\0\2\4\3";
    cr_expect_not_null(memmem(seen, sizeof client - 1, suites, sizeof suites - 1));
    cr_expect_not_null(memmem(seen, sizeof client - 1, groups, sizeof groups - 1));
    cr_expect_not_null(memmem(seen, sizeof client - 1, "\2h2", 3));
    cr_expect_not_null(memmem(seen, sizeof client - 1, "\0\x15\0\4\0\0\0\0", 8));
}

Test(binary, equal_session_ids_stay_equal, .init = setup, .fini = done)
{
    static const char server[] = "\x16\3\3\0\x3a\2\0\0\x36\3\3"
                                 "randomrandomrandomrandoDOWNGRD\1x\x10SessionSessionId\xc0\x2b\0";
    uint8_t id[16];
    enum { ID_AT = 11 + 32 + 1 };
    memcpy(id, written(p2i_write_tls, (const uint8_t *)client, sizeof client - 1) + ID_AT, 16);
    const uint8_t *seen = written(p2i_write_tls, (const uint8_t *)server, sizeof server - 1);
    cr_expect_arr_eq(seen + ID_AT, id, 16);
}

Test(binary, certificates, .init = setup, .fini = done)
{
    static const char der[] = "\x30\x66\xa0\3\2\1\2\2\4\x12\x34"
                              "ab" /* version, serial */
                              "\x30\x1e\x17\x0d"
                              "240102030405Z\x17\x0d"
                              "250102030405Z"                    /* validity */
                              "\x30\x0a\6\3U\4\3\x0c\3pki"       /* a name */
                              "\6\x0d\x2b\6\1\4\1\x82\x37secret" /* an arc of a company */
                              "\3\2\5\xa0\3\x9\0"
                              "keybytes" /* flags, a key */
                              "\4\x08"
                              "an-octet";
    expect_gone(p2i_write_certificate, der, sizeof der - 1);
    expect_lost(p2i_write_certificate, der, sizeof der - 1, "240102030405Z");
    expect_lost(p2i_write_certificate, der, sizeof der - 1, "keybytes");
    expect_lost(p2i_write_certificate, der, sizeof der - 1,
                "\x12\x34"
                "ab");
    const uint8_t *seen = written(p2i_write_certificate, (const uint8_t *)der, sizeof der - 1);
    cr_expect_not_null(memmem(seen, sizeof der - 1,
                              "000101000000Z\x17\x0d"
                              "491231235959Z",
                              28));
    cr_expect_not_null(memmem(seen, sizeof der - 1, "\6\3U\4\3\x0c\3", 7));
    cr_expect_not_null(memmem(seen, sizeof der - 1, "\3\2\5\xa0\3\x9\0", 7));
}

/* ---- Subscribers ---- */

static void ppp_pap(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_ppp(writing, 0xc023, span);
}

static void ppp_lcp(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_ppp(writing, 0xc021, span);
}

Test(binary, radius, .init = setup, .fini = done)
{
    static const char request[] = "\4\7\0\x59"
                                  "authenticatorabc"
                                  "\1\x6"
                                  "anna\x4\6\x0a\0\0\1\x8\6WXYZ\x9\6\xff\xff\xff\0"
                                  "\x1a\x0a\0\0\1\1"
                                  "abcd"                           /* a vendor */
                                  "\xf0\6wxyz\x28\6\0\0\0\1"       /* unassigned; a status */
                                  "\x61\x0a\0\x40 \x01\xd\xb8pref" /* a prefix */
                                  "\x08\5WXY\x50\4hm";             /* too short */
    static const char *const lost[] = {"authenticatorabc", "anna", "WXYZ", "abcd", "wxyz", "pref"};
    expect_gone(p2i_write_radius, request, sizeof request - 1);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        expect_lost(p2i_write_radius, request, sizeof request - 1, lost[i]);
    }
    const uint8_t *seen = written(p2i_write_radius, (const uint8_t *)request, sizeof request - 1);
    cr_expect_not_null(memmem(seen, sizeof request - 1, "\x9\6\xff\xff\xff\0", 6));
    cr_expect_not_null(memmem(seen, sizeof request - 1, "\x28\6\0\0\0\1", 6));
}

Test(binary, control_frames_of_ppp, .init = setup, .fini = done)
{
    static const char pap[] = "\1\1\0\x12\4anna\6sesametail";
    static const char lcp[] = "\1\1\0\x18\1\4\5\xd4\5\6MAGI\x13\x8"
                              "endpnt\7\2";
    expect_gone(ppp_pap, pap, sizeof pap - 1);
    expect_lost(ppp_pap, pap, sizeof pap - 1, "sesametail");
    expect_gone(ppp_lcp, lcp, sizeof lcp - 1);
    expect_lost(ppp_lcp, lcp, sizeof lcp - 1, "MAGI");
    expect_lost(ppp_lcp, lcp, sizeof lcp - 1, "endpnt");
}

/* ---- QUIC ---- */

/* A hello that has no more than it needs. */
static const char hello[] = "\1\0\0\x2b\3\3"
                            "RandomRandomRandomRandomRandomRa\0\0\2\x13\1\1\0\0\0";

Test(binary, frames_behind_a_stop, .init = setup, .fini = done)
{
    enum { TOKEN_AT = 1 + 4 + 1 + 8 + 1 + 1, HELLO_FRAME = 3 + sizeof hello - 1 };
    static const char tail[] = "\x1c\x40"
                               "AnnaSmith\1";
    struct quic_sealed frames = {.size = 0};
    quic_put(&frames, "\6\0", 2);
    quic_put_varint(&frames, sizeof hello - 1);
    quic_put(&frames, hello, sizeof hello - 1);
    quic_put(&frames, tail, sizeof tail - 1);
    struct quic_seal seal = {.version = 1,
                             .destination = P2I_VIEW("clientid"),
                             .token = P2I_VIEW("TokenOfAnnaSmith"),
                             .frames = p2i_view_of(frames.data, frames.size),
                             .payload_size = 200,
                             .number_size = 1};
    struct quic_sealed sealed = {.size = 0};
    quic_seal(&sealed, &seal);
    struct p2i_writing writing = {.words = words};
    struct p2i_bytes datagram = p2i_span_of(sealed.data, sealed.size);
    p2i_write_quic(&writing, &datagram, 1);
    cr_expect_null(memmem(sealed.data, sealed.size, "clientid", 8));
    cr_expect_null(memmem(sealed.data, sealed.size, "Anna", 4));
    struct p2i_quic_crypto crypto = {0};
    struct p2i_quic_keys keys;
    struct p2i_quic_packet packet;
    struct p2i_quic_opened opened;
    uint8_t room[512];
    struct p2i_view rest = p2i_view_of(sealed.data, sealed.size);
    cr_assert(p2i_quic_packet_next(&rest, &packet));
    cr_assert(p2i_quic_client_keys(&crypto, packet.family, packet.destination, &keys));
    cr_assert(p2i_quic_open(&crypto, &keys, &packet, 0, room, &opened));
    p2i_quic_crypto_free(&crypto);
    cr_expect_arr_eq(opened.payload.data, frames.data, 3);
    cr_expect_null(memmem(room, opened.payload.size, "Random", 6));
    for (size_t i = HELLO_FRAME; i < opened.payload.size; i++) {
        cr_expect_eq(room[i], 0);
    }
}

Test(binary, hellos_of_google, .init = setup, .fini = done)
{
    static const char datagram[] = "\x09"
                                   "clientidQ043\1"
                                   "TwelveBytes!"
                                   "\x80\1CHLO\4\0\0\0SNI\0\x0b\0\0\0VER\0\x0f\0\0\0"
                                   "NONP\x13\0\0\0ZZZZ\x1b\0\0\0intern.corpQ043wxyzabcdefgh";
    static const char *const lost[] = {"clientid", "TwelveBytes!", "intern", "wxyz", "abcdefgh"};
    uint8_t data[sizeof datagram];
    memcpy(data, datagram, sizeof datagram);
    struct p2i_writing writing = {.words = words};
    struct p2i_bytes span = p2i_span_of(data, sizeof datagram - 1);
    p2i_write_quic(&writing, &span, 1);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        cr_expect_null(memmem(data, sizeof data, lost[i], strlen(lost[i])), "%s", lost[i]);
    }
    cr_expect_eq(memmem(data, sizeof data, "CHLO", 4), data + 28);
    cr_expect_not_null(memmem(data + 64, sizeof data - 64, "Q043", 4));
}

/* ---- Protocols that are recognised ---- */

/* The bytes behind the rewrite; they are still recognised. */
static const uint8_t *opaque(uint8_t id, uint16_t port, const char *data, size_t size)
{
    static uint8_t copy[MOST];
    uint64_t note = 0;
    const struct p2i_recogniser *found = NULL;
    struct p2i_stream_ends ends = {.first = size,
                                   .ends = {.transport = P2I_OVER_UDP, .port = {port, port}}};
    struct p2i_writing writing = {.words = words, .salt = 5};
    memcpy(copy, data, size);
    p2i_write_opaque(&writing, &ends, id, p2i_span_of(copy, size));
    cr_assert_eq(p2i_recognise(&ends.ends, 0, p2i_view_of(copy, size), &note, &found),
                 P2I_MATCH_YES);
    cr_expect_eq(found->id, id);
    return copy;
}

static void expect_no_run(const uint8_t *seen, const char *data, size_t from, size_t size)
{
    for (size_t at = from; at + MARKER <= size; at++) {
        cr_expect_neq(memcmp(seen + at, data + at, MARKER), 0, "at %zu", at);
    }
}

Test(binary, names_of_netbios, .init = setup, .fini = done)
{
    static const char query[] = "\x12\x34\1\x10\0\1\0\0\0\0\0\0"
                                " EBEOEOEBFDENEJFEEICACACACACACAAA\0\0\x20\0\1";
    static const char data[] = "\x11\x02\x12\x34\x0a\x01\x02\x03\0\x8a\0\x52\0\0"
                               " EBEOEOEBFDENEJFEEICACACACACACAAA\0"
                               " FDEIEPFACACACACACACACACACACACABN\0text of a mail slot";
    expect_no_run(opaque(P2I_ID_NETBIOS_NS, 137, query, sizeof query - 1), query, 12,
                  sizeof query - 1 - 4);
    const uint8_t *seen = opaque(P2I_ID_NETBIOS_DGM, 138, data, sizeof data - 1);
    expect_no_run(seen, data, 0, sizeof data - 1);
    cr_expect_neq(memcmp(seen + 4, data + 4, 4), 0); /* the sender's address */
}

Test(binary, options_of_dhcp, .init = setup, .fini = done)
{
    enum { FIXED = 236 };
    char data[FIXED + 32] = "\1\1\6\0"
                            "xidxidxi";
    memcpy(data + 28, "\2\1\1\1\1\1", 6);
    memcpy(data + 44, "server of the house", 19);
    memcpy(data + FIXED,
           "\x63\x82\x53\x63\x35\1\3\x0c\x0c"
           "annas-laptop\xff",
           22);
    const uint8_t *seen = opaque(P2I_ID_DHCP, 67, data, sizeof data);
    cr_expect_null(memmem(seen, sizeof data, "server", 6));
    cr_expect_null(memmem(seen, sizeof data, "anna", 4));
    cr_expect_null(memmem(seen, sizeof data, "laptop", 6));
}
