/* SPDX-License-Identifier: MIT */
/* The usual frame, in a straight line: Ethernet without tags; IPv4 without options or fragments, or
 * IPv6 without extension headers; TCP or UDP. Fills the packet as ethernet.c and network.c do,
 * which get all other frames. */
#include "packet/internal.h"

enum {
    MAC_SIZE = 6,
    ETHERNET_SIZE = 14,
    IPV4_SIZE = 20,
    IPV6_SIZE = 40,
    TCP_SIZE = 20,
    UDP_SIZE = 8
};

/* The header and payload of TCP or UDP. */
struct segment {
    const uint8_t *data;
    uint32_t size;   /* captured bytes */
    uint32_t length; /* bytes by the IP header; >= size */
};

/* Both ports at once: what is written in one piece can be read in pieces without waiting. */
static inline void set_ports(struct p2i_packet *packet, const uint8_t *header)
{
    uint16_t ports[2] = {p2i_load_be16(header), p2i_load_be16(header + 2)};
    memcpy(packet->key.port, ports, sizeof ports);
}

static inline bool tcp(struct p2i_packet *packet, struct segment segment)
{
    const uint8_t *header = segment.data;
    if (segment.size < TCP_SIZE) {
        return false;
    }
    uint32_t header_size = (uint32_t)(header[12] >> 4) * 4;
    if (header_size < TCP_SIZE || header_size > segment.size) {
        return false;
    }
    set_ports(packet, header);
    packet->tcp_sequence = p2i_load_be32(header + 4);
    packet->tcp_acknowledgement = p2i_load_be32(header + 8);
    packet->tcp_flags = p2i_load_be16(header + 12) & 0x0fff;
    packet->payload = p2i_view_of(header + header_size, segment.size - header_size);
    packet->payload_length = segment.length - header_size;
    return true;
}

static inline bool udp(struct p2i_packet *packet, struct segment segment)
{
    const uint8_t *header = segment.data;
    if (segment.size < UDP_SIZE) {
        return false;
    }
    uint32_t length = p2i_load_be16(header + 4);
    if (length < UDP_SIZE || length > segment.length) {
        return false;
    }
    uint32_t size = length < segment.size ? length : segment.size;
    struct p2i_view payload = p2i_view_of(header + UDP_SIZE, size - UDP_SIZE);
    if (p2i_may_be_udp_tunnel(p2i_load_be16(header), p2i_load_be16(header + 2), payload)) {
        return false;
    }
    set_ports(packet, header);
    packet->tcp_sequence = 0;
    packet->tcp_acknowledgement = 0;
    packet->tcp_flags = 0;
    packet->payload = payload;
    packet->payload_length = length - UDP_SIZE;
    return true;
}

static inline bool transport(struct p2i_packet *packet, uint8_t protocol, struct segment segment)
{
    packet->transport = protocol;
    packet->transport_header = segment.data;
    return protocol == P2I_PROTO_TCP   ? tcp(packet, segment)
           : protocol == P2I_PROTO_UDP ? udp(packet, segment)
                                       : false;
}

/* An address of four bytes in one piece. */
static inline void set_ipv4(struct p2i_address *address, const uint8_t *bytes)
{
    uint64_t word = 0;
    memcpy(&word, bytes, 4);
    address->words[0] = word;
    address->words[1] = 0;
}

static inline bool ipv4(struct p2i_packet *packet, const uint8_t *header, size_t captured)
{
    uint32_t total = p2i_load_be16(header + 2);
    if (header[0] != 0x45 || (p2i_load_be16(header + 6) & 0x3fff) != 0 || total < IPV4_SIZE) {
        return false;
    }
    uint32_t size = total < captured ? total : (uint32_t)captured;
    set_ipv4(&packet->source, header + 12);
    set_ipv4(&packet->destination, header + 16);
    packet->ip = p2i_view_of(header, size);
    packet->ip_length = total;
    packet->ip_version = 4;
    packet->class_of_service = header[1];
    return transport(packet, header[9],
                     (struct segment){header + IPV4_SIZE, size - IPV4_SIZE, total - IPV4_SIZE});
}

static inline bool ipv6(struct p2i_packet *packet, const uint8_t *header, size_t captured)
{
    uint32_t length = p2i_load_be16(header + 4);
    if (header[0] >> 4 != 6 || length == 0 || captured < IPV6_SIZE) {
        return false;
    }
    uint32_t size = length < captured - IPV6_SIZE ? length : (uint32_t)captured - IPV6_SIZE;
    memcpy(&packet->source, header + 8, sizeof packet->source);
    memcpy(&packet->destination, header + 24, sizeof packet->destination);
    packet->ip = p2i_view_of(header, IPV6_SIZE + size);
    packet->ip_length = IPV6_SIZE + length;
    packet->ip_version = 6;
    packet->class_of_service = (uint8_t)(p2i_load_be16(header) >> 4 & 0xff);
    return transport(packet, header[6], (struct segment){header + IPV6_SIZE, size, length});
}

bool p2i_decode_plain(struct p2i_packet *packet, struct p2i_view frame)
{
    if (frame.size < ETHERNET_SIZE + IPV4_SIZE) {
        return false;
    }
    packet->destination_mac = frame.data;
    packet->source_mac = frame.data + MAC_SIZE;
    size_t captured = frame.size - ETHERNET_SIZE;
    switch (p2i_load_be16(frame.data + 2 * (size_t)MAC_SIZE)) {
    case P2I_ETHERTYPE_IPV4:
        return ipv4(packet, frame.data + ETHERNET_SIZE, captured);
    case P2I_ETHERTYPE_IPV6:
        return ipv6(packet, frame.data + ETHERNET_SIZE, captured);
    default:
        return false;
    }
}
