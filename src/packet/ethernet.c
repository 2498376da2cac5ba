/* SPDX-License-Identifier: MIT */
/* Ethernet and what it shares with other links: EtherTypes, VLAN tags, LLC and SNAP, MPLS. */
#include "packet/internal.h"

enum {
    MAC_SIZE = 6,
    ETHERNET_SIZE = 14,
    MACS_SIZE = 2 * MAC_SIZE,
    MPLS_ENTRY_SIZE = 4,
    CONTROL_WORD_SIZE = 4
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
    return p2i_decode_ethertype(decoding, type, cursor.rest);
}

/* IEEE 802.1Q, 9.6. `rest` begins behind the type that announced the first tag. Id 0 only
 * carries a priority and names no VLAN. */
static enum p2i_fate tags(struct p2i_decoding *decoding, struct p2i_view rest)
{
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

/* EtherTypes that run the link and carry nobody's data: slow protocols (LACP), EAPOL, LLDP,
 * MACsec, PTP, CFM, loopback test. */
static bool is_link_control(uint16_t type)
{
    return type == P2I_ETHERTYPE_PPPOE_DISCOVERY || type == 0x8809 || type == 0x888e ||
           type == 0x88cc || type == 0x88e5 || type == 0x88f7 || type == 0x8902 || type == 0x9000;
}

enum p2i_fate p2i_decode_ethertype(struct p2i_decoding *decoding, uint16_t type,
                                   struct p2i_view rest)
{
    if (++decoding->layers > P2I_LAYER_MAX) {
        return P2I_FATE_LINK_OTHER;
    }
    switch (type) {
    case P2I_ETHERTYPE_IPV4:
        return p2i_decode_ipv4(decoding, rest);
    case P2I_ETHERTYPE_IPV6:
        return p2i_decode_ipv6(decoding, rest);
    case P2I_ETHERTYPE_VLAN:
    case P2I_ETHERTYPE_QINQ:
    case P2I_ETHERTYPE_QINQ_OLD:
        return tags(decoding, rest);
    case P2I_ETHERTYPE_MPLS:
    case P2I_ETHERTYPE_MPLS_UPSTREAM:
        return p2i_decode_mpls(decoding, rest);
    case P2I_ETHERTYPE_PPPOE:
        return p2i_decode_pppoe(decoding, rest);
    default:
        if (type < P2I_ETHERTYPE_MIN) {
            return p2i_decode_llc(decoding, p2i_view_first(rest, type));
        }
        return is_link_control(type) ? P2I_FATE_LINK_OTHER : P2I_FATE_NETWORK_OTHER;
    }
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
    /* 0x0000f8: IEEE 802.1H, for the EtherTypes that bridges must not translate. */
    if ((organisation == 0 || organisation == 0x0000f8) && protocol >= P2I_ETHERTYPE_MIN) {
        return p2i_decode_ethertype(decoding, protocol, cursor.rest);
    }
    /* RFC 2427, 4.2 and RFC 2684, 5.2: bridged Ethernet, with FCS (1) and without (7). ATM pads
     * the PID to a multiple of four, frame relay does not; only the latter is read here. */
    if (organisation == 0x0080c2 && (protocol == 1 || protocol == 7)) {
        return p2i_decoding_enter(decoding) ? p2i_decode_ethernet(decoding, cursor.rest)
                                            : P2I_FATE_TUNNEL_DEEP;
    }
    return P2I_FATE_LINK_OTHER;
}

/* IEEE 802.2, and the service access points in use. */
enum p2i_fate p2i_decode_llc(struct p2i_decoding *decoding, struct p2i_view rest)
{
    enum { SAP_IP = 0x06, SAP_SNAP = 0xaa, SAP_IPX = 0xe0, SAP_OSI = 0xfe, SAP_RAW_IPX = 0xff };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t destination = p2i_u8(&cursor);
    uint8_t source = p2i_u8(&cursor);
    uint8_t control = p2i_u8(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    bool information = control == 0x03; /* unnumbered information */
    if (destination == SAP_SNAP && source == SAP_SNAP && information) {
        return p2i_decode_snap(decoding, cursor.rest);
    }
    if (destination == SAP_IP && source == SAP_IP && information) {
        return p2i_decode_ipv4(decoding, cursor.rest);
    }
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
        /* LLC between equals: STP, SNAP, IS-IS and so on. */
        return rest.size >= 3 && type >= 3 && type <= rest.size && rest.data[0] == rest.data[1];
    }
    switch (type) {
    case P2I_ETHERTYPE_IPV4:
    case P2I_ETHERTYPE_IPV6:
        return p2i_like_ip(rest) && (rest.data[0] >> 4 == 4) == (type == P2I_ETHERTYPE_IPV4);
    case P2I_ETHERTYPE_ARP:
    case P2I_ETHERTYPE_MPLS:
    case P2I_ETHERTYPE_MPLS_UPSTREAM:
    case P2I_ETHERTYPE_PPPOE_DISCOVERY:
    case P2I_ETHERTYPE_PPPOE:
        return true;
    default:
        return p2i_is_tag(type) || is_link_control(type);
    }
}

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
