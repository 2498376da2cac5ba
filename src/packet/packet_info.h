/* SPDX-License-Identifier: MIT */
/* Where and when a byte was seen on the wire. A message has the packet info of its first byte. */
#ifndef P2I_PACKET_PACKET_INFO_H
#define P2I_PACKET_PACKET_INFO_H

#include <stdint.h>

enum { P2I_MPLS_MAX = 32 }; /* bytes: eight label stack entries */

struct p2i_packet_info {
    uint64_t time_ns;      /* Unix time of the packet */
    uint32_t tcp_sequence; /* of the segment that carries the byte; 0 over UDP */
    uint32_t interface_id; /* pcapng interface; 0 in pcap */
    uint32_t capture;      /* which of the inputs, from 0 */
    uint16_t vlan_id;      /* outermost 802.1Q/802.1ad id; 0 none */
    uint16_t post_vlan_id; /* the next inner one; 0 none */
    uint8_t source_mac[6]; /* zeros where the link has none */
    uint8_t destination_mac[6];
    uint8_t mpls_size;          /* bytes used in mpls */
    uint8_t mpls[P2I_MPLS_MAX]; /* label stack entries as on the wire, outermost first */
};

#endif
