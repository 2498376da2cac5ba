/* SPDX-License-Identifier: MIT */
#include "base/erf.h"

#include "pcap2ipfix/cursor.h"

enum {
    EXTENDED = 0x80,    /* bit of the type: an extension header follows */
    EXTENSION_SIZE = 8, /* of each extension header; its first byte has the same bit */
    EXTENSIONS_USUAL = 16,
    PADDING_MAX = 15,     /* records are padded to eight bytes; some writers pad more */
    FLAG_RESERVED = 0x80, /* never set */
    MC_SUBHEADER = 4,     /* size; types that begin with MC, and AAL2 */
    ETHERNET_PADDING = 2, /* bytes before Ethernet, which align IP */
    ATM_HEADER = 4,       /* of the last cell, before the reassembled AAL5 payload */
    LINK_ETHERNET = 1,
    LINK_HDLC = 50, /* PPP, or Cisco HDLC */
    LINK_ATM = 100,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    NONE = P2I_ERF_LINK_TYPE,
};

/* Indexed by record type. */
static const struct {
    uint8_t subheader;  /* bytes before the payload; the wire length does not count them */
    uint8_t counted;    /* bytes before the payload; the wire length counts them */
    uint16_t link_type; /* 0: unknown type */
} types[] = {
    [1] = {0, 0, LINK_HDLC}, /* HDLC, packet over SONET */
    [2] = {ETHERNET_PADDING, 0, LINK_ETHERNET},
    [3] = {0, 0, NONE},              /* ATM cell */
    [4] = {0, ATM_HEADER, LINK_ATM}, /* AAL5 */
    [5] = {MC_SUBHEADER, 0, LINK_HDLC},
    [6] = {MC_SUBHEADER, 0, NONE},              /* raw time slots */
    [7] = {MC_SUBHEADER, 0, NONE},              /* ATM cell */
    [8] = {MC_SUBHEADER, 0, NONE},              /* MC, raw line */
    [9] = {MC_SUBHEADER, ATM_HEADER, LINK_ATM}, /* AAL5 */
    [10] = {0, 0, LINK_HDLC},                   /* as 1, with a colour */
    [11] = {ETHERNET_PADDING, 0, LINK_ETHERNET},
    [12] = {MC_SUBHEADER, 0, NONE}, /* AAL2 */
    [13] = {0, 0, NONE},            /* counters of addresses */
    [14] = {0, 0, NONE},            /* counters of flows */
    [15] = {0, 0, LINK_HDLC},       /* as 1, with a colour and a stream */
    [16] = {ETHERNET_PADDING, 0, LINK_ETHERNET},
    [17] = {MC_SUBHEADER, 0, LINK_HDLC}, /* as 5, with a colour */
    [18] = {MC_SUBHEADER, 0, NONE},      /* AAL2 */
    [19] = {0, 0, LINK_HDLC},            /* as 1, with a colour and a hash */
    [20] = {ETHERNET_PADDING, 0, LINK_ETHERNET},
    [21] = {0, 0, NONE}, /* InfiniBand */
    [22] = {0, 0, LINK_IPV4},
    [23] = {0, 0, LINK_IPV6},
    [24] = {0, 0, NONE}, /* raw SONET */
    [25] = {0, 0, NONE}, /* InfiniBand link packets */
    [P2I_ERF_TYPE_META] = {0, 0, NONE},
    [28] = {0, 0, NONE}, /* Omni-Path */
    [29] = {0, 0, NONE}, /* Omni-Path, with its check sequence */
    [P2I_ERF_TYPE_PAD] = {0, 0, NONE},
};

static bool is_known(uint8_t type)
{
    return type < sizeof types / sizeof types[0] && types[type].link_type != 0;
}

/* ERF time stamps are little-endian: 32 bits of fraction, then 32 bits of seconds. */
static uint64_t time_of(const uint8_t *data)
{
    const uint64_t ns_per_s = 1000000000;
    uint64_t fraction = p2i_load_le32(data);
    uint64_t half = UINT64_C(1) << 31;
    return p2i_load_le32(data + 4) * ns_per_s + ((fraction * ns_per_s + half) >> 32);
}

struct p2i_erf_header p2i_erf_header(const uint8_t *data)
{
    uint8_t type = data[8] & (EXTENDED - 1U);
    uint16_t size = p2i_load_be16(data + 10);
    bool extended = (data[8] & EXTENDED) != 0;
    size_t least = P2I_ERF_HEADER + (extended ? EXTENSION_SIZE : 0);
    size_t slack = PADDING_MAX + (extended ? EXTENSIONS_USUAL * EXTENSION_SIZE : 0);
    bool known = is_known(type);
    if (known) {
        least += types[type].subheader + (size_t)types[type].counted;
    }
    return (struct p2i_erf_header){
        .time_ns = time_of(data),
        .time_s = p2i_load_le32(data + 4),
        .size = size,
        .type = type,
        .valid = known && size >= least && (data[9] & FLAG_RESERVED) == 0,
        .oversized = type != P2I_ERF_TYPE_PAD && size > least + p2i_load_be16(data + 14) + slack,
    };
}

bool p2i_erf_open(struct p2i_view record, struct p2i_erf_payload *payload)
{
    struct p2i_cursor cursor = p2i_cursor_of(record);
    struct p2i_view fixed = p2i_take(&cursor, P2I_ERF_HEADER);
    if (cursor.failed) {
        return false;
    }
    struct p2i_erf_header header = p2i_erf_header(fixed.data);
    uint32_t wire_size = p2i_load_be16(fixed.data + 14);
    cursor = p2i_cursor_of(p2i_view_first(record, header.size));
    p2i_skip(&cursor, P2I_ERF_HEADER);
    uint8_t more = fixed.data[8];
    while ((more & EXTENDED) != 0 && !cursor.failed) {
        more = p2i_u8(&cursor);
        p2i_skip(&cursor, EXTENSION_SIZE - 1);
    }
    bool known = is_known(header.type);
    size_t counted = known ? types[header.type].counted : 0;
    p2i_skip(&cursor, known ? types[header.type].subheader + counted : 0);
    if (cursor.failed) {
        return false;
    }
    uint32_t original = wire_size > counted ? wire_size - (uint32_t)counted : 0;
    *payload = (struct p2i_erf_payload){
        .bytes = p2i_view_first(cursor.rest, original), /* cuts off the padding behind the packet */
        .original_size = original,
        .link_type = known ? types[header.type].link_type : NONE,
    };
    return true;
}
