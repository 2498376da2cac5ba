/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "sip_talk.h"

Test(sip, sdp_has_its_declared_size)
{
    cr_assert_eq(sizeof SDP - 1, (size_t)atoi(SDP_SIZE));
}

Test(sip, request_and_response)
{
    const char *expected = INVITED("0")
        RECORD("S", "INVITE", "", NAMES("Alice <sip:alice@a>;tag=1", "<sip:bob@b>;tag=2", "id@h"),
               "Server/2", "", "h1,h2", "180", "1");
    const char response[] =
        "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/TCP h1\r\nVia: SIP/2.0/TCP "
        "h2:5061;received=1.2.3.4\r\n"
        "From: Alice <sip:alice@a>;tag=1\r\nTo: <sip:bob@b>;tag=2\r\nCall-ID: id@h\r\n"
        "CSeq: 1 INVITE\r\nServer: Server/2\r\nContent-Length: 0\r\n\r\n";
    EXPECT_TCP(expected, DIALOG_CLIENT(INVITE),
               {P2I_FROM_RESPONDER, response, sizeof response - 1});
    EXPECT_UDP(expected, DIALOG_CLIENT(INVITE),
               {P2I_FROM_RESPONDER, response, sizeof response - 1});
}

Test(sip, compact_names_any_order_and_case)
{
    EXPECT_BOTH(RECORD("C", "INVITE", "sip:b@b", NAMES("<sip:a@a>;tag=1", "<sip:b@b>", "id"),
                       "Agent", "application/sdp", "h1,h2,9.8.7.6", "0", "0"),
                "INVITE sip:b@b SIP/2.0\r\nl: 23\r\nc: application/sdp\r\nt: <sip:b@b>\r\n"
                "i :id\r\nUSER-AGENT:Agent\r\nf: <sip:a@a>;tag=1\r\ncseq: 1 INVITE\r\n"
                "v: SIP/2.0/TCP h1\r\ns: \r\nm: <sip:a@c>\r\nV: SIP/2.0/TCP h2\r\n\r\n"
                "v=0\r\nc=IN IP4 9.8.7.6\r\n");
}

/* RFC 3261 section 7.3.1, RFC 4475 section 3.1.1.1 */
Test(sip, folding)
{
    EXPECT_BOTH(
        RECORD("C", "INVITE", "sip:b@b;p=v",
               NAMES("\\x22Mr. Watson\\x22 <sip:a@a> ;tag = 1", "sip:b@b ; tag = 2", "id one"), "A",
               "", "192.0.2.2,t.example.com,192.168.255.111", "0", "0"),
        "INVITE sip:b@b;p=v SIP/2.0\r\nTO :\r\n sip:b@b ;\t\r\n tag = 2\r\n"
        "From: \"Mr. Watson\"\r\n\t<sip:a@a>\r\n  ;tag = 1\r\nCall-ID: id\r\n one\r\n"
        "Content-Length: 0\r\nCSeq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n"
        "    192.0.2.2;branch=390skdjuw\r\ns :\r\nUser-Agent: A\r\n"
        "v:  SIP  / 2.0  / TCP     t.example.com   ;\r\n  branch  =   z9hG4bK9ikj8 ,\r\n"
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n\r\n");
}

Test(sip, response_without_reason_and_folded_cseq)
{
    EXPECT_BOTH(RECORD("C", "INVITE", "", NO_NAMES, "", "", "", "200", "0"),
                "SIP/2.0 200\r\nCSeq:\r\n 0009 \r\n INVITE\r\n\r\n");
    EXPECT_BOTH(RECORD("C", "", "", NAMES("", "", "x"), "", "", "", "100", "0"),
                "SIP/2.0 100 \r\nCall-ID: x\r\n\r\n");
}

Test(sip, user_agent_before_server)
{
    EXPECT_BOTH(RECORD("C", "A", "", NO_NAMES, "agent", "", "", "200", "0"),
                "SIP/2.0 200 OK\r\nServer: server\r\nCSeq: 1 A\r\nUser-Agent: agent\r\n\r\n");
    EXPECT_BOTH(RECORD("C", "A", "", NO_NAMES, "server", "", "", "200", "0"),
                "SIP/2.0 200 OK\r\nServer: server\r\nCSeq: 1 A\r\n\r\n");
}

Test(sip, unknown_methods_and_odd_uris)
{
    EXPECT_BOTH(
        RECORD("C", "!interesting-Method0123456789_*+`.%indeed'~", "sip:1_unusual.URI~(to-be!sure)",
               NAMES("", "", "x"), "", "", "", "0", "0"),
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure) SIP/2.0\r\n"
        "Call-ID: x\r\n\r\n");
    EXPECT_BOTH(RECORD("C", "INVITE", "sip:b@b; lr = 1", NAMES("", "", "x"), "", "", "", "0", "0"),
                "INVITE sip:b@b; lr = 1  SIP/2.0\r\nCall-ID: x\r\n\r\n");
    EXPECT_BOTH(RECORD("C", "INVITE", "tel:+1-201", NAMES("", "", "x"), "", "", "", "0", "0"),
                "INVITE tel:+1-201 sip/2.0\nCall-ID: x\n\n");
}

Test(sip, first_of_a_header_counts)
{
    EXPECT_BOTH(RECORD("C", "BYE", "sip:h", NAMES("<sip:a>", "<sip:b>", "1"), "", "", "", "0", "0"),
                "BYE sip:h SIP/2.0\r\nf: <sip:a>\r\nFrom: <sip:c>\r\nTo: <sip:b>\r\nt: <sip:d>\r\n"
                "no header\r\nCall-ID:\r\ni: 1\r\nCall-ID: 2\r\nCSeq: 7 ACK\r\n\r\n");
}

/* ---- gateways ---- */

#define GATEWAYS(hosts, headers)                                                                   \
    EXPECT_BOTH(RECORD("C", "ACK", "sip:h", NO_NAMES, "", "", hosts, "0", "0"),                    \
                "ACK sip:h SIP/2.0\r\n" headers "\r\n")

Test(sip, gateways_of_via)
{
    GATEWAYS("a,b,c,d", "Via: SIP/2.0/UDP a;x=\"p,q\\\",\",SIP/2.0/TLS b:5061 , SIP/2.0/TCP c\r\n"
                        "X: y\r\nv: SIP/2.0/SCTP d ;ttl=1\r\nVia: SIP/2.0/UDP A:5060\r\n");
    GATEWAYS("2001:db8::9:1,h",
             "Via: SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z9hG4bKas3-111\r\n"
             "Via: SIP/2.0/UDP h: 4000 ;ttl=16 ;maddr=192.0.2.1 (text, more)\r\n");
    GATEWAYS("ok", "Via:\r\nVia: ,\r\nVia: x\r\nVia: SIP/2.0/\r\nVia: SIP/2.0/UDP\r\n"
                   "Via: SIP/2.0/UDP [::1\r\nVia: SIP/2.0/UDP [a b]\r\nRoute: <sip:[::1,]>\r\nVia: "
                   "SIP/2.0/UDP ;a\r\nVia: SIP/2.0/UDP ok\r\n");
}

Test(sip, gateways_of_routes)
{
    GATEWAYS("v,p1.example.com,p2,2001:db8::1,p3,p4",
             "Record-Route: <sip:p1.example.com;lr>,\r\n <sips:user,x:pw@p2:5061;lr=a,b?c=d>\r\n"
             "Via: SIP/2.0/UDP v\r\n"
             "Route: \"a<,b\\\" c\" <sip:x@[2001:db8::1]:5060>, sip:p3;lr, name <sip:p4>\r\n"
             "Route: <tel:+1>, <p5>, <>, \"x\r\nRoute: <sip:v>, <SIP:P4>\r\n");
}

Test(sip, gateways_are_limited)
{
    char message[8192] = "ACK sip:h SIP/2.0\r\n";
    char expected[4096] = "sip C method=\"ACK\" uri=\"sip:h\" " NO_NAMES
                          " user_agent=\"\" content_type=\"\" gateways=\"h0";
    size_t size = strlen(message);
    size_t expected_size = strlen(expected);
    for (int i = 0; i < 200; i++) {
        size += (size_t)sprintf(message + size, "Via: SIP/2.0/UDP h%d\r\n", i);
        if (i > 0 && i < 128) {
            expected_size += (size_t)sprintf(expected + expected_size, ",h%d", i);
        }
    }
    size += (size_t)sprintf(message + size, "\r\n");
    sprintf(expected + expected_size, "\" status_code=0 @0\n");
    const struct dialog_step step = {P2I_FROM_INITIATOR, message, size};
    expect(P2I_OVER_UDP, 4321, &step, 1, expected);
}

/* ---- bodies ---- */

#define MULTIPART                                                                                  \
    "ignored\r\nc=IN IP4 1.1.1.1\r\n--b1\r\n\r\nc=IN IP4 2.2.2.2\r\n"                              \
    "--b1\r\nX: y\r\nc: Application/SDP;x=y\r\nZ: z\r\n\r\nv=0\r\no=- 1 1 IN IP4 3.3.3.3\r\n"      \
    "c=IN IP6 ::3\r\n--b1\r\nContent-Type: text/plain\r\n\r\nc=IN IP4 4.4.4.4\r\n--b1--\r\n"
#define MULTIPART_HEAD                                                                             \
    "INFO sip:h SIP/2.0\r\nContent-Length: 200\r\nContent-Type: multipart/mixed;boundary=b1\r\n"   \
    "\r\n"
#define MULTIPART_RECORD(at)                                                                       \
    RECORD("C", "INFO", "sip:h", NO_NAMES, "", "multipart/mixed;boundary=b1", "3.3.3.3,::3", "0",  \
           at)

Test(sip, sdp_in_multipart)
{
    cr_assert_eq(sizeof MULTIPART - 1, 200);
    EXPECT_TCP(MULTIPART_RECORD("0") ASKED("C", "x", "0"),
               DIALOG_CLIENT(MULTIPART_HEAD MULTIPART ASK("x")));
    EXPECT_UDP(MULTIPART_RECORD("0"), DIALOG_CLIENT(MULTIPART_HEAD MULTIPART));
}

Test(sip, sdp_lines)
{
    EXPECT_BOTH(SDP_GIVES("1.1.1.1,h.example,::2"),
                SDP_OF("128", "o=a user 1 1 IN IP4 1.1.1.1 \nc=IN IP4 \r\nc=IN IP4\nc=x\no=\n"
                              "C=IN IP4 9.9.9.9\n c=IN IP4 9.9.9.9\no=- 1 1 IN IP4 h.example\n"
                              "c=IN ip6 ::2"));
}

/* Brackets around the address, which SDP does not have, are removed. */
Test(sip, sdp_brackets)
{
    EXPECT_BOTH(SDP_GIVES("::3,[]"), SDP_OF("52", "o=- 1 1 IN IP6 [::3]\nc=IN IP6 ::3\n"
                                                  "o=- 1 1 IN IP6 []\n"));
}

/* A cut address gives none. */
Test(sip, sdp_without_its_end)
{
    static const char message[] = SDP_OF("99", "c=IN IP4 1.1.1.1\r\nc=IN IP4 192.168.1.1");
    EXPECT_UDP(SDP_GIVES("1.1.1.1"), {P2I_FROM_INITIATOR, message, sizeof message - 1});
    EXPECT_UDP(SDP_GIVES_AS(" cut", "1.1.1.1"), {P2I_FROM_INITIATOR, message, sizeof message - 1},
               DIALOG_CLIENT_LOSES(63));
    EXPECT_TCP(SDP_GIVES_AS(" cut", "1.1.1.1"), {P2I_FROM_INITIATOR, message, sizeof message - 1});
}

/* Over UDP a body without a length extends to the end of the datagram, and bytes behind the length
 * are ignored (RFC 3261 section 18.3). */
Test(sip, length_over_udp)
{
    EXPECT_UDP(SDP_GIVES("1.1.1.1"), DIALOG_CLIENT("ACK sip:h SIP/2.0\r\nc: application/sdp\r\n\r\n"
                                                   "c=IN IP4 1.1.1.1\r\n"));
    EXPECT_UDP(SDP_GIVES("1.1.1.1"), DIALOG_CLIENT(SDP_OF("18", "c=IN IP4 1.1.1.1\r\n"
                                                                "c=IN IP4 2.2.2.2\r\n")));
}

/* A body of another type is neither read nor buffered: the record does not wait for it. */
Test(sip, other_bodies_are_skipped)
{
    EXPECT_TCP(RECORD("C", "MESSAGE", "sip:h", NO_NAMES, "", "text/plain", "", "0", "0")
                   ANSWERED("S", "r", "1") ASKED("C", "x", "2"),
               DIALOG_CLIENT("MESSAGE sip:h SIP/2.0\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 85\r\n\r\nc=IN IP4 1.1.1.1\r\n"),
               DIALOG_SERVER(ANSWER("r")),
               DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nCall-ID: in the body\r\n\r\n"
                             "123456789012345678901234" ASK("x")));
}

Test(sip, type_that_begins_like_sdp)
{
    EXPECT_BOTH(RECORD("C", "ACK", "sip:h", NO_NAMES, "", "application/sdpx", "", "0", "0"),
                "ACK sip:h SIP/2.0\r\nContent-Type: application/sdpx\r\nContent-Length: 18\r\n\r\n"
                "c=IN IP4 1.1.1.1\r\n");
}

/* ---- streams ---- */

Test(sip, messages_in_one_segment)
{
    EXPECT_TCP(ASKED("C", "1", "0") INVITED("0") ASKED("C", "2", "0") ANSWERED("S", "1", "1")
                   ANSWERED("S", "2", "1") ASKED("S", "3", "1"),
               DIALOG_CLIENT(ASK("1") INVITE ASK("2")),
               DIALOG_SERVER(ANSWER("1") ANSWER("2") ASK("3")));
}

/* RFC 5626 section 3.5.1. On SIP's port a keep-alive may precede any message. */
Test(sip, keep_alives_between_messages)
{
    const struct dialog_step spoken[] = {
        DIALOG_CLIENT("\r\n\r\n"),
        DIALOG_CLIENT(ASK("1") "\r\n\r\n" ASK("2")),
        DIALOG_SERVER("\r\n"),
        DIALOG_SERVER(ANSWER("1")),
        DIALOG_CLIENT("\r\n\r\n" ASK("3") "\r\n\r\n"),
        DIALOG_SERVER("\r\n"),
    };
    expect(P2I_OVER_TCP, 5060, spoken, sizeof spoken / sizeof *spoken,
           ASKED("C", "1", "1") ASKED("C", "2", "1") ANSWERED("S", "1", "3") ASKED("C", "3", "4"));
    EXPECT_TCP(ASKED("C", "3", "0"), DIALOG_CLIENT("\r\n\r\n" ASK("3")), DIALOG_SERVER("\r\n"));
}

Test(sip, no_body_without_length_over_tcp)
{
    EXPECT_TCP(
        SDP_GIVES("") ASKED("C", "x", "0"),
        DIALOG_CLIENT("ACK sip:h SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n" ASK("x")));
}

Test(sip, message_in_a_later_step_has_its_packet_info)
{
    EXPECT_TCP(INVITED("0") ASKED("C", "x", "2"), DIALOG_CLIENT(INVITE_HEAD),
               DIALOG_CLIENT("Content-Length: " SDP_SIZE "\r\n\r\n" SDP), DIALOG_CLIENT(ASK("x")));
}

Test(sip, malformed_length_and_other_text)
{
    EXPECT_TCP(RECORD("C", "INFO", "sip:h", NO_NAMES, "", "", "", "0", "0") ASKED("C", "x", "0")
                   ASKED("C", "y", "0") ANSWERED("C", "z", "0"),
               DIALOG_CLIENT("INFO sip:h SIP/2.0\r\nContent-Length: -999\r\n\r\nsome text\r\n"
                             "Via: SIP/2.0/UDP x\r\nSIP/2.0 2000 OK\r\nA: b\r\n" ASK(
                                 "x") "<text>" ASK("y") "<xml> SIP/2.0 </xml>" ANSWER("z")));
}

Test(sip, capture_joins_late)
{
    const struct dialog_step steps[] = {
        DIALOG_SERVER(";tag=1\r\nCSeq: 1 A\r\n"),   DIALOG_CLIENT("ngth: 2\r\n\r\n"),
        DIALOG_SERVER("Content-Length: 0\r\n\r\n"), DIALOG_SERVER(ANSWER("x")),
        DIALOG_CLIENT("xy" ASK("y") ASK("z")),
    };
    expect_whole(P2I_OVER_TCP, steps, sizeof steps / sizeof *steps,
                 ANSWERED("S", "x", "3") ASKED("C", "y", "4") ASKED("C", "z", "4"));
}

/* ---- datagrams ---- */

Test(sip, datagrams_are_messages)
{
    EXPECT_UDP(ASKED("C", "1", "0") ASKED("C", "1", "1") ANSWERED("S", "1", "2")
                   ASKED("C", "2", "6") ASKED("C", "3", "8"),
               DIALOG_CLIENT(ASK("1")), DIALOG_CLIENT(ASK("1")), DIALOG_SERVER(ANSWER("1")),
               DIALOG_CLIENT("\r\n\r\n"), DIALOG_CLIENT("\0\0\0\0"),
               DIALOG_CLIENT("\0\1\0\0\x21\x12\xa4\x42"
                             "123456789012"),
               DIALOG_CLIENT("\r\n\r\n" ASK("2")), DIALOG_SERVER("x"),
               DIALOG_CLIENT(ASK("3") ASK("4")));
}

Test(sip, datagram_behind_keep_alives)
{
    EXPECT_UDP(ANSWERED("S", "1", "3"), DIALOG_CLIENT("\r\n\r\n"), DIALOG_CLIENT("\0\0\0\0"),
               DIALOG_SERVER("jaK"), DIALOG_SERVER(ANSWER("1")));
}

/* ---- other protocols ---- */

static void expect_nothing(const char *message)
{
    const struct dialog_step step = {P2I_FROM_INITIATOR, message, strlen(message)};
    expect_whole(P2I_OVER_UDP, &step, 1, "");
    expect_whole(P2I_OVER_TCP, &step, 1, "");
}

Test(sip, other_protocols)
{
    expect_nothing("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_nothing("HTTP/1.1 200 OK\r\nVia: SIP/2.0\r\n\r\n");
    expect_nothing("OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    expect_nothing("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
    expect_nothing("ICY 200 OK\r\nicy-name: x\r\n\r\n");
    expect_nothing("SIP/2.0\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("SIP/2.0 99 OK\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("SIP/2.0 099 OK\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("SIP/2.0 2000\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("SIP/2.00 200 OK\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("INVITE SIP/2.0\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("INVITE sip:hSIP/2.0\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("INVITE /sip:h SIP/2.0\r\nCall-ID: 1\r\n\r\n");
    expect_nothing(" INVITE sip:h SIP/2.0\r\nCall-ID: 1\r\n\r\n");
    expect_nothing("INVITE\r\nsip:h SIP/2.0\r\n\r\n");
}

static enum p2i_match probe(const char *bytes, size_t size)
{
    const struct p2i_ends ends = {.transport = P2I_OVER_TCP};
    return p2i_sip.probe(&ends, P2I_FROM_INITIATOR, p2i_view_of(bytes, size));
}

Test(sip, probe_waits_for_the_first_line_only)
{
    static const char message[] = "\r\n\r\nINVITE sip:h SIP/2.0\r\n";
    for (size_t size = 0; size + 1 < sizeof message - 1; size++) {
        cr_assert_eq(probe(message, size), P2I_MATCH_MORE, "%zu", size);
    }
    cr_assert_eq(probe(message, sizeof message - 1), P2I_MATCH_YES);
    static const char reply[] = "SIP/2.0 200\r\n";
    for (size_t size = 0; size + 1 < sizeof reply; size++) {
        cr_assert_eq(probe(reply, size), P2I_MATCH_MORE, "%zu", size);
    }
    cr_assert_eq(probe(reply, sizeof reply - 1), P2I_MATCH_YES);
    cr_assert_eq(probe("GET /", 5), P2I_MATCH_NO);
    cr_assert_eq(probe("SIP/2.0 2x", 10), P2I_MATCH_NO);
    cr_assert_eq(probe("SIP/3", 5), P2I_MATCH_NO);
    cr_assert_eq(probe("\x16\x03\x01", 3), P2I_MATCH_NO);
}

Test(sip, probe_limits)
{
    enum { SIZE = 5000 };
    char text[SIZE];
    memset(text, 'x', SIZE);
    cr_assert_eq(probe(text, SIZE), P2I_MATCH_NO, "a long word");
    memcpy(text, "INVITE ", 7);
    cr_assert_eq(probe(text, 4000), P2I_MATCH_MORE);
    cr_assert_eq(probe(text, SIZE), P2I_MATCH_YES, "only the parser can reject it");
    memset(text, '\n', SIZE);
    cr_assert_eq(probe(text, SIZE), P2I_MATCH_NO);
}

/* ---- large messages ---- */

/* A message of `before`, `filling` bytes of 'x', and `after`. The caller frees it. */
static struct dialog_step large_step(const char *before, size_t filling, const char *after)
{
    size_t size = strlen(before) + filling + strlen(after);
    char *text = malloc(size);
    cr_assert_not_null(text);
    memcpy(text, before, strlen(before));
    memset(text + strlen(before), 'x', filling);
    memcpy(text + strlen(before) + filling, after, strlen(after));
    return (struct dialog_step){P2I_FROM_INITIATOR, text, size};
}

static void expect_large(struct dialog_step step, const char *expected)
{
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_TCP},
        .protocols = protocols,
        .steps = &step,
        .step_count = 1,
    };
    static const size_t segments[] = {0, 1, 1000, 65535, 65538, 65539};
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        char *text = dialog_play(&dialog, segments[i]);
        cr_assert_str_eq(text, expected, "segments of %zu: %s", segments[i], text);
        free(text);
    }
    free((void *)(uintptr_t)step.bytes);
}

Test(sip, head_over_the_limit)
{
    expect_large(large_step("BYE sip:h SIP/2.0\r\nCall-ID: 1\r\nX: ", 70000, "\r\n\r\n" ASK("2")),
                 RECORD("C", "BYE", "sip:h", NAMES("", "", "1"), "", "", "", "0 limited", "0")
                     ASKED("C", "2", "0"));
}

Test(sip, first_line_over_the_limit)
{
    expect_large(large_step("BYE sip:", 70000, " SIP/2.0\r\nCall-ID: 1\r\n\r\n" ASK("2")),
                 ASKED("C", "2", "0"));
}

Test(sip, sdp_over_the_limit)
{
    expect_large(
        large_step(SDP_OF("70025", "c=IN IP4 1.1.1.1\r\n"), 69989, "\r\nc=IN IP4 2.2.2.2" ASK("2")),
        SDP_GIVES_AS(" limited", "1.1.1.1") ASKED("C", "2", "0"));
}

Test(sip, body_over_the_limit)
{
    expect_large(large_step("INFO sip:h SIP/2.0\r\nContent-Length: 70000\r\n\r\n", 70000, ASK("2")),
                 RECORD("C", "INFO", "sip:h", NO_NAMES, "", "", "", "0", "0") ASKED("C", "2", "0"));
    expect_large(large_step("INFO sip:h SIP/2.0\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                            70000, ASK("2")),
                 RECORD("C", "INFO", "sip:h", NO_NAMES, "", "", "", "0", "0"));
}

Test(sip, text_without_lines_behind_a_message)
{
    expect_large(large_step(ASK("1"), 200000, ASK("2")), ASKED("C", "1", "0") ASKED("C", "2", "0"));
}

/* ---- hostile input ---- */

/* Bytes changed one by one: memory and counters must be in order, whatever the records. */
Test(sip, damaged_everywhere)
{
    static const char good[] = INVITE ASK("x");
    static const char damage[] = {0, '\n', '\r', ' ', ':', ',', '"', '<', '@', '[', '/', '\xff'};
    char bad[sizeof good];
    for (size_t at = 0; at + 1 < sizeof good; at++) {
        memcpy(bad, good, sizeof good);
        bad[at] = damage[at % sizeof damage];
        for (int transport = 0; transport < 2; transport++) {
            const struct dialog_step step = {P2I_FROM_INITIATOR, bad, sizeof bad - 1};
            struct dialog dialog = {.ends = {.transport = (enum p2i_transport)transport},
                                    .protocols = protocols,
                                    .steps = &step,
                                    .step_count = 1};
            char *whole = dialog_play(&dialog, 0);
            if (transport == P2I_OVER_TCP) {
                char *segments = dialog_play(&dialog, 7);
                cr_assert(at < 40 || strcmp(whole, segments) == 0, "%zu: %s%s", at, whole,
                          segments);
                free(segments);
            }
            free(whole);
        }
    }
}

/* ---- between messages ---- */

Test(sip, dormant_between_messages)
{
    uint64_t state[32] = {0};
    struct p2i_parser parser = {.state = state};
    cr_assert_leq(p2i_sip.state_size, sizeof state);
    cr_assert(p2i_sip.is_dormant(&parser));
    struct p2i_packet_info info = {0};
    struct p2i_stream_segment segment = {.direction = P2I_FROM_RESPONDER,
                                         .bytes = P2I_VIEW("BYE sip:h SIP/2.0\r\n"),
                                         .info = &info,
                                         .last = &info};
    cr_assert_eq(p2i_sip.data(&parser, &segment).consumed, 0);
    cr_assert_not(p2i_sip.is_dormant(&parser));
}
