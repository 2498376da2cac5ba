/* SPDX-License-Identifier: MIT */
/* The end of a message (RFC 9112 section 6.3): given once, twice, badly or wrongly. */
#include <criterion/criterion.h>

#include "http_dialog.h"

#define POST "POST /p HTTP/1.1\r\nHost: h\r\n"
#define POSTED(at) REQUEST("h", "/p", "2", at)
#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: s\r\n\r\n"

/* A request without a known end: the next line that begins a message ends it. */
#define EXPECT_INVALID(headers)                                                                    \
    EXPECT(POSTED("0") ASKED_B("0"), DIALOG_CLIENT(POST headers "\r\n"                             \
                                                                "abcd" SMUGGLED "x\r\n" GET_B))

/* A request with these headers has a body of four bytes. */
#define EXPECT_FOUR(headers)                                                                       \
    EXPECT(POSTED("0") ASKED_B("0"), DIALOG_CLIENT(POST headers "\r\n"                             \
                                                                "abcd" GET_B))

/* A request with these headers has a body in chunks. */
#define EXPECT_CHUNKS(headers)                                                                     \
    EXPECT(POSTED("0") ASKED_B("0"),                                                               \
           DIALOG_CLIENT(POST headers "\r\n"                                                       \
                                      "5\r\n\r\nGET\r\n0\r\n\r\n" GET_B))

Test(http_framing, lengths)
{
    EXPECT_FOUR("Content-Length: 4\r\n");
    EXPECT_FOUR("Content-Length:004 \t\r\n");
    EXPECT_FOUR("Content-Length: 4\r\nContent-Length: 4\r\n");
    EXPECT_FOUR("Content-Length: 4, 04\r\n");
    EXPECT_FOUR("Content-Length:\r\n 4\r\n");
}

Test(http_framing, invalid_lengths)
{
    EXPECT_INVALID("Content-Length: +4\r\n");
    EXPECT_INVALID("Content-Length: -4\r\n");
    EXPECT_INVALID("Content-Length: 0x4\r\n");
    EXPECT_INVALID("Content-Length: 4.0\r\n");
    EXPECT_INVALID("Content-Length: 4 4\r\n");
    EXPECT_INVALID("Content-Length: \v4\r\n");
    EXPECT_INVALID("Content-Length: 4\r\r\n");
    EXPECT_INVALID("Content-Length: \"4\"\r\n");
    EXPECT_INVALID("Content-Length:\r\n");
    EXPECT_INVALID("Content-Length: 4,\r\n");
    EXPECT_INVALID("Content-Length: ,4\r\n");
    EXPECT_INVALID("Content-Length: 4\r\n 4\r\n");
    EXPECT_INVALID("Content-Length: 18446744073709551620\r\n");
    EXPECT_INVALID("Content-Length: 99999999999999999999999\r\n");
}

Test(http_framing, lengths_that_differ)
{
    EXPECT_INVALID("Content-Length: 4\r\nContent-Length: 40\r\n");
    EXPECT_INVALID("Content-Length: 4,5\r\n");
    EXPECT_INVALID("Content-Length: 4\r\nContent-Length:\r\n");
    EXPECT_INVALID("Content-Length:\r\nContent-Length: 4\r\n");
    EXPECT_INVALID("Content-Length: 4\r\nContent-Length: 5\r\nContent-Length: 4\r\n");
    EXPECT_INVALID("Content-Length: x\r\nContent-Length: 4\r\n 4\r\n");
}

Test(http_framing, chunked_counts)
{
    EXPECT_CHUNKS("Transfer-Encoding: chunked\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n");
    EXPECT_CHUNKS("Content-Length: 4\r\nTransfer-Encoding: Chunked\r\n");
    EXPECT_CHUNKS("Content-Length: +4\r\nTransfer-Encoding: chunked\r\n");
    EXPECT_CHUNKS("Content-Length: 4\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: what, chunked\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n");
    EXPECT_CHUNKS("Transfer-Encoding:\r\n chunked\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: gzip,\r\n\tchunked ,\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: gzip\r\n , chunked\r\n");
}

Test(http_framing, codings_that_are_not_chunked)
{
    EXPECT_INVALID("Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n");
    EXPECT_INVALID("Transfer-Encoding: chunked, gzip\r\n");
    EXPECT_INVALID("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n");
    EXPECT_INVALID("Transfer-Encoding: chunked;q=1\r\n");
    EXPECT_INVALID("Transfer-Encoding: \vchunked\r\n");
    EXPECT_INVALID("Transfer-Encoding: chunked\r\n x\r\n");
    EXPECT_INVALID("Transfer-Encoding: x\r\n chunked\r\n");
}

Test(http_framing, identity_is_no_coding)
{
    EXPECT_FOUR("Transfer-Encoding: identity\r\nContent-Length: 4\r\n");
    EXPECT_FOUR("Content-Length: 4\r\nTransfer-Encoding: , Identity ,\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: chunked, identity\r\nContent-Length: 4\r\n");
    EXPECT_CHUNKS("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n");
    EXPECT_INVALID("Transfer-Encoding: gzip, identity\r\n");
    EXPECT(POSTED("0") ASKED_B("0"),
           DIALOG_CLIENT(POST "Transfer-Encoding: identity\r\n\r\n" GET_B));
}

/* RFC 9112 5.1: a server refuses such a request; of a reply the blank is taken away. */
Test(http_framing, blanks_in_front_of_the_colon)
{
    EXPECT_INVALID("Transfer-Encoding : chunked\r\n");
    EXPECT_INVALID("Transfer-Encoding\t: identity\r\nContent-Length: 4\r\n");
    EXPECT_INVALID("Content-Length : 4\r\n");
    EXPECT_INVALID("Content-Length\v: 4\r\n");
    EXPECT(
        REPLY("2", "200", "0") REPLY("2", "200", "0") REPLY("0", "204", "0"),
        DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nab"
                      "HTTP/1.1 204 No\r\n\r\n"));
}

/* RFC 9112 2.2: lines with a blank in front, behind the first line, are ignored. */
Test(http_framing, blanks_in_front_of_the_first_header)
{
    EXPECT_FOUR(" Content-Length: 5\r\n\tTransfer-Encoding: chunked\r\nContent-Length: 4\r\n");
    EXPECT(NAMELESS("/a", "1", "0"), DIALOG_CLIENT("GET /a HTTP/1.1\r\n Host: h\r\n\r\n"));
}

Test(http_framing, the_next_message_begins_a_line)
{
    EXPECT(POSTED("0") ASKED_A("0") ASKED_B("0"),
           DIALOG_CLIENT(POST "Content-Length: 4, 5\r\n\r\n" GET_A GET_B));
    EXPECT(POSTED("0") ASKED_A("1") ASKED_B("2"),
           DIALOG_CLIENT(POST "Content-Length: +4\r\n\r\nab"), DIALOG_CLIENT("cd\r\n" GET_A),
           DIALOG_CLIENT(GET_B));
    EXPECT(POSTED("0") ASKED_B("2"),
           DIALOG_CLIENT(POST "Content-Length: +4\r\n\r\nab" SMUGGLED "xy"), DIALOG_CLIENT_LOSES(5),
           DIALOG_CLIENT("z" GET_B));
}

Test(http_framing, invalid_chunk_sizes)
{
    EXPECT(POSTED("0") ASKED_B("0"),
           DIALOG_CLIENT(POST "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\n"
                              "abcde" SMUGGLED "0\r\n\r\n" GET_B));
    EXPECT(POSTED("0") ASKED_B("0"),
           DIALOG_CLIENT(POST "Transfer-Encoding: chunked\r\n\r\n-5\r\nabcde" SMUGGLED GET_B));
    EXPECT(POSTED("0") ASKED_B("0"),
           DIALOG_CLIENT(POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde" SMUGGLED GET_B));
    EXPECT(POSTED("0") ASKED_B("0"),
           DIALOG_CLIENT(POST "Transfer-Encoding: chunked\r\n\r\n000000000000000000005\r\nabcde\r\n"
                              "0\r\n\r\n" GET_B));
    EXPECT(
        REPLY("0", "200", "0") REPLY("0", "204", "0"),
        DIALOG_SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\n"
                      "ab\r\n0\r\n\r\nHTTP/1.1 204 No\r\n\r\n"));
}

/* The body ends with the connection. */
Test(http_framing, replies_without_a_known_end)
{
#define EXPECT_REST(headers, length)                                                               \
    EXPECT(REPLY(length, "200", "0"),                                                              \
           DIALOG_SERVER("HTTP/1.1 200 OK\r\n" headers "\r\nab\r\nHTTP/1.1 404 No\r\n\r\n"),       \
           DIALOG_SERVER_CLOSES)
    EXPECT_REST("", "23");
    EXPECT_REST("Transfer-Encoding: identity\r\n", "23");
    EXPECT_REST("Transfer-Encoding: gzip\r\n", "23");
    EXPECT_REST("Transfer-Encoding: chunked, gzip\r\n", "23");
    EXPECT_REST("Transfer-Encoding: gzip\r\nContent-Length: 2\r\n", "2");
    EXPECT_REST("Content-Length: -1\r\n", "23");
    EXPECT_REST("Content-Length: 2\r\nContent-Length: 3\r\n", "23");
    EXPECT_REST("Content-Length:\r\n", "23");
    EXPECT_REST("Content-Length: 99999999999999999999999\r\n", "23");
#undef EXPECT_REST
}
