/* SPDX-License-Identifier: MIT */
/* When and where a byte was captured. A message has the packet info of its first byte. */
#ifndef P2I_PACKET_PACKET_INFO_H
#define P2I_PACKET_PACKET_INFO_H

#include <stdint.h>

enum { P2I_MPLS_MAX = 32 }; /* bytes: eight label stack entries */

struct p2i_packet_info {
    uint64_t time_ns;      /* Unix time of the packet */
    uint64_t number;       /* of the packet within its capture, from 1 */
    uint32_t tcp_sequence; /* of the segment with the byte; 0 over UDP */
    uint32_t interface_id; /* pcapng interface; 0 in pcap */
    uint32_t capture;      /* index of the input, from 0 */
    uint16_t vlan_id;      /* outermost 802.1Q/802.1ad id; 0: none */
    uint16_t post_vlan_id; /* the next inner id; 0: none */
    uint8_t source_mac[6]; /* zeros: the link has no addresses */
    uint8_t destination_mac[6];
    uint8_t mpls_size;          /* bytes used in mpls */
    uint8_t mpls[P2I_MPLS_MAX]; /* label stack entries as on the wire, outermost first */
};

#endif
