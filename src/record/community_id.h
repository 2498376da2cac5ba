/* SPDX-License-Identifier: MIT */
/* The Community ID of a flow, version 1 with seed 0: a hash of its ends that other programs (Zeek,
 * Suricata, Wireshark) write too, the same for both directions. Pure functions. */
#ifndef P2I_RECORD_COMMUNITY_ID_H
#define P2I_RECORD_COMMUNITY_ID_H

#include "pcap2ipfix/view.h"

enum { P2I_COMMUNITY_ID_SIZE = 30 }; /* "1:", 28 characters of Base64; not terminated */

struct p2i_community_flow {
    struct p2i_view source, destination; /* addresses, both of 4 or of 16 bytes */
    uint8_t transport;                   /* IP protocol number */
    uint16_t port[2]; /* of source and destination; ICMP: type * 256 + code is in the second */
};

void p2i_community_id(const struct p2i_community_flow *flow, uint8_t text[P2I_COMMUNITY_ID_SIZE]);

#endif
