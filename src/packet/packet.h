/* SPDX-License-Identifier: MIT */
/* Decodes frames into packets: link facts, addresses, ports, flags and a view of the payload.
 * Tunnels are removed and fragments reassembled; lengths are those of the IP header. */
#ifndef P2I_PACKET_PACKET_H
#define P2I_PACKET_PACKET_H

#include "packet/packet_info.h"
#include "pcap2ipfix/address.h"
#include "pcap2ipfix/fate.h"
#include "pcap2ipfix/view.h"

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

enum { P2I_PPPOE_DISCOVERY = 0x8863 }; /* its EtherType; no protocol of PPP has this number */

/* The two ends of a session. Sorted, both directions have the same key. */
struct p2i_session_key {
    struct p2i_address end[2];
    uint16_t port[2];
    uint32_t scope;
    uint8_t transport;
    uint8_t ip_version;
};

/* One decoded frame. Views point into the frame, or into a buffer of the reassembled packet (see
 * p2i_decoder_join_into()), and live as long as that does. */
struct p2i_packet {
    union {
        struct {
            struct p2i_address source, destination; /* of the innermost IP header */
            uint16_t source_port, destination_port; /* 0: the transport has no ports */
            /* Separates equal addresses: hash of the VLAN ids, VNIs and PPPoE session ids of outer
             * headers, but not of ids that differ by direction, such as TEIDs; 0: none. */
            uint32_t scope;
            uint8_t transport;  /* IP protocol number; P2I_PROTO_TCP or _UDP when HANDLED */
            uint8_t ip_version; /* 4 or 6 */
        };
        /* The same; but once its ends are sorted (session/dispatch.h), the names above mean its
         * first and second end. */
        struct p2i_session_key key;
    };
    uint64_t time_ns;
    const uint8_t *transport_header; /* TCP: at least 20 bytes; UDP: 8; NULL: none. Options and
                                        checksums: transport.h */
    struct p2i_view payload;         /* of TCP or UDP, as captured */
    uint32_t payload_length;         /* by the headers; >= payload.size */
    uint32_t ip_length;              /* total length by the innermost IP header */
    uint32_t tcp_sequence, tcp_acknowledgement;
    uint16_t tcp_flags;   /* 12 bits, P2I_TCP_ */
    uint16_t icmp;        /* ICMP: type * 256 + code; valid with TRANSPORT_OTHER only */
    uint16_t ppp_control; /* protocol of a PPP control frame in a PPPoE session, whose contents are
                             `payload`; P2I_PPPOE_DISCOVERY: a frame of PPPoE discovery, whose
                             session id, 0 before the last one, is payload_length; 0: none; valid
                             with any fate */
    uint8_t class_of_service; /* TOS or traffic class */
    uint8_t fate;             /* enum p2i_fate */
    /* Link facts of the outermost frame that has them. */
    uint16_t vlan_id, post_vlan_id;
    uint8_t mpls_size; /* bytes at mpls: a multiple of 4, at most P2I_MPLS_MAX */
    bool untimed;      /* the frame has no time of its own; set by the caller of p2i_decode() */
    uint32_t interface_id;
    uint32_t capture;          /* index of the input, from 0; set by the caller */
    uint64_t number;           /* of the frame within its capture, from 1; set by the caller */
    const uint8_t *mpls;       /* label stack; NULL: none */
    const uint8_t *source_mac; /* 6 bytes; NULL: none */
    const uint8_t *destination_mac;
    struct p2i_view ip; /* innermost IP packet with its header, as captured */
};

/* Where a frame is, in one number other than 0: its capture, 24 bits, and its number there, 40. */
static inline uint64_t p2i_packet_place(const struct p2i_packet *packet)
{
    return (uint64_t)packet->capture << 40 | packet->number;
}

static inline uint32_t p2i_place_capture(uint64_t place)
{
    return (uint32_t)(place >> 40);
}

static inline uint64_t p2i_place_number(uint64_t place)
{
    return place & ((UINT64_C(1) << 40) - 1);
}

/* Start zeroed. */
struct p2i_frame_places {
    uint64_t *list;
    size_t count, capacity;
};

/* Buffers of reassembled packets. Start zeroed. */
struct p2i_joined_buffers {
    uint8_t **buffers;
    size_t count, capacity;
    size_t bytes;       /* of all buffers */
    bool out_of_memory; /* a packet, or a part of one, was lost */
};

/* Frees the packets in it. */
void p2i_joined_buffers_clear(struct p2i_joined_buffers *joined);
void p2i_joined_buffers_free(struct p2i_joined_buffers *joined);

/* State across frames: fragments only. Belongs to one thread at a time. */
struct p2i_decoder;

struct p2i_features;

/* The features of the next frames that become packets are added to *features, with the frame's link
 * type and encapsulations. NULL: they are not wanted, as at first. */
void p2i_decoder_note_features(struct p2i_decoder *decoder, struct p2i_features *features);

struct p2i_decoder_counts {
    uint64_t fragment_joined_count;  /* packets reassembled */
    uint64_t fragment_dropped_count; /* fragments dropped (time-out, memory limit, invalid) or
                                        incomplete at the end */
    uint64_t fragment_overlap_count; /* packets dropped because fragments contradict each other:
                                        overlap with different bytes, or two ends */
    uint64_t tunnel_count;           /* packets from inside at least one tunnel */
    uint64_t encrypted_tunnel_count; /* packets of encrypted tunnels, handled as UDP */
    uint64_t cut_count;              /* packets with payload cut by the snaplen */
};

/* `fragment_bytes`: memory limit for incomplete packets. NULL: out of memory. */
struct p2i_decoder *p2i_decoder_new(uint64_t fragment_bytes);
void p2i_decoder_free(struct p2i_decoder *decoder);
/* Packets that are reassembled from now on are put into `joined`, whose owner clears it when the
 * packets are no longer used. Must be called before the first frame. */
void p2i_decoder_join_into(struct p2i_decoder *decoder, struct p2i_joined_buffers *joined);
const struct p2i_decoder_counts *p2i_decoder_counts(const struct p2i_decoder *decoder);

/* From now on the places of the frames that packets are reassembled from are noted. Must be called
 * before the first frame. */
void p2i_decoder_note_frames(struct p2i_decoder *decoder);
/* The frames before the last one that the packet decoded last was reassembled from, in the order of
 * the capture; perhaps none. They live until the next frame. */
const struct p2i_frame_places *p2i_decoder_frames(const struct p2i_decoder *decoder);

/* Decodes one frame of a link type (LINKTYPE_ number); `frame` is the captured part of
 * `original_size` bytes. Fills the packet. packet->fate decides which members are valid:
 * P2I_FATE_HANDLED: all; P2I_FATE_TRANSPORT_OTHER: addresses, ip_version, transport, ports, ip,
 * lengths and link facts, and the payload is empty; otherwise fate, time_ns, interface_id and
 * ppp_control (with payload, scope and MAC addresses if it is not 0). Frames must come in the order
 * of the capture. */
void p2i_decode(struct p2i_decoder *decoder, uint16_t link_type, struct p2i_view frame,
                uint32_t original_size, uint64_t time_ns, uint32_t interface_id,
                struct p2i_packet *packet);

/* The same for who changes frames, with interface 0: puts all headers into *trace (trace.h). */
struct p2i_trace;
void p2i_decode_traced(struct p2i_decoder *decoder, uint16_t link_type, struct p2i_view frame,
                       uint32_t original_size, uint64_t time_ns, struct p2i_trace *trace,
                       struct p2i_packet *packet);

/* Fills the packet info for the packet's payload. */
static inline void p2i_packet_info_of(const struct p2i_packet *packet, struct p2i_packet_info *info)
{
    *info = (struct p2i_packet_info){
        .time_ns = packet->time_ns,
        .number = packet->number,
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
