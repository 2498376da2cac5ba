/* SPDX-License-Identifier: MIT */
/* A frame becomes a packet: link facts, addresses, ports, flags and a view of the payload.
 * Tunnels are peeled, fragments joined; lengths are those of the IP header. */
#ifndef P2I_PACKET_PACKET_H
#define P2I_PACKET_PACKET_H

#include "base/view.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/fate.h"

/* An address in network order: IPv4 in bytes[0..3] with zeros behind it, IPv6 in all 16. */
struct p2i_address {
    union {
        uint8_t bytes[16];
        uint64_t words[2];
    };
};

enum {
    P2I_TCP_FIN = 0x01,
    P2I_TCP_SYN = 0x02,
    P2I_TCP_RST = 0x04,
    P2I_TCP_PSH = 0x08,
    P2I_TCP_ACK = 0x10,
    P2I_TCP_URG = 0x20,
};

enum {
    P2I_PROTO_ICMP = 1,
    P2I_PROTO_IGMP = 2,
    P2I_PROTO_TCP = 6,
    P2I_PROTO_UDP = 17,
    P2I_PROTO_DCCP = 33,
    P2I_PROTO_ESP = 50,
    P2I_PROTO_AH = 51,
    P2I_PROTO_ICMPV6 = 58,
    P2I_PROTO_OSPF = 89,
    P2I_PROTO_SCTP = 132,
    P2I_PROTO_UDPLITE = 136,
};

/* One decoded frame. Views point into the frame and live as long as it does; those into joined
 * fragments live until 64 more packets have been joined (so that a batch may be decoded before it
 * is handled), or p2i_decoder_forget(). */
struct p2i_packet {
    struct p2i_address source, destination; /* innermost */
    struct p2i_view payload;                /* of TCP or UDP, as far as it was captured */
    struct p2i_view ip; /* innermost IP packet from its header on, as captured */
    uint64_t time_ns;
    const uint8_t *transport_header; /* of TCP, 20 bytes at least, or UDP, 8; NULL: none. What else
                                        it says, and checksums: transport.h */
    uint32_t payload_length;         /* as the headers say; >= payload.size */
    uint32_t ip_length;              /* total length, as the innermost IP header says */
    uint32_t scope; /* what separates equal addresses: a hash of the VLAN ids, VNIs and
                       PPPoE session ids on the way in (ids that differ by direction,
                       like TEIDs, are not in it); 0 none */
    uint32_t tcp_sequence, tcp_acknowledgement;
    uint16_t source_port, destination_port; /* 0 where the transport has none */
    uint16_t icmp;            /* ICMP: type * 256 + code; valid with TRANSPORT_OTHER only */
    uint16_t tcp_flags;       /* 12 bits, P2I_TCP_ */
    uint16_t ppp_control;     /* PPP control frame in a PPPoE session: its protocol, and payload is
                                 what it holds, as captured; 0: none (any fate) */
    uint8_t ip_version;       /* 4 or 6 */
    uint8_t transport;        /* IP protocol number: P2I_PROTO_TCP or _UDP when HANDLED */
    uint8_t class_of_service; /* TOS or traffic class */
    uint8_t fate;             /* enum p2i_fate */
    /* Link facts, of the outermost frame that has them. */
    uint16_t vlan_id, post_vlan_id;
    uint8_t mpls_size;         /* bytes at mpls, a multiple of 4, at most P2I_MPLS_MAX */
    bool untimed;              /* the frame has no time of its own; set by whoever decodes */
    const uint8_t *mpls;       /* NULL none */
    const uint8_t *source_mac; /* 6 bytes, or NULL */
    const uint8_t *destination_mac;
    uint32_t interface_id;
    uint32_t capture; /* which of the inputs, from 0; set by whoever decodes */
    uint64_t number;  /* of the frame within its capture, from 1; likewise */
};

/* State across frames: fragments only. One a thread. */
struct p2i_decoder;

struct p2i_decoder_counts {
    uint64_t fragment_joined_count;  /* packets put together */
    uint64_t fragment_dropped_count; /* fragments given up (time-out, limit,
                                          nonsense) or held at the end */
    uint64_t fragment_overlap_count; /* packets given up because their fragments contradict each
                                        other: they overlap with other bytes, or end twice */
    uint64_t tunnel_count;           /* packets that came out of at least one tunnel */
    uint64_t encrypted_tunnel_count; /* packets of tunnels that cannot be opened, handled as UDP */
    uint64_t cut_count;              /* packets whose payload the snaplen cut */
};

/* At most `fragment_bytes` hold fragments of packets that are not whole. NULL: out of memory. */
struct p2i_decoder *p2i_decoder_new(uint64_t fragment_bytes);
void p2i_decoder_free(struct p2i_decoder *decoder);
/* The packets decoded so far are not looked at any more: gives back what joined ones took. */
void p2i_decoder_forget(struct p2i_decoder *decoder);
const struct p2i_decoder_counts *p2i_decoder_counts(const struct p2i_decoder *decoder);

/* Decodes one frame of link type `link_type` (LINKTYPE_ number), of which `frame` was captured; it
 * had `original_size` bytes (at least those). Fills the packet; packet->fate says how far it came:
 * the members are valid when it is P2I_FATE_HANDLED, otherwise only fate, time_ns, interface_id and
 * ppp_control (with payload, scope and MAC addresses) are (TRANSPORT_OTHER: addresses, ip_version,
 * transport, ports, ip and lengths too; the payload is empty). Frames must come in the order of the
 * capture. */
void p2i_decode(struct p2i_decoder *decoder, uint16_t link_type, struct p2i_view frame,
                uint32_t original_size, uint64_t time_ns, uint32_t interface_id,
                struct p2i_packet *packet);

/* The packet info of the packet's payload. */
static inline void p2i_packet_info_of(const struct p2i_packet *packet, struct p2i_packet_info *info)
{
    *info = (struct p2i_packet_info){
        .time_ns = packet->time_ns,
        .tcp_sequence = packet->tcp_sequence,
        .interface_id = packet->interface_id,
        .capture = packet->capture,
        .vlan_id = packet->vlan_id,
        .post_vlan_id = packet->post_vlan_id,
        .mpls_size = packet->mpls_size,
    };
    if (packet->source_mac != NULL) {
        memcpy(info->source_mac, packet->source_mac, sizeof info->source_mac);
    }
    if (packet->destination_mac != NULL) {
        memcpy(info->destination_mac, packet->destination_mac, sizeof info->destination_mac);
    }
    if (packet->mpls_size > 0) {
        memcpy(info->mpls, packet->mpls, packet->mpls_size);
    }
}

#endif
