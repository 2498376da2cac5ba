/* SPDX-License-Identifier: MIT */
/* GRE (RFC 2784, 2890; source routing of RFC 1701; enhanced GRE of PPTP, RFC 2637) and its
 * payloads: IP, MPLS, Ethernet, PPP, ERSPAN, WCCP and 802.11. */
#include "packet/internal.h"

enum {
    FLAG_CHECKSUM = 0x8000,
    FLAG_ROUTING = 0x4000,
    FLAG_KEY = 0x2000,
    FLAG_SEQUENCE = 0x1000,
    FLAG_ACKNOWLEDGEMENT = 0x0080, /* version 1 only */
    VERSION_MASK = 0x0007,
};

/* Protocol types that are not EtherTypes. */
enum {
#define GRE(number, name, decode, what, source) GRE_##name = (number),
#include "packet/encapsulations.def"
    GRE_WIRELESS_LAST = 0x8370,
};

/* ERSPAN (draft-foschiano-erspan). Type I has no header and no GRE sequence number; the other types
 * begin with a version. */
static enum p2i_fate erspan(struct p2i_decoding *decoding, uint16_t flags, struct p2i_view rest)
{
    enum { TYPE_2 = 1, TYPE_3 = 2, FRAME_IP = 2, SUBHEADER_SIZE = 8 };
    if ((flags & FLAG_SEQUENCE) == 0) {
        return p2i_decode_ethernet(decoding, rest);
    }
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    unsigned version = p2i_u8(&cursor) >> 4;
    unsigned frame_type = 0;
    p2i_skip(&cursor, 7);
    if (version == TYPE_3) {
        p2i_skip(&cursor, 2); /* security group */
        uint16_t bits = p2i_be16(&cursor);
        frame_type = bits >> 10 & 0x1f;
        p2i_skip(&cursor, (bits & 1) != 0 ? SUBHEADER_SIZE : 0);
    }
    if (cursor.failed || (version != TYPE_2 && version != TYPE_3)) {
        return P2I_FATE_TUNNEL_OTHER;
    }
    return frame_type == FRAME_IP ? p2i_decode_ip(decoding, cursor.rest)
                                  : p2i_decode_ethernet(decoding, cursor.rest);
}

/* WCCP version 2 puts four bytes before the IP header; their first byte cannot begin an IPv4
 * header. */
static enum p2i_fate wccp(struct p2i_decoding *decoding, uint16_t flags, struct p2i_view rest)
{
    (void)flags;
    bool redirected = rest.size > 0 && rest.data[0] >> 4 != 4;
    return p2i_decode_ipv4(decoding, p2i_view_from(rest, redirected ? 4 : 0));
}

static enum p2i_fate bridged(struct p2i_decoding *decoding, uint16_t flags, struct p2i_view rest)
{
    (void)flags;
    return p2i_decode_ethernet(decoding, rest);
}

static enum p2i_fate ppp(struct p2i_decoding *decoding, uint16_t flags, struct p2i_view rest)
{
    (void)flags;
    return p2i_decode_ppp(decoding, rest);
}

static enum p2i_fate wireless(struct p2i_decoding *decoding, uint16_t flags, struct p2i_view rest)
{
    (void)flags;
    return p2i_decode_80211(decoding, rest);
}

/* Aruba: between access points and controllers; the type contains a tunnel number. */
static bool is_wireless(uint16_t type)
{
    return type >= GRE_WIRELESS && type <= GRE_WIRELESS_LAST && (type & 0x0f) == 0;
}

static enum p2i_fate inside(struct p2i_decoding *decoding, uint16_t flags, uint16_t type,
                            struct p2i_view rest)
{
    switch (is_wireless(type) ? GRE_WIRELESS : type) {
#define GRE(number, name, decode, what, source)                                                    \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_GRE_##name);                                 \
        return decode(decoding, flags, rest);
#include "packet/encapsulations.def"
    default:
        return p2i_opens_ethertype(type) || type == P2I_ETHERTYPE_ARP
                   ? p2i_decode_ethertype(decoding, type, rest)
                   : P2I_FATE_TUNNEL_OTHER;
    }
}

/* RFC 1701: source route entries with their sizes; an empty one is the last. */
static void skip_routes(struct p2i_cursor *cursor)
{
    uint8_t size;
    uint16_t family;
    do {
        family = p2i_be16(cursor);
        p2i_skip(cursor, 1);
        size = p2i_u8(cursor);
        p2i_skip(cursor, size);
    } while (!cursor->failed && (family != 0 || size != 0));
}

/* RFC 2637, 4.1. A packet without a sequence number has no payload; it only acknowledges. */
static enum p2i_fate enhanced(struct p2i_decoding *decoding, uint16_t flags, uint16_t type,
                              struct p2i_cursor *cursor)
{
    uint16_t size = p2i_be16(cursor);
    p2i_skip(cursor, 2 + 4); /* call, sequence number */
    p2i_skip(cursor, (flags & FLAG_ACKNOWLEDGEMENT) != 0 ? 4 : 0);
    if (cursor->failed || type != GRE_PPP || (flags & FLAG_KEY) == 0 ||
        (flags & FLAG_SEQUENCE) == 0) {
        return P2I_FATE_TUNNEL_OTHER;
    }
    return p2i_decode_ppp(decoding, p2i_decoding_bound(decoding, cursor->rest, size));
}

/* Notes flags, type and the numbers that the flags announce, but no routes. */
static void trace_header(struct p2i_decoding *decoding, uint16_t flags, struct p2i_view rest)
{
    static const uint16_t announced[] = {FLAG_CHECKSUM | FLAG_ROUTING, FLAG_KEY, FLAG_SEQUENCE};
    bool is_enhanced = (flags & VERSION_MASK) != 0;
    size_t size = is_enhanced && (flags & FLAG_ACKNOWLEDGEMENT) != 0 ? 4 + 4 : 4;
    for (size_t i = 0; i < sizeof announced / sizeof *announced; i++) {
        size += (flags & announced[i]) != 0 ? 4 : 0;
    }
    if (!is_enhanced && (flags & FLAG_CHECKSUM) != 0) {
        p2i_decoding_trace(decoding,
                           (struct p2i_trace_header){.bytes = rest,
                                                     .length = p2i_decoding_left(decoding, rest),
                                                     .kind = P2I_TRACE_GRE});
    }
    p2i_decoding_trace_numbers(decoding, rest, size);
}

enum p2i_fate p2i_decode_gre(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t flags = p2i_be16(&cursor);
    uint16_t type = p2i_be16(&cursor);
    unsigned version = flags & VERSION_MASK;
    if (decoding->trace != NULL) {
        trace_header(decoding, flags, rest);
    }
    if (version == 1) {
        return enhanced(decoding, flags, type, &cursor);
    }
    if ((flags & (FLAG_CHECKSUM | FLAG_ROUTING)) != 0) {
        p2i_skip(&cursor, 4);
    }
    p2i_skip(&cursor, (flags & FLAG_KEY) != 0 ? 4 : 0);
    p2i_skip(&cursor, (flags & FLAG_SEQUENCE) != 0 ? 4 : 0);
    if ((flags & FLAG_ROUTING) != 0) {
        skip_routes(&cursor);
    }
    if (cursor.failed || version != 0) {
        return P2I_FATE_TUNNEL_OTHER;
    }
    return inside(decoding, flags, type, cursor.rest);
}
