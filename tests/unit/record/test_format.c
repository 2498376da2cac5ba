/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "pcap2ipfix/values.h"

static void expect_text(int type, const char *bytes, size_t size, const char *want)
{
    struct p2i_buffer out = {0};
    cr_assert(p2i_append(&out, P2I_VIEW("<")));
    cr_assert(p2i_format_text(&out, type, p2i_view_of(bytes, size)));
    cr_expect(p2i_view_equals(p2i_view_from(p2i_view_of(out.data, out.size), 1),
                              p2i_view_of(want, strlen(want))),
              "%.*s, not %s", (int)out.size, (const char *)out.data, want);
    p2i_buffer_free(&out);
}

static void expect_json(int type, int semantics, const char *bytes, size_t size, const char *want)
{
    struct p2i_buffer out = {0};
    cr_assert(p2i_append(&out, P2I_VIEW("<")));
    cr_assert(p2i_format_json(&out, type, semantics, p2i_view_of(bytes, size)));
    cr_expect(p2i_view_equals(p2i_view_from(p2i_view_of(out.data, out.size), 1),
                              p2i_view_of(want, strlen(want))),
              "%.*s, not %s", (int)out.size, (const char *)out.data, want);
    p2i_buffer_free(&out);
}

#define TEXT(type, literal, want) expect_text(type, literal, sizeof(literal) - 1, want)
#define JSON(type, literal, want) expect_json(type, 0, literal, sizeof(literal) - 1, want)

Test(format, numbers)
{
    TEXT(P2I_TYPE_UNSIGNED8, "\0", "0");
    TEXT(P2I_TYPE_UNSIGNED16, "\xff\xff", "65535");
    TEXT(P2I_TYPE_UNSIGNED32, "\x01\x00", "256"); /* reduced size */
    TEXT(P2I_TYPE_UNSIGNED64, "\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615");
    JSON(P2I_TYPE_UNSIGNED64, "\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615");
    expect_json(P2I_TYPE_UNSIGNED64, P2I_SEMANTICS_IDENTIFIER, "\xff\xff\xff\xff\xff\xff\xff\xff",
                8, "\"18446744073709551615\"");
    expect_json(P2I_TYPE_UNSIGNED16, P2I_SEMANTICS_IDENTIFIER, "\0\x50", 2, "80");
}

Test(format, values_that_do_not_fit_their_type_are_octets)
{
    TEXT(P2I_TYPE_UNSIGNED64, "123456789", "313233343536373839");
    TEXT(P2I_TYPE_UNSIGNED8, "", "");
    JSON(P2I_TYPE_UNSIGNED8, "", "\"\"");
    TEXT(P2I_TYPE_IPV4, "abc", "616263");
    TEXT(P2I_TYPE_MAC, "abc", "616263");
    TEXT(P2I_TYPE_SECONDS, "abc", "616263");
    TEXT(99, "a", "61");
    TEXT(-1, "a", "61");
    JSON(99, "a", "\"61\"");
}

Test(format, addresses)
{
    TEXT(P2I_TYPE_IPV4, "\xc0\x00\x02\x01", "192.0.2.1");
    JSON(P2I_TYPE_IPV4, "\xc0\x00\x02\x01", "\"192.0.2.1\"");
    TEXT(P2I_TYPE_IPV4, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", "2001:db8::1");
    JSON(P2I_TYPE_IPV6, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", "\"2001:db8::1\"");
    TEXT(P2I_TYPE_MAC, "\x02\xab\xcd\xef\x00\x09", "02:ab:cd:ef:00:09");
    JSON(P2I_TYPE_MAC, "\x02\xab\xcd\xef\x00\x09", "\"02:ab:cd:ef:00:09\"");
    JSON(P2I_TYPE_OCTETS, "\x02\xab", "\"02ab\"");
}

Test(format, times)
{
    TEXT(P2I_TYPE_SECONDS, "\x00\x00\x00\x00", "1970-01-01T00:00:00Z");
    TEXT(P2I_TYPE_SECONDS, "\xff\xff\xff\xff", "2106-02-07T06:28:15Z");
    JSON(P2I_TYPE_SECONDS, "\xff\xff\xff\xff", "4294967295");
    TEXT(P2I_TYPE_MILLISECONDS, "\x00\x00\x01\x8b\xcf\xe5\x68\x07", "2023-11-14T22:13:20.007Z");
    JSON(P2I_TYPE_MILLISECONDS, "\x00\x00\x01\x8b\xcf\xe5\x68\x07", "1700000000007");
    TEXT(P2I_TYPE_MILLISECONDS, "\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615");
}

/* Types that only other exporters use. */
Test(format, foreign)
{
    TEXT(P2I_TYPE_SIGNED8, "\xff", "-1");
    TEXT(P2I_TYPE_SIGNED32, "\x80\x00\x00\x00", "-2147483648");
    TEXT(P2I_TYPE_SIGNED64, "\xff\xfe", "-2"); /* reduced size */
    JSON(P2I_TYPE_SIGNED64, "\x7f\xff\xff\xff\xff\xff\xff\xff", "9223372036854775807");
    TEXT(P2I_TYPE_FLOAT32, "\x3f\xc0\x00\x00", "1.5");
    JSON(P2I_TYPE_FLOAT64, "\xbf\xc0\x00\x00", "-1.5"); /* reduced size */
    JSON(P2I_TYPE_FLOAT64, "\x3f\xb9\x99\x99\x99\x99\x99\x9a", "0.10000000000000001");
    TEXT(P2I_TYPE_FLOAT32, "\x7f\x80\x00\x00", "inf");
    JSON(P2I_TYPE_FLOAT32, "\x7f\xc0\x00\x00", "null");
    TEXT(P2I_TYPE_BOOLEAN, "\x01", "true");
    JSON(P2I_TYPE_BOOLEAN, "\x02", "false");
    JSON(P2I_TYPE_BOOLEAN, "\x03", "\"03\"");
    TEXT(P2I_TYPE_MICROSECONDS, "\x83\xaa\x7e\x80\x80\x00\x00\x00", "1970-01-01T00:00:00.500000Z");
    JSON(P2I_TYPE_NANOSECONDS, "\x83\xaa\x7e\x80\x80\x00\x00\x00",
         "\"1970-01-01T00:00:00.500000000Z\"");
    /* The seconds wrap in 2036. */
    TEXT(P2I_TYPE_NANOSECONDS, "\x00\x00\x00\x01\x00\x00\x00\x00",
         "2036-02-07T06:28:17.000000000Z");
    TEXT(P2I_TYPE_NANOSECONDS, "\x00\x00\x00\x00\x00\x00\x00\x00",
         "1900-01-01T00:00:00.000000000Z");
    TEXT(P2I_TYPE_NANOSECONDS, "abc", "616263");
    JSON(P2I_TYPE_BASIC_LIST, "\xff\x00", "\"ff00\"");
}

Test(format, strings)
{
    TEXT(P2I_TYPE_STRING, "caf\xc3\xa9 \"q\" \\", "caf\xc3\xa9 \"q\" \\");
    TEXT(P2I_TYPE_STRING, "\x1b[31m\x7f\xc2\x9b\xff\n", "\\x1b[31m\\x7f\\xc2\\x9b\\xff\\x0a");
    JSON(P2I_TYPE_STRING, "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xff",
         "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\\\\xff\"");
    expect_json(P2I_TYPE_STRING, 0, "a\0b", 3, "\"a\\u0000b\"");
    expect_text(P2I_TYPE_STRING, "a\0b", 3, "a\\x00b");
    JSON(P2I_TYPE_STRING, "", "\"\"");
}

/* The worst expansion of each form, in a buffer that grows on the way. */
Test(format, long_strings)
{
    static char bytes[65535];
    for (int byte = 0; byte <= 0xff; byte += 5) {
        memset(bytes, byte, sizeof bytes);
        struct p2i_buffer out = {0};
        cr_assert(p2i_format_json(&out, P2I_TYPE_STRING, 0, p2i_view_of(bytes, sizeof bytes)));
        cr_assert_geq(out.size, sizeof bytes + 2);
        cr_assert_eq(out.data[out.size - 1], '"');
        cr_assert(p2i_format_text(&out, P2I_TYPE_STRING, p2i_view_of(bytes, sizeof bytes)));
        cr_assert(p2i_format_text(&out, P2I_TYPE_OCTETS, p2i_view_of(bytes, sizeof bytes)));
        p2i_buffer_free(&out);
    }
}
