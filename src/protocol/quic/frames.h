/* SPDX-License-Identifier: MIT */
/* The frames of a client's Initial (RFC 9000 12.4, 19), of which those with parts of the hello are
 * of interest. Pure; views live as long as the payload. */
#ifndef P2I_PROTOCOL_QUIC_FRAMES_H
#define P2I_PROTOCOL_QUIC_FRAMES_H

#include "base/cursor.h"

/* A walk through a payload; starts with `rest` alone. */
struct p2i_quic_frames {
    struct p2i_cursor rest;
    bool stopped; /* at CONNECTION_CLOSE, or at what is no frame of an Initial */
};

/* A part of the CRYPTO stream. */
struct p2i_quic_part {
    struct p2i_view bytes; /* fewer than it says if the payload is cut */
    uint64_t offset;
};

/* The next CRYPTO frame. False when there is none. */
bool p2i_quic_next_part(struct p2i_quic_frames *frames, struct p2i_quic_part *part);

#endif
