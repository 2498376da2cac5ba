/* SPDX-License-Identifier: MIT */
/* Expect: 100-continue (RFC 9110 section 10.1.1): a body that is refused may not come. */
#include <criterion/criterion.h>

#include "http_dialog.h"

#define ASK(framing) "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" framing "\r\n\r\n"
#define ASK_LENGTH(length) ASK("Content-Length: " length)
#define ASK_CHUNKS ASK("Transfer-Encoding: chunked")
#define ASKED(at) REQUEST("h", "/p", "2", at)
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define NO "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"
#define REFUSED(at) REPLY("0", "417", at)
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define ACCEPTED(at) REPLY("0", "200", at)

Test(http_expect, a_refused_body_does_not_come)
{
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2") ACCEPTED("3"), DIALOG_CLIENT(ASK_LENGTH("1000")),
           DIALOG_SERVER(NO), DIALOG_CLIENT(GET_B), DIALOG_SERVER(OK));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2") ASKED_A("2"), DIALOG_CLIENT(ASK_CHUNKS),
           DIALOG_SERVER(NO), DIALOG_CLIENT("\r\n" GET_B GET_A));
    EXPECT(ASKED("0") REFUSED("1") ASKED("2") ACCEPTED("3") ASKED_A("4"),
           DIALOG_CLIENT(ASK_LENGTH("5")), DIALOG_SERVER(NO), DIALOG_CLIENT(ASK_LENGTH("5")),
           DIALOG_SERVER(CONTINUE OK), DIALOG_CLIENT("GET /" GET_A));
}

/* Any final reply counts as a refusal: none of them asks to continue. */
Test(http_expect, a_reply_in_place_of_continue)
{
    EXPECT(ASKED("0") ACCEPTED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("1000")),
           DIALOG_SERVER("HTTP/1.1 103 Early Hints\r\n\r\n" OK), DIALOG_CLIENT(GET_B));
}

Test(http_expect, a_refused_body_comes_all_the_same)
{
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("4")), DIALOG_SERVER(NO),
           DIALOG_CLIENT("abcd" GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("26")), DIALOG_SERVER(NO),
           DIALOG_CLIENT("GET me, not\r\nGET / HTTP/2\r\n" GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_CHUNKS), DIALOG_SERVER(NO),
           DIALOG_CLIENT("4\r\nabcd\r\n0\r\n\r\n" GET_B));
    /* Neither an empty one nor a short one. */
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("0")), DIALOG_SERVER(NO),
           DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("3")), DIALOG_SERVER(NO),
           DIALOG_CLIENT("PUT" GET_B));
}

Test(http_expect, a_body_that_was_asked_for_is_a_body)
{
    EXPECT(ASKED("0") ACCEPTED("3") ASKED_B("4"), DIALOG_CLIENT(ASK_LENGTH("19")),
           DIALOG_SERVER(CONTINUE), DIALOG_CLIENT("GET / HTTP/1.1\r\n\r\n."), DIALOG_SERVER(OK),
           DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") ACCEPTED("2") ASKED_B("3"), DIALOG_CLIENT(ASK_LENGTH("24") "abcde"),
           DIALOG_SERVER(CONTINUE), DIALOG_SERVER(OK),
           DIALOG_CLIENT("GET / HTTP/1.1\r\n\r\n." GET_B));
    EXPECT(ASKED("0") ACCEPTED("3") ASKED_B("4"), DIALOG_CLIENT(ASK_CHUNKS),
           DIALOG_SERVER(CONTINUE), DIALOG_CLIENT("13\r\nGET / HTTP/1.1\r\n\r\n.\r\n0\r\n\r\n"),
           DIALOG_SERVER(OK), DIALOG_CLIENT(GET_B));
}

/* A client need not wait. */
Test(http_expect, a_body_before_the_reply)
{
    EXPECT(ASKED("0") ASKED_B("0") ACCEPTED("1") ACCEPTED("1"),
           DIALOG_CLIENT(ASK_LENGTH("18") "GET / HTTP/1.1\r\n\r\n" GET_B), DIALOG_SERVER(OK OK));
    EXPECT(ASKED("0") ASKED_B("0"), DIALOG_CLIENT(ASK_CHUNKS "1\r\nG\r\n0\r\n\r\n" GET_B));
    EXPECT(ASKED("0") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("18")),
           DIALOG_CLIENT("GET / HTTP/1.1\r\n\r\n"), DIALOG_CLIENT(GET_B));
}

Test(http_expect, a_reply_in_the_middle_of_the_body)
{
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("1000") "abcd"),
           DIALOG_SERVER(NO), DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("8") "abcd"),
           DIALOG_SERVER(NO), DIALOG_CLIENT("efgh" GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"),
           DIALOG_CLIENT(ASK_CHUNKS "4\r\nabcd\r\n1000\r\nef"), DIALOG_SERVER(NO),
           DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_CHUNKS "4\r\nabcd\r\n"),
           DIALOG_SERVER(NO), DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_CHUNKS "4\r\nab"),
           DIALOG_SERVER(NO), DIALOG_CLIENT("cd\r\n5\r\nGET /\r\n0\r\n\r\n" GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("2"), DIALOG_CLIENT(ASK_CHUNKS "0\r\n"),
           DIALOG_SERVER(NO), DIALOG_CLIENT("\r\n" GET_B));
}

Test(http_expect, pipelined_requests)
{
    EXPECT(ASKED_A("0") ASKED("0") ACCEPTED("1") REFUSED("2") ASKED_B("3"),
           DIALOG_CLIENT(GET_A ASK_LENGTH("1000")), DIALOG_SERVER(OK), DIALOG_SERVER(NO),
           DIALOG_CLIENT(GET_B));
    EXPECT(ASKED_A("0") ASKED("0") ACCEPTED("1") REFUSED("3") ASKED_B("4"),
           DIALOG_CLIENT(GET_A ASK_LENGTH("18")), DIALOG_SERVER(OK),
           DIALOG_CLIENT("GET / HTTP/1.1\r\n\r\n"), DIALOG_SERVER(NO), DIALOG_CLIENT(GET_B));
}

Test(http_expect, losses)
{
    /* The reply may have been lost. */
    EXPECT(ASKED("0") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("1000")), DIALOG_SERVER_LOSES(38),
           DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") ASKED_B("2"), DIALOG_CLIENT(ASK_LENGTH("4")), DIALOG_SERVER_LOSES(38),
           DIALOG_CLIENT("abcd" GET_B));
    /* Part of the body was lost, or of the bytes sent in its place. */
    EXPECT(ASKED("0") REFUSED("2") ASKED_B("3"), DIALOG_CLIENT(ASK_LENGTH("1000") "abcd"),
           DIALOG_CLIENT_LOSES(4), DIALOG_SERVER(NO), DIALOG_CLIENT(GET_B));
    EXPECT(ASKED("0") ASKED_B("2") REFUSED("3"), DIALOG_CLIENT(ASK_LENGTH("8") "ab"),
           DIALOG_CLIENT_LOSES(4), DIALOG_CLIENT("gh" GET_B), DIALOG_SERVER(NO));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("4"), DIALOG_CLIENT(ASK_LENGTH("12")), DIALOG_SERVER(NO),
           DIALOG_CLIENT("abcd"), DIALOG_CLIENT_LOSES(4), DIALOG_CLIENT("efgh" GET_B));
    EXPECT(ASKED("0") REFUSED("1") ASKED_B("4"), DIALOG_CLIENT(ASK_LENGTH("4")), DIALOG_SERVER(NO),
           DIALOG_CLIENT("abcd"
                         "GET"),
           DIALOG_CLIENT_LOSES(40), DIALOG_CLIENT(GET_B));
}
