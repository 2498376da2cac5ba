/* SPDX-License-Identifier: MIT */
/* 802.11 frames (IEEE 802.11-2020, 9.2.4 and 9.3.2) and the headers that radios add. */
#include "packet/internal.h"

enum { MAC_SIZE = 6, MACS_SIZE = 2 * MAC_SIZE };

/* First byte of frame control: version, type and subtype. */
enum {
    TYPE_MASK = 0x0c, /* bits of the type */
    TYPE_DATA = 0x08,
    VERSION_MASK = 0x03,
    SUBTYPE_NO_DATA = 0x40,
    SUBTYPE_QOS = 0x80,
};

/* Second byte of frame control: flags. */
enum {
    TO_DS = 0x01,
    FROM_DS = 0x02,
    MORE_FRAGMENTS = 0x04,
    PROTECTED = 0x40,
    ORDER = 0x80, /* in QoS data: an HT control field follows */
};

enum { FIXED_SIZE = 24, QOS_SIZE = 2, HT_CONTROL_SIZE = 4, QOS_A_MSDU = 0x80 };

/* 9.3.2.1: the order of the addresses depends on the direction. */
static void addresses(struct p2i_decoding *decoding, struct p2i_view fixed, struct p2i_view fourth,
                      uint8_t flags)
{
    const uint8_t *first = fixed.data + 4;
    const uint8_t *second = first + MAC_SIZE;
    const uint8_t *third = second + MAC_SIZE;
    switch (flags & (TO_DS | FROM_DS)) {
    case 0:
        p2i_decoding_macs(decoding, first, second);
        break;
    case FROM_DS:
        p2i_decoding_macs(decoding, first, third);
        break;
    case TO_DS:
        p2i_decoding_macs(decoding, third, second);
        break;
    default:
        p2i_decoding_macs(decoding, third, fourth.data);
        break;
    }
}

/* 9.3.2.2: the first MSDU of an aggregate: destination, source, length, LLC. */
static enum p2i_fate first_msdu(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    struct p2i_view macs = p2i_take(&cursor, MACS_SIZE);
    uint16_t size = p2i_be16(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_macs(decoding, macs.data, macs.data + MAC_SIZE);
    return p2i_decode_llc(decoding, p2i_decoding_bound(decoding, cursor.rest, size));
}

/* `padded`: the radio aligned the frame body to four bytes. */
static enum p2i_fate frame_80211(struct p2i_decoding *decoding, struct p2i_view frame, bool padded)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    struct p2i_view fixed = p2i_take(&cursor, FIXED_SIZE);
    if (cursor.failed) {
        /* Frames without data may be shorter. */
        bool data = frame.size >= 1 && (frame.data[0] & TYPE_MASK) == TYPE_DATA;
        return data || frame.size == 0 ? P2I_FATE_LINK_CUT : P2I_FATE_LINK_OTHER;
    }
    for (size_t at = 4; decoding->trace != NULL && at <= 16; at += MAC_SIZE) {
        p2i_decoding_trace_macs(decoding, NULL, fixed.data + at);
    }
    uint8_t control = fixed.data[0];
    uint8_t flags = fixed.data[1];
    bool fragment = (flags & MORE_FRAGMENTS) != 0 || (fixed.data[22] & 0x0f) != 0;
    if ((control & (TYPE_MASK | VERSION_MASK)) != TYPE_DATA || (control & SUBTYPE_NO_DATA) != 0 ||
        (flags & PROTECTED) != 0 || fragment) {
        return P2I_FATE_LINK_OTHER;
    }
    struct p2i_view fourth = {0};
    if ((flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS)) {
        fourth = p2i_take(&cursor, MAC_SIZE);
    }
    uint8_t qos = 0;
    if ((control & SUBTYPE_QOS) != 0) {
        qos = p2i_u8(&cursor);
        p2i_skip(&cursor, QOS_SIZE - 1);
        p2i_skip(&cursor, (flags & ORDER) != 0 ? HT_CONTROL_SIZE : 0);
    }
    if (padded) {
        p2i_skip(&cursor, cursor.failed ? 0 : (0 - (frame.size - cursor.rest.size)) & 3);
    }
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if ((qos & QOS_A_MSDU) != 0) {
        return first_msdu(decoding, cursor.rest);
    }
    addresses(decoding, fixed, fourth, flags);
    return p2i_decode_llc(decoding, cursor.rest);
}

enum p2i_fate p2i_decode_80211(struct p2i_decoding *decoding, struct p2i_view frame)
{
    return frame_80211(decoding, frame, false);
}

/* The flags are the second field of radiotap (https://www.radiotap.org), behind the presence words
 * and the time stamp, which is aligned to eight bytes. */
static bool radiotap_says_padded(struct p2i_view header)
{
    enum { HAS_TIME = 1 << 0, HAS_FLAGS = 1 << 1, FLAG_PADDED = 0x20 };
    struct p2i_cursor cursor = p2i_cursor_of(header);
    p2i_skip(&cursor, 4);
    struct p2i_view word = p2i_take(&cursor, 4);
    if (cursor.failed || (p2i_load_le32(word.data) & HAS_FLAGS) == 0) {
        return false;
    }
    bool has_time = (p2i_load_le32(word.data) & HAS_TIME) != 0;
    while (!cursor.failed && (p2i_load_le32(word.data) & UINT32_C(1) << 31) != 0) {
        word = p2i_take(&cursor, 4); /* one more word */
    }
    if (has_time && !cursor.failed) {
        p2i_skip(&cursor, ((0 - (header.size - cursor.rest.size)) & 7) + 8);
    }
    return (p2i_u8(&cursor) & FLAG_PADDED) != 0;
}

enum p2i_fate p2i_decode_radiotap(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { LEAST = 8 };
    if (frame.size < LEAST) {
        return P2I_FATE_LINK_CUT;
    }
    size_t size = p2i_load_le16(frame.data + 2);
    if (frame.data[0] != 0 || size < LEAST) {
        return P2I_FATE_LINK_OTHER;
    }
    if (size > frame.size) {
        return P2I_FATE_LINK_CUT;
    }
    bool padded = radiotap_says_padded(p2i_view_first(frame, size));
    return frame_80211(decoding, p2i_view_from(frame, size), padded);
}

/* AVS: magic number with the version, then the length of the header. */
enum p2i_fate p2i_decode_avs(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { LEAST = 8 };
    if (frame.size < LEAST) {
        return P2I_FATE_LINK_CUT;
    }
    uint32_t size = p2i_load_be32(frame.data + 4);
    if (size < LEAST) {
        return P2I_FATE_LINK_OTHER;
    }
    if (size > frame.size) {
        return P2I_FATE_LINK_CUT;
    }
    return frame_80211(decoding, p2i_view_from(frame, size), false);
}

/* Prism headers have a fixed size, but some drivers write AVS headers under this link type. */
enum p2i_fate p2i_decode_prism(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { PRISM_SIZE = 144 };
    if (frame.size >= 4 && p2i_load_be32(frame.data) >> 8 == 0x802110) {
        return p2i_decode_avs(decoding, frame);
    }
    if (frame.size < PRISM_SIZE) {
        return P2I_FATE_LINK_CUT;
    }
    return frame_80211(decoding, p2i_view_from(frame, PRISM_SIZE), false);
}
