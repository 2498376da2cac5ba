/* SPDX-License-Identifier: MIT */
/* The interface of a protocol of text messages over any transport, such as WebSocket. */
#ifndef P2I_PROTOCOL_TEXT_PROTOCOL_H
#define P2I_PROTOCOL_TEXT_PROTOCOL_H

#include "protocol/protocol.h"

struct p2i_text_protocol {
    const char *name;
    size_t state_size;

    /* True when this message can only be of this protocol. Pure. Here and below, `text` is the
     * beginning of a message that is not whole. */
    bool (*probe)(struct p2i_view text, enum p2i_completeness completeness);

    /* Takes a message, from the recognised one on. `text` lives for the call, `info` is that of
     * its first byte. `state` has state_size bytes, zeroed at the start; `parser`, that of the
     * transport, gives sink, pool and account. */
    void (*message)(struct p2i_parser *parser, void *state, enum p2i_direction direction,
                    const struct p2i_packet_info *info, struct p2i_view text,
                    enum p2i_completeness completeness);

    /* The last call: emits messages that wait, gives memory back. */
    void (*free)(struct p2i_parser *parser, void *state);
};

#endif
