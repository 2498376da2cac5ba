/* SPDX-License-Identifier: MIT */
/* SIP dialogues and their expected messages. */
#ifndef TEST_SIP_TALK_H
#define TEST_SIP_TALK_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "dialog.h"
#include "protocol/protocols.h"

static const struct p2i_protocol *const protocols[] = {&p2i_sip, NULL};

static inline void expect(enum p2i_transport transport, uint16_t port,
                          const struct dialog_step *steps, size_t count, const char *expected)
{
    struct dialog dialog = {
        .ends = {.transport = transport, .port = {40000, port}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
    dialog_expect(&dialog, expected);
}

/* Plays the dialogue uncut: an unrecognised segment is passed over whole. */
static inline void expect_whole(enum p2i_transport transport, const struct dialog_step *steps,
                                size_t count, const char *expected)
{
    struct dialog dialog = {
        .ends = {.transport = transport, .port = {40000, 4321}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
    char *text = dialog_play(&dialog, 0);
    cr_assert_str_eq(text, expected, "%s\ninstead of:\n%s", text, expected);
    free(text);
}

#define EXPECT(transport, expected, ...)                                                           \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        expect(transport, 4321, steps, sizeof steps / sizeof *steps, expected);                    \
    } while (0)
#define EXPECT_TCP(expected, ...) EXPECT(P2I_OVER_TCP, expected, __VA_ARGS__)
#define EXPECT_UDP(expected, ...) EXPECT(P2I_OVER_UDP, expected, __VA_ARGS__)
/* One message, over both transports. */
#define EXPECT_BOTH(expected, message)                                                             \
    EXPECT_UDP(expected, DIALOG_CLIENT(message));                                                  \
    EXPECT_TCP(expected, DIALOG_CLIENT(message))

#define RECORD(from, method, uri, names, agent, type, gateways, code, at)                          \
    "sip " from " method=\"" method "\" uri=\"" uri "\" " names " user_agent=\"" agent             \
    "\" content_type=\"" type "\" gateways=\"" gateways "\" status_code=" code " @" at "\n"
#define NAMES(from, to, id) "from=\"" from "\" to=\"" to "\" call_id=\"" id "\""
#define NO_NAMES NAMES("", "", "")
/* A request that gives "OPTIONS sip:h", and the reply, with a Call-ID. */
#define ASK(id) "OPTIONS sip:h SIP/2.0\r\nCall-ID: " id "\r\n\r\n"
#define ASKED(from, id, at) RECORD(from, "OPTIONS", "sip:h", NAMES("", "", id), "", "", "", "0", at)
#define ANSWER(id) "SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\nCall-ID: " id "\r\n\r\n"
#define ANSWERED(from, id, at) RECORD(from, "OPTIONS", "", NAMES("", "", id), "", "", "", "200", at)

#define SDP                                                                                        \
    "v=0\r\no=alice 1 1 IN IP4 media.example.com\r\ns=-\r\nc=IN IP4 192.0.2.9/127\r\nt=0 0\r\n"    \
    "m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::9\r\na=rtpmap:0 PCMU/8000\r\n"
#define SDP_SIZE "147"
#define SDP_HOSTS "media.example.com,192.0.2.9,2001:db8::9"

#define INVITE_HEAD                                                                                \
    "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"                                                \
    "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\n"                     \
    "Max-Forwards: 70\r\n"                                                                         \
    "From: \"Alice, A.\" <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"                       \
    "To: Bob <sip:bob@biloxi.example.com>\r\n"                                                     \
    "Call-ID: 3848276298220188511@atlanta.example.com\r\n"                                         \
    "CSeq: 1 INVITE\r\n"                                                                           \
    "User-Agent: Phone/1.0 (x)\r\n"                                                                \
    "Content-Type: application/sdp\r\n"
#define INVITE INVITE_HEAD "Content-Length: " SDP_SIZE "\r\n\r\n" SDP
#define INVITE_NAMES                                                                               \
    NAMES("\\x22Alice, A.\\x22 <sip:alice@atlanta.example.com>;tag=9fxced76sl",                    \
          "Bob <sip:bob@biloxi.example.com>", "3848276298220188511@atlanta.example.com")
#define INVITED_BY(hosts, at)                                                                      \
    RECORD("C", "INVITE", "sip:bob@biloxi.example.com", INVITE_NAMES, "Phone/1.0 (x)",             \
           "application/sdp", "client.atlanta.example.com" hosts, "0", at)
#define INVITED(at) INVITED_BY("," SDP_HOSTS, at)

#define SDP_OF(size, lines)                                                                        \
    "ACK sip:h SIP/2.0\r\nContent-Type: application/sdp\r\nContent-Length: " size "\r\n\r\n" lines
#define SDP_GIVES_AS(mark, hosts)                                                                  \
    RECORD("C", "ACK", "sip:h", NO_NAMES, "", "application/sdp", hosts, "0" mark, "0")
#define SDP_GIVES(hosts) SDP_GIVES_AS("", hosts)

#endif
