/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "protocol/http/headers.h"

static void expect_view(struct p2i_view found, const char *expected)
{
    cr_assert(p2i_view_equals(found, p2i_view_of(expected, strlen(expected))), "%.*s != %s",
              (int)found.size, (const char *)found.data, expected);
}

Test(headers, next)
{
    struct p2i_view lines = P2I_VIEW("A: b\r\n folded first\r\nno header\r\n more of it: x\r\n"
                                     "C :d\n\t \n e : f \r\nEmpty:\r\n\r\nBody: x\r\n");
    struct p2i_header header;
    cr_assert(p2i_next_header(&lines, &header));
    expect_view(header.name, "A");
    expect_view(header.value, "b\r\n folded first");
    cr_assert(p2i_next_header(&lines, &header));
    expect_view(header.name, "C");
    expect_view(header.value, "d\n\t \n e : f");
    cr_assert(p2i_next_header(&lines, &header));
    expect_view(header.name, "Empty");
    cr_assert_eq(header.value.size, 0);
    cr_assert_not(p2i_next_header(&lines, &header));
    cr_assert_not(p2i_next_header(&lines, &header), "the empty line stays");
    expect_view(lines, "\r\nBody: x\r\n");
}

Test(headers, incomplete_headers_are_not_returned)
{
    struct p2i_view lines = P2I_VIEW("A: b\r\n c");
    struct p2i_header header;
    cr_assert(p2i_next_header(&lines, &header));
    expect_view(header.value, "b");
    cr_assert_not(p2i_next_header(&lines, &header));
    lines = P2I_VIEW("A: b");
    cr_assert_not(p2i_next_header(&lines, &header));
    lines = (struct p2i_view){0};
    cr_assert_not(p2i_next_header(&lines, &header));
}

Test(headers, unfold)
{
    uint8_t room[16];
    uint8_t *scratch = room;
    expect_view(p2i_unfold(P2I_VIEW("one line"), &scratch), "one line");
    cr_assert_eq(scratch, room, "nothing was copied");
    expect_view(p2i_unfold(P2I_VIEW("a \r\n\t b\n \n c"), &scratch), "a b c");
    cr_assert_eq(scratch, room + 5);
    expect_view(p2i_unfold(P2I_VIEW("\r\n x"), &scratch), "x");
    expect_view(p2i_unfold(P2I_VIEW("a\r\n b"), NULL), "a");
}

Test(headers, decimal)
{
    uint64_t number = 7;
    cr_assert_not(p2i_read_decimal(P2I_VIEW(""), &number));
    cr_assert_not(p2i_read_decimal(P2I_VIEW("-1"), &number));
    cr_assert_not(p2i_read_decimal(P2I_VIEW("1x"), &number));
    cr_assert_eq(number, 7);
    cr_assert(p2i_read_decimal(P2I_VIEW("0012"), &number));
    cr_assert_eq(number, 12);
    cr_assert(p2i_read_decimal(P2I_VIEW("18446744073709551615"), &number));
    cr_assert_eq(number, UINT64_MAX);
    cr_assert(p2i_read_decimal(P2I_VIEW("18446744073709551616"), &number));
    cr_assert_eq(number, UINT64_MAX);
}

Test(headers, status)
{
    uint16_t status = 1;
    cr_assert_eq(p2i_match_status(P2I_VIEW(" 200 OK\r"), true, &status), P2I_MATCH_YES);
    cr_assert_eq(status, 200);
    cr_assert_eq(p2i_match_status(P2I_VIEW("\t 404"), true, &status), P2I_MATCH_YES);
    cr_assert_eq(status, 404);
    cr_assert_eq(p2i_match_status(P2I_VIEW(""), false, &status), P2I_MATCH_MORE);
    cr_assert_eq(p2i_match_status(P2I_VIEW(" 20"), false, &status), P2I_MATCH_MORE);
    cr_assert_eq(p2i_match_status(P2I_VIEW(" 20"), true, &status), P2I_MATCH_NO);
    cr_assert_eq(p2i_match_status(P2I_VIEW(" 099"), true, &status), P2I_MATCH_NO);
    cr_assert_eq(p2i_match_status(P2I_VIEW("200"), false, &status), P2I_MATCH_NO);
    cr_assert_eq(p2i_match_status(P2I_VIEW(" 2000"), false, &status), P2I_MATCH_NO);
    cr_assert_eq(status, 404);
}

Test(headers, header_and_line_end)
{
    cr_assert_eq(p2i_match_header(P2I_VIEW("Call-ID:")), P2I_MATCH_YES);
    cr_assert_eq(p2i_match_header(P2I_VIEW("Call-ID")), P2I_MATCH_MORE);
    cr_assert_eq(p2i_match_header(P2I_VIEW(":")), P2I_MATCH_NO);
    cr_assert_eq(p2i_match_header(P2I_VIEW("Call ID:")), P2I_MATCH_NO);
    cr_assert_eq(p2i_match_line_end(P2I_VIEW(" \t\r\n")), P2I_MATCH_YES);
    cr_assert_eq(p2i_match_line_end(P2I_VIEW(" \r")), P2I_MATCH_MORE);
    cr_assert_eq(p2i_match_line_end(P2I_VIEW(" x\n")), P2I_MATCH_NO);
    cr_assert_eq(p2i_line_ends(P2I_VIEW("\r\n\n\rx\r\n")), 4);
}

Test(headers, line_before)
{
    char text[P2I_LINE_MAX + 10];
    memset(text, 'x', sizeof text);
    text[2] = '\n';
    struct p2i_view bytes = p2i_view_of(text, sizeof text);
    cr_assert_eq(p2i_line_before(bytes, 0), 0);
    cr_assert_eq(p2i_line_before(bytes, 2), 0);
    cr_assert_eq(p2i_line_before(bytes, 3), 3);
    cr_assert_eq(p2i_line_before(bytes, 100), 3);
    cr_assert_eq(p2i_line_before(bytes, P2I_LINE_MAX + 8), 8, "not further back than that");
}
