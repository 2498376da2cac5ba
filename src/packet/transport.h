/* SPDX-License-Identifier: MIT */
/* Checksums (RFC 1071) of decoded packets and rarely used TCP header fields (RFC 9293 section 3.1).
 */
#ifndef P2I_PACKET_TRANSPORT_H
#define P2I_PACKET_TRANSPORT_H

#include "packet/packet.h"
#include "pcap2ipfix/cursor.h"

enum p2i_checksum {
    P2I_CHECKSUM_UNKNOWN, /* cannot be checked: not sent, covered bytes cut by the snaplen, or left
                             to the network card (zero, or the pseudo-header's sum: offload, GRO) */
    P2I_CHECKSUM_RIGHT,
    P2I_CHECKSUM_WRONG,
};

/* True when the packet begins with a complete IPv4 header with a correct checksum. */
bool p2i_is_ipv4_checksum_right(struct p2i_view packet);

/* Of the innermost IPv4 header. IPv6 has none: UNKNOWN. */
enum p2i_checksum p2i_ip_checksum(const struct p2i_packet *packet);
/* Of a TCP segment. */
enum p2i_checksum p2i_tcp_checksum(const struct p2i_packet *packet);
/* Of a UDP datagram. */
enum p2i_checksum p2i_udp_checksum(const struct p2i_packet *packet);

/* The window as sent, unscaled; 0: no header. */
static inline uint16_t p2i_tcp_window(const struct p2i_packet *packet)
{
    return packet->transport_header != NULL ? p2i_load_be16(packet->transport_header + 14) : 0;
}

/* Sequence number of the urgent byte (RFC 6093 section 2); for packets with the flag URG. */
uint32_t p2i_tcp_urgent(const struct p2i_packet *packet);

/* The options of a TCP header, as far as captured; empty: none, or no header. */
struct p2i_view p2i_tcp_options(const struct p2i_packet *packet);
/* Takes the next option other than padding: its kind, and in *value, unless that is NULL, its
 * contents. False: there are no more, or the next one is cut. */
bool p2i_tcp_option_next(struct p2i_cursor *options, uint8_t *kind, struct p2i_view *value);

/* Shift of the Window Scale option (RFC 7323 section 2.2), at most 14; -1: no option. */
int p2i_tcp_window_shift(const struct p2i_packet *packet);

#endif
