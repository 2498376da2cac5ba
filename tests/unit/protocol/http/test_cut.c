/* SPDX-License-Identifier: MIT */
/* Messages that the capture, their sender, or a limit of ours cuts. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "http_dialog.h"

#define CUT_REQUEST(host, path, method, at) REQUEST(host, path, method " cut", at)
#define CUT_NAMELESS(path, method, at) NAMELESS(path, method " cut", at)
#define CUT_REPLY(length, code, at) REPLY(length, code " cut", at)

/* What is there of a request, in front of all that can cut it. */
#define EXPECT_CUT(expected, bytes)                                                                \
    do {                                                                                           \
        EXPECT(expected("0"), DIALOG_CLIENT(bytes));                                               \
        EXPECT(expected("0"), DIALOG_CLIENT(bytes), DIALOG_CLIENT_CLOSES);                         \
        EXPECT(expected("0") ASKED_B("2"), DIALOG_CLIENT(bytes), DIALOG_CLIENT_LOSES(7),           \
               DIALOG_CLIENT(GET_B));                                                              \
        EXPECT(ASKED_A("0") expected("1"), DIALOG_CLIENT(GET_A), DIALOG_CLIENT(bytes));            \
        EXPECT(ASKED_A("0") expected("1") ASKED_B("3"), DIALOG_CLIENT(GET_A),                      \
               DIALOG_CLIENT("\r\n" bytes), DIALOG_CLIENT_LOSES(7), DIALOG_CLIENT(GET_B));         \
    } while (0)

Test(http_cut, request_lines)
{
#define SLASH(at) CUT_NAMELESS("/", "1", at)
    EXPECT_CUT(SLASH, "GET /");
#define PATH(at) CUT_NAMELESS("/a?b", "2", at)
    EXPECT_CUT(PATH, "POST /a?b");
    EXPECT_CUT(PATH, "POST  /a?b ");
    EXPECT_CUT(PATH, "POST /a?b H");
    EXPECT_CUT(PATH, "POST /a?b\tHTTP/1.");
    EXPECT_CUT(PATH, "POST /a?b HTTP/1.1");
    EXPECT_CUT(PATH, "POST /a?b HTTP/1.1\r");
    EXPECT_CUT(PATH, "POST /a?b HTTP/1.1\r\n");
    EXPECT_CUT(PATH, "POST /a?b HTTP/1.1\r\nHos");
#define BLANK(at) CUT_NAMELESS("/a b/c", "1", at)
    EXPECT_CUT(BLANK, "GET /a b/c");
    EXPECT_CUT(BLANK, "GET /a b/c HTT");
#define OTHER(at) CUT_NAMELESS("/a", "255", at)
    EXPECT_CUT(OTHER, "PROPFIND /a");
#define STAR(at) CUT_NAMELESS("*", "6", at)
    EXPECT_CUT(STAR, "OPTIONS * HT");
}

/* A name is whole or empty. */
Test(http_cut, hosts)
{
#define NO_HOST(at) CUT_NAMELESS("/a", "1", at)
    EXPECT_CUT(NO_HOST, "GET /a HTTP/1.1\r\nHost: www.example");
    EXPECT_CUT(NO_HOST, "GET /a HTTP/1.1\r\nHost: www.example.org\r");
    EXPECT_CUT(NO_HOST, "GET /a HTTP/1.1\r\nHost:\r\n www.ex");
#define HOST(at) CUT_REQUEST("www.example.org", "/a", "1", at)
    EXPECT_CUT(HOST, "GET /a HTTP/1.1\r\nHost: www.example.org\r\n");
    EXPECT_CUT(HOST, "GET /a HTTP/1.1\r\nHost: www.example.org\r\nHost: www.evi");
    EXPECT_CUT(HOST, "GET /a HTTP/1.1\r\nHost: www.example.org\r\n www.evi");
#define PART(path) CUT_NAMELESS(path, "1", "0")
    EXPECT(PART("h"), DIALOG_CLIENT("GET h"));
    EXPECT(PART("http:/"), DIALOG_CLIENT("GET http:/"));
    EXPECT(PART("http://a.exa"), DIALOG_CLIENT("GET http://a.exa"));
    EXPECT(PART("https://user@a.exa"), DIALOG_CLIENT("GET https://user@a.exa"));
#define WHOLE(host, path) CUT_REQUEST(host, path, "1", "0")
    EXPECT(WHOLE("a.example", "http://a.example/"), DIALOG_CLIENT("GET http://a.example/"));
    EXPECT(WHOLE("a.example", "http://a.example:80?"), DIALOG_CLIENT("GET http://a.example:80?"));
    EXPECT(WHOLE("a.example", "http://a.example"), DIALOG_CLIENT("GET http://a.example "));
    EXPECT(WHOLE("a.example", "http://a.example"), DIALOG_CLIENT("GET http://a.example HT"));
    EXPECT(WHOLE("a.example", "http://a.example/"),
           DIALOG_CLIENT("GET http://a.example/ HTTP/1.1\r\nHost: b.exa"));
    EXPECT(CUT_NAMELESS("a.example:443", "7", "0"), DIALOG_CLIENT("CONNECT a.example:443"));
    EXPECT(CUT_REQUEST("a.example", "a.example:443", "7", "0"),
           DIALOG_CLIENT("CONNECT a.example:443 "));
}

/* Other strings as far as they go. */
Test(http_cut, header_lines)
{
#define LINES(referer, agent, cookie)                                                              \
    FULL_REQUEST("C", "h", "/a", referer, agent, cookie, "1", "1 cut", "0")
#define START "GET /a HTTP/1.1\r\nHost: h\r\n"
    EXPECT(LINES("", "", ""), DIALOG_CLIENT(START "Cookie"));
    EXPECT(LINES("", "", ""), DIALOG_CLIENT(START "Cookie: "));
    EXPECT(LINES("", "", "a=1; b"), DIALOG_CLIENT(START "Cookie: a=1; b"));
    EXPECT(LINES("", "", "a; b"), DIALOG_CLIENT(START "Cookie: a\r\nCookie: b"));
    EXPECT(LINES("http://r/", "x y", ""),
           DIALOG_CLIENT(START "Referer: http://r/\r\nUser-Agent: x\r\n  y"));
    EXPECT(LINES("http://r/x", "y", ""),
           DIALOG_CLIENT(START "User-Agent: y\r\nReferer: http://r/x\r\n "));
    EXPECT(FULL_REPLY("S", "text/ht", "", "0", "200 cut", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n 3\r\nContent-Type: text/ht"));
    EXPECT(FULL_REPLY("S", "", "/the", "5", "302 cut", "0"),
           DIALOG_SERVER("HTTP/1.1 302 OK\r\nContent-Length: 5\r\nLocation: /the"));
    EXPECT(CUT_REPLY("0", "200", "0"), DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 12"));
}

Test(http_cut, status_lines)
{
#define EXPECT_STATUS(bytes)                                                                       \
    do {                                                                                           \
        EXPECT(CUT_REPLY("0", "404", "0"), DIALOG_SERVER(bytes));                                  \
        EXPECT(ASKED_A("0") CUT_REPLY("0", "404", "1") REPLY("0", "204", "3"),                     \
               DIALOG_CLIENT(GET_A), DIALOG_SERVER(bytes), DIALOG_SERVER_LOSES(20),                \
               DIALOG_SERVER("HTTP/1.1 204 No\r\n\r\n"));                                          \
    } while (0)
    EXPECT_STATUS("HTTP/1.1 404");
    EXPECT_STATUS("HTTP/1.0 404 ");
    EXPECT_STATUS("HTTP/1.1 404 Not Fou");
    EXPECT_STATUS("HTTP/1.1 404 Not Found\r");
    EXPECT_STATUS("HTTP/1.1 404 Not Found\r\nServ");
    EXPECT("", DIALOG_SERVER("HTTP/1.1 40"));
    EXPECT("", DIALOG_SERVER("HTTP/1.1 099"));
    EXPECT("", DIALOG_SERVER("HTTP/1.1 100 Cont"));
    EXPECT("", DIALOG_SERVER("HTTP/1.1 100 Continue\r\nServ"));
    EXPECT(CUT_REPLY("0", "101", "0"), DIALOG_SERVER("HTTP/1.1 101 Swi"));
}

/* Bytes that only look like a method, or are of another protocol. */
Test(http_cut, beginnings_of_no_message)
{
    static const char *const beginnings[] = {
        "GET",
        "GET ",
        "GET  ",
        "GET x",
        "GET :",
        "get /",
        "GETS /",
        "SETUP /x",
        "MESSAGE /x",
        "GET \x01",
        "GET *",
        "OPTIONS * ",
        "OPTIONS * R",
        "OPTIONS * RTSP/1.0",
        "OPTIONS / RTSP/1.0",
        "OPTIONS rtsp://h/",
        "OPTIONS sip:a@b",
        "NOTIFY sip:a@b SIP/2",
        "SUBSCRIBE sips:a",
        "GET / HTTP/2",
        "GET / HTTP/1.1x",
        "SOURCE /m ICE/1.0",
        "GET /old\r",
        "CONNECT -",
        "HTTP/1.1 2",
        "HTTP/2 200",
    };
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const struct dialog_step steps[] = {
            {P2I_FROM_INITIATOR, beginnings[i], strlen(beginnings[i])}, DIALOG_CLIENT_LOSES(3)};
        struct dialog dialog = dialog_of(steps, 2);
        dialog_expect(&dialog, "");
    }
}

/* No cut message begins in the middle of a session, in a body, or behind a loss. */
Test(http_cut, only_in_sync)
{
    EXPECT("", DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("GET /a"));
    EXPECT(REQUEST("h", "/p", "2", "0"),
           DIALOG_CLIENT("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n"),
           DIALOG_CLIENT("GET /a"));
    EXPECT(REQUEST("h", "/p", "2", "0"),
           DIALOG_CLIENT("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"),
           DIALOG_CLIENT("GET /a"));
    EXPECT(REQUEST("h", "/p", "2", "0"),
           DIALOG_CLIENT("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n"),
           DIALOG_CLIENT("GET /a"));
    EXPECT(ASKED_A("0") REQUEST("h", "/p", "2 cut", "1"), DIALOG_CLIENT(GET_A),
           DIALOG_CLIENT("POST /p HTTP/1.1\r\nHost: h\r\nCon"), DIALOG_CLIENT_LOSES(100),
           DIALOG_CLIENT("more GET /b"));
}

/* Behind the request with a body that was refused there is one in sync. */
Test(http_cut, behind_a_refused_body)
{
#define EXPECTING "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: "
#define NO "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"
    EXPECT(REQUEST("h", "/p", "2", "0") REPLY("0", "417", "1") CUT_NAMELESS("/nex", "1", "2")
               ASKED_B("4"),
           DIALOG_CLIENT(EXPECTING "9\r\n\r\n"), DIALOG_SERVER(NO), DIALOG_CLIENT("GET /nex"),
           DIALOG_CLIENT_LOSES(30), DIALOG_CLIENT(GET_B));
    EXPECT(REQUEST("h", "/p", "2", "0") REPLY("0", "417", "1"),
           DIALOG_CLIENT(EXPECTING "9\r\n\r\n"), DIALOG_SERVER(NO), DIALOG_CLIENT("GET "));
    /* The refusal itself is cut. */
    EXPECT(REQUEST("h", "/p", "2", "0") CUT_REPLY("0", "417", "1") ASKED_B("3"),
           DIALOG_CLIENT(EXPECTING "1000\r\n\r\n"), DIALOG_SERVER("HTTP/1.1 417 N"),
           DIALOG_SERVER_LOSES(20), DIALOG_CLIENT(GET_B));
}

Test(http_cut, both_sides)
{
    EXPECT(CUT_NAMELESS("/a", "1", "0") CUT_REPLY("0", "200", "2") ASKED_B("4")
               REPLY("3", "200", "5"),
           DIALOG_CLIENT("GET /a"), DIALOG_CLIENT_LOSES(500),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nSe"), DIALOG_SERVER_LOSES(1000), DIALOG_CLIENT(GET_B),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
    EXPECT(CUT_NAMELESS("/a", "1", "0") CUT_REPLY("0", "200", "1"), DIALOG_CLIENT("GET /a"),
           DIALOG_SERVER("HTTP/1.1 200 O"));
    /* The reply to a HEAD has no body. */
    EXPECT(CUT_NAMELESS("/a", "5", "0") REPLY("5", "200", "2") REPLY("0", "204", "2"),
           DIALOG_CLIENT("HEAD /a"), DIALOG_CLIENT_LOSES(500),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No\r\n\r\n"));
}

/* The snaplen cuts every segment, and messages begin segments: right behind a gap, where the
 * side has sent such a message before, one is believed to begin even if its first line is cut
 * again. */
Test(http_cut, two_cut_messages)
{
    EXPECT(CUT_NAMELESS("/a", "1", "0") CUT_NAMELESS("/b", "1", "2") CUT_NAMELESS("/c", "2", "4")
               ASKED_A("6") CUT_NAMELESS("/d", "1", "8"),
           DIALOG_CLIENT("GET /a"), DIALOG_CLIENT_LOSES(500), DIALOG_CLIENT("GET /b HTT"),
           DIALOG_CLIENT_LOSES(500), DIALOG_CLIENT("POST /c HTTP/1.1\r"), DIALOG_CLIENT_LOSES(500),
           DIALOG_CLIENT(GET_A "x"), DIALOG_CLIENT_LOSES(500), DIALOG_CLIENT("GET /d"));
    EXPECT(CUT_REPLY("0", "200", "0") CUT_REPLY("0", "404", "2") CUT_REPLY("0", "500", "4"),
           DIALOG_SERVER("HTTP/1.1 200 O"), DIALOG_SERVER_LOSES(500),
           DIALOG_SERVER("HTTP/1.1 404 No"), DIALOG_SERVER_LOSES(500),
           DIALOG_SERVER("HTTP/1.1 500"), DIALOG_SERVER_CLOSES);
    EXPECT(CUT_NAMELESS("/a", "1", "0"), DIALOG_CLIENT("GET /a"), DIALOG_CLIENT_LOSES(500),
           DIALOG_CLIENT("x GET /b"), DIALOG_CLIENT_LOSES(500), DIALOG_CLIENT("x\nGET /b"),
           DIALOG_CLIENT_LOSES(500), DIALOG_CLIENT("HTTP/1.1 200 OK"));
    EXPECT(CUT_REPLY("0", "200", "0"), DIALOG_SERVER("HTTP/1.1 200 O"), DIALOG_SERVER_LOSES(500),
           DIALOG_SERVER("GET /b"), DIALOG_SERVER_LOSES(500), DIALOG_SERVER("xHTTP/1.1 200 O"));
}

/* The protocol in a tunnel is recognised when the CONNECT was cut. */
Test(http_cut, tunnels)
{
    EXPECT(CUT_REQUEST("a:444", "a:444", "7", "0") REPLY("0", "200", "2") TILDE("C", "~hello", "3"),
           DIALOG_CLIENT("CONNECT a:444 HTTP/1.1\r\nHost: a:444\r\nUser-"),
           DIALOG_CLIENT_LOSES(100), DIALOG_SERVER("HTTP/1.1 200 Connection established\r\n\r\n"),
           DIALOG_CLIENT("~hello\n"));
    EXPECT(CUT_NAMELESS("a:444", "7", "0") CUT_REPLY("0", "200", "2") TILDE("C", "~hello", "4"),
           DIALOG_CLIENT("CONNECT a:444"), DIALOG_CLIENT_LOSES(100),
           DIALOG_SERVER("HTTP/1.1 200 Connection"), DIALOG_SERVER_LOSES(16),
           DIALOG_CLIENT("~hello\n"));
    EXPECT(CUT_NAMELESS("a:444", "7", "0") REPLY("0", "407", "2") ASKED_B("3"),
           DIALOG_CLIENT("CONNECT a:444"), DIALOG_CLIENT_LOSES(100),
           DIALOG_SERVER("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"), DIALOG_CLIENT(GET_B));
}

/* Where a reply waits for the end of its body. */
Test(http_cut, bodies)
{
#define REST "HTTP/1.1 200 OK\r\n\r\nabc"
#define CHUNKS "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    EXPECT(REPLY("3", "200", "0"), DIALOG_SERVER(REST), DIALOG_SERVER_CLOSES);
    EXPECT(CUT_REPLY("3", "200", "0"), DIALOG_SERVER(REST));
    EXPECT(CUT_REPLY("5", "200", "0"), DIALOG_SERVER(REST), DIALOG_SERVER_LOSES(7),
           DIALOG_SERVER("de"), DIALOG_SERVER_CLOSES);
    EXPECT(CUT_REPLY("3", "200", "0"), DIALOG_SERVER(REST), DIALOG_SERVER_LOSES(7),
           DIALOG_SERVER_CLOSES);
    EXPECT(REPLY("3", "200", "0"), DIALOG_SERVER(CHUNKS "0\r\n\r\n"));
    EXPECT(CUT_REPLY("3", "200", "0"), DIALOG_SERVER(CHUNKS));
    EXPECT(CUT_REPLY("3", "200", "0"), DIALOG_SERVER(CHUNKS), DIALOG_SERVER_CLOSES);
    EXPECT(CUT_REPLY("5", "200", "0"), DIALOG_SERVER(CHUNKS "9\r\nde"), DIALOG_SERVER_CLOSES);
    EXPECT(CUT_REPLY("3", "200", "0"), DIALOG_SERVER(CHUNKS "0\r\nX: y"), DIALOG_SERVER_CLOSES);
    EXPECT(CUT_REPLY("3", "200", "0"), DIALOG_SERVER(CHUNKS), DIALOG_SERVER_LOSES(1));
    EXPECT(CUT_REPLY("7", "200", "0") REPLY("0", "204", "2"), DIALOG_SERVER(CHUNKS "9\r\nde"),
           DIALOG_SERVER_LOSES(5), DIALOG_SERVER("ij\r\n0\r\n\r\nHTTP/1.1 204 No\r\n\r\n"));
    /* The next one of the connection has nothing to do with that. */
    EXPECT(CUT_REPLY("7", "200", "0") REPLY("3", "200", "2"), DIALOG_SERVER(CHUNKS "9\r\nde"),
           DIALOG_SERVER_LOSES(5), DIALOG_SERVER("ij\r\n0\r\n\r\n" CHUNKS "0\r\n\r\n"));
}

/* With a length in the head, or none needed, the record does not wait. */
Test(http_cut, bodies_of_known_length)
{
    EXPECT(REPLY("9", "200", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
    EXPECT(REPLY("0", "204", "0"), DIALOG_SERVER("HTTP/1.1 204 No\r\n\r\n"));
}

/* ---- Heads that are longer than can be held ---- */

static void expect_long(char *bytes, const char *start, size_t start_size, const char *end,
                        const char *expected)
{
    enum { SIZE = P2I_HEAD_MAX + 1000 };
    size_t end_size = strlen(end);
    memset(bytes, 'x', SIZE);
    memcpy(bytes, start, start_size);
    memcpy(bytes + SIZE - end_size, end, end_size);
    const struct dialog_step steps[] = {
        {bytes[0] == 'H' ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR, bytes, SIZE}};
    struct dialog dialog = dialog_of(steps, 1);
    for (size_t segment = 0; segment <= 9000; segment += 1500) {
        char *found = dialog_play(&dialog, segment);
        cr_assert_str_eq(found, expected, "%.3000s\ninstead of\n%.3000s", found, expected);
        free(found);
    }
}

/* As many x behind `start` as can be held; the caller frees the text. */
static char *expected_of(const char *before, size_t start_size, const char *behind)
{
    size_t count = P2I_HEAD_MAX - start_size;
    size_t size = strlen(before) + count + strlen(behind) + 1;
    char *text = malloc(size);
    cr_assert_not_null(text);
    memcpy(text, before, strlen(before));
    memset(text + strlen(before), 'x', count);
    memcpy(text + strlen(before) + count, behind, strlen(behind) + 1);
    return text;
}

Test(http_cut, heads_beyond_the_limit)
{
    char *bytes = malloc(P2I_HEAD_MAX + 1000);
    char *expected;
    const char target[] = "GET /";
    expected = expected_of("clickstream C host=\"\" path=\"/", sizeof target - 1,
                           "\" referer=\"\" user_agent=\"\" cookie=\"\" cipher_suites= locked=0 "
                           "cipher_suites_length=0 host_type=0 method=1 limited @0\n" ASKED_B("0"));
    expect_long(bytes, target, sizeof target - 1, " HTTP/1.1\r\nHost: x\r\n\r\n" GET_B, expected);
    free(expected);
    const char cookie[] = "GET /a HTTP/1.1\r\nHost: h\r\nCookie: ";
    expected = expected_of("clickstream C host=\"h\" path=\"/a\" referer=\"\" user_agent=\"\" "
                           "cookie=\"",
                           sizeof cookie - 1,
                           "\" cipher_suites= locked=0 cipher_suites_length=0 host_type=1 method=1 "
                           "limited @0\n" ASKED_B("0"));
    expect_long(bytes, cookie, sizeof cookie - 1, "\r\nContent-Length: 5\r\n\r\nGET /" GET_B,
                expected);
    free(expected);
    const char reason[] = "HTTP/1.1 404 ";
    expect_long(bytes, reason, sizeof reason - 1,
                "\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 204 No\r\n\r\n",
                REPLY("2", "404 limited", "0") REPLY("0", "204", "0"));
    const char chunks[] = "HTTP/1.1 404 \r\nX: ";
    expect_long(bytes, chunks, sizeof chunks - 1,
                "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
                REPLY("2", "404 limited", "0") REPLY("0", "204", "0"));
    const char nothing[] = "GET x";
    expect_long(bytes, nothing, sizeof nothing - 1, "\r\n" GET_B, ASKED_B("0"));
    free(bytes);
}
