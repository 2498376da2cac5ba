/* SPDX-License-Identifier: MIT */
/* Filters of every wrong form: the place and the reason of each. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/record_filter.h"

struct wrong {
    const char *text;
    size_t offset;
    const char *reason;
};

/* Expects an error, and that nothing is left of the text. */
static void expect_wrong(struct p2i_record_filter *filter, const struct wrong *wrong)
{
    struct p2i_error error = {0};
    size_t size = strlen(wrong->text);
    cr_expect_eq(p2i_record_filter_add(filter, wrong->text, size, &error), P2I_USAGE, "%s",
                 wrong->text);
    cr_expect_str_eq(error.text, wrong->reason, "%s: %s", wrong->text, error.text);
    cr_expect_eq(error.offset, wrong->offset, "%s: %zu", wrong->text, (size_t)error.offset);
    struct p2i_filter_field field;
    cr_expect_not(p2i_record_filter_field(filter, 0, &field), "%s", wrong->text);
}

Test(wrong_filters, have_a_place_and_a_reason)
{
    static const struct wrong cases[] = {
        {"", 0, "expected a field, not the end"},
        {"host)", 4, "')' without '('"},
        {"(host", 0, "the bracket is not closed"},
        {"  and", 2, "expected a field, not 'and'"},
        {"TTL = x", 6, "TTL is a number, not 'x'"},
        {"host ==", 7, "expected a value; an empty one is \"\""},
        {"src < 1", 4, "src is an address: it has no order, only ==, != and in"},
        {"time = 5", 7, "Unix seconds are written with '@': @5"},
        {"port eq 1", 5, "unknown operator 'eq'; did you mean '=='?"},
        {"port => 1", 5, "unknown operator '=>'; did you mean '>='?"},
        {"host == \"a", 8, "the quote is not closed"},
        {"port in {}", 9, "expected a value; an empty one is \"\""},
        {"host = a b", 9, "expected 'and' or 'or' before 'b'; a value with blanks needs quotes"},
        {"port in 80", 8, "expected '{': in {A, B}"},
        {"port in {80", 8, "the '{' is not closed"},
        {"port & host", 5, "unknown operator '&'; did you mean '&&'?"},
        {"host == \"a\"b", 11, "expected a blank behind the quote"},
        {"port = 65536", 7, "port is a number from 0 to 65535, not '65536'"},
        {"record = dsn", 9, "unknown kind of record 'dsn'; did you mean 'dns'?"},
        {"METHOD = GTE", 9, "METHOD has no value 'GTE'; did you mean 'GET'?"},
        {"LOGIN == \"\\q\"", 10,
         "unknown escape: there are \\\\, \\\", \\', \\n, \\r, \\t, \\0 and \\xHH"},
        {"TTL contains 1", 4, "TTL is a number: 'contains' is for texts and octets"},
        {"port in {80 81}", 12, "expected ',' or '}'"},
        {"SSL_VERSION=TLS 1.3 port = 1", 20,
         "expected 'and' or 'or' before this condition; a value with such words needs quotes"},
        {" ", 1, "expected a field, not the end"},
        {"and", 0, "expected a field, not 'and'"},
        {"or", 0, "expected a field, not 'or'"},
        {"not", 3, "expected a field, not the end"},
        {"!", 1, "expected a field, not the end"},
        {"(", 1, "expected a field, not the end"},
        {")", 0, "expected a field, not ')'"},
        {"()", 1, "expected a field, not ')'"},
        {"(port = 53", 0, "the bracket is not closed"},
        {"port = 53)", 9, "')' without '('"},
        {"((port = 53)", 0, "the bracket is not closed"},
        {"port = 53 and", 13, "expected a field, not the end"},
        {"port = 53 or", 12, "expected a field, not the end"},
        {"and port = 53", 0, "expected a field, not 'and'"},
        {"port = 53 and or port = 54", 14, "expected a field, not 'or'"},
        {"port = 53 port = 54", 10,
         "expected 'and' or 'or' before 'port'; a value with blanks needs quotes"},
        {"port =", 6, "expected a value; an empty one is \"\""},
        {"port ==", 7, "expected a value; an empty one is \"\""},
        {"port !=", 7, "expected a value; an empty one is \"\""},
        {"port <", 6, "expected a value; an empty one is \"\""},
        {"= 53", 0, "expected a field, not '='"},
        {"== 53", 0, "expected a field, not '=='"},
        {"port 53", 5, "expected an operator, as in: port == 53"},
        {"port == == 53", 8, "port is a number, not '=='"},
        {"port = 53 &", 10, "unknown operator '&'; did you mean '&&'?"},
        {"port = 53 & port = 54", 10, "unknown operator '&'; did you mean '&&'?"},
        {"port = 53 | port = 54", 10, "unknown operator '|'; did you mean '||'?"},
        {"port & 53", 5, "unknown operator '&'; did you mean '&&'?"},
        {"port ~ 53", 5, "unknown operator '~'; did you mean 'contains'?"},
        {"port =~ 5", 5, "unknown operator '=~'; did you mean 'contains'?"},
        {"port <> 53", 5, "unknown operator '<>'; did you mean '!='?"},
        {"port => 53", 5, "unknown operator '=>'; did you mean '>='?"},
        {"port =< 53", 5, "unknown operator '=<'; did you mean '<='?"},
        {"port === 53", 5, "unknown operator '==='; did you mean '=='?"},
        {"port !== 53", 5, "unknown operator '!=='; did you mean '!='?"},
        {"port : 53", 5, "unknown operator ':'; did you mean '='?"},
        {"port eq 53", 5, "unknown operator 'eq'; did you mean '=='?"},
        {"port is 53", 5, "unknown operator 'is'; did you mean '=='?"},
        {"host like x", 5, "unknown operator 'like'; did you mean 'contains'?"},
        {"host matches x", 5, "unknown operator 'matches'; did you mean 'contains'?"},
        {"port contains 5", 5, "port is a number: 'contains' is for texts and octets"},
        {"src contains 1", 4, "src is an address: 'contains' is for texts and octets"},
        {"src < 192.0.2.1", 4, "src is an address: it has no order, only ==, != and in"},
        {"src >= 192.0.2.1", 4, "src is an address: it has no order, only ==, != and in"},
        {"host < a", 5, "host is a host name: it has no order, only ==, != and in"},
        {"sourceMacAddress > 02:00:00:00:00:01", 17,
         "sourceMacAddress is a MAC address: it has no order, only ==, != and in"},
        {"record < dns", 7, "record is a kind of record: it has no order, only ==, != and in"},
        {"port = abc", 7, "port is a number, not 'abc'"},
        {"port = 70000", 7, "port is a number from 0 to 65535, not '70000'"},
        {"port = -1", 7, "port is a number, not '-1'"},
        {"port = 1.5", 7, "port is a number, not '1.5'"},
        {"port = 0x", 7, "port is a number, not '0x'"},
        {"port = 0x10000", 7, "port is a number from 0 to 65535, not '0x10000'"},
        {"port = 99999999999999999999999", 7,
         "port is a number from 0 to 65535, not '99999999999999999999999'"},
        {"TTL = 4294967296", 6, "TTL is a number from 0 to 4294967295, not '4294967296'"},
        {"METHOD = 256", 9, "METHOD is a number from 0 to 255, not '256'"},
        {"METHOD in {GET, PSOT}", 16, "METHOD has no value 'PSOT'; did you mean 'POST'?"},
        {"RRTYPE = AAA", 9, "RRTYPE has no value 'AAA'; did you mean 'AAAA'?"},
        {"CIPHER_SUITE = AES", 15, "CIPHER_SUITE is a number such as 4865 or 0x1301, not 'AES'"},
        {"src = 192.0.2", 6, "src is an address or a prefix, not '192.0.2'"},
        {"src = 192.0.2.256", 6, "src is an address or a prefix, not '192.0.2.256'"},
        {"src = 192.0.2.0/33", 6,
         "src is an address or a prefix with a length from 0 to 32, not '192.0.2.0/33'"},
        {"src = 192.0.2.0/", 6,
         "src is an address or a prefix with a length from 0 to 32, not '192.0.2.0/'"},
        {"src = 192.0.2.0/-1", 6,
         "src is an address or a prefix with a length from 0 to 32, not '192.0.2.0/-1'"},
        {"src = 192.0.2.0/24/8", 6,
         "src is an address or a prefix with a length from 0 to 32, not '192.0.2.0/24/8'"},
        {"src = 2001:db8::/129", 6,
         "src is an address or a prefix with a length from 0 to 128, not '2001:db8::/129'"},
        {"src = 2001:db8:::1", 6, "src is an address or a prefix, not '2001:db8:::1'"},
        {"src = www.example", 6,
         "src is an address or a prefix (host compares names), not 'www.example'"},
        {"src = example", 6, "src is an address or a prefix (host compares names), not 'example'"},
        {"src in {192.0.2.1", 7, "the '{' is not closed"},
        {"src in {}", 8, "expected a value; an empty one is \"\""},
        {"src in { }", 9, "expected a value; an empty one is \"\""},
        {"src in {192.0.2.1,}", 18, "expected a value; an empty one is \"\""},
        {"src in {,192.0.2.1}", 8, "expected a value; an empty one is \"\""},
        {"src in {192.0.2.1 192.0.2.2}", 18, "expected ',' or '}'"},
        {"src in 192.0.2.0/24 10.0.0.0/8", 20,
         "expected 'and' or 'or' before '10.0.0.0/8'; a value with blanks needs quotes"},
        {"port in 53", 8, "expected '{': in {A, B}"},
        {"port in (53, 54)", 8, "expected '{': in {A, B}"},
        {"host in example.org", 8, "expected '{': in {A, B}"},
        {"port in", 7, "expected '{': in {A, B}"},
        {"port in {53}}", 12,
         "expected 'and' or 'or' before '}'; a value with blanks needs quotes"},
        {"src in 192.0.2.1-192.0.2.9", 7,
         "src is an address or a prefix, not '192.0.2.1-192.0.2.9'"},
        {"port in {1..1024}", 9, "a range is written port >= 1 and port <= 1024"},
        {"port = 1-1024", 7, "a range is written port >= 1 and port <= 1024"},
        {"time = today", 7,
         "time is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not 'today'"},
        {"time = 12:00", 7,
         "time is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not '12:00'"},
        {"time > 2026-02-30", 7,
         "time is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not '2026-02-30'"},
        {"time > 2026-13-01", 7,
         "time is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not '2026-13-01'"},
        {"time > 2026-01-31T25:00", 7,
         "time is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not '2026-01-31T25:00'"},
        {"time > 1769903999", 7, "Unix seconds are written with '@': @1769903999"},
        {"time = 2026", 7, "Unix seconds are written with '@': @2026"},
        {"time < 31.01.2026", 7,
         "time is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not '31.01.2026'"},
        {"time > 2026-01-31 12:00", 18,
         "expected 'and' or 'or' before '12'; a value with blanks needs quotes"},
        {"TIME_STAMP = x", 13,
         "TIME_STAMP is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not 'x'"},
        {"host = \"x", 7, "the quote is not closed"},
        {"host = 'x", 7, "the quote is not closed"},
        {"host = \"x' ", 7, "the quote is not closed"},
        {"host = \"a\\q\"", 9,
         "unknown escape: there are \\\\, \\\", \\', \\n, \\r, \\t, \\0 and \\xHH"},
        {"host = \"a\\x4\"", 9,
         "unknown escape: there are \\\\, \\\", \\', \\n, \\r, \\t, \\0 and \\xHH"},
        {"host = \"a\"b", 10, "expected a blank behind the quote"},
        {"src port 53", 4, "expected an operator such as ==, or 'and' or 'or', not 'port'"},
        {"host example.org", 5, "expected an operator, as in: host == example.org"},
        {"net 192.0.2.0/24", 4, "expected an operator, as in: net == 192.0.2.0/24"},
        {"tcp port 53", 4, "expected an operator such as ==, or 'and' or 'or', not 'port'"},
        {"record = dnss", 9, "unknown kind of record 'dnss'; did you mean 'dns'?"},
        {"record = http", 9,
         "unknown kind of record 'http': expected clickstream, http_reply, ssl_reply, sip, ftp, "
         "im, mail, raw, dns, flow, biflow, options"},
        {"sourceMacAddress = 02:00", 19,
         "sourceMacAddress is a MAC address such as 02:00:00:00:00:01, not '02:00'"},
        {"sourceMacAddress = 02:00:00:00:00:0g", 19,
         "sourceMacAddress is a MAC address such as 02:00:00:00:00:01, not '02:00:00:00:00:0g'"},
        {"RAW_DATA = xyz", 11,
         "RAW_DATA is a row of hexadecimal digits, or bytes in quotes, not 'xyz'"},
        {"RAW_DATA = abc", 11,
         "RAW_DATA is a row of hexadecimal digits, or bytes in quotes, not 'abc'"},
        {"packet = x", 9, "packet is the number of a packet in its capture, from 1, not 'x'"},
        {"capture = dns.pcap", 10, "capture is the number of a capture, from 1, not 'dns.pcap'"},
        {"session = abc", 10,
         "session is a SESSION_ID: digits, or 0x and hexadecimal digits, not 'abc'"},
        {"session = 18446744073709551616", 10,
         "session is a number from 0 to 18446744073709551615, not '18446744073709551616'"},
        {"host == a b", 10, "expected 'and' or 'or' before 'b'; a value with blanks needs quotes"},
        {"not not", 7, "expected a field, not the end"},
        {"port = 53;", 7, "port is a number, not '53;'"},
        {"port = 53,54", 7, "several values are written port in {53,54}"},
        {"$host = x", 0, "expected a field, not '$'"},
        {"`id`", 0, "expected a field, not '`'"},
        {"\"host\" = x", 0, "expected a field, not '\"'"},
        {"{host = x}", 0, "expected a field, not '{'"},
        {"[port = 53]", 0, "expected a field, not '['"},
        {"port[0] = 5", 4, "expected an operator such as ==, or 'and' or 'or', not '['"},
        {"len(host) > 5", 3, "expected an operator such as ==, or 'and' or 'or', not '('"},
        {"host = a && && b", 12, "expected a field, not '&&'"},
        {"\x1b[31m = x", 0, "expected a field, not '\x1b'"},
        {"host = a\nand port =", 19, "expected a value; an empty one is \"\""},
        {"host = \xc3\xa9 and src < 1", 18,
         "src is an address: it has no order, only ==, != and in"},
    };
    struct p2i_record_filter *filter = p2i_record_filter_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_wrong(filter, &cases[i]);
    }
    p2i_record_filter_free(filter);
}

/* A text of `head`, `count` times `part`, and `tail`. */
static enum p2i_result add_long(const char *head, const char *part, size_t count, const char *tail,
                                struct p2i_error *error)
{
    size_t size = strlen(head) + count * strlen(part) + strlen(tail);
    char *text = malloc(size);
    char *at = text;
    struct p2i_record_filter *filter = p2i_record_filter_new();
    cr_assert(text != NULL && filter != NULL);
    at = (char *)memcpy(at, head, strlen(head)) + strlen(head);
    for (size_t i = 0; i < count; i++) {
        at = (char *)memcpy(at, part, strlen(part)) + strlen(part);
    }
    memcpy(at, tail, strlen(tail));
    enum p2i_result result = p2i_record_filter_add(filter, text, size, error);
    p2i_record_filter_free(filter);
    free(text);
    return result;
}

Test(wrong_filters, long_texts, .timeout = 20)
{
    static const struct {
        const char *head, *part, *tail;
        size_t count, offset;
        enum p2i_result result;
    } cases[] = {
        {"", "(", "", 10000, 100, P2I_USAGE},
        {"", "(", "port = 53", 101, 100, P2I_USAGE},
        {"", "not (", "port = 53", 10000, 504, P2I_USAGE},
        {"", "not ", "", 10000, 40000, P2I_USAGE},
        {"", "not ", "host", 10000, 0, P2I_OK},
        {"host == \"", "x", "", 100000, 8, P2I_USAGE},
        {"host == \"", "x", "\"", 100000, 0, P2I_OK},
        {"port in {", "1,", "}", 50000, 100009, P2I_USAGE},
        {"port in {", "1,", "2}", 50000, 0, P2I_OK},
        {"", "port = 1 and ", "", 9000, 117000, P2I_USAGE},
        {"", "port = 1 or ", "host", 9000, 0, P2I_OK},
        {"", "host ", "", 20000, 5, P2I_USAGE},
        {"host = ", "x", "", 131072, 131072, P2I_USAGE},
        {"port = ", "9", "", 100000, 7, P2I_USAGE},
        {"port = 0x", "f", "", 100000, 7, P2I_USAGE},
        {"time = 2026-01-31T00:00:00.", "9", "", 100000, 7, P2I_USAGE},
        {"src = 1.2.3.4/", "0", "", 100000, 6, P2I_USAGE},
        {"RAW_DATA = ", "a", "", 99999, 11, P2I_USAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_error error = {0};
        enum p2i_result result =
            add_long(cases[i].head, cases[i].part, cases[i].count, cases[i].tail, &error);
        cr_expect_eq(result, cases[i].result, "%zu: %d %s", i, (int)result, error.text);
        cr_expect_eq(error.offset, cases[i].offset, "%zu: %zu", i, (size_t)error.offset);
    }
}

Test(wrong_filters, bytes_of_any_value)
{
    static const char text[] = "host = a\0b";
    struct p2i_record_filter *filter = p2i_record_filter_new();
    struct p2i_error error = {0};
    cr_expect_eq(p2i_record_filter_add(filter, text, sizeof text - 1, &error), P2I_OK);
    cr_expect_eq(p2i_record_filter_add(filter, "\0", 1, &error), P2I_USAGE);
    cr_expect_eq(error.offset, 0);
    cr_expect_eq(p2i_record_filter_add(filter, NULL, 0, &error), P2I_USAGE);
    for (int byte = 0; byte < 256; byte++) { /* any answer, but an answer */
        char texts[][8] = {{'x'}, {'p', 'o', 'r', 't', 'x', '1'}, {'p', 'o', 'r', 't', '=', 'x'}};
        static const size_t places[] = {0, 4, 5};
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            texts[i][places[i]] = (char)byte;
            enum p2i_result result = p2i_record_filter_add(filter, texts[i], 6, &error);
            cr_expect(result == P2I_OK || (result == P2I_USAGE && error.offset <= 6), "%d", byte);
        }
    }
    p2i_record_filter_free(filter);
}

Test(wrong_filters, names_of_other_programs)
{
    cr_expect_str_eq(p2i_record_filter_meant("tcp.port"), "port");
    cr_expect_str_eq(p2i_record_filter_meant("TCP"), "protocolIdentifier == tcp");
    cr_expect_null(p2i_record_filter_meant("port"));
    cr_expect_null(p2i_record_filter_meant(""));
}
