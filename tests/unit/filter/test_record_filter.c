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

Test(record_filter, wrong_texts)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *reason;
    } cases[] = {
        {"", 0, "expected a field, not the end"},
        {"  and", 2, "expected a field, not 'and'"},
        {"host ==", 7, "expected a value; an empty one is \"\""},
        {"host == \"a", 8, "the quote is not closed"},
        {"host == \"a\"b", 11, "expected a blank behind the quote"},
        {"LOGIN == \"\\q\"", 10,
         "unknown escape: there are \\\\, \\\", \\', \\n, \\r, \\t, \\0 and \\xHH"},
        {"host = a b", 9, "expected 'and' or 'or' before 'b'; a value with blanks needs quotes"},
        {"(host", 0, "the bracket is not closed"},
        {"host)", 4, "')' without '('"},
        {"port in 80", 8, "expected '{': in {A, B}"},
        {"port in {80", 8, "the '{' is not closed"},
        {"port in {}", 9, "expected a value; an empty one is \"\""},
        {"port in {80 81}", 12, "expected ',' or '}'"},
        {"port => 1", 5, "unknown operator '=>'; did you mean '>='?"},
        {"port eq 1", 5, "unknown operator 'eq'; did you mean '=='?"},
        {"port & host", 5, "unknown operator '&'; did you mean '&&'?"},
        {"port = 65536", 7, "port is a number from 0 to 65535, not '65536'"},
        {"TTL = x", 6, "TTL is a number, not 'x'"},
        {"METHOD = GTE", 9, "METHOD has no value 'GTE'; did you mean 'GET'?"},
        {"src < 1", 4, "src is an address: it has no order, only ==, != and in"},
        {"TTL contains 1", 4, "TTL is a number: 'contains' is for texts and octets"},
        {"time = 5", 7, "Unix seconds are written with '@': @5"},
        {"record = dsn", 9, "unknown kind of record 'dsn'; did you mean 'dns'?"},
        {"SSL_VERSION=TLS 1.3 port = 1", 20,
         "expected 'and' or 'or' before this condition; a value with such words needs quotes"},
    };
    struct p2i_record_filter *filter = p2i_record_filter_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_error error = {0};
        const char *text = cases[i].text;
        cr_expect_eq(p2i_record_filter_add(filter, text, strlen(text), &error), P2I_USAGE, "%s",
                     text);
        cr_expect_str_eq(error.text, cases[i].reason);
        cr_expect_eq(error.offset, cases[i].offset, "%s: %zu", text, (size_t)error.offset);
    }
    struct p2i_filter_field field;
    cr_expect_not(p2i_record_filter_field(filter, 0, &field), "wrong texts leave nothing");
    p2i_record_filter_free(filter);
}

Test(record_filter, limits)
{
    enum { SIZE = 1 << 20 };
    static char text[SIZE];
    struct p2i_record_filter *filter = p2i_record_filter_new();
    struct p2i_error error = {0};
    memset(text, '(', sizeof text);
    cr_expect_eq(p2i_record_filter_add(filter, text, 10000, &error), P2I_USAGE);
    cr_expect_eq(error.offset, 100);
    cr_expect_eq(p2i_record_filter_add(filter, text, SIZE, &error), P2I_USAGE);
    memset(text, '!', 100000);
    memcpy(text + 100000, "host", 4);
    cr_expect_eq(p2i_record_filter_add(filter, text, 100004, &error), P2I_OK);
    memset(text, ' ', sizeof text);
    memcpy(text, "LOGIN=a", 7);
    text[120000] = 'b';
    cr_expect_eq(p2i_record_filter_add(filter, text, 120001, &error), P2I_OK);
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
