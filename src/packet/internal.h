/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. One frame is walked from its link header inwards; every
 * function takes what is left of the frame and returns the fate of the whole.
 *
 * Depth is bounded: by P2I_TUNNEL_MAX for all that holds a whole packet or frame, and by
 * P2I_LAYER_MAX for the ways in which LLC and tags may hold each other. */
#ifndef P2I_PACKET_INTERNAL_H
#define P2I_PACKET_INTERNAL_H

#include "base/cursor.h"
#include "base/hash.h"
#include "packet/packet.h"
#include "packet/transport.h"

enum {
    P2I_TUNNEL_MAX = 8, /* encapsulations */
    P2I_LAYER_MAX = 64, /* link headers that name an EtherType, in one frame */
    P2I_JOIN_MAX = 2,   /* joins for one frame: a tunnel's fragments may carry fragments */
};

struct p2i_fragments;

/* One frame on its way in. */
struct p2i_decoding {
    struct p2i_packet *packet;
    struct p2i_fragments *fragments;
    uint64_t scope;      /* of the ids so far; 0 none */
    uint32_t missing;    /* bytes behind the rest that belong to it, but were not captured */
    unsigned depth;      /* encapsulations entered */
    unsigned layers;     /* see P2I_LAYER_MAX */
    unsigned join_count; /* packets put together for this frame */
    bool encrypted;      /* a tunnel that cannot be opened */
};

/* Kinds of ids in the scope, so that VLAN 7 and VNI 7 differ. */
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

/* Enters one more encapsulation; false when there are too many. */
static inline bool p2i_decoding_enter(struct p2i_decoding *decoding)
{
    return ++decoding->depth <= P2I_TUNNEL_MAX;
}

/* What a header says is `length` bytes, of which `rest` holds the first, or more than that. */
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

/* The addresses of the outermost frame that has some stay. */
static inline void p2i_decoding_macs(struct p2i_decoding *decoding, const uint8_t *destination,
                                     const uint8_t *source)
{
    if (decoding->packet->source_mac == NULL) {
        decoding->packet->source_mac = source;
        decoding->packet->destination_mac = destination;
    }
}

/* EtherTypes that are opened, P2I_ETHERTYPE_IPV4 and so on. */
enum {
#define ETHERTYPE(number, name, decode, what, source) P2I_ETHERTYPE_##name = (number),
#include "packet/encapsulations.def"
};
/* Others. */
enum {
    P2I_ETHERTYPE_MIN = 0x0600, /* what is below is a length (IEEE 802.3, 3.2.6) */
    P2I_ETHERTYPE_ARP = 0x0806,
    P2I_ETHERTYPE_TRANSPARENT = 0x6558, /* transparent Ethernet bridging */
    P2I_ETHERTYPE_PPP = 0x880b,
    P2I_ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
};

static inline bool p2i_is_tag(uint16_t type)
{
    return type == P2I_ETHERTYPE_VLAN || type == P2I_ETHERTYPE_QINQ ||
           type == P2I_ETHERTYPE_QINQ_OLD;
}

/* link.c: by LINKTYPE_ number */
enum p2i_fate p2i_decode_link(struct p2i_decoding *decoding, uint16_t link_type,
                              struct p2i_view frame);

/* ethernet.c: what Ethernet and its relatives hold */
enum p2i_fate p2i_decode_ethernet(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_ethertype(struct p2i_decoding *decoding, uint16_t type,
                                   struct p2i_view rest);
/* Has it a row in the table of encapsulations? */
bool p2i_opens_ethertype(uint16_t type);
enum p2i_fate p2i_decode_llc(struct p2i_decoding *decoding, struct p2i_view rest);
/* From the organisation on. */
enum p2i_fate p2i_decode_snap(struct p2i_decoding *decoding, struct p2i_view rest);
/* For headers that do not say what they hold: do these bytes look like an Ethernet frame? */
bool p2i_like_ethernet(struct p2i_view view);

/* mpls.c */
enum p2i_fate p2i_decode_mpls(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_mpls(const struct p2i_decoding *decoding, struct p2i_view rest);

/* nsh.c */
enum p2i_fate p2i_decode_nsh(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_nsh(struct p2i_view rest);
/* The EtherType of a next protocol of NSH, VXLAN-GPE and LISP-GPE; 0: none that is opened. */
uint16_t p2i_type_of_next(uint8_t next_protocol);

/* ppp.c */
enum p2i_fate p2i_decode_ppp(struct p2i_decoding *decoding, struct p2i_view rest);
enum p2i_fate p2i_decode_pppoe(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_ppp(struct p2i_view view);

/* ieee80211.c */
enum p2i_fate p2i_decode_80211(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_radiotap(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_prism(struct p2i_decoding *decoding, struct p2i_view frame);
enum p2i_fate p2i_decode_avs(struct p2i_decoding *decoding, struct p2i_view frame);

/* network.c */
enum p2i_fate p2i_decode_ipv4(struct p2i_decoding *decoding, struct p2i_view rest);
enum p2i_fate p2i_decode_ipv6(struct p2i_decoding *decoding, struct p2i_view rest);
/* By its version. */
enum p2i_fate p2i_decode_ip(struct p2i_decoding *decoding, struct p2i_view rest);
bool p2i_like_ip(struct p2i_view view);
/* Of the whole packet as its header says; 0: there is no whole header, or one that is nonsense. */
uint32_t p2i_ip_size(struct p2i_view view);

/* One encapsulation deeper: an EtherType, or Ethernet or PPP by their protocol type of GRE. */
enum p2i_fate p2i_decode_tunneled(struct p2i_decoding *decoding, uint16_t type,
                                  struct p2i_view rest);

/* tunnel.c, udp_tunnel.c: what IP and UDP hold besides TCP and plain UDP. False: no tunnel; the
 * fate is not set, and the packet is untouched. `rest` is the payload of IP or UDP, as captured. */
bool p2i_decode_ip_tunnel(struct p2i_decoding *decoding, uint8_t protocol, struct p2i_view rest,
                          enum p2i_fate *fate);
bool p2i_decode_udp_tunnel(struct p2i_decoding *decoding, uint16_t source_port,
                           uint16_t destination_port, struct p2i_view rest, enum p2i_fate *fate);

/* gre.c */
enum p2i_fate p2i_decode_gre(struct p2i_decoding *decoding, struct p2i_view rest);

/* fragment.c */

/* A fragment, as its headers say; addresses, IP version and time are those of the packet. */
struct p2i_fragment {
    struct p2i_view header; /* of IP with IPv4 options, without IPv6 extensions; call */
    struct p2i_view data;   /* as captured; call */
    uint32_t length;        /* of the data as the header says; >= data.size */
    uint32_t offset;        /* of the data in the packet, bytes */
    uint32_t identification;
    uint8_t protocol; /* what follows the IP header (IPv6: the fragment header) */
    bool more;        /* more fragments follow */
};

/* A packet put together. The header is that of the first fragment, as if it had never been one:
 * total length and (IPv6) next header are set, fragment fields cleared, the IPv4 checksum stays.
 * IPv6 extension headers before the fragment header are left out. */
struct p2i_joined {
    struct p2i_view ip; /* until 64 more packets have been joined, or they are forgotten */
    size_t header_size;
    uint32_t length; /* of what follows the header; more than ip holds when the snaplen cut it */
    uint8_t protocol;
};

struct p2i_fragments *p2i_fragments_new(struct p2i_decoder_counts *counts, uint64_t memory_bytes);
void p2i_fragments_free(struct p2i_fragments *fragments);
/* May a fragment be taken for what it holds, without the others? Not if it contradicts what came
 * before of its packet, or if that did so itself. */
bool p2i_fragments_alone(struct p2i_decoding *decoding, const struct p2i_fragment *fragment);
/* Packets that were joined are not looked at any more. */
void p2i_fragments_forget(struct p2i_fragments *fragments);
/* Takes a copy of the fragment. True when it completes its packet. */
bool p2i_fragments_add(struct p2i_decoding *decoding, const struct p2i_fragment *fragment,
                       struct p2i_joined *joined);

#endif
