/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "http_dialog.h"

Test(http, request_and_reply)
{
    EXPECT(FULL_REQUEST("C", "www.example.org", "/index.html?q=1", "http://example.org/",
                        "Agent/1.0 (x)", "a=b; c=d", "1", "1", "0")
               FULL_REPLY("S", "text/html; charset=utf-8", "/there", "5", "200", "1"),
           DIALOG_CLIENT("GET /index.html?q=1 HTTP/1.1\r\nHost: www.example.org\r\n"
                         "Referer: http://example.org/\r\nUser-Agent: Agent/1.0 (x)\r\n"
                         "Accept: */*\r\nCookie: a=b; c=d\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                         "Content-Length: 5\r\nLocation: /there\r\n\r\nhello"));
}

Test(http, methods)
{
    EXPECT(REQUEST("h", "/", "1", "0") REQUEST("h", "/", "2", "0") REQUEST("h", "/", "3", "0")
               REQUEST("h", "/", "4", "0") REQUEST("h", "/", "5", "0") REQUEST("h", "*", "6", "0")
                   REQUEST("h", "/", "8", "0") REQUEST("h", "/", "9", "0")
                       REQUEST("h", "/", "255", "0") REQUEST("h", "/", "255", "0")
                           REQUEST("h", "/", "255", "0"),
           DIALOG_CLIENT("GET / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "POST / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "PUT / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "HEAD / HTTP/1.0\r\nHost: h\r\n\r\n"
                         "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"
                         "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "PATCH / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "M-SEARCH / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "get_it'now / HTTP/1.1\r\nHost: h\r\n\r\n"));
}

Test(http, pipelining_with_bodies)
{
    EXPECT(REQUEST("h", "/p", "2", "0") ASKED_A("0") ASKED_B("0") REPLY("3", "201", "1")
               REPLY("0", "404", "1") REPLY("4", "200", "1"),
           DIALOG_CLIENT("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\n"
                         "GET /x HTTP/1.1\r\n\n" GET_A GET_B),
           DIALOG_SERVER("HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nxyz"
                         "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTP"));
}

Test(http, chunks_with_extensions_and_trailer)
{
    EXPECT(
        ASKED_A("0") REPLY("31", "200", "1") REPLY("0", "200", "1"), DIALOG_CLIENT(GET_A),
        DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
                      "5\r\nhello\r\n0000A;name=\"a;b\"\r\n0123456789\r\n10 \n0\r\n\r\nHTTP/1.1 2\n"
                      "0\r\nX: y\r\nContent-Length: 9\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, chunked_request)
{
    EXPECT(REQUEST("h", "/p", "2", "0") ASKED_B("0"),
           DIALOG_CLIENT("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n7\r\nabcdefg\r\n0\r\n\r\n" GET_B));
}

/* The header's number is what is recorded, the chunks are what is followed. */
Test(http, chunked_wins_over_length)
{
    EXPECT(REPLY("999", "200", "0") REPLY("0", "204", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 999\r\nTransfer-Encoding: chunked\r\n"
                         "\r\n2\r\nab\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));
}

Test(http, broken_chunk_ends_the_body)
{
    EXPECT(REPLY("2", "200", "0") REPLY("0", "404", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "2\r\nab\r\nzz\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, wrong_chunk_sizes)
{
    EXPECT(REPLY("0", "200", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "ffffffffffffffffffff\r\nabc"));
    EXPECT(REPLY("10", "200 cut", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "5\r\nabcde\r\n7fffffffffffffff\r\nabcde"),
           DIALOG_SERVER_CLOSES);
}

Test(http, body_to_close)
{
    EXPECT(
        ASKED_A("0") FULL_REPLY("S", "text/plain", "", "36", "200", "1"), DIALOG_CLIENT(GET_A),
        DIALOG_SERVER("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHTTP/1.1 404 in a body"),
        DIALOG_SERVER("and more here."), DIALOG_SERVER_CLOSES);
}

Test(http, body_to_close_with_losses)
{
    EXPECT(ASKED_A("0") REPLY("7", "200 cut", "1"), DIALOG_CLIENT(GET_A),
           DIALOG_SERVER("HTTP/1.0 200 OK\r\n\r\nabcd"), DIALOG_SERVER_LOSES(100),
           DIALOG_SERVER("efg"));
}

Test(http, chunk_with_losses)
{
    EXPECT(REPLY("7", "200 cut", "0") REPLY("0", "204", "2"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "a\r\nabcd"),
           DIALOG_SERVER_LOSES(3),
           DIALOG_SERVER("hij\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));
}

Test(http, replies_without_bodies)
{
    EXPECT(REQUEST("h", "/a", "5", "0") ASKED_A("1") ASKED_A("1") ASKED_B("1")
               REPLY("1000", "200", "2") REPLY("0", "204", "2") REPLY("77", "304", "2")
                   REPLY("0", "200", "2"),
           DIALOG_CLIENT("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"), DIALOG_CLIENT(GET_A GET_A GET_B),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                         "HTTP/1.1 204 No Content\r\n\r\n"
                         "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
}

/* HEAD without a length, with chunked: nothing follows. */
Test(http, head_replies_are_bare)
{
    EXPECT(REQUEST("h", "/a", "5", "0") ASKED_B("0") REQUEST("h", "/a", "5", "0")
               REPLY("0", "200", "1") REPLY("2", "200", "1") REPLY("0", "200", "1")
                   REPLY("0", "500", "1"),
           DIALOG_CLIENT("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" GET_B
                         "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, interim_replies_are_not_reported)
{
    EXPECT(REQUEST("h", "/a", "5", "0") REPLY("8", "200", "1") REPLY("0", "404", "1"),
           DIALOG_CLIENT("HEAD /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 100 Continue\r\n\r\n"
                         "HTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 50\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"
                         "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, connect_opens_a_tunnel)
{
    EXPECT(REQUEST("example.org", "example.org:443", "7", "0") REPLY("0", "200", "1")
               TILDE("C", "~hello", "2") TILDE("S", "~there", "3"),
           DIALOG_CLIENT("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 Connection established\r\n\r\n"), DIALOG_CLIENT("~hello\n"),
           DIALOG_SERVER("~there\n"));
}

Test(http, bytes_behind_connect_wait_for_the_reply)
{
    EXPECT(REQUEST("a:444", "a:444", "7", "0") REPLY("12", "200", "1") TILDE("C", "~hello", "0"),
           DIALOG_CLIENT("CONNECT a:444 HTTP/1.1\r\n\r\n~hello\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"));
    EXPECT(REQUEST("h", "/a", "1", "0") REQUEST("a:444", "a:444", "7", "0") REPLY("2", "200", "1")
               REPLY("0", "200", "3") TILDE("C", "~hello", "2") TILDE("S", "~1", "4"),
           DIALOG_CLIENT(GET_A "CONNECT a:444 HTTP/1.1\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
           DIALOG_CLIENT("~hello\n"), DIALOG_SERVER("HTTP/1.0 200 OK\r\n\r\n"),
           DIALOG_SERVER("~1\n"));
}

Test(http, connect_that_is_refused)
{
    EXPECT(REQUEST("a", "a:443", "7", "0") REPLY("3", "407", "1") REQUEST("a", "a:443", "7", "0")
               REPLY("0", "200", "2") TILDE("C", "~x", "3"),
           DIALOG_CLIENT("CONNECT a:443 HTTP/1.1\r\n\r\nCONNECT a:443 HTTP/1.1\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nwho"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\n\r\n"), DIALOG_CLIENT("~x\n"));
}

Test(http, connect_in_a_capture_of_one_direction)
{
    EXPECT(REQUEST("a", "a:443", "7", "0") TILDE("C", "~hello", "1"),
           DIALOG_CLIENT("CONNECT a:443 HTTP/1.1\r\n\r\n"), DIALOG_CLIENT("~hello\n"));
    EXPECT(REQUEST("a", "a:443", "7", "0") ASKED_A("1"),
           DIALOG_CLIENT("CONNECT a:443 HTTP/1.1\r\n\r\n"), DIALOG_CLIENT(GET_A));
}

Test(http, connect_whose_reply_is_lost)
{
    EXPECT(REQUEST("a", "a:443", "7", "0") TILDE("S", "~there", "2") TILDE("C", "~hello", "3"),
           DIALOG_CLIENT("CONNECT a:443 HTTP/1.1\r\n\r\n"), DIALOG_SERVER_LOSES(39),
           DIALOG_SERVER("~there\n"), DIALOG_CLIENT("~hello\n"));
}

Test(http, upgrade)
{
    EXPECT(REQUEST("a:444", "a:444", "7", "0") REPLY("0", "200", "1") TILDE("C", "~hello", "2"),
           DIALOG_CLIENT("CONNECT a:444 HTTP/1.1\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n\r\n"),
           DIALOG_CLIENT("~hello\n"));
    EXPECT(REQUEST("h", "/chat", "1", "0") REPLY("0", "101", "1") TILDE("S", "~hi", "1")
               TILDE("C", "~yes", "2"),
           DIALOG_CLIENT("GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: tilde\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 101 Switching Protocols\r\nUpgrade: tilde\r\n\r\n~hi\n"),
           DIALOG_CLIENT("~yes\n"));
}

Test(http, hosts_and_targets)
{
    EXPECT(REQUEST("a.example", "http://a.example/x?y", "1", "0")
               REQUEST("a.example:8080", "http://u:p@a.example:8080?q", "1", "0")
                   REQUEST("s.example", "https://s.example:443/", "1", "0")
                       REQUEST("s.example:80", "https://s.example:80", "1", "0")
                           REQUEST("b.example", "http://a.example/", "1", "0")
                               REQUEST("[2001:db8::1]", "/", "1", "0")
                                   REQUEST("[2001:db8::1]:81", "/", "1", "0") REQUEST(
                                       "2001:db8::80", "/", "1", "0") REQUEST("h", "/", "1", "0")
                                       REQUEST("h", "/", "1", "0") REQUEST("h:443", "/", "1", "0")
                                           NAMELESS("/no", "1", "0") NAMELESS("/", "1", "0"),
           DIALOG_CLIENT("GET http://a.example/x?y HTTP/1.1\r\n\r\n"
                         "GET http://u:p@a.example:8080?q HTTP/1.1\r\n\r\n"
                         "GET https://s.example:443/ HTTP/1.1\r\n\r\n"
                         "GET https://s.example:80 HTTP/1.1\r\n\r\n"
                         "GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: [2001:db8::1]:81\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: 2001:db8::80\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: h:80\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: h:\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: h:443\r\n\r\n"
                         "GET /no HTTP/1.0\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost:\r\n\r\n"));
}

/* RFC 9112 3.2: a server refuses all but one. What others say is no part of the first one's name.
 */
Test(http, the_first_host_counts)
{
    EXPECT(REQUEST("a", "/1", "1", "0") REQUEST("a", "/2", "1", "0") REQUEST("a", "/3", "1", "0")
               NAMELESS("/4", "1", "0") NAMELESS("/5", "1", "0")
                   FULL_REQUEST("C", "a", "/6", "", "n x", "", "1", "1", "0"),
           DIALOG_CLIENT("GET /1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
                         "GET /2 HTTP/1.1\r\nHost: a\r\n b\r\n\tc\r\nHost: d\r\n\r\n"
                         "GET /3 HTTP/1.1\r\nHost: a\r\n X: y\r\n\r\n"
                         "GET /4 HTTP/1.1\r\nHost:\r\nHost: b\r\n\r\n"
                         "GET /5 HTTP/1.1\r\nHost:\r\n b\r\n\r\n"
                         "GET /6 HTTP/1.1\r\nUser-Agent: n\r\n x\r\nHost: a\r\nHOST:b\r\n\r\n"));
}

Test(http, sloppy_heads)
{
    EXPECT(
        FULL_REQUEST("C", "h", "/a b", "r", "one two three", "a=1; b=2", "1", "1", "0")
            FULL_REPLY("S", "t, u", "", "0", "200", "1"),
        DIALOG_CLIENT(
            "\r\n\nGET   /a b  HTTP/1.1 \n  Host: x\nHost :h\nno colon here\n: \nREFERER:r\n"
            "User-Agent: one\r\n \t two\n\tthree\r\n"
            "Cookie:\na: b\ncookie: a=1\nCookie:\n b=2 \n\n"),
        DIALOG_SERVER("HTTP/1.1 200\nContent-Type:t\nContent-Length\t:\t0\ncontent-type: u\n\n"));
}

Test(http, folded_framing)
{
    EXPECT(REPLY("3", "200", "0") REPLY("2", "200", "0") REPLY("0", "204", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"
                         "3\r\nabc\r\n0\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nab"
                         "HTTP/1.1 204 No\r\n\r\n"));
}

Test(http, length_beyond_all_bounds)
{
    EXPECT(REPLY("18446744073709551614", "200", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551614\r\n\r\nabc"));
}

Test(http, one_direction)
{
    EXPECT(ASKED_A("0") ASKED_B("1"), DIALOG_CLIENT(GET_A), DIALOG_CLIENT(GET_B));
    EXPECT(REPLY("1", "200", "0") REPLY("0", "404", "1"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
           DIALOG_SERVER("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n"));
}

/* The initiator is not the client where the start of the connection was missed. */
Test(http, bytes_show_which_side_is_the_client)
{
    EXPECT(FULL_REPLY("C", "", "", "1", "200", "0") FULL_REQUEST("S", "h", "/a", "", "", "", "1",
                                                                 "5", "1")
               FULL_REPLY("C", "", "", "9", "200", "2") FULL_REPLY("C", "", "", "0", "404", "2"),
           DIALOG_CLIENT("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
           DIALOG_SERVER("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"),
           DIALOG_CLIENT("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                         "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, rest_of_a_body_in_front)
{
    EXPECT(ASKED_A("1") REPLY("0", "404", "2"),
           DIALOG_SERVER("some body of which the head was missed"), DIALOG_CLIENT(GET_A),
           DIALOG_SERVER("more of it\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, head_cut_by_a_gap)
{
    EXPECT(FULL_REQUEST("C", "h", "/a", "", "lost or n", "", "1", "1 cut", "0") ASKED_B("2")
               FULL_REPLY("S", "t", "", "9", "200 cut", "3") REPLY("0", "404", "5"),
           DIALOG_CLIENT("GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: lost or n"),
           DIALOG_CLIENT_LOSES(10), DIALOG_CLIENT("Cookie: not of b\r\n\r\n" GET_B),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Type: t\r\nContent-Length: 9\r\nLoc"),
           DIALOG_SERVER_LOSES(1), DIALOG_SERVER("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, first_line_cut_by_a_gap)
{
    EXPECT(ASKED_A("0") NAMELESS("/lost", "1 cut", "1") ASKED_B("3"), DIALOG_CLIENT(GET_A),
           DIALOG_CLIENT("GET /lost HTT"), DIALOG_CLIENT_LOSES(10), DIALOG_CLIENT(GET_B));
}

/* In the middle of a body there are lines that look nearly like a message. */
Test(http, finding_the_next_message)
{
    EXPECT(REPLY("2", "200 cut", "0") REPLY("0", "404", "2"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab"),
           DIALOG_SERVER_LOSES(5),
           DIALOG_SERVER("GET / HTTP/2.0\r\nword is HTTP/1.1\r\nHTTP/1.1 is a protocol\r\n"
                         "xHTTP/1.1 200 OK\r\n GET / HTTP/1.1\r\nHTTP/1.1 2000\r\nHTTP/1.\n"
                         "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

/* Bodies need not end with a line. In the middle of one a message needs a header to be believed. */
Test(http, finding_the_next_message_inside_a_line)
{
    EXPECT(ASKED_A("0") REPLY("0", "404", "2"), DIALOG_CLIENT(GET_A), DIALOG_SERVER_LOSES(300),
           DIALOG_SERVER("JFIF HTTP/1.1 200 OK\nno header\nHTTP HTTP/1. HTTP/1.1 200 OK\r\n\r\n"
                         "\xff\xd9HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
    EXPECT(ASKED_A("0") ASKED_B("2") REQUEST("h", "/c", "255", "4"), DIALOG_CLIENT(GET_A),
           DIALOG_CLIENT_LOSES(1),
           DIALOG_CLIENT("a=GET /x HTTP/1.1&b=GET /\nx GET /x HTTP/1.1\nno header\nc=d" GET_B),
           DIALOG_CLIENT_LOSES(1), DIALOG_CLIENT("xUNLOCK /c HTTP/1.1 \r\nHost: h\r\n\r\n"));
}

/* A body that is longer than its Content-Length. */
Test(http, length_that_is_too_small)
{
    EXPECT(REPLY("2", "200", "0") REPLY("0", "404", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcde"
                         "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, gap_between_messages)
{
    EXPECT(REQUEST("h", "/x", "5", "0") REPLY("5", "200", "1") REQUEST("h", "/y", "5", "3")
               REPLY("6", "200", "4") REPLY("0", "404", "4"),
           DIALOG_CLIENT("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), DIALOG_SERVER_LOSES(40),
           DIALOG_CLIENT("HEAD /y HTTP/1.1\r\nHost: h\r\n\r\n"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
                         "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

/* Two requests, one reply lost: the next reply answers the last request. */
Test(http, pairing_after_a_lost_reply)
{
    EXPECT(ASKED_A("0") REQUEST("h", "/y", "5", "1") REPLY("6", "200", "3") REPLY("0", "404", "3"),
           DIALOG_CLIENT(GET_A), DIALOG_CLIENT("HEAD /y HTTP/1.1\r\nHost: h\r\n\r\n"),
           DIALOG_SERVER_LOSES(40),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
                         "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
}

Test(http, closed_in_the_middle)
{
    EXPECT(FULL_REQUEST("C", "h", "/a", "x", "", "", "1", "1 cut", "0")
               FULL_REPLY("S", "", "/x", "0", "302 cut", "1"),
           DIALOG_CLIENT("GET /a HTTP/1.1\r\nHost: h\r\nReferer: x"),
           DIALOG_SERVER("HTTP/1.1 302\r\nLocation: /x\r\nContent-Length: 20"),
           DIALOG_CLIENT_CLOSES, DIALOG_SERVER_CLOSES);
    EXPECT(REPLY("4", "200 cut", "0"),
           DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabcd"),
           DIALOG_SERVER_CLOSES);
    EXPECT(NAMELESS("/a", "1 cut", "0"), DIALOG_CLIENT("GET /a HTTP/1.1"), DIALOG_CLIENT_CLOSES);
}

Test(http, bytes_that_are_not_http)
{
    EXPECT("", DIALOG_CLIENT("OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
           DIALOG_SERVER("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"));
    EXPECT("", DIALOG_CLIENT("OPTIONS sip:x SIP/2.0\r\nVia: x\r\n\r\n"),
           DIALOG_SERVER("SIP/2.0 200 OK\r\n\r\n"));
    EXPECT("", DIALOG_SERVER("ICY 200 OK\r\nicy-name: x\r\n\r\n"));
    EXPECT("", DIALOG_CLIENT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    EXPECT("", DIALOG_CLIENT("GET /old\r\n"), DIALOG_SERVER("<html>HTTP/1.1 200 OK</html>"));
    EXPECT("", DIALOG_SERVER("220 mail.example.org ESMTP\r\n"), DIALOG_CLIENT("EHLO HTTP/1.1x\r\n"),
           DIALOG_SERVER("250 HTTP/1.1\r\n"));
    EXPECT("", DIALOG_CLIENT("GET / HTTP/1.x\r\n\r\n"), DIALOG_SERVER("HTTP/1.1200 OK\r\n"));
    EXPECT("", DIALOG_CLIENT("GET /xHTTP/1.1\r\n\r\n"), DIALOG_SERVER("HTTP/1.1 099 OK\r\n"));
}

/* ---- limits ---- */

/* Text that grows; asserts instead of failing. */
struct text {
    char *bytes;
    size_t size;
};

static void add_many(struct text *text, const char *bytes, size_t size, size_t count)
{
    text->bytes = realloc(text->bytes, text->size + size * count);
    cr_assert_not_null(text->bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
    }
}

static void add(struct text *text, const char *bytes, size_t size)
{
    add_many(text, bytes, size, 1);
}

#define ADD(text, literal) add(text, literal, sizeof(literal) - 1)

/* The same messages in segments of several sizes (every cut would take too long). */
static void expect_large(const struct dialog_step *steps, size_t count, const char *expected)
{
    static const size_t segments[] = {0, 1, 7, 1460, 4096, 65535, 65536, 65537, 100000};
    struct dialog dialog = dialog_of(steps, count);
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        char *found = dialog_play(&dialog, segments[i]);
        cr_assert_str_eq(found, expected, "segments of %zu:\n%s\ninstead of:\n%s", segments[i],
                         found, expected);
        free(found);
    }
}

Test(http, ten_thousand_headers)
{
    struct text ask = {0};
    struct text reply = {0};
    ADD(&ask, "POST /a HTTP/1.1\r\nHost: h\r\n");
    add_many(&ask, "X-Header-Bomb: 0123456789\r\n", 27, 10000);
    ADD(&ask, "User-Agent: too late\r\nContent-Length: 6\r\n\r\nGET / \n" GET_B);
    ADD(&reply, "HTTP/1.1 200 OK\r\nContent-Type: t\r\n");
    add_many(&reply, "X-Header-Bomb: 0123456789\r\n", 27, 10000);
    ADD(&reply, "Content-Length: 7\r\n\r\nHTTP/1.HTTP/1.1 200 OK\r\nX: y\r\n");
    add_many(&reply, "X-Header-Bomb: 0123456789\r\n", 27, 10000);
    ADD(&reply, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, ask.bytes, ask.size},
                                        {P2I_FROM_RESPONDER, reply.bytes, reply.size}};
    expect_large(steps, 2,
                 REQUEST("h", "/a", "2 limited", "0") ASKED_B("0")
                     FULL_REPLY("S", "t", "", "7", "200 limited", "1")
                         REPLY("3", "200 limited", "1") REPLY("0", "404", "1"));
    free(ask.bytes);
    free(reply.bytes);
}

/* As many repetitions behind `start` as can be held. */
static void add_held(struct text *text, size_t start_size)
{
    size_t size = P2I_HEAD_MAX - start_size;
    add_many(text, "0123456789abcdef", 16, size / 16);
    add(text, "0123456789abcdef", size % 16);
}

Test(http, header_line_of_a_megabyte)
{
    struct text ask = {0};
    struct text expected = {0};
    ADD(&ask, "GET /a HTTP/1.1\r\nHost: h\r\nCookie: ");
    ADD(&expected, "clickstream C host=\"h\" path=\"/a\" referer=\"\" user_agent=\"\" cookie=\"");
    add_held(&expected, ask.size);
    ADD(&expected, "\" cipher_suites= locked=0 cipher_suites_length=0 host_type=1 method=1 limited "
                   "@0\n" ASKED_B("0") "\0");
    add_many(&ask, "0123456789abcdef", 16, 1 << 16);
    ADD(&ask, "\r\nContent-Length: 5\r\n\r\nGET /" GET_B);
    const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, ask.bytes, ask.size}};
    expect_large(steps, 1, expected.bytes);
    free(ask.bytes);
    free(expected.bytes);
}

Test(http, target_of_a_megabyte)
{
    struct text ask = {0};
    struct text expected = {0};
    ADD(&ask, GET_A "GET /");
    ADD(&expected, ASKED_A("0") "clickstream C host=\"\" path=\"/");
    add_held(&expected, sizeof "GET /" - 1);
    ADD(&expected, "\" referer=\"\" user_agent=\"\" cookie=\"\" cipher_suites= locked=0 "
                   "cipher_suites_length=0 host_type=0 method=1 limited @0\n" ASKED_B("0") "\0");
    add_many(&ask, "0123456789abcdef", 16, 1 << 16);
    ADD(&ask, " HTTP/1.1\r\nHost: x\r\n\r\n" GET_B);
    const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, ask.bytes, ask.size}};
    expect_large(steps, 1, expected.bytes);
    free(ask.bytes);
    free(expected.bytes);
}

Test(http, long_target_and_cookie_are_whole)
{
    enum { LENGTH = 20000 };
    struct text ask = {0};
    struct text expected = {0};
    ADD(&ask, "GET /");
    add_many(&ask, "t", 1, LENGTH);
    ADD(&ask, " HTTP/1.1\r\nCookie: ");
    add_many(&ask, "c", 1, LENGTH);
    ADD(&ask, "\r\n\r\n");
    ADD(&expected, "clickstream C host=\"\" path=\"/");
    add_many(&expected, "t", 1, LENGTH);
    ADD(&expected, "\" referer=\"\" user_agent=\"\" cookie=\"");
    add_many(&expected, "c", 1, LENGTH);
    ADD(&expected, "\" cipher_suites= locked=0 cipher_suites_length=0 host_type=0 method=1 @0\n\0");
    const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, ask.bytes, ask.size}};
    expect_large(steps, 1, expected.bytes);
    free(ask.bytes);
    free(expected.bytes);
}

Test(http, head_as_large_as_can_be_held)
{
    for (size_t size = 65534; size <= 65538; size++) {
        struct text ask = {0};
        ADD(&ask, "GET /a HTTP/1.1\r\nHost: h\r\nX: ");
        add_many(&ask, "x", 1, size - ask.size - 4);
        ADD(&ask, "\r\n\r\n");
        cr_assert_eq(ask.size, size);
        ADD(&ask, GET_B);
        const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, ask.bytes, ask.size}};
        expect_large(steps, 1, ASKED_A("0") ASKED_B("0"));
        free(ask.bytes);
    }
}

Test(http, long_chunk_extension_and_trailer)
{
    struct text reply = {0};
    ADD(&reply, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;");
    add_many(&reply, "e", 1, 4000);
    ADD(&reply, "\r\nabc\r\n0\r\nX: ");
    add_many(&reply, "t", 1, 100000);
    ADD(&reply, "\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3;");
    add_many(&reply, "e", 1, 5000);
    ADD(&reply, "\r\nabc\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    const struct dialog_step steps[] = {{P2I_FROM_RESPONDER, reply.bytes, reply.size}};
    expect_large(steps, 1,
                 REPLY("3", "200", "0") REPLY("3", "200 limited", "0") REPLY("0", "404", "0"));
    free(reply.bytes);
}

Test(http, finding_the_next_message_behind_long_lines)
{
    struct text ask = {0};
    struct text reply = {0};
    ADD(&ask, "rest of a body");
    add_many(&ask, "PUT/HTTP/1.1 HTTP ", 18, 1000);
    ADD(&ask, GET_B "\xff");
    add_many(&ask, "0123456789", 10, 1000);
    ADD(&ask, GET_A);
    ADD(&reply, "{");
    add_many(&reply, "\"HTTP/1.1\" HTTP", 15, 3000);
    ADD(&reply, "}HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    const struct dialog_step steps[] = {DIALOG_CLIENT(GET_A),
                                        DIALOG_CLIENT_LOSES(1),
                                        {P2I_FROM_INITIATOR, ask.bytes, ask.size},
                                        DIALOG_SERVER_LOSES(1),
                                        {P2I_FROM_RESPONDER, reply.bytes, reply.size}};
    expect_large(steps, sizeof steps / sizeof *steps,
                 ASKED_A("0") ASKED_B("2") ASKED_A("2") REPLY("0", "404", "4"));
    free(ask.bytes);
    free(reply.bytes);
}

Test(http, more_requests_than_are_remembered)
{
    struct text ask = {0};
    struct text reply = {0};
    struct text expected = {0};
    for (int i = 0; i < 100; i++) {
        ADD(&ask, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        ADD(&reply, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
        ADD(&expected, REQUEST("h", "/", "1", "0"));
    }
    for (int i = 0; i < 100; i++) {
        ADD(&expected, REPLY("1", "200", "1"));
    }
    ADD(&expected, REQUEST("h", "/", "5", "2") REPLY("7", "200", "3") REPLY("0", "404", "3") "\0");
    const struct dialog_step steps[] = {
        {P2I_FROM_INITIATOR, ask.bytes, ask.size},
        {P2I_FROM_RESPONDER, reply.bytes, reply.size},
        DIALOG_CLIENT("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
        DIALOG_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
                      "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
    };
    expect_large(steps, 4, expected.bytes);
    free(ask.bytes);
    free(reply.bytes);
    free(expected.bytes);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Words of HTTP in any order: nothing is read out of bounds, nothing leaks. */
static void play_garbage(const char *const *words, size_t word_count, const char *start, bool same)
{
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        struct text text[3] = {0};
        add(&text[0], start, strlen(start));
        ADD(&text[1], "H");
        ADD(&text[2], "G");
        for (int i = 0; i < 60; i++) {
            const char *word = words[next_random(&seed) % word_count];
            add(&text[next_random(&seed) % 3], word, strlen(word));
        }
        const struct dialog_step steps[] = {
            {P2I_FROM_INITIATOR, text[0].bytes, text[0].size},
            {P2I_FROM_RESPONDER, text[1].bytes, text[1].size},
            {P2I_FROM_INITIATOR, NULL, 1 + next_random(&seed) % 7},
            {P2I_FROM_INITIATOR, text[2].bytes, text[2].size},
        };
        struct dialog dialog = dialog_of(steps, sizeof steps / sizeof *steps);
        char *whole = dialog_play(&dialog, 0);
        char *segments = dialog_play(&dialog, 1 + next_random(&seed) % 9);
        cr_assert(!same || strcmp(segments, whole) == 0, "%s\ninstead of\n%s", segments, whole);
        free(whole);
        free(segments);
        for (int i = 0; i < 3; i++) {
            free(text[i].bytes);
        }
    }
}

#define GARBAGE                                                                                    \
    "GET ", "/x", " HTTP/1.1", "\r\n", "\n", "HTTP/1.1 200 OK", "Host: h", "Cookie: ", "HEAD ",    \
        "5", "Content-Length: 5", " ", "0\r\n\r\n", "\r\n\r\n", "POST ", "\t",                     \
        "Transfer-Encoding: chunked", ":", "\xff\x01", "~a\n", "HTTP/1.1 304 \r\n", "ffffffff",    \
        "Content-Length: 9999999999999999999", "3\r\nabc\r\n", "HTTP/1.1 100 \r\n\r\n"

/* Once HTTP is recognised, the way of cutting makes no difference. */
Test(http, garbage_behind_a_request)
{
    static const char *const words[] = {GARBAGE};
    play_garbage(words, sizeof words / sizeof *words, GET_A, true);
}

Test(http, garbage)
{
    static const char *const words[] = {GARBAGE, "CONNECT a", "HTTP/1.1 101\r\n\r\n"};
    play_garbage(words, sizeof words / sizeof *words, "", false);
}

/* Bytes of the other side tell nothing about an incomplete head, nor about bytes behind a loss:
 * judging them again for each of its segments would be slow. */
Test(http, incomplete_heads_wait_for_bytes_of_their_own_side)
{
    static const struct p2i_packet_info info;
    uint64_t state[512] = {0};
    cr_assert_leq(p2i_http.state_size, sizeof state);
    struct p2i_parser parser = {.state = state, .ends = {.transport = P2I_OVER_TCP}};
    struct p2i_stream_segment segment = {
        .bytes = P2I_VIEW("GET / HTTP/1.1\r\nHo"), .info = &info, .last = &info};
    struct p2i_step step = p2i_http.data(&parser, &segment);
    cr_assert_eq(step.consumed, 0);
    cr_assert_eq(step.need, segment.bytes.size + 1);
    memset(state, 0, sizeof state);
    p2i_http.gap(&parser, &(struct p2i_stream_segment){.info = &info, .last = &info}, 0);
    segment.bytes = P2I_VIEW("lost\nGET / HTTP/1.1");
    step = p2i_http.data(&parser, &segment);
    cr_assert_eq(step.consumed, sizeof "lost\n" - 1);
    cr_assert_eq(step.need, segment.bytes.size - step.consumed + 1);
}
