/* SPDX-License-Identifier: MIT */
/* Tunnels that UDP carries. A port alone makes no tunnel, as anyone may use it: the header has to
 * be right and what it encloses has to look like what it says. */
#include "packet/internal.h"

static enum p2i_fate enter(struct p2i_decoding *decoding, uint16_t type, struct p2i_view rest)
{
    if (!p2i_decoding_enter(decoding)) {
        return P2I_FATE_TUNNEL_DEEP;
    }
    switch (type) {
    case P2I_ETHERTYPE_TRANSPARENT:
        return p2i_decode_ethernet(decoding, rest);
    case P2I_ETHERTYPE_MPLS:
        return p2i_decode_mpls(decoding, rest);
    case P2I_ETHERTYPE_PPP:
        return p2i_decode_ppp(decoding, rest);
    default:
        return p2i_decode_ip(decoding, rest);
    }
}

/* RFC 7348, 5: of the flags only the one for "the VNI is valid" counts. */
static bool vxlan(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { FLAG_VNI = 0x08 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    p2i_skip(&cursor, 3);
    uint32_t vni = p2i_be24(&cursor);
    p2i_skip(&cursor, 1);
    if (cursor.failed || (flags & FLAG_VNI) == 0 || !p2i_like_ethernet(cursor.rest)) {
        return false;
    }
    p2i_decoding_scope(decoding, P2I_SCOPE_VXLAN, vni);
    *fate = enter(decoding, P2I_ETHERTYPE_TRANSPARENT, cursor.rest);
    return true;
}

static bool like(uint16_t type, struct p2i_view rest)
{
    switch (type) {
    case P2I_ETHERTYPE_TRANSPARENT:
        return p2i_like_ethernet(rest);
    case P2I_ETHERTYPE_IPV4:
    case P2I_ETHERTYPE_IPV6:
        return p2i_like_ip(rest);
    case P2I_ETHERTYPE_MPLS:
        return true;
    default:
        return false;
    }
}

/* RFC 8926, 3.4. Control packets (O) are left as they are. */
static bool geneve(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { FLAG_CONTROL = 0x80 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t version_size = p2i_u8(&cursor);
    uint8_t flags = p2i_u8(&cursor);
    uint16_t type = p2i_be16(&cursor);
    uint32_t vni = p2i_be24(&cursor);
    p2i_skip(&cursor, 1 + (size_t)(version_size & 0x3f) * 4); /* reserved, options */
    if (cursor.failed || version_size >> 6 != 0 || (flags & FLAG_CONTROL) != 0 ||
        !like(type, cursor.rest)) {
        return false;
    }
    p2i_decoding_scope(decoding, P2I_SCOPE_GENEVE, vni);
    *fate = enter(decoding, type, cursor.rest);
    return true;
}

enum { GTP_G_PDU = 0xff };

/* 3GPP TS 29.281, 5.1 and 5.2: version 1, extension headers behind one another. */
static bool gtp_u(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { VERSION_1 = 0x30, VERSION_MASK = 0xf0, HAS_EXTENSION = 0x04, HAS_OPTIONS = 0x07 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    uint8_t type = p2i_u8(&cursor);
    uint16_t size = p2i_be16(&cursor);
    p2i_skip(&cursor, 4); /* tunnel endpoint */
    if (cursor.failed || (flags & VERSION_MASK) != VERSION_1 || type != GTP_G_PDU) {
        return false;
    }
    cursor = p2i_cursor_of(p2i_decoding_bound(decoding, cursor.rest, size));
    if ((flags & HAS_OPTIONS) != 0) {
        p2i_skip(&cursor, 2 + 1); /* sequence number, N-PDU number */
        uint8_t next = p2i_u8(&cursor);
        next = (flags & HAS_EXTENSION) != 0 ? next : 0;
        while (next != 0 && !cursor.failed) {
            size_t words = p2i_u8(&cursor); /* of four bytes, this byte and the last included */
            if (words == 0) {
                return false;
            }
            p2i_skip(&cursor, words * 4 - 2);
            next = p2i_u8(&cursor);
        }
    }
    if (cursor.failed || !p2i_like_ip(cursor.rest)) {
        return false;
    }
    *fate = enter(decoding, P2I_ETHERTYPE_IPV4, cursor.rest);
    return true;
}

/* 3GPP TS 29.060 as of 1998 (GSM 09.60), 6: version 0, a header of one size. */
static bool gtp_0(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { VERSION_0 = 0x10, VERSION_MASK = 0xf0, HEADER_SIZE = 20 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    uint8_t type = p2i_u8(&cursor);
    p2i_skip(&cursor, HEADER_SIZE - 2);
    if (cursor.failed || (flags & VERSION_MASK) != VERSION_0 || type != GTP_G_PDU ||
        !p2i_like_ip(cursor.rest)) {
        return false;
    }
    *fate = enter(decoding, P2I_ETHERTYPE_IPV4, cursor.rest);
    return true;
}

/* RFC 2661, 3.1: data messages of version 2. */
static bool l2tp(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum {
        FLAG_CONTROL = 0x8000,
        FLAG_LENGTH = 0x4000,
        FLAG_SEQUENCE = 0x0800,
        FLAG_OFFSET = 0x0200,
        RESERVED = 0x34f0,
        VERSION_MASK = 0x000f,
    };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t flags = p2i_be16(&cursor);
    if ((flags & (FLAG_CONTROL | RESERVED)) != 0 || (flags & VERSION_MASK) != 2) {
        return false;
    }
    p2i_skip(&cursor, (flags & FLAG_LENGTH) != 0 ? 2 : 0);
    p2i_skip(&cursor, 2 + 2); /* tunnel, session */
    p2i_skip(&cursor, (flags & FLAG_SEQUENCE) != 0 ? 4 : 0);
    if ((flags & FLAG_OFFSET) != 0) {
        uint16_t offset = p2i_be16(&cursor);
        p2i_skip(&cursor, offset);
    }
    if (cursor.failed || !p2i_like_ppp(cursor.rest)) {
        return false;
    }
    *fate = enter(decoding, P2I_ETHERTYPE_PPP, cursor.rest);
    return true;
}

/* Most tunnels name the port they go to only; the one they come from spreads load. */
bool p2i_decode_udp_tunnel(struct p2i_decoding *decoding, uint16_t source_port,
                           uint16_t destination_port, struct p2i_view rest, enum p2i_fate *fate)
{
    switch (destination_port) {
#define UDP_TO(number, name, decode, what, source)                                                 \
    case number:                                                                                   \
        return decode(decoding, rest, fate);
#define UDP_EITHER(number, name, decode, what, source)                                             \
    case number:                                                                                   \
        return decode(decoding, rest, fate);
#include "packet/encapsulations.def"
    default:
        break;
    }
    switch (source_port) {
#define UDP_EITHER(number, name, decode, what, source)                                             \
    case number:                                                                                   \
        return decode(decoding, rest, fate);
#include "packet/encapsulations.def"
    default:
        return false;
    }
}
