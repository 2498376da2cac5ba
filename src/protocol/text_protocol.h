/* SPDX-License-Identifier: MIT */
/* A protocol that is spoken in text messages, whatever carries them. */
#ifndef P2I_PROTOCOL_TEXT_PROTOCOL_H
#define P2I_PROTOCOL_TEXT_PROTOCOL_H

#include "protocol/protocol.h"

struct p2i_text_protocol {
    const char *name;
    size_t state_size;

    /* Can this message be of this protocol alone? Pure. Of one that is not whole, here and below,
     * `text` is the beginning. */
    bool (*probe)(struct p2i_view text, enum p2i_completeness completeness);

    /* A message; `text` lives for the call, `info` is that of its first byte. `state` is
     * state_size bytes, zeroed at the start; the parser lends its sink, pool and account. Begins
     * with the message that was recognised. */
    void (*message)(struct p2i_parser *parser, void *state, enum p2i_direction direction,
                    const struct p2i_packet_info *info, struct p2i_view text,
                    enum p2i_completeness completeness);

    /* Last call: emit what is waiting, give memory back. */
    void (*free)(struct p2i_parser *parser, void *state);
};

#endif
