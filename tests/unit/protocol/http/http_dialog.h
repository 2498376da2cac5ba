/* SPDX-License-Identifier: MIT */
/* Dialogues of HTTP, and the messages that they give, in short. */
#ifndef TEST_HTTP_DIALOG_H
#define TEST_HTTP_DIALOG_H

#include "dialog.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

/* What is found in a tunnel or behind an upgrade: "~name\n" gives a reply with that location. */
static enum p2i_match tilde_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == '~' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static struct p2i_step tilde_data(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    size_t end = p2i_view_find(segment->bytes, '\n');
    if (end == segment->bytes.size) {
        return (struct p2i_step){0};
    }
    struct p2i_http_reply message = {.location = p2i_view_first(segment->bytes, end)};
    p2i_emit(parser, P2I_RECORD_HTTP_REPLY, segment->direction, p2i_packet_info_at(segment, 0),
             &message);
    return (struct p2i_step){.consumed = end + 1};
}

static const struct p2i_protocol tilde = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = tilde_probe,
    .data = tilde_data,
};

static const struct p2i_protocol *const protocols[] = {&p2i_http, &tilde, NULL};

static inline struct dialog dialog_of(const struct dialog_step *steps, size_t count)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 8081}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
}

#define EXPECT(expected, ...)                                                                      \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        struct dialog dialog = dialog_of(steps, sizeof steps / sizeof *steps);                     \
        dialog_expect(&dialog, expected);                                                          \
    } while (0)

#define FULL_REQUEST(from, host, path, referer, agent, cookie, type, method, at)                   \
    "clickstream " from " host=\"" host "\" path=\"" path "\" referer=\"" referer                  \
    "\" user_agent=\"" agent "\" cookie=\"" cookie                                                 \
    "\" cipher_suites= locked=0 cipher_suites_length=0 host_type=" type " method=" method " @" at  \
    "\n"
#define REQUEST(host, path, method, at) FULL_REQUEST("C", host, path, "", "", "", "1", method, at)
#define NAMELESS(path, method, at) FULL_REQUEST("C", "", path, "", "", "", "0", method, at)
#define FULL_REPLY(from, type, location, length, code, at)                                         \
    "http_reply " from " content_type=\"" type "\" location=\"" location                           \
    "\" content_length=" length " result_code=" code " @" at "\n"
#define REPLY(length, code, at) FULL_REPLY("S", "", "", length, code, at)
#define TILDE(from, text, at) FULL_REPLY(from, "", text, "0", "0", at)

#define GET_A "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define GET_B "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
#define ASKED_A(at) REQUEST("h", "/a", "1", at)
#define ASKED_B(at) REQUEST("h", "/b", "1", at)

#endif
