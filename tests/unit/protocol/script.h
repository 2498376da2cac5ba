/* SPDX-License-Identifier: MIT */
/* Tests of what a session is taken for: it is written down as text, goes through the stream
 * layer with all parsers and recognisers, and has a name in the end. */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include "protocol/stream.h"

/* The script: segments (datagrams, or TCP segments) that begin with '>' from the initiator or '<'
 * from the responder; then words: bytes in hex, 'text', and either with *N behind it, N times. A
 * '!' begins a word whose bytes all matter: with any of them complemented the session must not
 * be taken for the same. */
struct talk {
    enum p2i_transport transport;
    uint16_t port[2];
    const char *script;
};

/* Asserts (Criterion) that it is called `id`, and (unless that is UNKNOWN) that the bytes that
 * matter do, and that no beginning of its last segment, and over TCP no two halves of any segment,
 * are called anything else. */
void talk_expect(const struct talk *talk, enum p2i_protocol_id id);

/* Over TCP: that it is called `id` also byte by byte and with any segment in two halves. */
void talk_expect_cut(const struct talk *talk, enum p2i_protocol_id id);

#define EXPECT_UDP(id, from, to, script)                                                           \
    talk_expect(&(struct talk){P2I_OVER_UDP, {from, to}, script}, P2I_ID_##id)
#define EXPECT_TCP(id, from, to, script)                                                           \
    talk_expect(&(struct talk){P2I_OVER_TCP, {from, to}, script}, P2I_ID_##id)
#define EXPECT_TCP_CUT(id, from, to, script)                                                       \
    talk_expect_cut(&(struct talk){P2I_OVER_TCP, {from, to}, script}, P2I_ID_##id)

#endif
