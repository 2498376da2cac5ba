/* SPDX-License-Identifier: MIT */
/* Interfaces between the files of this folder. Decoders work from the link header inwards: each
 * takes the rest of the frame and returns the fate of the whole frame.
 *
 * Depth is limited: P2I_TUNNEL_MAX counts encapsulations of whole packets or frames, P2I_LAYER_MAX
 * counts EtherTypes, because LLC and tags may contain each other. */
#ifndef P2I_PACKET_INTERNAL_H
#define P2I_PACKET_INTERNAL_H

#include "base/hash.h"
#include "packet/feature_set.h"
#include "packet/packet.h"
#include "packet/trace.h"
#include "packet/transport.h"
#include "pcap2ipfix/cursor.h"

enum {
    P2I_TUNNEL_MAX = 8, /* encapsulations of a frame */
    P2I_LAYER_MAX = 64, /* headers with an EtherType in a frame */
    P2I_JOIN_MAX = 2,   /* reassemblies of a frame: a tunnel may carry fragments */
};

struct p2i_fragments;

/* State of decoding one frame. */
struct p2i_decoding {
    struct p2i_packet *packet;
    struct p2i_fragments *fragments;
    uint64_t scope;      /* hash of the ids so far; 0: none */
    uint32_t missing;    /* bytes behind the rest that were not captured but belong to it */
    unsigned depth;      /* encapsulations entered */
    unsigned layers;     /* see P2I_LAYER_MAX */
    unsigned join_count; /* packets reassembled for this frame */
    struct p2i_frame_places *frames; /* see p2i_decoder_frames(); NULL: not noted */
    bool encrypted;                  /* a tunnel that cannot be decrypted */
    struct p2i_features *features;   /* of the packet; NULL: not wanted */
    struct p2i_trace *trace;         /* NULL: not wanted */
};

/* Notes a feature of the packet. Returns true. */
static inline bool p2i_decoding_note(const struct p2i_decoding *decoding, unsigned feature)
{
    if (decoding->features != NULL) {
        p2i_features_set(decoding->features, feature);
    }
    return true;
}

/* Kinds of ids in the scope: VLAN 7 and VNI 7 must differ. */
enum p2i_scope {
    P2I_SCOPE_VLAN = 1,
    P2I_SCOPE_PPPOE,
    P2I_SCOPE_VXLAN,
    P2I_SCOPE_GENEVE,
    P2I_SCOPE_BACKBONE,
    P2I_SCOPE_LISP,
};

static inline void p2i_decoding_scope(struct p2i_decoding *decoding, enum p2i_scope kind,
                                      uint32_t id)
{
    decoding->scope = p2i_mix(decoding->scope, (uint64_t)kind << 32 | id);
}

static inline uint32_t p2i_scope_fold(uint64_t scope)
{
    return (uint32_t)(scope ^ scope >> 32);
}

/* Notes a header, if somebody wants to know. */
static inline void p2i_decoding_trace(struct p2i_decoding *decoding, struct p2i_trace_header header)
{
    struct p2i_trace *trace = decoding->trace;
    if (trace == NULL) {
        return;
    }
    if (trace->count < P2I_TRACE_MAX) {
        trace->headers[trace->count++] = header;
    } else {
        trace->full = true;
    }
}

/* Notes the first `size` bytes as numbers: there is no address and no name in them. */
static inline void p2i_decoding_trace_numbers(struct p2i_decoding *decoding, struct p2i_view rest,
                                              size_t size)
{
    if (decoding->trace != NULL) {
        p2i_decoding_trace(decoding, (struct p2i_trace_header){.bytes = p2i_view_first(rest, size),
                                                               .length = (uint32_t)size,
                                                               .kind = P2I_TRACE_NUMBERS});
    }
}

/* Enters an encapsulation. False: too many. */
static inline bool p2i_decoding_enter(struct p2i_decoding *decoding)
{
    return ++decoding->depth <= P2I_TUNNEL_MAX;
}

/* Limits `rest` to the `length` that a header gives; missing bytes are noted. */
static inline struct p2i_view p2i_decoding_bound(struct p2i_decoding *decoding,
                                                 struct p2i_view rest, uint32_t length)
{
    decoding->missing = length > rest.size ? length - (uint32_t)rest.size : 0;
    return p2i_view_first(rest, length);
}

/* Bytes from here to the end, captured or not. */
static inline uint32_t p2i_decoding_left(const struct p2i_decoding *decoding, struct p2i_view rest)
{
    return (uint32_t)rest.size + decoding->missing;
}

static inline void p2i_decoding_trace_macs(struct p2i_decoding *decoding,
                                           const uint8_t *destination, const uint8_t *source)
{
    const uint8_t *macs[] = {destination, source};
    for (size_t i = 0; i < 2; i++) {
        if (macs[i] != NULL) {
            p2i_decoding_trace(decoding, (struct p2i_trace_header){.bytes = p2i_view_of(macs[i], 6),
                                                                   .length = 6,
                                                                   .kind = P2I_TRACE_MAC});
        }
    }
}

/* Sets the MAC addresses; those of the outermost frame that has any stay. */
static inline void p2i_decoding_macs(struct p2i_decoding *decoding, const uint8_t *destination,
                                     const uint8_t *source)
{
    if (decoding->trace != NULL) {
        p2i_decoding_trace_macs(decoding, destination, source);
    }
    if (decoding->packet->source_mac == NULL) {
        decoding->packet->source_mac = source;
        decoding->packet->destination_mac = destination;
    }
}

/* EtherTypes with a row in the table: P2I_ETHERTYPE_IPV4 and so on. */
enum {
#define ETHERTYPE(number, name, decode, what, source) P2I_ETHERTYPE_##name = (number),
#include "packet/encapsulations.def"
};
/* Other EtherTypes. */
enum {
    P2I_ETHERTYPE_MIN = 0x0600, /* smaller values are lengths (IEEE 802.3, 3.2.6) */
    P2I_ETHERTYPE_ARP = 0x0806,
    P2I_ETHERTYPE_TRANSPARENT = 0x6558, /* transparent Ethernet bridging */
    P2I_ETHERTYPE_PPP = 0x880b,
    P2I_ETHERTYPE_PPPOE_DISCOVERY = P2I_PPPOE_DISCOVERY,
};

static inline bool p2i_is_tag(uint16_t type)
{
    return type == P2I_ETHERTYPE_VLAN || type == P2I_ETHERTYPE_QINQ ||
           type == P2I_ETHERTYPE_QINQ_OLD;
}

/* link.c: by LINKTYPE_ number. */
enum p2i_fate p2i_decode_link(struct p2i_decoding *decoding, uint16_t link_type,
                              struct p2i_view frame);

/* plain.c: Ethernet, IP and TCP or UDP without anything between them. False: the frame has
 * something else, and what was written to the packet is to be written again. */
bool p2i_decode_plain(struct p2i_packet *packet, struct p2i_view frame);

/* ethernet.c: EtherTypes, LLC and SNAP. */
enum p2i_fate p2i_decode_ethernet(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_ethertype(struct p2i_decoding *decoding, uint16_t type,
                                   struct p2i_view rest);
/* True when the table of encapsulations has the EtherType. */
bool p2i_opens_ethertype(uint16_t type);
enum p2i_fate p2i_decode_llc(struct p2i_decoding *decoding, struct p2i_view rest);
/* Begins with the organisation code. */
enum p2i_fate p2i_decode_snap(struct p2i_decoding *decoding, struct p2i_view rest);
/* Heuristic for headers that do not name their payload: true when the bytes look like an Ethernet
 * frame. So p2i_like_mpls(), p2i_like_nsh(), p2i_like_ppp() and p2i_like_ip(). */
bool p2i_like_ethernet(struct p2i_view view);

/* mpls.c */
enum p2i_fate p2i_decode_mpls(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_mpls(const struct p2i_decoding *decoding, struct p2i_view rest);

/* nsh.c */
enum p2i_fate p2i_decode_nsh(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_nsh(struct p2i_view rest);
/* The EtherType for a next protocol of NSH, VXLAN-GPE or LISP-GPE; 0: not supported. */
uint16_t p2i_type_of_next(uint8_t next_protocol);

/* ppp.c */
enum p2i_fate p2i_decode_ppp(struct p2i_decoding *decoding, struct p2i_view rest);
enum p2i_fate p2i_decode_pppoe(struct p2i_decoding *decoding, struct p2i_view rest);
/* Notes a frame of PPPoE discovery, which has a session id at the end of discovery only. */
void p2i_note_pppoe_discovery(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_ppp(struct p2i_view view);

/* ieee80211.c */
enum p2i_fate p2i_decode_80211(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_radiotap(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_prism(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_avs(struct p2i_decoding *decoding, struct p2i_view frame);

/* network.c */
enum p2i_fate p2i_decode_ipv4(struct p2i_decoding *decoding, struct p2i_view rest);
enum p2i_fate p2i_decode_ipv6(struct p2i_decoding *decoding, struct p2i_view rest);
/* IPv4 or IPv6, by the version. */
enum p2i_fate p2i_decode_ip(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_ip(struct p2i_view view);
/* Length of the packet by its header; 0: the header is incomplete or invalid. */
uint32_t p2i_ip_size(struct p2i_view view);

/* tunnel.c: enters an encapsulation; `type` is an EtherType, or the GRE protocol type of Ethernet
 * or PPP. */
enum p2i_fate p2i_decode_tunneled(struct p2i_decoding *decoding, uint16_t type,
                                  struct p2i_view rest);

/* tunnel.c, udp_tunnel.c: tunnels in IP and UDP. `rest` is the captured payload of IP or UDP.
 * False: no tunnel; *fate is not set and the packet is unchanged. */
bool p2i_decode_ip_tunnel(struct p2i_decoding *decoding, uint8_t protocol, struct p2i_view rest,
                          enum p2i_fate *fate);
bool p2i_decode_udp_tunnel(struct p2i_decoding *decoding, uint16_t source_port,
                           uint16_t destination_port, struct p2i_view rest, enum p2i_fate *fate);
/* udp_tunnel.c: false when p2i_decode_udp_tunnel() finds no tunnel for sure. */
bool p2i_may_be_udp_tunnel(uint16_t source_port, uint16_t destination_port, struct p2i_view rest);

/* gre.c */
enum p2i_fate p2i_decode_gre(struct p2i_decoding *decoding, struct p2i_view rest);

/* fragment.c */

/* A fragment; its addresses, IP version and time are those of the packet. */
struct p2i_fragment {
    struct p2i_view header; /* of IPv4 with options, of IPv6 without extensions; call */
    struct p2i_view data;   /* as captured; call */
    uint32_t length;        /* of the data by the header; >= data.size */
    uint32_t offset;        /* of the data in the packet, bytes */
    uint32_t identification;
    uint8_t protocol; /* behind the IP header (IPv6: the fragment header) */
    bool more;        /* more fragments follow */
};

/* A reassembled packet. The header is that of the first fragment, rewritten as if the packet had
 * not been fragmented: total length and (IPv6) next header are set, fragment fields cleared, the
 * IPv4 checksum is unchanged. IPv6 extension headers before the fragment header are left out. */
struct p2i_joined {
    struct p2i_view ip; /* in a buffer of struct p2i_joined_buffers */
    size_t header_size;
    uint32_t length; /* length behind the header; more than `ip` has if the snaplen cut it */
    uint8_t protocol;
};

struct p2i_fragments *p2i_fragments_new(struct p2i_decoder_counts *counts, uint64_t memory_bytes);
void p2i_fragments_free(struct p2i_fragments *fragments);
/* True when a fragment may be decoded without the others: neither it nor earlier fragments of its
 * packet contradict each other. */
bool p2i_fragments_alone(struct p2i_decoding *decoding, const struct p2i_fragment *fragment);
/* See p2i_decoder_join_into(). */
void p2i_fragments_join_into(struct p2i_fragments *fragments, struct p2i_joined_buffers *joined);
/* Copies the fragment. True: it completes its packet, which is in *joined. */
bool p2i_fragments_add(struct p2i_decoding *decoding, const struct p2i_fragment *fragment,
                       struct p2i_joined *joined);

/* frame_places.c. Start zeroed. False: out of memory. */
bool p2i_frame_places_add(struct p2i_frame_places *places, const uint64_t *added, size_t count);
void p2i_frame_places_free(struct p2i_frame_places *places);

#endif
