/* SPDX-License-Identifier: MIT */
#include "protocol/quic/packet.h"

enum { LONG_HEADER = 0x80, FIXED_BIT = 0x40, TYPE_SHIFT = 4, TYPE_MASK = 3 };
enum { HEADER_MIN = 7 }; /* first byte, version, two lengths */

enum p2i_quic_family p2i_quic_family_of(uint32_t version)
{
    enum { DRAFT = 0xff0000, FIRST_DRAFT = 21, LAST_DRAFT = 34 };
    if (version >> 8 == DRAFT) {
        unsigned draft = version & 0xff;
        if (draft < FIRST_DRAFT || draft > LAST_DRAFT) {
            return P2I_QUIC_UNKNOWN;
        }
        return draft <= 22   ? P2I_QUIC_DRAFT_21
               : draft <= 28 ? P2I_QUIC_DRAFT_23
               : draft <= 32 ? P2I_QUIC_DRAFT_29
                             : P2I_QUIC_V1;
    }
    switch (version) {
    case 0x00000001:
        return P2I_QUIC_V1;
    case 0x6b3343cf:
        return P2I_QUIC_V2;
    case 0xfaceb001: /* Facebook's mvfst, from draft 22 and 27 */
        return P2I_QUIC_DRAFT_21;
    case 0xfaceb002:
    case 0xfaceb00e:
        return P2I_QUIC_DRAFT_23;
    case 0x51303530: /* "Q050" */
        return P2I_QUIC_Q050;
    case 0x54303530:
        return P2I_QUIC_T050;
    case 0x54303531:
        return P2I_QUIC_T051;
    default:
        return P2I_QUIC_UNKNOWN;
    }
}

uint64_t p2i_quic_varint(struct p2i_cursor *cursor)
{
    uint64_t value = p2i_u8(cursor);
    unsigned more = (1U << (value >> 6)) - 1;
    value &= 0x3f;
    for (; more > 0; more--) {
        value = value << 8 | p2i_u8(cursor);
    }
    return value;
}

size_t p2i_quic_length(struct p2i_cursor *cursor)
{
    uint64_t length = p2i_quic_varint(cursor);
    return length <= cursor->rest.size ? (size_t)length : cursor->rest.size + 1;
}

bool p2i_quic_is_long(struct p2i_view bytes)
{
    enum { LONG = LONG_HEADER | FIXED_BIT };
    return bytes.size >= HEADER_MIN && (bytes.data[0] & LONG) == LONG &&
           bytes.data[5] <= P2I_QUIC_CID_MAX &&
           p2i_quic_family_of(p2i_load_be32(bytes.data + 1)) != P2I_QUIC_UNKNOWN;
}

static enum p2i_quic_type type_of(const struct p2i_quic_packet *packet)
{
    unsigned bits = packet->bytes.data[0] >> TYPE_SHIFT & TYPE_MASK;
    /* In version 2 the types are rotated by one (RFC 9369 3.2). */
    return (enum p2i_quic_type)(packet->family == P2I_QUIC_V2 ? (bits + 3) & TYPE_MASK : bits);
}

bool p2i_quic_packet_next(struct p2i_view *datagram, struct p2i_quic_packet *packet)
{
    if (!p2i_quic_is_long(*datagram)) {
        return false;
    }
    struct p2i_cursor cursor = p2i_cursor_of(*datagram);
    *packet = (struct p2i_quic_packet){.bytes = *datagram};
    p2i_skip(&cursor, 1);
    packet->version = p2i_be32(&cursor);
    packet->family = p2i_quic_family_of(packet->version);
    packet->type = type_of(packet);
    packet->destination = p2i_take(&cursor, p2i_u8(&cursor));
    uint8_t source_size = p2i_u8(&cursor);
    p2i_skip(&cursor, source_size);
    if (packet->type == P2I_QUIC_INITIAL) {
        p2i_skip(&cursor, p2i_quic_length(&cursor)); /* token */
    }
    if (packet->type != P2I_QUIC_RETRY) {
        packet->length = p2i_quic_varint(&cursor);
    } else {
        packet->length = cursor.rest.size;
    }
    if (cursor.failed || source_size > P2I_QUIC_CID_MAX) {
        return false;
    }
    packet->number_at = datagram->size - cursor.rest.size;
    packet->cut = packet->length > cursor.rest.size;
    size_t size = packet->cut ? datagram->size : packet->number_at + (size_t)packet->length;
    packet->bytes = p2i_view_first(*datagram, size);
    *datagram = p2i_view_from(*datagram, size);
    return true;
}
