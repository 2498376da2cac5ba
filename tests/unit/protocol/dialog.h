/* SPDX-License-Identifier: MIT */
/* Parser tests: a scripted dialogue goes through the stream layer whole and cut in every way, and
 * must give the same messages. */
#ifndef TEST_DIALOG_H
#define TEST_DIALOG_H

#include "protocol/protocols.h"
#include "protocol/stream.h"

/* One side speaks, loses bytes (over UDP: those behind the datagram of the step before, which the
 * snaplen cut), or hangs up. */
struct dialog_step {
    enum p2i_direction from;
    const char *bytes; /* NULL with size > 0: `size` bytes are lost; NULL with 0: the side closes */
    size_t size;
};

#define DIALOG_CLIENT(literal)                                                                     \
    {                                                                                              \
        P2I_FROM_INITIATOR, "" literal, sizeof(literal) - 1                                        \
    }
#define DIALOG_SERVER(literal)                                                                     \
    {                                                                                              \
        P2I_FROM_RESPONDER, "" literal, sizeof(literal) - 1                                        \
    }
#define DIALOG_CLIENT_LOSES(n)                                                                     \
    {                                                                                              \
        P2I_FROM_INITIATOR, NULL, n                                                                \
    }
#define DIALOG_SERVER_LOSES(n)                                                                     \
    {                                                                                              \
        P2I_FROM_RESPONDER, NULL, n                                                                \
    }
#define DIALOG_CLIENT_CLOSES                                                                       \
    {                                                                                              \
        P2I_FROM_INITIATOR, NULL, 0                                                                \
    }
#define DIALOG_SERVER_CLOSES                                                                       \
    {                                                                                              \
        P2I_FROM_RESPONDER, NULL, 0                                                                \
    }

struct dialog {
    struct p2i_ends ends;
    const struct p2i_protocol *const *protocols; /* NULL-terminated; NULL: all of the program */
    struct p2i_parse_settings settings;
    const struct dialog_step *steps;
    size_t step_count;
};

/* Plays the dialogue with each step in segments of at most `segment` bytes (0: whole), each segment
 * in a heap block of its own so that a read past its end is caught. Over UDP a step is a datagram
 * and `segment` must be 0. Returns the messages, one line each, to be freed by the caller:
 *
 *     clickstream C host="example.org" path="/" referer="" user_agent="" cookie=""
 *         cipher_suites=130113021303 locked=0 cipher_suites_length=6 host_type=1 method=1 @3
 *
 * (on one line): kind, sender (C or S), members of the message struct in their order (strings in
 * quotes with bytes outside 0x20..0x7e, quote and backslash as \xHH; octet members in hex), "cut"
 * or "limited" if the message is not whole, and @N: the number of the step (from 0) in which the
 * message's first byte was sent. */
char *dialog_play(const struct dialog *dialog, size_t segment);

/* Plays it whole, byte by byte, and cut once at every place of every step (the cut step in two
 * segments), and asserts (Criterion) that each gives exactly `expected`. */
void dialog_expect(const struct dialog *dialog, const char *expected);

#endif
