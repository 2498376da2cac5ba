/* SPDX-License-Identifier: MIT */
/* Reads the frames of a client's Initial (RFC 9000 12.4, 19); only those with parts of the hello
 * matter. Pure; views live as long as the payload. */
#ifndef P2I_PROTOCOL_QUIC_FRAMES_H
#define P2I_PROTOCOL_QUIC_FRAMES_H

#include "pcap2ipfix/cursor.h"

/* A walk through a payload; set `rest`, zero the others. */
struct p2i_quic_frames {
    struct p2i_cursor rest;
    bool stopped; /* at CONNECTION_CLOSE, or at a frame that no Initial may have */
};

/* A part of the CRYPTO stream. */
struct p2i_quic_part {
    struct p2i_view bytes; /* fewer than its length says if the payload is cut */
    struct p2i_view frame; /* with the type and the numbers in front */
    uint64_t offset;
};

/* Reads the next CRYPTO frame. False: there is none. */
bool p2i_quic_next_part(struct p2i_quic_frames *frames, struct p2i_quic_part *part);

#endif
