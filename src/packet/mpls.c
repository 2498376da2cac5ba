/* SPDX-License-Identifier: MIT */
/* MPLS label stacks (RFC 3032) and their payload: IP or an Ethernet pseudowire. */
#include "packet/internal.h"

enum { MPLS_ENTRY_SIZE = 4, CONTROL_WORD_SIZE = 4 };

enum below { BELOW_UNKNOWN, BELOW_CUT, BELOW_IP, BELOW_FRAME, BELOW_CONTROL_WORD };

/* MPLS does not name its payload: IP, or an Ethernet frame with or without a control word, which
 * begins with four zero bits (RFC 4385). The first four bits do not prove IP (RFC 4928), because
 * MAC addresses may begin with 4 or 6 (RFC 8469). So the payload is IPv4 if its lengths and its
 * checksum are right. Payload that does not look like a frame is also IP if its length is exactly
 * that of the rest (with or without FCS), or if it is IPv4 with an empty checksum. */
static enum below what_is_below(struct p2i_view rest, uint32_t left)
{
    enum { IPV4_SIZE = 20, IPV6_SIZE = 40, CHECKSUM_AT = 10, FCS_SIZE = 4 };
    unsigned version = rest.size > 0 ? rest.data[0] >> 4 : 0;
    uint32_t size = p2i_ip_size(rest);
    bool fits = version == 4 && size > 0 && size <= left;
    if (fits && p2i_is_ipv4_checksum_right(rest)) {
        return BELOW_IP;
    }
    if (version == 0 && p2i_like_ethernet(p2i_view_from(rest, CONTROL_WORD_SIZE))) {
        return BELOW_CONTROL_WORD;
    }
    if (p2i_like_ethernet(rest)) {
        return BELOW_FRAME;
    }
    bool exact = size > 0 && (size == left || size + FCS_SIZE == left);
    if (exact || (fits && p2i_load_be16(rest.data + CHECKSUM_AT) == 0)) {
        return BELOW_IP;
    }
    size_t least = version == 4 ? IPV4_SIZE : version == 6 ? IPV6_SIZE : 1;
    return rest.size < least && rest.size < left ? BELOW_CUT : BELOW_UNKNOWN;
}

/* RFC 3032, 2.1. Reads all entries and returns their size. */
static size_t take_stack(struct p2i_cursor *cursor)
{
    size_t size = 0;
    struct p2i_view entry;
    do {
        entry = p2i_take(cursor, MPLS_ENTRY_SIZE);
        size += MPLS_ENTRY_SIZE;
    } while (!cursor->failed && (entry.data[2] & 0x01) == 0); /* bottom of stack */
    return size;
}

enum p2i_fate p2i_decode_mpls(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_packet *packet = decoding->packet;
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    size_t size = take_stack(&cursor);
    if (cursor.failed || cursor.rest.size == 0) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_trace_numbers(decoding, rest, size);
    if (packet->mpls == NULL) {
        packet->mpls = rest.data;
        packet->mpls_size = (uint8_t)(size < P2I_MPLS_MAX ? size : P2I_MPLS_MAX);
    }
    struct p2i_view inside = cursor.rest;
    switch (what_is_below(inside, p2i_decoding_left(decoding, inside))) {
    case BELOW_IP:
        return p2i_decode_ip(decoding, inside);
    case BELOW_CONTROL_WORD:
        inside = p2i_view_from(inside, CONTROL_WORD_SIZE);
        return p2i_decode_tunneled(decoding, P2I_ETHERTYPE_TRANSPARENT, inside);
    case BELOW_FRAME:
        return p2i_decode_tunneled(decoding, P2I_ETHERTYPE_TRANSPARENT, inside);
    case BELOW_CUT:
        return P2I_FATE_NETWORK_CUT;
    default:
        return P2I_FATE_TUNNEL_OTHER;
    }
}

bool p2i_like_mpls(const struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    (void)take_stack(&cursor);
    enum below below = what_is_below(cursor.rest, p2i_decoding_left(decoding, cursor.rest));
    return !cursor.failed && below >= BELOW_IP;
}
