/* SPDX-License-Identifier: MIT */
/* IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293) and UDP (RFC 768) headers. */
#include "packet/internal.h"

enum { IPV4_SIZE = 20, IPV6_SIZE = 40, TCP_SIZE = 20, UDP_SIZE = 8 };

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_AUTHENTICATION = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_HOST_IDENTITY = 139,
    PROTOCOL_SHIM6 = 140,
};

/* Payload of an IP header or an extension header. */
struct upper {
    struct p2i_view data; /* as captured */
    uint32_t length;      /* by the headers; >= data.size */
    uint8_t protocol;
};

bool p2i_like_ip(struct p2i_view view)
{
    if (view.size == 0) {
        return false;
    }
    unsigned version = view.data[0] >> 4;
    return version == 6 || (version == 4 && (view.data[0] & 0x0f) >= 5);
}

uint32_t p2i_ip_size(struct p2i_view view)
{
    unsigned version = view.size > 0 ? view.data[0] >> 4 : 0;
    if (version == 4 && view.size >= IPV4_SIZE) {
        uint32_t header_size = (uint32_t)(view.data[0] & 0x0f) * 4;
        uint32_t total = p2i_load_be16(view.data + 2);
        return header_size >= IPV4_SIZE && total >= header_size ? total : 0;
    }
    if (version == 6 && view.size >= IPV6_SIZE) {
        return IPV6_SIZE + (uint32_t)p2i_load_be16(view.data + 4);
    }
    return 0;
}

static void set_ipv4(struct p2i_address *address, const uint8_t *bytes)
{
    address->words[0] = 0;
    address->words[1] = 0;
    memcpy(address->bytes, bytes, 4);
}

static enum p2i_fate tcp(struct p2i_decoding *decoding, struct p2i_view data, uint32_t length)
{
    struct p2i_packet *packet = decoding->packet;
    if (data.size < TCP_SIZE) {
        return P2I_FATE_TRANSPORT_CUT;
    }
    uint32_t header_size = (uint32_t)(data.data[12] >> 4) * 4;
    if (header_size < TCP_SIZE || header_size > length) {
        return P2I_FATE_TRANSPORT_BAD;
    }
    p2i_decoding_trace(decoding, (struct p2i_trace_header){
                                     .bytes = data, .length = length, .kind = P2I_TRACE_TCP});
    packet->transport = P2I_PROTO_TCP;
    packet->transport_header = data.data;
    packet->source_port = p2i_load_be16(data.data);
    packet->destination_port = p2i_load_be16(data.data + 2);
    packet->tcp_sequence = p2i_load_be32(data.data + 4);
    packet->tcp_acknowledgement = p2i_load_be32(data.data + 8);
    packet->tcp_flags = p2i_load_be16(data.data + 12) & 0x0fff;
    packet->payload = p2i_view_from(data, header_size);
    packet->payload_length = length - header_size;
    return P2I_FATE_HANDLED;
}

static enum p2i_fate udp(struct p2i_decoding *decoding, struct p2i_view data, uint32_t length)
{
    struct p2i_packet *packet = decoding->packet;
    struct p2i_cursor cursor = p2i_cursor_of(data);
    struct p2i_view header = p2i_take(&cursor, UDP_SIZE);
    if (cursor.failed) {
        return P2I_FATE_TRANSPORT_CUT;
    }
    uint16_t source_port = p2i_load_be16(header.data);
    uint16_t destination_port = p2i_load_be16(header.data + 2);
    uint32_t udp_length = p2i_load_be16(header.data + 4);
    if (udp_length == 0 || udp_length > length) {
        udp_length = length; /* 0: jumbogram (RFC 2675, 4), or left to the network card */
    }
    bool too_long = udp_length > UINT16_MAX && packet->ip_version != 6;
    if (udp_length < UDP_SIZE || too_long) {
        return P2I_FATE_TRANSPORT_BAD;
    }
    uint32_t payload_length = udp_length - UDP_SIZE;
    struct p2i_view payload = p2i_decoding_bound(decoding, cursor.rest, payload_length);
    p2i_decoding_trace(decoding,
                       (struct p2i_trace_header){.bytes = p2i_view_first(data, udp_length),
                                                 .length = udp_length,
                                                 .kind = P2I_TRACE_UDP});
    enum p2i_fate fate;
    if (p2i_decode_udp_tunnel(decoding, source_port, destination_port, payload, &fate)) {
        return fate;
    }
    packet->transport = P2I_PROTO_UDP;
    packet->transport_header = header.data;
    packet->source_port = source_port;
    packet->destination_port = destination_port;
    packet->tcp_sequence = 0;
    packet->tcp_acknowledgement = 0;
    packet->tcp_flags = 0;
    packet->payload = payload;
    packet->payload_length = payload_length;
    return P2I_FATE_HANDLED;
}

/* SCTP (RFC 9260), DCCP (RFC 4340) and UDP-Lite (RFC 3828) begin with ports, too. */
static bool has_ports(uint8_t protocol)
{
    return protocol == P2I_PROTO_SCTP || protocol == P2I_PROTO_DCCP ||
           protocol == P2I_PROTO_UDPLITE;
}

static enum p2i_fate other_transport(struct p2i_decoding *decoding, const struct upper *upper)
{
    struct p2i_packet *packet = decoding->packet;
    struct p2i_cursor cursor = p2i_cursor_of(upper->data);
    uint16_t first = p2i_be16(&cursor);
    uint16_t second = p2i_be16(&cursor);
    bool ports = has_ports(upper->protocol);
    p2i_decoding_trace(decoding, (struct p2i_trace_header){.bytes = upper->data,
                                                           .length = upper->length,
                                                           .kind = P2I_TRACE_TRANSPORT,
                                                           .protocol = upper->protocol});
    packet->transport = upper->protocol;
    packet->transport_header = NULL;
    packet->source_port = ports ? first : 0;
    packet->destination_port = ports ? second : 0;
    packet->icmp = first;
    packet->tcp_sequence = 0;
    packet->tcp_acknowledgement = 0;
    packet->tcp_flags = 0;
    packet->payload = (struct p2i_view){0};
    packet->payload_length = 0;
    return P2I_FATE_TRANSPORT_OTHER;
}

static enum p2i_fate transport(struct p2i_decoding *decoding, const struct upper *upper)
{
    if (upper->protocol == P2I_PROTO_TCP) {
        return tcp(decoding, upper->data, upper->length);
    }
    if (upper->protocol == P2I_PROTO_UDP) {
        return udp(decoding, upper->data, upper->length);
    }
    decoding->missing = upper->length - (uint32_t)upper->data.size;
    enum p2i_fate fate;
    if (p2i_decode_ip_tunnel(decoding, upper->protocol, upper->data, &fate)) {
        return fate;
    }
    return other_transport(decoding, upper);
}

/* Adds a fragment. P2I_FATE_HANDLED: `upper` now is a whole packet. A first fragment cut by the
 * snaplen can never complete a packet, and is decoded alone. */
static enum p2i_fate join(struct p2i_decoding *decoding, const struct p2i_fragment *fragment,
                          struct upper *upper)
{
    (void)p2i_decoding_note(decoding, P2I_FEATURE_FRAGMENTS);
    p2i_decoding_trace(decoding,
                       (struct p2i_trace_header){.bytes = fragment->data,
                                                 .length = fragment->offset,
                                                 .identification = fragment->identification,
                                                 .kind = P2I_TRACE_FRAGMENT,
                                                 .protocol = fragment->protocol});
    if (fragment->offset == 0 && fragment->data.size < fragment->length) {
        return p2i_fragments_alone(decoding, fragment) ? P2I_FATE_HANDLED : P2I_FATE_FRAGMENT;
    }
    struct p2i_joined joined;
    if (!p2i_fragments_add(decoding, fragment, &joined)) {
        return P2I_FATE_FRAGMENT;
    }
    p2i_decoding_trace(decoding, (struct p2i_trace_header){.bytes = joined.ip,
                                                           .length = (uint32_t)joined.header_size,
                                                           .kind = P2I_TRACE_JOINED});
    struct p2i_packet *packet = decoding->packet;
    packet->ip = joined.ip;
    packet->ip_length = (uint32_t)joined.header_size + joined.length;
    packet->class_of_service = packet->ip_version == 4
                                   ? joined.ip.data[1]
                                   : (uint8_t)(p2i_load_be16(joined.ip.data) >> 4 & 0xff);
    upper->data = p2i_view_from(joined.ip, joined.header_size);
    upper->length = joined.length;
    upper->protocol = joined.protocol;
    return P2I_FATE_HANDLED;
}

/* RFC 8200, 4.5. Reassembles, or skips the header of an atomic fragment (RFC 6946).
 * P2I_FATE_HANDLED: decoding goes on. */
static enum p2i_fate fragment_header(struct p2i_decoding *decoding, struct upper *upper)
{
    enum { SIZE = 8 };
    struct p2i_packet *packet = decoding->packet;
    struct p2i_cursor cursor = p2i_cursor_of(upper->data);
    uint8_t next = p2i_u8(&cursor);
    p2i_skip(&cursor, 1);
    uint16_t offset = p2i_be16(&cursor);
    uint32_t identification = p2i_be32(&cursor);
    if (cursor.failed) {
        return P2I_FATE_NETWORK_CUT;
    }
    upper->data = cursor.rest;
    upper->length -= SIZE;
    upper->protocol = next;
    if ((offset & 0xfff9) == 0) {
        (void)p2i_decoding_note(decoding, P2I_FEATURE_IPV6_ATOMIC_FRAGMENT);
        return P2I_FATE_HANDLED;
    }
    struct p2i_fragment fragment = {
        .header = p2i_view_first(packet->ip, IPV6_SIZE),
        .data = upper->data,
        .length = upper->length,
        .offset = offset & 0xfff8,
        .identification = identification,
        .protocol = next,
        .more = (offset & 1) != 0,
    };
    return join(decoding, &fragment, upper);
}

/* Skips an extension header: next header, size and other fields. */
static enum p2i_fate step_over(struct upper *upper)
{
    if (upper->data.size < 2) {
        return P2I_FATE_NETWORK_CUT;
    }
    /* The authentication header counts units of four bytes (RFC 4302, 2.2), the others of eight. */
    uint32_t size = upper->protocol == PROTOCOL_AUTHENTICATION
                        ? ((uint32_t)upper->data.data[1] + 2) * 4
                        : ((uint32_t)upper->data.data[1] + 1) * 8;
    if (size > upper->data.size) {
        return P2I_FATE_NETWORK_CUT;
    }
    upper->protocol = upper->data.data[0];
    upper->data = p2i_view_from(upper->data, size);
    upper->length -= size;
    return P2I_FATE_HANDLED;
}

/* The feature of an extension header that is skipped. */
static enum p2i_feature feature_of(uint8_t protocol)
{
    switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
        return P2I_FEATURE_IPV6_HOP_BY_HOP;
    case PROTOCOL_ROUTING:
        return P2I_FEATURE_IPV6_ROUTING;
    case PROTOCOL_DESTINATION:
        return P2I_FEATURE_IPV6_DESTINATION;
    case PROTOCOL_AUTHENTICATION:
        return P2I_FEATURE_AUTHENTICATION;
    default:
        return P2I_FEATURE_IPV6_MOBILITY;
    }
}

/* IPv6 extension headers; IPv4 has only the authentication header. */
static enum p2i_fate extensions(struct p2i_decoding *decoding, struct upper *upper)
{
    bool ipv6 = decoding->packet->ip_version == 6;
    enum p2i_fate fate = P2I_FATE_HANDLED;
    while (fate == P2I_FATE_HANDLED) {
        switch (upper->protocol) {
        case PROTOCOL_HOP_BY_HOP:
        case PROTOCOL_ROUTING:
        case PROTOCOL_DESTINATION:
        case PROTOCOL_MOBILITY:
        case PROTOCOL_HOST_IDENTITY:
        case PROTOCOL_SHIM6:
            if (!ipv6) {
                return transport(decoding, upper);
            }
            (void)p2i_decoding_note(decoding, feature_of(upper->protocol));
            fate = step_over(upper);
            break;
        case PROTOCOL_AUTHENTICATION:
            (void)p2i_decoding_note(decoding, P2I_FEATURE_AUTHENTICATION);
            fate = step_over(upper);
            break;
        case PROTOCOL_FRAGMENT:
            if (!ipv6) {
                return transport(decoding, upper);
            }
            fate = fragment_header(decoding, upper);
            break;
        default:
            return transport(decoding, upper);
        }
    }
    return fate;
}

/* Handles an IPv4 packet with an offset, or with more fragments to come. */
static enum p2i_fate ipv4_fragment(struct p2i_decoding *decoding, struct p2i_view header,
                                   struct upper *upper)
{
    uint16_t flags_offset = p2i_load_be16(header.data + 6);
    struct p2i_fragment fragment = {
        .header = header,
        .data = upper->data,
        .length = upper->length,
        .offset = (uint32_t)(flags_offset & 0x1fff) * 8,
        .identification = p2i_load_be16(header.data + 4),
        .protocol = upper->protocol,
        .more = (flags_offset & 0x2000) != 0,
    };
    enum p2i_fate fate = join(decoding, &fragment, upper);
    return fate == P2I_FATE_HANDLED ? extensions(decoding, upper) : fate;
}

enum p2i_fate p2i_decode_ipv4(struct p2i_decoding *decoding, struct p2i_view rest)
{
    if (rest.size < IPV4_SIZE) {
        return P2I_FATE_NETWORK_CUT;
    }
    struct p2i_packet *packet = decoding->packet;
    const uint8_t *header = rest.data;
    uint32_t header_size = (uint32_t)(header[0] & 0x0f) * 4;
    uint32_t total = p2i_load_be16(header + 2);
    if (total == 0) {
        (void)p2i_decoding_note(decoding, P2I_FEATURE_NO_IP_LENGTH);
        total = (uint32_t)rest.size; /* left to the network card, or over 64 KiB: use all bytes */
    }
    if (header[0] >> 4 != 4 || header_size < IPV4_SIZE) {
        return P2I_FATE_NETWORK_BAD;
    }
    if (rest.size < header_size) {
        return P2I_FATE_NETWORK_CUT;
    }
    if (total < header_size) {
        return P2I_FATE_NETWORK_BAD;
    }
    packet->ip = p2i_view_first(rest, total); /* cuts off the padding of short frames */
    packet->ip_length = total;
    packet->ip_version = 4;
    packet->class_of_service = header[1];
    p2i_decoding_trace(decoding, (struct p2i_trace_header){.bytes = packet->ip,
                                                           .length = header_size,
                                                           .kind = P2I_TRACE_IPV4});
    set_ipv4(&packet->source, header + 12);
    set_ipv4(&packet->destination, header + 16);
    struct upper upper = {
        .data = p2i_view_from(packet->ip, header_size),
        .length = total - header_size,
        .protocol = header[9],
    };
    if ((p2i_load_be16(header + 6) & 0x3fff) != 0) {
        return ipv4_fragment(decoding, p2i_view_first(rest, header_size), &upper);
    }
    if (upper.protocol == P2I_PROTO_TCP) {
        return tcp(decoding, upper.data, upper.length);
    }
    if (upper.protocol == P2I_PROTO_UDP) {
        return udp(decoding, upper.data, upper.length);
    }
    return extensions(decoding, &upper);
}

enum p2i_fate p2i_decode_ipv6(struct p2i_decoding *decoding, struct p2i_view rest)
{
    if (rest.size < IPV6_SIZE) {
        return P2I_FATE_NETWORK_CUT;
    }
    struct p2i_packet *packet = decoding->packet;
    const uint8_t *header = rest.data;
    if (header[0] >> 4 != 6) {
        return P2I_FATE_NETWORK_BAD;
    }
    enum { NO_NEXT_HEADER = 59 };
    uint32_t length = p2i_load_be16(header + 4);
    if (length == 0 && header[6] != NO_NEXT_HEADER) {
        (void)p2i_decoding_note(decoding, P2I_FEATURE_NO_IP_LENGTH);
        length = (uint32_t)rest.size - IPV6_SIZE; /* jumbogram, or left to the network card */
    }
    packet->ip = p2i_view_first(rest, IPV6_SIZE + (size_t)length);
    packet->ip_length = IPV6_SIZE + length;
    packet->ip_version = 6;
    packet->class_of_service = (uint8_t)(p2i_load_be16(header) >> 4 & 0xff);
    p2i_decoding_trace(decoding, (struct p2i_trace_header){.bytes = packet->ip,
                                                           .length = IPV6_SIZE,
                                                           .kind = P2I_TRACE_IPV6});
    memcpy(&packet->source, header + 8, sizeof packet->source);
    memcpy(&packet->destination, header + 24, sizeof packet->destination);
    struct upper upper = {
        .data = p2i_view_from(packet->ip, IPV6_SIZE),
        .length = length,
        .protocol = header[6],
    };
    if (upper.protocol == P2I_PROTO_TCP) {
        return tcp(decoding, upper.data, upper.length);
    }
    if (upper.protocol == P2I_PROTO_UDP) {
        return udp(decoding, upper.data, upper.length);
    }
    return extensions(decoding, &upper);
}

enum p2i_fate p2i_decode_ip(struct p2i_decoding *decoding, struct p2i_view rest)
{
    if (rest.size == 0) {
        return P2I_FATE_NETWORK_CUT;
    }
    switch (rest.data[0] >> 4) {
    case 4:
        return p2i_decode_ipv4(decoding, rest);
    case 6:
        return p2i_decode_ipv6(decoding, rest);
    default:
        return P2I_FATE_NETWORK_BAD;
    }
}
