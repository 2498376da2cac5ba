/* SPDX-License-Identifier: MIT */
/* Ethernet and what it shares with other links: EtherTypes, VLAN tags, LLC and SNAP. */
#include "packet/internal.h"

enum {
    MAC_SIZE = 6,
    ETHERNET_SIZE = 14,
    MACS_SIZE = 2 * MAC_SIZE,
};

enum p2i_fate p2i_decode_ethernet(struct p2i_decoding *decoding, struct p2i_view frame)
{
    struct p2i_cursor cursor = p2i_cursor_of(frame);
    struct p2i_view header = p2i_take(&cursor, ETHERNET_SIZE);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_macs(decoding, header.data, header.data + MAC_SIZE);
    uint16_t type = p2i_load_be16(header.data + MACS_SIZE);
    if (type == P2I_ETHERTYPE_IPV4) {
        return p2i_decode_ipv4(decoding, cursor.rest);
    }
    if (type == P2I_ETHERTYPE_IPV6) {
        return p2i_decode_ipv6(decoding, cursor.rest);
    }
    return p2i_decode_ethertype(decoding, type, cursor.rest);
}

/* IEEE 802.1Q, 9.6. `rest` begins behind the EtherType of the first tag. VLAN id 0 is a priority
 * tag and names no VLAN. */
static enum p2i_fate tags(struct p2i_decoding *decoding, struct p2i_view rest)
{
    enum { TAG_SIZE = 4 }; /* with the EtherType behind it */
    struct p2i_packet *packet = decoding->packet;
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    bool outermost = packet->vlan_id == 0;
    uint16_t type;
    do {
        uint16_t id = p2i_be16(&cursor) & 0x0fff;
        type = p2i_be16(&cursor);
        if (cursor.failed) {
            return P2I_FATE_LINK_CUT;
        }
        p2i_decoding_trace_numbers(
            decoding, p2i_view_from(rest, rest.size - cursor.rest.size - TAG_SIZE), TAG_SIZE);
        if (id == 0) {
            continue;
        }
        p2i_decoding_scope(decoding, P2I_SCOPE_VLAN, id);
        if (outermost && packet->vlan_id == 0) {
            packet->vlan_id = id;
        } else if (outermost && packet->post_vlan_id == 0) {
            packet->post_vlan_id = id;
        }
    } while (p2i_is_tag(type));
    return p2i_decode_ethertype(decoding, type, cursor.rest);
}

/* Skips a tag of `size` bytes, which is not used, and reads the EtherType behind it. */
static enum p2i_fate behind_tag(struct p2i_decoding *decoding, struct p2i_view rest, size_t size)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    p2i_skip(&cursor, size);
    uint16_t type = p2i_be16(&cursor);
    return cursor.failed ? P2I_FATE_LINK_CUT : p2i_decode_ethertype(decoding, type, cursor.rest);
}

/* Cisco's predecessor of 802.1BR: two virtual interfaces, which swap places with the direction. */
static enum p2i_fate vn_tag(struct p2i_decoding *decoding, struct p2i_view rest)
{
    p2i_decoding_trace_numbers(decoding, rest, 4);
    return behind_tag(decoding, rest, 4);
}

/* IEEE 802.1BR, 7.5: E-CIDs of both ends. */
static enum p2i_fate e_tag(struct p2i_decoding *decoding, struct p2i_view rest)
{
    p2i_decoding_trace_numbers(decoding, rest, 6);
    return behind_tag(decoding, rest, 6);
}

/* Version, length in units of eight bytes (with the EtherType before it), options: in practice only
 * the security group tag. */
static enum p2i_fate cisco_metadata(struct p2i_decoding *decoding, struct p2i_view rest)
{
    enum { VERSION = 1, ETHERTYPE_SIZE = 2 };
    if (rest.size < 2) {
        return P2I_FATE_LINK_CUT;
    }
    if (rest.data[0] != VERSION || rest.data[1] == 0) {
        return P2I_FATE_LINK_OTHER;
    }
    return behind_tag(decoding, rest, (size_t)rest.data[1] * 8 - ETHERTYPE_SIZE);
}

static enum p2i_fate enclosed_frame(struct p2i_decoding *decoding, struct p2i_view frame)
{
    return p2i_decode_tunneled(decoding, P2I_ETHERTYPE_TRANSPARENT, frame);
}

/* IEEE 802.1Q, 9.7: backbone service instance tag, then the customer's frame. */
static enum p2i_fate backbone(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint32_t service = p2i_be32(&cursor) & 0xffffff;
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    p2i_decoding_scope(decoding, P2I_SCOPE_BACKBONE, service);
    return enclosed_frame(decoding, cursor.rest);
}

/* Forwarding tag and hop count, then the frame. */
static enum p2i_fate fabricpath(struct p2i_decoding *decoding, struct p2i_view rest)
{
    enum { TAG_SIZE = 2 };
    return rest.size < TAG_SIZE ? P2I_FATE_LINK_CUT
                                : enclosed_frame(decoding, p2i_view_from(rest, TAG_SIZE));
}

/* IEEE 802.1AE, 9. The protected data begins with an EtherType. A short length is explicit;
 * otherwise the data is all but the ICV at the end. */
static enum p2i_fate macsec(struct p2i_decoding *decoding, struct p2i_view rest)
{
    enum { FLAG_VERSION = 0x80, FLAG_SCI = 0x20, FLAG_ENCRYPTED = 0x08, FLAG_CHANGED = 0x04 };
    enum { PACKET_NUMBER_SIZE = 4, SCI_SIZE = 8, ICV_SIZE = 16 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    uint32_t size = p2i_u8(&cursor) & 0x3f;
    p2i_skip(&cursor, PACKET_NUMBER_SIZE);
    p2i_skip(&cursor, (flags & FLAG_SCI) != 0 ? SCI_SIZE : 0);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if ((flags & (FLAG_VERSION | FLAG_ENCRYPTED | FLAG_CHANGED)) != 0) {
        return P2I_FATE_LINK_OTHER;
    }
    if (size == 0) {
        uint32_t left = p2i_decoding_left(decoding, cursor.rest);
        size = left > ICV_SIZE ? left - ICV_SIZE : 0;
    }
    return behind_tag(decoding, p2i_decoding_bound(decoding, cursor.rest, size), 0);
}

/* EtherTypes of link control, which carry no user data: slow protocols (LACP), EAPOL, LLDP, PTP,
 * CFM, loopback test. */
static bool is_link_control(uint16_t type)
{
    return type == P2I_ETHERTYPE_PPPOE_DISCOVERY || type == 0x8809 || type == 0x888e ||
           type == 0x88cc || type == 0x88f7 || type == 0x8902 || type == 0x9000;
}

enum p2i_fate p2i_decode_ethertype(struct p2i_decoding *decoding, uint16_t type,
                                   struct p2i_view rest)
{
    if (++decoding->layers > P2I_LAYER_MAX) {
        return P2I_FATE_LINK_OTHER;
    }
    switch (type) {
#define ETHERTYPE(number, name, decode, what, source)                                              \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_ETHERTYPE_##name);                           \
        return decode(decoding, rest);
#include "packet/encapsulations.def"
    default:
        if (type < P2I_ETHERTYPE_MIN) {
            return p2i_decode_llc(decoding, p2i_decoding_bound(decoding, rest, type));
        }
        if (type == P2I_ETHERTYPE_PPPOE_DISCOVERY) {
            p2i_note_pppoe_discovery(decoding, rest);
        }
        return is_link_control(type) ? P2I_FATE_LINK_OTHER : P2I_FATE_NETWORK_OTHER;
    }
}

bool p2i_opens_ethertype(uint16_t type)
{
    switch (type) {
#define ETHERTYPE(number, name, decode, what, source) case number:
#include "packet/encapsulations.def"
        return true;
    default:
        return false;
    }
}

static enum p2i_fate snap_ethertype(struct p2i_decoding *decoding, uint16_t protocol,
                                    struct p2i_view rest)
{
    return protocol >= P2I_ETHERTYPE_MIN ? p2i_decode_ethertype(decoding, protocol, rest)
                                         : P2I_FATE_LINK_OTHER;
}

/* RFC 2427, 4.2 and RFC 2684, 5.2: with FCS (1) and without (7). ATM pads the PID to a multiple of
 * four, frame relay does not; only the latter is supported. */
static enum p2i_fate snap_bridged(struct p2i_decoding *decoding, uint16_t protocol,
                                  struct p2i_view rest)
{
    if (protocol != 1 && protocol != 7) {
        return P2I_FATE_LINK_OTHER;
    }
    return p2i_decoding_enter(decoding) ? p2i_decode_ethernet(decoding, rest)
                                        : P2I_FATE_TUNNEL_DEEP;
}

/* IEEE 802, 9.4: organisation and protocol. */
enum p2i_fate p2i_decode_snap(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint32_t organisation = p2i_be24(&cursor);
    uint16_t protocol = p2i_be16(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    switch (organisation) {
#define SNAP(number, name, decode, what, source)                                                   \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_SNAP_##name);                                \
        return decode(decoding, protocol, cursor.rest);
#include "packet/encapsulations.def"
    default:
        return P2I_FATE_LINK_OTHER;
    }
}

/* IEEE 802.2, with the service access points in use. */
enum p2i_fate p2i_decode_llc(struct p2i_decoding *decoding, struct p2i_view rest)
{
    enum { UNNUMBERED_INFORMATION = 0x03 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t destination = p2i_u8(&cursor);
    uint8_t source = p2i_u8(&cursor);
    uint8_t control = p2i_u8(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if (destination == source && control == UNNUMBERED_INFORMATION) {
        switch (destination) {
#define LLC(number, name, decode, what, source)                                                    \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_LLC_##name);                                 \
        return decode(decoding, cursor.rest);
#include "packet/encapsulations.def"
        default:
            break;
        }
    }
    enum { SAP_IPX = 0xe0, SAP_OSI = 0xfe, SAP_RAW_IPX = 0xff };
    bool network = destination == SAP_IPX || destination == SAP_OSI || destination == SAP_RAW_IPX;
    return network ? P2I_FATE_NETWORK_OTHER : P2I_FATE_LINK_OTHER;
}

bool p2i_like_ethernet(struct p2i_view view)
{
    struct p2i_cursor cursor = p2i_cursor_of(view);
    p2i_skip(&cursor, MACS_SIZE);
    uint16_t type = p2i_be16(&cursor);
    if (cursor.failed) {
        return false;
    }
    struct p2i_view rest = cursor.rest;
    if (type < P2I_ETHERTYPE_MIN) {
        /* LLC with equal access points: STP, SNAP, IS-IS and others. */
        return rest.size >= 3 && type >= 3 && type <= rest.size && rest.data[0] == rest.data[1];
    }
    switch (type) {
    case P2I_ETHERTYPE_IPV4:
    case P2I_ETHERTYPE_IPV6:
        return p2i_like_ip(rest) && (rest.data[0] >> 4 == 4) == (type == P2I_ETHERTYPE_IPV4);
    case P2I_ETHERTYPE_ARP:
    case P2I_ETHERTYPE_PPPOE_DISCOVERY:
        return true;
    default:
        return p2i_opens_ethertype(type) || is_link_control(type);
    }
}
