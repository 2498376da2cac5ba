/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/record_filter.h"

/* A dns record. */
static const struct p2i_value dns[] = {
    {P2I_PEN, 1001, 4, (const uint8_t *)"\x69\x7d\x50\x00"}, /* 2026-01-31T00:42:40Z */
    {P2I_PEN, 1003, 4, (const uint8_t *)"\xc0\x00\x02\x35"},
    {P2I_PEN, 1004, 4, (const uint8_t *)"\xc6\x33\x64\x0a"},
    {P2I_PEN, 1013, 2, (const uint8_t *)"\x00\x35"},
    {P2I_PEN, 1014, 2, (const uint8_t *)"\x9c\x40"},
    {P2I_PEN, 1002, 0, (const uint8_t *)""},
    {P2I_PEN, 3201, 15, (const uint8_t *)"www.Example.org"},
    {P2I_PEN, 3203, 2, (const uint8_t *)"\x00\x01"},
    {P2I_PEN, 3204, 4, (const uint8_t *)"\x00\x00\x01\x2c"}, /* 300 */
    {P2I_PEN, 3205, 4, (const uint8_t *)"\xcb\x00\x71\x07"}, /* 203.0.113.7 */
    {P2I_PEN, 2000, 8, (const uint8_t *)"\x00\x00\x00\x00\x00\x00\xab\xcd"},
    {0, 56, 6, (const uint8_t *)"\x02\x00\x00\x00\x00\x0a"},
};
static const struct p2i_read_record record = {
    .template_id = 300, .value_count = sizeof dns / sizeof *dns, .values = dns};

static bool match(const char *text)
{
    struct p2i_record_filter *filter = p2i_record_filter_new();
    struct p2i_error error = {0};
    bool matches = false;
    cr_assert_eq(p2i_record_filter_add(filter, text, strlen(text), &error), P2I_OK, "%s: %s", text,
                 error.text);
    cr_assert_eq(p2i_record_filter_match_read(filter, NULL, &record, &matches), P2I_OK);
    p2i_record_filter_free(filter);
    return matches;
}

Test(record_filter, matches)
{
    static const char *const texts[] = {
        "host=.example.org",
        "host = WWW.example.ORG",
        "DOMAIN contains EXAMPLE",
        "host in {a.example, .org}",
        "src=192.0.2.0/24",
        "src in 192.0.2.0/24 and dst != 192.0.2.1",
        "ip = 198.51.100.10",
        "server == 192.0.2.53",
        "client in 198.51.100.0/24",
        "port=53 && dport == 40000 || host = x",
        "TTL > 299 and TTL <= 300 and TTL >= 0x12c and TTL < 301",
        "RRTYPE == a",
        "RRTYPE in {AAAA, 1}",
        "RDATA = 203.0.113.7",
        "RDATA in 203.0.113.0/24",
        "RDATA contains .113.",
        "RDATA = cb007107",
        "record == dns",
        "record != flow",
        "record = 300",
        "session = 0xABCD",
        "session == 43981",
        "time == 2026-01-31",
        "time >= 2026-01-31 and time < 2026-02-01",
        "time = @1769820160",
        "time = 2026-01-31T03:42+03:00",
        "LOGIN=",
        "LOGIN == \"\"",
        "not LOGIN",
        "!LOGIN and ! ! host",
        "sourceMacAddress = 02-00-00-00-00-0A",
        "43823/3204 = 300",
        "TTL=3*",
        "(((host)))",
        "NOT (port = 80 OR METHOD = GET)",
        "IP_SRC == 192.0.2.53",
        "DOMAIN == 'www.example.org'",
        "PATH = x or LOGIN == \"\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_expect(match(texts[i]), "%s", texts[i]);
    }
}

Test(record_filter, does_not_match)
{
    static const char *const texts[] = {
        "host=example.org",
        "host = .xample.org",
        "METHOD = GET",
        "METHOD != GET", /* the record lacks the field */
        "src != 192.0.2.53",
        "ip != 192.0.2.53",
        "server == 198.51.100.10",
        "time > 2026-01-31",
        "time < 2026-01-31",
        "LOGIN",
        "TTL < 300",
        "RDATA in 203.0.114.0/24",
        "host and not port",
        "host = x or port = 54 and TTL",
        "(host or port = 54) and TTL = 1",
        "DOMAIN = \"www.example.*\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_expect_not(match(texts[i]), "%s", texts[i]);
    }
}

Test(record_filter, long_values)
{
    enum { SIZE = 120001 };
    static char text[SIZE];
    struct p2i_record_filter *filter = p2i_record_filter_new();
    struct p2i_error error = {0};
    memset(text, '!', sizeof text);
    memcpy(text + SIZE - 4, "host", 4);
    cr_expect_eq(p2i_record_filter_add(filter, text, SIZE, &error), P2I_OK);
    memset(text, ' ', sizeof text);
    memcpy(text, "LOGIN=a", 7);
    text[SIZE - 1] = 'b';
    cr_expect_eq(p2i_record_filter_add(filter, text, SIZE, &error), P2I_OK);
    p2i_record_filter_free(filter);
}

Test(record_filter, unknown_names)
{
    static const char text[] = "host and gadgets = 4";
    struct p2i_record_filter *filter = p2i_record_filter_new();
    struct p2i_error error = {0};
    struct p2i_filter_field field;
    bool matches = true;
    cr_assert_eq(p2i_record_filter_add(filter, text, strlen(text), &error), P2I_OK);
    cr_assert_eq(p2i_record_filter_match_read(filter, NULL, &record, &matches), P2I_OK);
    cr_expect_not(matches);
    cr_assert(p2i_record_filter_field(filter, 0, &field));
    cr_expect(field.known && field.met && field.offset == 0);
    cr_assert(p2i_record_filter_field(filter, 1, &field));
    cr_expect(!field.known && !field.met && field.offset == 9);
    cr_expect_str_eq(field.name, "gadgets");
    p2i_record_filter_free(filter);
}
