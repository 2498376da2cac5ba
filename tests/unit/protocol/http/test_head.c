/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/http/head.h"
#include "protocol/http/headers.h"

static void expect_view(struct p2i_view found, struct p2i_view expected)
{
    cr_assert(p2i_view_equals(found, expected), "'%.*s' instead of '%.*s'", (int)found.size,
              (const char *)found.data, (int)expected.size, (const char *)expected.data);
}

/* In a block of its own, so that a read past the end is caught. */
static enum p2i_match start(struct p2i_http_head *head, struct p2i_view bytes)
{
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    memcpy(copy, bytes.data, bytes.size);
    enum p2i_match match = p2i_http_start(head, p2i_view_of(copy, bytes.size));
    free(copy);
    return match;
}

static void expect_start(struct p2i_view line, enum p2i_match expected)
{
    struct p2i_http_head head = {0};
    enum p2i_match match = start(&head, line);
    cr_assert_eq(match, expected, "%d for %.*s", (int)match, (int)line.size,
                 (const char *)line.data);
    if (expected != P2I_MATCH_YES) {
        return;
    }
    cr_assert_eq(head.line, line.size);
    for (size_t size = 0; size < line.size; size++) {
        struct p2i_http_head part = {0};
        cr_assert_eq(start(&part, p2i_view_first(line, size)), P2I_MATCH_MORE, "%.*s", (int)size,
                     (const char *)line.data);
    }
}

Test(http_head, first_lines)
{
    expect_start(P2I_VIEW("GET / HTTP/1.1\r\n"), P2I_MATCH_YES);
    expect_start(P2I_VIEW("GET / HTTP/1.0\n"), P2I_MATCH_YES);
    expect_start(P2I_VIEW("what_ever\tx y HTTP/1.9 \r\n"), P2I_MATCH_YES);
    expect_start(P2I_VIEW("GET  HTTP/1.1\n"), P2I_MATCH_YES);
    expect_start(P2I_VIEW("HTTP/1.1 200\n"), P2I_MATCH_YES);
    expect_start(P2I_VIEW("HTTP/1.0\t  999 \xd0\x96 HTTP\r\n"), P2I_MATCH_YES);
}

Test(http_head, lines_that_are_no_first_lines)
{
    expect_start(P2I_VIEW("GET /\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("GET / HTTP/1.\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("GET / HTTP/1.12\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("GET / HTTP/2.0\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("GET / RTSP/1.0\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("GET /HTTP/1.1\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("GET \n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("1ET / HTTP/1.1\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/1.1\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/1.1 20\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/1.1 2000\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/2 200\r\n"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("x23456789012345678901234567890123 "), P2I_MATCH_NO);
}

/* What cannot become HTTP is known after the first byte that differs. */
Test(http_head, early_refusal)
{
    expect_start(P2I_VIEW("\x16\x03\x01"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("G\x01"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("RTSP/"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/2"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/1.x"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/1.1 20x"), P2I_MATCH_NO);
    expect_start(P2I_VIEW("HTTP/1.1 2001"), P2I_MATCH_NO);
}

Test(http_head, long_first_lines)
{
    enum { SIZE = 9000 };
    uint8_t *line = malloc(SIZE);
    memset(line, 'x', SIZE);
    memcpy(line, "WHAT /", 6);
    struct p2i_view whole = p2i_view_of(line, SIZE);
    struct p2i_http_head head = {0};
    cr_assert_eq(start(&head, p2i_view_first(whole, P2I_LINE_MAX)), P2I_MATCH_MORE);
    cr_assert_eq(start(&head, p2i_view_first(whole, P2I_LINE_MAX + 1)), P2I_MATCH_NO);
    memcpy(line + SIZE - 10, " HTTP/1.1\n", 10);
    head = (struct p2i_http_head){0};
    cr_assert_eq(start(&head, whole), P2I_MATCH_NO);
    memcpy(line, "POST", 4);
    head = (struct p2i_http_head){0};
    cr_assert_eq(start(&head, p2i_view_first(whole, SIZE - 1)), P2I_MATCH_MORE);
    cr_assert_eq(start(&head, whole), P2I_MATCH_YES);
    cr_assert_eq(head.method, P2I_METHOD_POST);
    cr_assert_eq(head.target.size, SIZE - 10 - 5);
    free(line);
}

#define HEAD                                                                                       \
    "POST /x HTTP/1.1\r\nHost: a\r\nX-Host: n\r\nHos: n\r\nHostt: n\r\nContent-Length: 42\r\n"     \
    "Referer : b\r\n\tc\r\n  d\r\nreferer: e\r\nTransfer-Encoding: x,\r\n CHUNKED ,\r\n"           \
    "Location: l\nCookie: 1\nCookie:\n 2\nContent-Type: t\nUser-Agent:\n\n"

/* Read at once, or byte by byte, with the bytes in another place each time. */
/* Behind a version in the middle of lost bytes. Each segment is judged again: bytes behind the
 * version are not read without a line end. */
Test(http_head, blanks_before_a_guessed_line_end)
{
    enum { HIT = sizeof "GET /x " - 1, END = HIT + sizeof "HTTP/1.1" - 1, MOST = 64 };
    static const size_t most[] = {P2I_LINE_MAX - 8, MOST}; /* blanks may lead to a status */
    static uint8_t bytes[END + P2I_LINE_MAX + 100] = "GET /x HTTP/1.1";
    for (size_t i = 0; i < 2; i++) {
        memset(bytes + END, i == 0 ? ' ' : '\r', sizeof bytes - END);
        for (size_t count = 0; count < sizeof bytes - END; count++) {
            uint16_t status;
            size_t begin;
            enum p2i_match match =
                p2i_http_judge(p2i_view_of(bytes, END + count), HIT, true, &status, &begin);
            cr_assert_eq(match, count < most[i] ? P2I_MATCH_MORE : P2I_MATCH_NO, "%zu blanks",
                         count);
            uint8_t next = bytes[END + count];
            bytes[END + count] = '\n';
            match = p2i_http_judge(p2i_view_of(bytes, END + count + 1), HIT, true, &status, &begin);
            cr_assert_eq(match, count < MOST ? P2I_MATCH_YES : P2I_MATCH_NO, "%zu blanks", count);
            bytes[END + count] = next;
        }
    }
}

Test(http_head, headers)
{
    const struct p2i_view text = P2I_VIEW(HEAD);
    for (size_t step = 1; step <= text.size; step++) {
        struct p2i_http_head head = {0};
        bool ended = false;
        uint8_t *copy = NULL;
        for (size_t size = 0; size < text.size;) {
            size = size + step < text.size ? size + step : text.size;
            free(copy);
            copy = malloc(size);
            memcpy(copy, text.data, size);
            struct p2i_view now = p2i_view_of(copy, size);
            cr_assert(!ended);
            if (head.started || p2i_http_start(&head, now) == P2I_MATCH_YES) {
                ended = p2i_http_headers(&head, now);
            }
        }
        cr_assert(ended);
        cr_assert_eq(head.line, text.size);
        struct p2i_view bytes = p2i_view_of(copy, text.size);
        uint8_t *block = malloc(text.size);
        uint8_t *scratch = block;
        expect_view(p2i_http_target(&head, bytes), P2I_VIEW("/x"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_HOST, &scratch), P2I_VIEW("a"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_REFERER, &scratch), P2I_VIEW("b c d, e"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_COOKIE, &scratch), P2I_VIEW("1; 2"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_COOKIE, NULL), P2I_VIEW("1"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_LOCATION, &scratch), P2I_VIEW("l"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_CONTENT_TYPE, &scratch), P2I_VIEW("t"));
        expect_view(p2i_http_value(&head, bytes, P2I_HTTP_USER_AGENT, &scratch), P2I_VIEW(""));
        cr_assert(head.has_length && head.chunked && head.coded);
        cr_assert_eq(head.content_length, 42);
        free(block);
        free(copy);
    }
}

/* Joining needs no more room than the head: every header a value of one byte. */
Test(http_head, scratch_is_never_too_small)
{
    static const char line[] = "Cookie:c\n";
    enum { COUNT = 1000, SIZE = 15 + COUNT * (sizeof line - 1) + 1 };
    uint8_t *text = malloc(SIZE);
    uint8_t *block = malloc(SIZE);
    uint8_t *scratch = block;
    memcpy(text, "GET / HTTP/1.1\n", 15);
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(text + 15 + i * (sizeof line - 1), line, sizeof line - 1);
    }
    text[SIZE - 1] = '\n';
    struct p2i_view bytes = p2i_view_of(text, SIZE);
    struct p2i_http_head head = {0};
    cr_assert_eq(p2i_http_start(&head, bytes), P2I_MATCH_YES);
    cr_assert(p2i_http_headers(&head, bytes));
    cr_assert_eq(p2i_http_value(&head, bytes, P2I_HTTP_COOKIE, &scratch).size, COUNT * 3 - 2);
    free(text);
    free(block);
}

static void expect_host(enum p2i_method method, struct p2i_view target, struct p2i_view header,
                        struct p2i_view expected)
{
    expect_view(p2i_http_host(method, target, false, header), expected);
}

Test(http_head, hosts)
{
    const enum p2i_method get = P2I_METHOD_GET;
    const struct p2i_view none = {0};
    expect_host(get, P2I_VIEW("/"), none, none);
    expect_host(get, none, none, none);
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("h:80"), P2I_VIEW("h"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("h:080"), P2I_VIEW("h"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("h:8080"), P2I_VIEW("h:8080"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("h:65616"), P2I_VIEW("h:65616"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("h:100000000080"), P2I_VIEW("h:100000000080"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("80"), P2I_VIEW("80"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW(":80"), none);
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("[::1]:80"), P2I_VIEW("[::1]"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("[::80]"), P2I_VIEW("[::80]"));
    expect_host(get, P2I_VIEW("/"), P2I_VIEW("::80"), P2I_VIEW("::80"));
    expect_host(get, P2I_VIEW("http://"), none, none);
    expect_host(get, P2I_VIEW("://x/"), none, none);
    expect_host(get, P2I_VIEW("http:/x"), none, none);
    expect_host(get, P2I_VIEW("HTTPS://u@v@x:443#f"), none, P2I_VIEW("x"));
    expect_host(get, P2I_VIEW("ftp://x:80/"), none, P2I_VIEW("x:80"));
    expect_host(P2I_METHOD_CONNECT, P2I_VIEW("x:443"), none, P2I_VIEW("x"));
    expect_host(P2I_METHOD_CONNECT, P2I_VIEW("x:80"), none, P2I_VIEW("x:80"));
}
