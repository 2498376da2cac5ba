/* SPDX-License-Identifier: MIT */
#include "protocol/quic/frames.h"

#include "protocol/quic/packet.h"

static void skip_ack(struct p2i_cursor *cursor, bool ecn)
{
    (void)p2i_quic_varint(cursor); /* largest */
    (void)p2i_quic_varint(cursor); /* delay */
    uint64_t ranges = p2i_quic_varint(cursor);
    (void)p2i_quic_varint(cursor); /* first range */
    for (; ranges > 0 && !cursor->failed; ranges--) {
        (void)p2i_quic_varint(cursor);
        (void)p2i_quic_varint(cursor);
    }
    for (unsigned counts = ecn ? 3 : 0; counts > 0; counts--) {
        (void)p2i_quic_varint(cursor);
    }
}

/* The last packet of a client's datagram is mostly padding (RFC 9000 14.1). */
static void skip_padding(struct p2i_cursor *cursor)
{
    while (cursor->rest.size >= sizeof(uint64_t) && p2i_load_be64(cursor->rest.data) == 0) {
        p2i_skip(cursor, sizeof(uint64_t));
    }
}

/* Behind the type, which is the first byte of `frame`. */
static bool read_part(struct p2i_cursor *cursor, struct p2i_view frame, struct p2i_quic_part *part)
{
    part->offset = p2i_quic_varint(cursor);
    size_t size = p2i_quic_length(cursor);
    if (cursor->failed) {
        return false;
    }
    part->bytes = p2i_view_first(cursor->rest, size);
    part->frame = p2i_view_first(frame, frame.size - cursor->rest.size + part->bytes.size);
    p2i_skip(cursor, size);
    return true;
}

bool p2i_quic_next_part(struct p2i_quic_frames *frames, struct p2i_quic_part *part)
{
    enum { PADDING = 0, PING = 1, ACK = 2, ACK_ECN = 3, CRYPTO = 6, GOOGLE_CRYPTO = 8 };
    struct p2i_cursor *cursor = &frames->rest;
    while (!cursor->failed && cursor->rest.size > 0) {
        struct p2i_view frame = cursor->rest;
        uint8_t type = p2i_u8(cursor);
        switch (type) {
        case PADDING:
            skip_padding(cursor);
            break;
        case PING:
            break;
        case ACK:
        case ACK_ECN:
            skip_ack(cursor, type == ACK_ECN);
            break;
        case CRYPTO:
        case GOOGLE_CRYPTO:
            return read_part(cursor, frame, part);
        default:
            frames->stopped = true;
            cursor->failed = true;
        }
    }
    return false;
}
