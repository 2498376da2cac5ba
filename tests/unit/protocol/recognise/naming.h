/* SPDX-License-Identifier: MIT */
/* Tests of recognition: first bytes of a session as text, and the name they must get. */
#ifndef TEST_NAMING_H
#define TEST_NAMING_H

#include "protocol/recognise/recognise.h"

/* `bytes`: pairs of hexadecimal digits, 'text' as it is, "00*19" for repetition; spaces between
 * them count nothing. `matter`: places (in decimal, separated by spaces) whose byte must be this
 * one or one of few: with all its bits turned the name must not be given any more. */
struct naming {
    enum p2i_protocol_id id;
    enum p2i_transport transport;
    uint16_t server_port; /* the client's is 50000 */
    enum p2i_direction from;
    const char *bytes;
    const char *matter; /* NULL: none */
};

/* Each gets its name from the recognisers, over TCP from some length on and MORE below it, and from
 * the whole stream layer in one segment, byte by byte, and cut once at every place. Over UDP, no
 * datagram that is cut short wants more. */
void naming_expect(const struct naming *cases, size_t count);

/* None gets a name from the recognisers; over TCP at no length. `id` is what the stream says. */
void naming_refuse(const struct naming *cases, size_t count);

/* A case; `from` is C, the client, or S. */
#define TCP(id, port, from, bytes, matter)                                                         \
    {                                                                                              \
        P2I_ID_##id, P2I_OVER_TCP, port, NAMING_##from, bytes, matter                              \
    }
#define UDP(id, port, from, bytes, matter)                                                         \
    {                                                                                              \
        P2I_ID_##id, P2I_OVER_UDP, port, NAMING_##from, bytes, matter                              \
    }
#define NAMING_C P2I_FROM_INITIATOR
#define NAMING_S P2I_FROM_RESPONDER

#define NAMING_COUNT(cases) (sizeof(cases) / sizeof *(cases))

#endif
