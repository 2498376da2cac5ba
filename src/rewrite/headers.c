/* SPDX-License-Identifier: MIT */
/* Changes the headers that the decoder met, claims what of them may stay, and leaves the rest to
 * be overwritten. */
#include "packet/transport.h"
#include "rewrite/internal.h"

enum { IPV4_SIZE = 20, IPV6_SIZE = 40, TCP_SIZE = 20, UDP_SIZE = 8, MAC_SIZE = 6 };

/* The bytes of a packet from some place on. */
struct place {
    struct p2i_rewrite *rewrite;
    struct p2i_rewrite_area *area;
    size_t at, end;
};

static size_t left(const struct place *place)
{
    return place->at < place->end ? place->end - place->at : 0;
}

static uint8_t *data_at(const struct place *place, size_t offset)
{
    return place->area->data + place->at + offset;
}

static void keep(const struct place *place, size_t offset, size_t size)
{
    if (offset < left(place)) {
        size_t most = left(place) - offset;
        p2i_claim(place->area, place->at + offset, size < most ? size : most);
    }
}

static struct place behind(const struct place *place, size_t size)
{
    struct place next = *place;
    next.at = size < left(place) ? place->at + size : place->end;
    return next;
}

/* Claims an address, and changes it if it is whole; the captured part of one that is cut will be
 * overwritten. */
static void change(const struct place *place, size_t offset, size_t size)
{
    if (offset + size > left(place)) {
        return;
    }
    keep(place, offset, size);
    struct p2i_substitution *words = place->rewrite->words;
    if (words == NULL) {
        return;
    }
    if (size == 4) {
        p2i_substitute_ipv4(words, data_at(place, offset));
    } else if (size == 16) {
        p2i_substitute_ipv6(words, data_at(place, offset));
    } else {
        p2i_substitute_mac(words, data_at(place, offset));
    }
}

static void change_mac(const struct place *place)
{
    if (left(place) >= MAC_SIZE && place->area->claimed[place->at] != P2I_CLAIMED_MAC) {
        change(place, 0, MAC_SIZE);
        place->area->claimed[place->at] = P2I_CLAIMED_MAC;
    }
}

/* ---- IP ---- */

/* The addresses of routes are changed. */
static void ipv4_option(const struct place *header, size_t at, uint8_t kind, size_t size)
{
    enum { RECORD_ROUTE = 7, LOOSE = 131, STRICT = 137, ALERT = 148, ALERT_SIZE = 4 };
    keep(header, at, kind == ALERT && size == ALERT_SIZE ? ALERT_SIZE : 2);
    if (kind == RECORD_ROUTE || kind == LOOSE || kind == STRICT) {
        keep(header, at, 3);
        for (size_t i = at + 3; i + 4 <= at + size; i += 4) {
            change(header, i, 4);
        }
    }
}

/* RFC 791 section 3.1, RFC 2113. Data of other options is cleared at once, since checksums of
 * embedded headers are set before unclaimed bytes are overwritten. */
static void ipv4_options(const struct place *header, size_t header_size)
{
    enum { END = 0, NO_OPERATION = 1 };
    for (size_t at = IPV4_SIZE; at + 1 < header_size && at + 1 < left(header);) {
        uint8_t kind = *data_at(header, at);
        uint8_t size = *data_at(header, at + 1);
        if (kind == END || kind == NO_OPERATION) {
            keep(header, at++, 1);
            continue;
        }
        if (size < 2 || size > header_size - at) {
            break;
        }
        ipv4_option(header, at, kind, size);
        at += size;
    }
    bool clears = header->rewrite->words != NULL;
    for (size_t at = IPV4_SIZE; clears && at < header_size && at < left(header); at++) {
        if (header->area->claimed[header->at + at] == P2I_UNCLAIMED) {
            *data_at(header, at) = 0;
        }
    }
}

/* RFC 8200 section 4.4: addresses behind the first eight bytes, whatever the type. */
static void routing_header(const struct place *extension, size_t size)
{
    keep(extension, 0, 8);
    for (size_t at = 8; at + 16 <= size; at += 16) {
        change(extension, at, 16);
    }
}

/* Padding stays, and the home address (RFC 6275 section 6.3) is changed. */
static void ipv6_options(const struct place *extension, size_t size)
{
    enum { PAD_1 = 0, ROUTER_ALERT = 5, JUMBO = 0xc2, HOME_ADDRESS = 0xc9 };
    keep(extension, 0, 2);
    size_t at = 2;
    while (at + 1 < size && at + 1 < left(extension)) {
        uint8_t kind = *data_at(extension, at);
        size_t length = *data_at(extension, at + 1);
        if (kind == PAD_1) {
            keep(extension, at++, 1);
            continue;
        }
        keep(extension, at, 2);
        if (kind == HOME_ADDRESS && length == 16) {
            change(extension, at + 2, 16);
        } else if ((kind == ROUTER_ALERT && length == 2) || (kind == JUMBO && length == 4)) {
            keep(extension, at + 2, length);
        }
        at += 2 + length;
    }
}

/* Changes extension headers behind the fixed one. Returns the upper protocol, and its place. */
static uint8_t ipv6_extensions(struct place *at, uint8_t next)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60 };
    while (left(at) >= 8 && (next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT ||
                             next == AUTHENTICATION || next == DESTINATION)) {
        size_t size = next == FRAGMENT         ? 8
                      : next == AUTHENTICATION ? ((size_t)*data_at(at, 1) + 2) * 4
                                               : ((size_t)*data_at(at, 1) + 1) * 8;
        uint8_t kind = next;
        next = *data_at(at, 0);
        if (kind == ROUTING) {
            routing_header(at, size);
        } else if (kind == HOP_BY_HOP || kind == DESTINATION) {
            ipv6_options(at, size);
        } else {
            keep(at, 0, kind == FRAGMENT ? 8 : 12);
        }
        bool later = kind == FRAGMENT && (p2i_load_be16(data_at(at, 2)) & 0xfff8) != 0;
        *at = behind(at, size);
        if (later) {
            return 59; /* no next header: the rest is the middle of something */
        }
    }
    return next;
}

/* Changes an IP header. Returns the upper protocol and sets *upper; 255: none. */
static uint8_t change_ip(const struct place *header, struct place *upper)
{
    enum { NONE = 255 };
    uint8_t version = left(header) > 0 ? *data_at(header, 0) >> 4 : 0;
    if (version == 4 && left(header) >= IPV4_SIZE) {
        size_t size = (size_t)(*data_at(header, 0) & 15) * 4;
        keep(header, 0, 12);
        change(header, 12, 4);
        change(header, 16, 4);
        ipv4_options(header, size);
        *upper = behind(header, size);
        bool later = (p2i_load_be16(data_at(header, 6)) & 0x1fff) != 0;
        return later ? NONE : *data_at(header, 9);
    }
    if (version == 6 && left(header) >= IPV6_SIZE) {
        keep(header, 0, 8);
        change(header, 8, 16);
        change(header, 24, 16);
        *upper = behind(header, IPV6_SIZE);
        return ipv6_extensions(upper, *data_at(header, 6));
    }
    return NONE;
}

/* ---- Transport ---- */

/* RFC 9293 section 3.1, RFC 7323, RFC 2018: true for options of sizes and times. */
static bool is_plain_option(uint8_t kind, uint8_t size)
{
    enum { SEGMENT_SIZE = 2, SCALE = 3, PERMITTED = 4, SELECTIVE = 5, TIMES = 8 };
    switch (kind) {
    case SEGMENT_SIZE:
        return size == 4;
    case SCALE:
        return size == 3;
    case PERMITTED:
        return size == 2;
    case SELECTIVE:
        return size % 8 == 2;
    case TIMES:
        return size == 10;
    default:
        return false;
    }
}

/* Sizes and times stay; cookies, signatures and addresses do not. */
static void tcp_header(const struct place *header)
{
    enum { NO_OPERATION = 1 };
    if (left(header) < TCP_SIZE) {
        keep(header, 0, TCP_SIZE);
        return;
    }
    size_t end = (size_t)(*data_at(header, 12) >> 4) * 4;
    keep(header, 0, TCP_SIZE);
    size_t at = TCP_SIZE;
    while (at + 1 < end && at + 1 < left(header)) {
        uint8_t kind = *data_at(header, at);
        uint8_t size = *data_at(header, at + 1);
        if (kind <= NO_OPERATION) {
            keep(header, at++, 1);
            continue;
        }
        if (size < 2 || size > end - at) {
            return;
        }
        keep(header, at, is_plain_option(kind, size) ? size : 2);
        at += size;
    }
    if (at < end && at < left(header) && *data_at(header, at) <= NO_OPERATION) {
        keep(header, at, 1);
    }
}

/* The packet in an ICMP error (RFC 792, RFC 4443 section 3): its headers, as far as ports and
 * sequence number. */
static void embedded(const struct place *packet)
{
    struct place upper = *packet;
    struct p2i_view bytes = p2i_view_of(packet->area->data + packet->at, left(packet));
    bool right =
        bytes.size >= IPV4_SIZE && bytes.data[0] >> 4 == 4 && p2i_is_ipv4_checksum_right(bytes);
    switch (change_ip(packet, &upper)) {
    case P2I_PROTO_TCP:
        keep(&upper, 0, 8);
        break;
    case P2I_PROTO_UDP:
    case P2I_PROTO_UDPLITE:
        keep(&upper, 0, 6);
        break;
    case P2I_PROTO_ICMP:
    case P2I_PROTO_ICMPV6:
    case P2I_PROTO_SCTP:
    case P2I_PROTO_DCCP:
        keep(&upper, 0, 4);
        break;
    default:
        break;
    }
    if (right) {
        p2i_rewrite_ipv4_checksum(packet->area->data + packet->at);
    }
}

static void icmp(const struct place *header)
{
    enum { ECHO_REPLY = 0, UNREACHABLE = 3, QUENCH = 4, REDIRECT = 5, ECHO = 8, EXCEEDED = 11 };
    enum { PARAMETER = 12, TIME = 13, TIME_REPLY = 14 };
    struct place packet = behind(header, 8);
    keep(header, 0, 4);
    switch (left(header) > 0 ? *data_at(header, 0) : UINT8_MAX) {
    case ECHO_REPLY:
    case ECHO:
    case TIME:
    case TIME_REPLY:
        keep(header, 4, 4);
        break;
    case REDIRECT:
        change(header, 4, 4);
        embedded(&packet);
        break;
    case UNREACHABLE:
    case QUENCH:
    case EXCEEDED:
    case PARAMETER:
        keep(header, 4, 4);
        embedded(&packet);
        break;
    default:
        break;
    }
}

/* RFC 4861 section 4.6: link-layer addresses and prefixes are changed. */
static void neighbour_options(struct place at)
{
    enum { SOURCE = 1, TARGET = 2, PREFIX = 3 };
    while (left(&at) >= 8 && *data_at(&at, 1) > 0) {
        uint8_t kind = *data_at(&at, 0);
        keep(&at, 0, kind == PREFIX ? 16 : 2);
        if (kind == SOURCE || kind == TARGET) {
            change(&at, 2, MAC_SIZE);
        } else if (kind == PREFIX) {
            change(&at, 16, 16);
        }
        at = behind(&at, (size_t)*data_at(&at, 1) * 8);
    }
}

static void icmpv6(const struct place *header)
{
    enum { ERROR_LAST = 4, ECHO = 128, LISTENER_FIRST = 130, LISTENER_LAST = 132 };
    enum { SOLICITATION = 133, ADVERTISEMENT, NEIGHBOUR, NEIGHBOUR_REPLY, REDIRECT };
    uint8_t type = left(header) > 0 ? *data_at(header, 0) : UINT8_MAX;
    bool known = type <= ERROR_LAST || (type >= ECHO && type <= REDIRECT);
    keep(header, 0, known ? 8 : 4);
    if (type <= ERROR_LAST) {
        struct place packet = behind(header, 8);
        embedded(&packet);
    } else if (type >= LISTENER_FIRST && type <= LISTENER_LAST) {
        change(header, 8, 16);
    } else if (type >= SOLICITATION && type <= REDIRECT) {
        static const uint8_t fixed[] = {8, 16, 24, 24, 40};
        size_t size = fixed[type - SOLICITATION];
        for (size_t at = 8; type != ADVERTISEMENT && at < size; at += 16) {
            change(header, at, 16);
        }
        keep(header, 8, type == ADVERTISEMENT ? 8 : 0);
        neighbour_options(behind(header, size));
    }
}

/* Headers as far as records and other programs need them; the rest is overwritten. */
static void transport_header(const struct place *header, uint8_t protocol)
{
    switch (protocol) {
    case P2I_PROTO_ICMP:
        icmp(header);
        break;
    case P2I_PROTO_ICMPV6:
        icmpv6(header);
        break;
    case P2I_PROTO_IGMP:
        keep(header, 0, 4);
        change(header, 4, 4);
        break;
    case P2I_PROTO_SCTP:
        keep(header, 0, 12);
        break;
    case P2I_PROTO_DCCP:
        keep(header, 0, 16);
        break;
    case P2I_PROTO_UDPLITE:
    case P2I_PROTO_ESP:
        keep(header, 0, 8);
        break;
    case P2I_PROTO_OSPF: /* router, area; what authenticates it is not kept */
        keep(header, 0, 16);
        change(header, 4, 4);
        change(header, 8, 4);
        break;
    default:
        break;
    }
}

/* ---- Frames ---- */

static struct place place_of(struct p2i_rewrite *rewrite, const struct p2i_header_place *element)
{
    return (struct place){.rewrite = rewrite,
                          .area = &rewrite->areas[element->area],
                          .at = element->at,
                          .end = element->at + element->size};
}

static void change_element(struct p2i_rewrite *rewrite, const struct p2i_header_place *element)
{
    struct place place = place_of(rewrite, element);
    struct place upper;
    switch (element->kind) {
    case P2I_TRACE_MAC:
        change_mac(&place);
        break;
    case P2I_TRACE_IPV4:
    case P2I_TRACE_IPV6:
        (void)change_ip(&place, &upper);
        break;
    case P2I_TRACE_TCP:
        tcp_header(&place);
        break;
    case P2I_TRACE_UDP:
        keep(&place, 0, UDP_SIZE);
        break;
    default:
        transport_header(&place, element->protocol);
        break;
    }
}

/* RFC 826: IPv4 over links with addresses of six bytes. */
static void change_arp(const struct place *body)
{
    enum { SIZE = 28 };
    static const uint8_t usual[6] = {0, 1, 8, 0, 6, 4};
    if (left(body) < SIZE || memcmp(data_at(body, 0), usual, sizeof usual) != 0) {
        return;
    }
    keep(body, 0, 8);
    change(body, 8, 6);
    change(body, 14, 4);
    change(body, 18, 6);
    change(body, 24, 4);
}

/* The EtherType behind the last address of a frame without IP, and ARP. */
static void change_ethertype(struct p2i_rewrite *rewrite, const struct p2i_header_place *mac)
{
    struct place at = place_of(rewrite, mac);
    at.end = at.area->size;
    at = behind(&at, MAC_SIZE);
    while (left(&at) >= 4 &&
           (p2i_load_be16(data_at(&at, 0)) == 0x8100 || p2i_load_be16(data_at(&at, 0)) == 0x88a8)) {
        keep(&at, 0, 4);
        at = behind(&at, 4);
    }
    keep(&at, 0, 2);
    if (left(&at) >= 2 && p2i_load_be16(data_at(&at, 0)) == 0x0806) {
        struct place body = behind(&at, 2);
        change_arp(&body);
    }
}

/* Claims the fragments whose packet was reassembled: they get its bytes back. */
static void claim_fragments(struct p2i_rewrite *rewrite)
{
    for (size_t i = 0; i < rewrite->fragment_count; i++) {
        const struct p2i_fragment_place *place = &rewrite->fragments[i];
        if (place->joined != SIZE_MAX) {
            p2i_claim(&rewrite->areas[place->area], place->at, place->size);
        }
    }
}

void p2i_rewrite_headers(struct p2i_rewrite *rewrite)
{
    for (size_t i = 0; i < rewrite->element_count; i++) {
        const struct p2i_header_place *element = &rewrite->elements[i];
        change_element(rewrite, element);
        bool last = i + 1 == rewrite->element_count || element[1].area != element->area;
        if (last && element->kind == P2I_TRACE_MAC) {
            change_ethertype(rewrite, element);
        }
    }
    claim_fragments(rewrite);
}
