/* SPDX-License-Identifier: MIT */
/* What the tests of FTP and mail parsers share: dialogues in one macro, a protocol behind STARTTLS,
 * and floods, of which nobody writes down the messages but somebody looks at the memory. */
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

/* Asks `protocol` about the beginning of what the server on this port says. */
static inline enum p2i_match talk_probe(const struct p2i_protocol *protocol, uint16_t port,
                                        const char *text)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    return protocol->probe(&ends, P2I_FROM_RESPONDER, p2i_view_of(text, strlen(text)));
}

/* What is found behind STARTTLS: a line that begins with 0x16 or 0x80 gives a reply that has the
 * line as location. */
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
    void (*look)(struct flood *flood, const void *message); /* at each message; NULL: nobody */
    size_t records;
    size_t note;   /* the looker's own */
    uint64_t most; /* memory in use after a step, or while a message goes out */
};

void flood_begin(struct flood *flood, const struct p2i_protocol *const *protocols, uint16_t port);
void flood_say(struct flood *flood, enum p2i_direction from, struct p2i_view bytes);
/* Asserts (Criterion) that all memory has been given back. */
void flood_end(struct flood *flood);

#define FLOOD_CLIENT(flood, literal) flood_say(flood, P2I_FROM_INITIATOR, P2I_VIEW(literal))
#define FLOOD_SERVER(flood, literal) flood_say(flood, P2I_FROM_RESPONDER, P2I_VIEW(literal))

#endif
