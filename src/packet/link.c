/* SPDX-License-Identifier: MIT */
/* Link types: one function for each header. The layouts are those of
 * https://www.tcpdump.org/linktypes.html and of the standards named. */
#include "base/erf.h"
#include "packet/internal.h"

enum {
#define LINK(number, name, decode, what) LINK_##name = (number),
#include "packet/encapsulations.def"
};

enum { MAC_SIZE = 6, MACS_SIZE = 2 * MAC_SIZE };

/* Decodes IP by the address family of the capturing system. */
static enum p2i_fate by_family(struct p2i_decoding *decoding, uint32_t family, struct p2i_view rest)
{
    switch (family) {
    case 2:
        return p2i_decode_ipv4(decoding, rest);
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
        return p2i_decode_ipv6(decoding, rest);
    default:
        return P2I_FATE_NETWORK_OTHER;
    }
}

/* Reads an address family. Its byte order is that of the writer, and detectable because families
 * are small numbers. */
static uint32_t take_family(struct p2i_cursor *cursor)
{
    struct p2i_view number = p2i_take(cursor, 4);
    if (cursor->failed) {
        return 0;
    }
    uint32_t big = p2i_load_be32(number.data);
    return big <= UINT16_MAX ? big : p2i_load_le32(number.data);
}

/* A family of four bytes, then `skipped` bytes. */
static enum p2i_fate family_header(struct p2i_decoding *decoding, struct p2i_view frame,
                                   size_t skipped)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    uint32_t family = take_family(&cursor);
    p2i_skip(&cursor, skipped);
    return cursor.failed ? P2I_FATE_LINK_CUT : by_family(decoding, family, cursor.rest);
}

static enum p2i_fate null_loopback(struct p2i_decoding *decoding, struct p2i_view frame)
{
    return family_header(decoding, frame, 0);
}

static enum p2i_fate enc(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { ENC_REST = 8 }; /* security parameters index, flags */
    return family_header(decoding, frame, ENC_REST);
}

/* Length, family and other fields; the header is padded to a multiple of four. */
static enum p2i_fate pflog(struct p2i_decoding *decoding, struct p2i_view frame)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    size_t size = p2i_u8(&cursor);
    uint8_t family = p2i_u8(&cursor);
    size = (size + 3) & ~(size_t)3;
    if (cursor.failed || size > frame.size) {
        return P2I_FATE_LINK_CUT;
    }
    return by_family(decoding, family, p2i_view_from(frame, size));
}

/* 16 bytes of direction and compressed header, then IP. */
static enum p2i_fate slip(struct p2i_decoding *decoding, struct p2i_view frame)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    p2i_skip(&cursor, 16);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    return p2i_decode_ip(decoding, cursor.rest);
}

/* Cisco HDLC: address, control, EtherType. */
static enum p2i_fate c_hdlc(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { SLARP = 0x8035, CDP = 0x2000 };
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    p2i_skip(&cursor, 2);
    uint16_t type = p2i_be16(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if (type == SLARP || type == CDP || type < P2I_ETHERTYPE_MIN) {
        return P2I_FATE_LINK_OTHER;
    }
    return p2i_decode_ethertype(decoding, type, cursor.rest);
}

/* Serial lines may use Cisco HDLC instead of PPP: its addresses are 0x0f (unicast) and 0x8f. */
static enum p2i_fate ppp_or_hdlc(struct p2i_decoding *decoding, struct p2i_view frame)
{
    if (frame.size >= 2 && (frame.data[0] & 0x7f) == 0x0f && frame.data[1] == 0) {
        return c_hdlc(decoding, frame);
    }
    return p2i_decode_ppp(decoding, frame);
}

/* RFC 2427, or Cisco's encapsulation with an EtherType behind the address. */
static enum p2i_fate frame_relay(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { CONTROL_UI = 0x03, NLPID_PAD = 0 };
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    unsigned address_size = 0;
    do { /* Q.922: addresses have two to four bytes, of which the last one is odd */
        address_size++;
    } while ((p2i_u8(&cursor) & 1) == 0 && address_size < 4 && !cursor.failed);
    struct p2i_cursor inside = cursor;
    uint8_t control = p2i_u8(&inside);
    uint8_t nlpid = p2i_u8(&inside);
    if (inside.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if (control != CONTROL_UI) {
        uint16_t type = p2i_be16(&cursor);
        return type >= P2I_ETHERTYPE_MIN ? p2i_decode_ethertype(decoding, type, cursor.rest)
                                         : P2I_FATE_LINK_OTHER;
    }
    if (nlpid == NLPID_PAD) {
        nlpid = p2i_u8(&inside);
    }
    switch (nlpid) {
#define NLPID(number, name, decode, what, source)                                                  \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_NLPID_##name);                               \
        return decode(decoding, inside.rest);
#include "packet/encapsulations.def"
    default:
        return P2I_FATE_LINK_OTHER;
    }
}

/* ISO 9314-2: frame control, addresses, LLC. */
static enum p2i_fate fddi(struct p2i_decoding *decoding, struct p2i_view frame)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    uint8_t control = p2i_u8(&cursor);
    struct p2i_view macs = p2i_take(&cursor, MACS_SIZE);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_macs(decoding, macs.data, macs.data + MAC_SIZE);
    return (control & 0x70) == 0x50 ? p2i_decode_llc(decoding, cursor.rest) : P2I_FATE_LINK_OTHER;
}

/* IEEE 802.5: access control, frame control, addresses, possibly a route, LLC. */
static enum p2i_fate token_ring(struct p2i_decoding *decoding, struct p2i_view frame)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    p2i_skip(&cursor, 1);
    uint8_t control = p2i_u8(&cursor);
    struct p2i_view macs = p2i_take(&cursor, MACS_SIZE);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if ((control & 0xc0) != 0x40) {
        return P2I_FATE_LINK_OTHER;
    }
    p2i_decoding_macs(decoding, macs.data, macs.data + MAC_SIZE);
    if ((macs.data[MAC_SIZE] & 0x80) != 0) { /* routing information, which begins with its size */
        size_t route_size = cursor.rest.size > 0 ? cursor.rest.data[0] & 0x1f : 0;
        p2i_skip(&cursor, route_size > 2 ? route_size : 2);
    }
    return cursor.failed ? P2I_FATE_LINK_CUT : p2i_decode_llc(decoding, cursor.rest);
}

/* Decodes the payload of a Linux cooked header. */
static enum p2i_fate cooked(struct p2i_decoding *decoding, uint16_t arphrd, uint16_t address_size,
                            const uint8_t *address, uint16_t protocol, struct p2i_view rest)
{
    enum { ARPHRD_NETLINK = 824, PROTOCOL_802_3 = 1, PROTOCOL_802_2 = 4 };
    if (arphrd == ARPHRD_NETLINK) {
        return P2I_FATE_LINK_OTHER; /* the protocol field is a netlink family here */
    }
    if (address_size == MAC_SIZE) {
        p2i_decoding_macs(decoding, NULL, address);
    }
    if (protocol == PROTOCOL_802_2) {
        return p2i_decode_llc(decoding, rest);
    }
    if (protocol < P2I_ETHERTYPE_MIN) {
        /* IPX without LLC; or CAN, AppleTalk and other kernel-specific values. */
        return protocol == PROTOCOL_802_3 ? P2I_FATE_NETWORK_OTHER : P2I_FATE_LINK_OTHER;
    }
    return p2i_decode_ethertype(decoding, protocol, rest);
}

static enum p2i_fate linux_sll(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { BEFORE_ADDRESS = 6 };
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    p2i_skip(&cursor, 2); /* packet type: incoming, outgoing ... */
    uint16_t arphrd = p2i_be16(&cursor);
    uint16_t address_size = p2i_be16(&cursor);
    struct p2i_view address = p2i_take(&cursor, 8);
    uint16_t protocol = p2i_be16(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_trace_numbers(decoding, frame, BEFORE_ADDRESS);
    return cooked(decoding, arphrd, address_size, address.data, protocol, cursor.rest);
}

static enum p2i_fate linux_sll2(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { BEFORE_ADDRESS = 12 };
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    uint16_t protocol = p2i_be16(&cursor);
    p2i_skip(&cursor, 2 + 4); /* reserved, interface index */
    uint16_t arphrd = p2i_be16(&cursor);
    p2i_skip(&cursor, 1); /* packet type */
    uint8_t address_size = p2i_u8(&cursor);
    struct p2i_view address = p2i_take(&cursor, 8);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_trace_numbers(decoding, frame, BEFORE_ADDRESS);
    return cooked(decoding, arphrd, address_size, address.data, protocol, cursor.rest);
}

/* Family, version, resource, then attributes with lengths and types in the writer's byte order,
 * which is detectable because types are small. One attribute is the packet. */
static enum p2i_fate nflog(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { ATTRIBUTE_PAYLOAD = 9, ATTRIBUTE_HEADER = 4 };
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    uint8_t family = p2i_u8(&cursor);
    p2i_skip(&cursor, 3);
    while (!cursor.failed) {
        struct p2i_view header = p2i_take(&cursor, ATTRIBUTE_HEADER);
        if (cursor.failed) {
            break;
        }
        uint16_t size = p2i_load_le16(header.data);
        uint16_t type = p2i_load_le16(header.data + 2);
        if (type > UINT8_MAX) {
            size = p2i_load_be16(header.data);
            type = p2i_load_be16(header.data + 2);
        }
        if (size < ATTRIBUTE_HEADER) {
            return P2I_FATE_LINK_OTHER;
        }
        size_t value_size = size - (size_t)ATTRIBUTE_HEADER;
        if (type == ATTRIBUTE_PAYLOAD) {
            return by_family(decoding, family,
                             p2i_decoding_bound(decoding, cursor.rest, (uint32_t)value_size));
        }
        p2i_skip(&cursor, (value_size + 3) & ~(size_t)3);
    }
    return P2I_FATE_LINK_CUT;
}

/* Decodes a frame of another link type inside a header. Such headers must not contain each other.
 */
static enum p2i_fate enclosed(struct p2i_decoding *decoding, uint32_t link_type,
                              struct p2i_view frame)
{
    if (link_type == LINK_PPI || link_type == LINK_PKTAP || link_type == LINK_ERF ||
        link_type > UINT16_MAX) {
        return P2I_FATE_LINK_TYPE;
    }
    return p2i_decode_link(decoding, (uint16_t)link_type, frame);
}

/* CACE PPI, 3.1; little-endian. */
static enum p2i_fate ppi(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { HEADER_SIZE = 8 };
    if (frame.size < HEADER_SIZE) {
        return P2I_FATE_LINK_CUT;
    }
    size_t size = p2i_load_le16(frame.data + 2);
    if (size < HEADER_SIZE) {
        return P2I_FATE_LINK_OTHER;
    }
    if (size > frame.size) {
        return P2I_FATE_LINK_CUT;
    }
    return enclosed(decoding, p2i_load_le32(frame.data + 4), p2i_view_from(frame, size));
}

/* Darwin: length, record type, link type and other fields. */
static enum p2i_fate pktap(struct p2i_decoding *decoding, struct p2i_view frame)
{
    enum { HEADER_SIZE = 12, RECORD_PACKET = 1 };
    if (frame.size < HEADER_SIZE) {
        return P2I_FATE_LINK_CUT;
    }
    uint32_t size = p2i_load_le32(frame.data);
    if (size < HEADER_SIZE || p2i_load_le32(frame.data + 4) != RECORD_PACKET) {
        return P2I_FATE_LINK_OTHER;
    }
    if (size > frame.size) {
        return P2I_FATE_LINK_CUT;
    }
    return enclosed(decoding, p2i_load_le32(frame.data + 8), p2i_view_from(frame, size));
}

/* An ERF record (base/erf.h); not all of them contain a packet. */
static enum p2i_fate erf_record(struct p2i_decoding *decoding, struct p2i_view frame)
{
    struct p2i_erf_payload payload;
    if (!p2i_erf_open(frame, &payload)) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_trace_numbers(decoding, frame, P2I_ERF_HEADER);
    if (payload.link_type == LINK_ERF) {
        return P2I_FATE_LINK_OTHER;
    }
    return enclosed(decoding, payload.link_type,
                    p2i_decoding_bound(decoding, payload.bytes, payload.original_size));
}

enum p2i_fate p2i_decode_link(struct p2i_decoding *decoding, uint16_t link_type,
                              struct p2i_view frame)
{
    if (link_type == LINK_ETHERNET) {
        (void)p2i_decoding_note(decoding, P2I_FEATURE_LINK_ETHERNET);
        return p2i_decode_ethernet(decoding, frame);
    }
    switch (link_type) {
#define LINK(number, name, decode, what)                                                           \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_LINK_##name);                                \
        return decode(decoding, frame);
#include "packet/encapsulations.def"
    default:
        return P2I_FATE_LINK_TYPE;
    }
}
