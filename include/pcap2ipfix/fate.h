/* SPDX-License-Identifier: MIT */
/* The outcome of each frame. Every frame has exactly one fate, so the counters of all fates add up
 * to the number of frames. New fates come at the end. */
#ifndef PCAP2IPFIX_FATE_H
#define PCAP2IPFIX_FATE_H

#ifdef __cplusplus
extern "C" {
#endif

/* F(identifier, name, what it means) */
#define P2I_FATES(F)                                                                               \
    F(HANDLED, "handled", "gave bytes or flags to a session")                                      \
    F(FILTERED, "filtered", "the BPF expression does not match")                                   \
    F(FRAGMENT, "fragment_held", "IP fragment that did not complete a packet")                     \
    F(LINK_TYPE, "link_type_unknown", "LINKTYPE that is not decoded")                              \
    F(LINK_CUT, "link_header_cut", "ends within the link header")                                  \
    F(LINK_OTHER, "link_not_data", "management, control, LLC, LCP, LLDP, encrypted")               \
    F(NETWORK_OTHER, "network_not_ip", "ARP, IPX, IS-IS and the like")                             \
    F(NETWORK_CUT, "network_header_cut", "ends within the IP header")                              \
    F(NETWORK_BAD, "network_header_bad", "version, header length or total length nonsense")        \
    F(TRANSPORT_OTHER, "transport_other", "ICMP, SCTP, OSPF, ESP ...")                             \
    F(TRANSPORT_CUT, "transport_header_cut", "ends within the TCP or UDP header")                  \
    F(TRANSPORT_BAD, "transport_header_bad", "data offset or UDP length nonsense")                 \
    F(TUNNEL_DEEP, "tunnels_too_deep", "more than 8 encapsulations")                               \
    F(TUNNEL_OTHER, "tunnel_not_data", "tunnel control, or a payload not decoded")                 \
    F(OTHER_SHARD, "other_share", "of a session of another shard (--shard)")                       \
    F(OUTSIDE_TIME, "outside_time", "before --from, or not before --to")

#define P2I_FATE_ENUM(id, name, text) P2I_FATE_##id,
enum p2i_fate { P2I_FATES(P2I_FATE_ENUM) };

/* The name of a fate, the key in statistics; static. NULL: there is no such fate, so that a loop
 * from 0 ends behind the last one. */
const char *p2i_fate_name(enum p2i_fate fate);
/* What a fate means, in a few words; as above. */
const char *p2i_fate_text(enum p2i_fate fate);

#ifdef __cplusplus
}
#endif

#endif
