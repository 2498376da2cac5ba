/* SPDX-License-Identifier: MIT */
/* The frames of OSCAR (ICQ, AIM): a byte '*', channel, sequence number, length and payload. No RFC;
 * the format is that of AOL's "OSCAR Protocol" pages and of what clients send. */
#ifndef P2I_PROTOCOL_IM_OSCAR_FLAP_H
#define P2I_PROTOCOL_IM_OSCAR_FLAP_H

#include "protocol/protocol.h"

enum p2i_flap_channel {
    P2I_FLAP_SIGN_ON = 1,
    P2I_FLAP_SNAC = 2,
    P2I_FLAP_ERROR = 3,
    P2I_FLAP_SIGN_OFF = 4,
    P2I_FLAP_KEEP_ALIVE = 5,
};

enum { P2I_FLAP_HEAD_SIZE = 6 };

struct p2i_flap {
    uint16_t sequence;
    uint16_t length; /* of the payload */
    uint8_t channel; /* enum p2i_flap_channel */
};

/* Reads a frame's head. Returns false when the bytes begin no frame or are fewer than its head. */
bool p2i_flap_read(struct p2i_view bytes, struct p2i_flap *flap);

/* Returns whether these bytes begin a frame when nothing is known about the bytes before. A sign-
 * on, a sign-off that names an account, or the head of a SNAC of a known family count; anything
 * else is NO. `*need` is set with MORE alone: the number of bytes needed to decide. */
enum p2i_match p2i_flap_match(struct p2i_view bytes, size_t *need);

/* Pure; see p2i_protocol.probe. Keep-alives, which decide nothing, may come first. */
enum p2i_match p2i_oscar_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                               struct p2i_view bytes);

#endif
