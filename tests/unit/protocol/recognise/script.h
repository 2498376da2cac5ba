/* SPDX-License-Identifier: MIT */
/* Tests of recognition: tables of sessions, written as text, with the protocol each must get. The
 * sessions go through the stream layer with all parsers and recognisers. */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include "protocol/stream.h"

enum script_check {
    SCRIPT_SESSION, /* the stream layer finds `id`; unless that is UNKNOWN, it finds nothing else in
                       a prefix of the last segment, and over TCP in any segment cut in two */
    SCRIPT_EVERY_CUT, /* TCP: also byte by byte, and with any segment in two halves */
    SCRIPT_FIRST, /* one segment: the recognisers find `id` from some length on, and below it answer
                     MORE (TCP) or NO (UDP); so does the stream layer at the stream's end, over TCP
                     also byte by byte and cut once at each of the first 70 places */
    SCRIPT_NOT_FIRST, /* one segment: the recognisers answer YES at no length; the stream layer
                         finds `id` */
};

/* A row. The text: segments (datagrams, or TCP segments) that begin with '>' from the initiator or
 * '<' from the responder; then words: bytes in hex or 'text', either with *N behind it, N times.
 * Significant bytes are marked with '!' before their word, or listed by offset (decimal, separated
 * by spaces) in `matter`: if any of them is complemented, the protocol must be another. */
struct script {
    const char *about; /* title of the rows that follow; the row has no other member */
    enum p2i_protocol_id id;
    enum script_check check;
    enum p2i_transport transport;
    uint16_t port[2];
    const char *text;
    const char *matter; /* NULL: none */
};

/* Asserts (Criterion) every row. */
void script_expect(const struct script *rows, size_t count);

#define SCRIPT_COUNT(rows) (sizeof(rows) / sizeof *(rows))

#define SCRIPT_ROW(id, check, transport, from, to, text, matter)                                   \
    {                                                                                              \
        NULL, P2I_ID_##id, check, transport, {from, to}, text, matter                              \
    }
#define SCRIPT_ABOUT(sentence)                                                                     \
    {                                                                                              \
        .about = (sentence)                                                                        \
    }
#define SCRIPT_UDP(id, from, to, text)                                                             \
    SCRIPT_ROW(id, SCRIPT_SESSION, P2I_OVER_UDP, from, to, text, NULL)
#define SCRIPT_TCP(id, from, to, text)                                                             \
    SCRIPT_ROW(id, SCRIPT_SESSION, P2I_OVER_TCP, from, to, text, NULL)
#define SCRIPT_TCP_CUT(id, from, to, text)                                                         \
    SCRIPT_ROW(id, SCRIPT_EVERY_CUT, P2I_OVER_TCP, from, to, text, NULL)

/* The client's port is 50000. */
#define SCRIPT_FIRST_UDP(id, to, text, matter)                                                     \
    SCRIPT_ROW(id, SCRIPT_FIRST, P2I_OVER_UDP, 50000, to, text, matter)
#define SCRIPT_FIRST_TCP(id, to, text, matter)                                                     \
    SCRIPT_ROW(id, SCRIPT_FIRST, P2I_OVER_TCP, 50000, to, text, matter)
#define SCRIPT_NOT_FIRST_UDP(id, to, text)                                                         \
    SCRIPT_ROW(id, SCRIPT_NOT_FIRST, P2I_OVER_UDP, 50000, to, text, NULL)
#define SCRIPT_NOT_FIRST_TCP(id, to, text)                                                         \
    SCRIPT_ROW(id, SCRIPT_NOT_FIRST, P2I_OVER_TCP, 50000, to, text, NULL)

#endif
