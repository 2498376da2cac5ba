/* SPDX-License-Identifier: MIT */
/* Shared by the tests of FTP and mail parsers: dialogues in one macro, a protocol behind
 * STARTTLS, and floods, whose messages are not compared but whose memory is watched. */
#ifndef TEST_TALK_H
#define TEST_TALK_H

#include "dialog.h"

/* Plays the steps in every way on `port` of the responder. `protocols` as in struct dialog. */
#define TALK_EXPECT(protocols_, port_, expected, ...)                                              \
    do {                                                                                           \
        const struct dialog_step steps_[] = {__VA_ARGS__};                                         \
        struct dialog dialog_ = {                                                                  \
            .ends = {.transport = P2I_OVER_TCP, .port = {40000, port_}},                           \
            .protocols = protocols_,                                                               \
            .steps = steps_,                                                                       \
            .step_count = sizeof steps_ / sizeof *steps_,                                          \
        };                                                                                         \
        dialog_expect(&dialog_, expected);                                                         \
    } while (0)

/* Probes `protocol` with the beginning of the bytes that the server on this port sends. */
static inline enum p2i_match talk_probe(const struct p2i_protocol *protocol, uint16_t port,
                                        const char *text)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    return protocol->probe(&ends, P2I_FROM_RESPONDER, p2i_view_of(text, strlen(text)));
}

/* The protocol behind STARTTLS: a line that begins with 0x16 or 0x80 gives a reply with the line
 * as location. */
extern const struct p2i_protocol talk_secret;

#define TALK_SECRET(from, text, at)                                                                \
    "http_reply " from " content_type=\"\" location=\"" text                                       \
    "\" content_length=0 result_code=0 @" at "\n"

struct flood {
    struct p2i_stream stream;
    struct p2i_stream_worker worker;
    struct p2i_parse_settings settings;
    struct p2i_account account;
    struct p2i_message_sink sink;
    void (*look)(struct flood *flood, const void *message); /* for each message; or NULL */
    size_t records;
    size_t note;   /* for look() */
    uint64_t most; /* largest memory in use after a step, or while a message is emitted */
};

void flood_begin(struct flood *flood, const struct p2i_protocol *const *protocols, uint16_t port);
void flood_say(struct flood *flood, enum p2i_direction from, struct p2i_view bytes);
/* Asserts (Criterion) that all memory has been given back. */
void flood_end(struct flood *flood);

#define FLOOD_CLIENT(flood, literal) flood_say(flood, P2I_FROM_INITIATOR, P2I_VIEW(literal))
#define FLOOD_SERVER(flood, literal) flood_say(flood, P2I_FROM_RESPONDER, P2I_VIEW(literal))

#endif
