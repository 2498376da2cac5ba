/* SPDX-License-Identifier: MIT */
/* What few packets are asked for: checksums (RFC 1071) of a decoded packet, and what else a TCP
 * header says (RFC 9293 section 3.1). */
#ifndef P2I_PACKET_TRANSPORT_H
#define P2I_PACKET_TRANSPORT_H

#include "base/cursor.h"
#include "packet/packet.h"

enum p2i_checksum {
    P2I_CHECKSUM_UNKNOWN, /* nothing can be said: none was sent, the snaplen cut what it covers, or
                             it was left to the network card (zero, or the sum of the pseudo-header:
                             offload, GRO) */
    P2I_CHECKSUM_RIGHT,
    P2I_CHECKSUM_WRONG,
};

/* True when the IPv4 header that a packet begins with is all there, and its checksum right. */
bool p2i_is_ipv4_checksum_right(struct p2i_view packet);

/* Of the innermost IPv4 header. UNKNOWN for IPv6, which has none. */
enum p2i_checksum p2i_ip_checksum(const struct p2i_packet *packet);
/* Of a TCP segment. */
enum p2i_checksum p2i_tcp_checksum(const struct p2i_packet *packet);
/* Of a UDP datagram. */
enum p2i_checksum p2i_udp_checksum(const struct p2i_packet *packet);

/* The window as sent, not scaled. 0 without a header. */
static inline uint16_t p2i_tcp_window(const struct p2i_packet *packet)
{
    return packet->transport_header != NULL ? p2i_load_be16(packet->transport_header + 14) : 0;
}

/* With the flag URG: sequence number of the one urgent byte (RFC 6093 section 2). */
uint32_t p2i_tcp_urgent(const struct p2i_packet *packet);

/* Shift of the option Window Scale (RFC 7323 section 2.2), at most 14; -1: there is none. */
int p2i_tcp_window_shift(const struct p2i_packet *packet);

#endif
