/* SPDX-License-Identifier: MIT */
/* MPLS label stacks (RFC 3032), and what is below them: IP, or an Ethernet pseudowire. */
#include "packet/internal.h"

enum { MPLS_ENTRY_SIZE = 4, CONTROL_WORD_SIZE = 4 };

/* Behind the label stack nothing says what follows. RFC 4928: IP is told by its version; a
 * pseudowire may begin with a control word, whose first four bits are 0 (RFC 4385). A MAC address
 * may begin so as well, so the frame behind it decides. */
static enum p2i_fate below_labels(struct p2i_decoding *decoding, struct p2i_view rest)
{
    if (p2i_like_ip(rest)) {
        return p2i_decode_ip(decoding, rest);
    }
    if (rest.size == 0) {
        return P2I_FATE_LINK_CUT;
    }
    struct p2i_view frame = p2i_view_from(rest, CONTROL_WORD_SIZE);
    if (rest.data[0] >> 4 != 0 || !p2i_like_ethernet(frame)) {
        frame = rest;
        if (!p2i_like_ethernet(frame)) {
            return P2I_FATE_TUNNEL_OTHER;
        }
    }
    return p2i_decoding_enter(decoding) ? p2i_decode_ethernet(decoding, frame)
                                        : P2I_FATE_TUNNEL_DEEP;
}

/* RFC 3032, 2.1. */
enum p2i_fate p2i_decode_mpls(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_packet *packet = decoding->packet;
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    size_t size = 0;
    struct p2i_view entry;
    do {
        entry = p2i_take(&cursor, MPLS_ENTRY_SIZE);
        if (cursor.failed) {
            return P2I_FATE_LINK_CUT;
        }
        size += MPLS_ENTRY_SIZE;
    } while ((entry.data[2] & 0x01) == 0); /* bottom of stack */
    if (packet->mpls == NULL) {
        packet->mpls = rest.data;
        packet->mpls_size = (uint8_t)(size < P2I_MPLS_MAX ? size : P2I_MPLS_MAX);
    }
    return below_labels(decoding, cursor.rest);
}
