/* SPDX-License-Identifier: MIT */
/* The substitution: length and form stay, equal words become equal, nothing of 8 bytes is left. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "pcap2ipfix/utf8.h"
#include "privacy/substitute.h"

static struct p2i_substitution *words;

static struct p2i_substitution *with_key(uint8_t seed)
{
    uint8_t key[P2I_CRYPTO_PAN_KEY];
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)(seed * i + 1);
    }
    struct p2i_substitution *made = p2i_substitution_new(key);
    cr_assert_not_null(made);
    return made;
}

static void setup(void)
{
    words = with_key(7);
}

static void done(void)
{
    cr_expect(!p2i_substitution_failed(words));
    p2i_substitution_free(words);
}

/* What a text becomes; in one of a few places that are used in turn. */
static const char *changed(const char *text)
{
    static char results[8][256];
    static unsigned next;
    char *result = results[next++ % 8];
    size_t size = strlen(text);
    cr_assert_lt(size, sizeof results[0]);
    memcpy(result, text, size + 1);
    p2i_substitute_text(words, (uint8_t *)result, size);
    cr_expect_eq(strlen(result), size);
    return result;
}

static const char *changed_address(const char *text)
{
    static char results[4][INET6_ADDRSTRLEN];
    static unsigned next;
    uint8_t address[16];
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    cr_assert_eq(inet_pton(family, text, address), 1);
    if (family == AF_INET) {
        p2i_substitute_ipv4(words, address);
    } else {
        p2i_substitute_ipv6(words, address);
    }
    return inet_ntop(family, address, results[next++ % 4], INET6_ADDRSTRLEN);
}

Test(substitute, the_form_of_a_text_stays, .init = setup, .fini = done)
{
    static const char *const texts[] = {
        "www.example.org", "Anna.Muster+box@mail.example", "P4ssw0rd!x", "/a/b-c?d=e&f=12", "x",
        "0123456789"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *seen = changed(texts[i]);
        for (size_t at = 0; texts[i][at] != '\0'; at++) {
            uint8_t before = (uint8_t)texts[i][at];
            uint8_t after = (uint8_t)seen[at];
            cr_expect_eq(p2i_is_digit(before), p2i_is_digit(after), "%s %s", texts[i], seen);
            cr_expect_eq(p2i_is_letter(before), p2i_is_letter(after), "%s %s", texts[i], seen);
            cr_expect(p2i_is_digit(before) || p2i_is_letter(before) || before == after);
            cr_expect_eq(before == p2i_lower(before), after == p2i_lower(after));
        }
        cr_expect(strlen(texts[i]) < 8 || strcmp(texts[i], seen) != 0);
    }
}

Test(substitute, equal_words_become_equal_ones, .init = setup, .fini = done)
{
    char both[64];
    (void)snprintf(both, sizeof both, "%s@%s", changed("anna"), changed("example"));
    cr_expect_str_eq(changed("anna@example"), both);
    const char *lower = changed("muster");
    const char *mixed = changed("MuStEr");
    cr_expect(p2i_view_equals_nocase(p2i_view_of(lower, 6), p2i_view_of(mixed, 6)));
}

Test(substitute, different_words_of_a_form_become_different_ones, .init = setup, .fini = done)
{
    bool seen[26 * 26] = {false};
    for (unsigned i = 0; i < 26 * 26; i++) {
        char word[3] = {(char)('a' + i / 26), (char)('a' + i % 26), '\0'};
        const char *other = changed(word);
        unsigned number = (unsigned)(other[0] - 'a') * 26 + (unsigned)(other[1] - 'a');
        cr_assert_lt(number, 26 * 26);
        cr_expect(!seen[number], "%s", word);
        seen[number] = true;
    }
}

Test(substitute, another_key_gives_another_result, .init = setup, .fini = done)
{
    uint8_t text[] = "example.org 192.0.2.1";
    struct p2i_substitution *other = with_key(9);
    p2i_substitute_text(other, text, sizeof text - 1);
    cr_expect_str_neq((const char *)text, changed("example.org 192.0.2.1"));
    p2i_substitution_free(other);
}

Test(substitute, utf8_stays_utf8, .init = setup, .fini = done)
{
    static const char *const texts[] = {
        "M\xc3\xbcller", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "\xf0\x9f\x98\x80 x", "\xed\x95\x9c\xea\xb5\xad"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *seen = changed(texts[i]);
        cr_expect_str_neq(seen, texts[i]);
        for (struct p2i_view rest = p2i_view_of(seen, strlen(seen)); rest.size > 0;) {
            size_t size = p2i_utf8_sequence(rest);
            cr_assert_gt(size, 0, "%s", texts[i]);
            rest = p2i_view_from(rest, size);
        }
    }
    uint8_t bytes[] = {0xd0, 0xd1, 0xff, 'a', 0xc3};
    p2i_substitute_text(words, bytes, sizeof bytes);
    cr_expect_eq(p2i_utf8_sequence(p2i_view_of(bytes, 2)), 0);
    cr_expect(p2i_is_letter(bytes[3]));
}

Test(substitute, addresses_agree_in_text_and_binary, .init = setup, .fini = done)
{
    static const char *const addresses[] = {"192.0.2.1", "10.0.0.1",    "255.255.255.255",
                                            "1.1.1.1",   "2001:db8::1", "fe80::a:b:c:d",
                                            "::1",       "1::",         "2001:db8:1:2:3:4:5:6"};
    static const char *const forms[] = {"%s", "http://[%s]/", "(%s)", "c=IN IP4 %s", "%s,", "<%s>"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const char *other = changed_address(addresses[i]);
        cr_expect_eq(strlen(other), strlen(addresses[i]), "%s %s", addresses[i], other);
        cr_expect_str_neq(other, addresses[i]);
        for (size_t j = 0; j < sizeof forms / sizeof *forms; j++) {
            char from[128];
            (void)snprintf(from, sizeof from, forms[j], addresses[i]); /* NOLINT: constant forms */
            cr_expect_not_null(strstr(changed(from), other), "%s: %s", from, changed(from));
        }
    }
}

Test(substitute, octets_keep_their_digits_and_prefixes, .init = setup, .fini = done)
{
    uint8_t a[4] = {192, 0, 2, 1};
    uint8_t b[4] = {192, 0, 2, 200};
    p2i_substitute_ipv4(words, a);
    p2i_substitute_ipv4(words, b);
    cr_expect_arr_eq(a, b, 3);
    cr_expect_neq(a[3], b[3]);
    cr_expect(a[0] >= 100 && a[1] < 10 && a[2] < 10 && a[3] < 10 && b[3] >= 100);
}

Test(substitute, addresses_are_mapped_one_to_one, .init = setup, .fini = done)
{
    bool seen[256] = {false};
    for (unsigned i = 0; i < 256; i++) {
        uint8_t address[4] = {10, 20, 30, (uint8_t)i};
        p2i_substitute_ipv4(words, address);
        cr_expect(!seen[address[3]] && address[3] != i);
        seen[address[3]] = true;
    }
}

Test(substitute, special_forms_of_ipv6_stay, .init = setup, .fini = done)
{
    const char *teredo = changed_address("2001:0:4136:e378:8000:63bf:3fff:fdd2");
    cr_expect_eq(strncmp(teredo, "2001:0:", 7), 0, "%s", teredo);
    char mapped[64];
    (void)snprintf(mapped, sizeof mapped, "::ffff:%s", changed_address("192.0.2.1"));
    cr_expect_str_eq(changed_address("::ffff:192.0.2.1"), mapped);
}

Test(substitute, reverse_names_follow_their_addresses, .init = setup, .fini = done)
{
    uint8_t address[4] = {192, 0, 2, 44};
    char name[64];
    p2i_substitute_ipv4(words, address);
    (void)snprintf(name, sizeof name, "%u.%u.%u.%u.in-addr.arpa", address[3], address[2],
                   address[1], address[0]);
    cr_expect_str_eq(changed("44.2.0.192.in-addr.arpa"), name);
    (void)snprintf(name, sizeof name, "%u.%u.in-addr.arpa", address[1], address[0]);
    cr_expect_str_eq(changed("0.192.in-addr.arpa"), name);
    const char *v6 = changed("8.b.d.0.1.0.0.2.ip6.arpa");
    cr_expect_str_eq(v6 + 15, ".ip6.arpa");
    cr_expect_eq(v6[6], '0');
}

Test(substitute, schemes_and_ports_stay, .init = setup, .fini = done)
{
    cr_expect_eq(strncmp(changed("https://www.example:8443/"), "https://", 8), 0);
    cr_expect_not_null(strstr(changed("https://www.example:8443/"), ":8443/"));
    cr_expect_eq(strncmp(changed("sip:anna@example"), "sip:", 4), 0);
    cr_expect_null(strstr(changed("ftp://anna:8443@example"), ":8443@"));
    cr_expect_null(strstr(changed("example:123456789"), "123456789"));
    cr_expect_not_null(strstr(changed("192.0.2.1:5060"), ":5060"));
    cr_expect_not_null(strstr(changed("[2001:db8::1]:5060"), "]:5060"));
}

/* Behind other words than hosts, digits are numbers like any. */
Test(substitute, what_is_no_port, .init = setup, .fini = done)
{
    static const char *const texts[] = {"tel:12345",       "?pin:48151", "card:16234",
                                        "a.example:99999", "10:30:45",   "a.example:12:34",
                                        "a.example:80.90", "a:48151",    "http://localhost:8080/"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_expect_null(strstr(changed(texts[i]), strrchr(texts[i], ':')), "%s", texts[i]);
    }
}

Test(substitute, mac_addresses_keep_the_bit_of_groups, .init = setup, .fini = done)
{
    uint8_t one[6] = {0, 1, 2, 3, 4, 5};
    uint8_t group[6] = {0x33, 0x33, 0, 0, 0, 1};
    uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    p2i_substitute_mac(words, one);
    p2i_substitute_mac(words, group);
    p2i_substitute_mac(words, all);
    cr_expect(one[0] % 2 == 0 && one[5] != 5 && group[0] % 2 == 1);
    cr_expect(all[0] == 0xff && all[5] == 0xff);
}

Test(substitute, fillers_depend_on_salt_and_key_alone, .init = setup, .fini = done)
{
    uint8_t a[64] = "one";
    uint8_t b[64] = "another";
    p2i_fill_letters(words, 5, a, sizeof a);
    p2i_fill_letters(words, 5, b, sizeof b);
    cr_expect_arr_eq(a, b, sizeof a);
    p2i_fill_letters(words, 6, b, sizeof b);
    cr_expect_arr_neq(a, b, sizeof a);
    p2i_fill_binary(words, 5, b, sizeof b);
    for (size_t i = 0; i < sizeof b; i++) {
        cr_expect_geq(b[i], 0xc0);
        cr_expect(a[i] >= 'a' && a[i] <= 'z');
    }
}

Test(substitute, hostile_texts_cost_little, .init = setup, .fini = done, .timeout = 30)
{
    enum { SIZE = 16 * 1024 };
    static const char *const patterns[] = {":", ".", "1:", "1.", "a:1.", "::1 ", "1.2.", "f."};
    static uint8_t text[SIZE];
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (size_t at = 0; at < SIZE; at++) {
            text[at] = (uint8_t)patterns[i][at % strlen(patterns[i])];
        }
        p2i_substitute_text(words, text, SIZE);
    }
}
