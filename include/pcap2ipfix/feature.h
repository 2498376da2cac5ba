/* SPDX-License-Identifier: MIT */
/* Features of a session: what its packets have and what happened to them, so that sessions can be
 * chosen that cover much. Behind those named here come one for each link type and encapsulation
 * that the decoder knows ("link.ETHERNET", "ethertype.VLAN", "udp.VXLAN"), whose numbers may differ
 * from release to release: compare names. */
#ifndef PCAP2IPFIX_FEATURE_H
#define PCAP2IPFIX_FEATURE_H

#ifdef __cplusplus
extern "C" {
#endif

#define P2I_FEATURES(F)                                                                            \
    /* Packets. */                                                                                 \
    F(CUT, "cut")             /* the snaplen cut off payload */                                    \
    F(FRAGMENTS, "fragments") /* an IP packet came in fragments */                                 \
    F(IPV4_OPTIONS, "ipv4_options")                                                                \
    F(IPV6_HOP_BY_HOP, "ipv6_hop_by_hop") /* extension headers (RFC 8200 section 4) */             \
    F(IPV6_ROUTING, "ipv6_routing")                                                                \
    F(IPV6_DESTINATION, "ipv6_destination")                                                        \
    F(IPV6_ATOMIC_FRAGMENT, "ipv6_atomic_fragment") /* RFC 6946 */                                 \
    F(IPV6_MOBILITY, "ipv6_mobility")               /* also HIP and Shim6 */                       \
    F(AUTHENTICATION, "authentication")             /* authentication header (RFC 4302) */         \
    F(NO_IP_LENGTH, "no_ip_length")                 /* the length of the IP header is 0 */         \
    F(ECN, "ecn")                                   /* TCP: ECE or CWR (RFC 3168) */               \
    F(TCP_SACK, "tcp_sack")                         /* options of TCP: RFC 2018 */                 \
    F(TCP_WINDOW_SCALE, "tcp_window_scale")         /* RFC 7323 */                                 \
    F(TCP_TIMESTAMPS, "tcp_timestamps")                                                            \
    F(TCP_SIGNATURE, "tcp_signature")       /* RFC 2385, 5925 */                                   \
    F(TCP_FAST_OPEN, "tcp_fast_open")       /* RFC 7413 */                                         \
    F(TCP_MULTIPATH, "tcp_multipath")       /* RFC 8684 */                                         \
    F(WRONG_CHECKSUM, "wrong_checksum")     /* of payload that a parser would have got */          \
    F(TIME_WENT_BACK, "time_went_back")     /* a packet has an earlier time than the one before */ \
    F(SEVERAL_CAPTURES, "several_captures") /* its packets are in more than one */                 \
    /* TCP, as the observer sees it. */                                                            \
    F(JOINED, "joined")                       /* its SYN was not captured */                       \
    F(ONE_DIRECTION, "one_direction")         /* also UDP */                                       \
    F(SIMULTANEOUS_OPEN, "simultaneous_open") /* a SYN from both ends */                           \
    F(SYN_DATA, "syn_data")                   /* payload in a SYN */                               \
    F(GAP, "gap")                             /* bytes are missing in the capture */               \
    F(OUT_OF_ORDER, "out_of_order")           /* a segment came early, and was held */             \
    F(RETRANSMISSION, "retransmission")       /* bytes that were seen before */                    \
    F(DIFFERENT_COPIES, "different_copies")   /* overlapping segments with different bytes */      \
    F(OUT_OF_WINDOW, "out_of_window")         /* a segment, FIN or RST too far ahead */            \
    F(KEEP_ALIVE, "keep_alive")               /* RFC 9293 section 3.8.4 */                         \
    F(ZERO_WINDOW, "zero_window")                                                                  \
    F(PADDING, "padding")             /* payload by the lengths, but padding of the frame */       \
    F(URGENT, "urgent")               /* urgent data */                                            \
    F(SEQUENCE_WRAP, "sequence_wrap") /* sequence numbers went over 2^32 */                        \
    F(HALF_CLOSED, "half_closed")     /* payload behind the FIN of the other end */                \
    F(RESET, "reset")                                                                              \
    F(UNANSWERED_SYN, "unanswered_syn") /* another SYN on its ports, without effect */             \
    F(REUSED_PORTS, "reused_ports")     /* another session on its ports came before */             \
    F(DORMANT, "dormant")               /* went on after an idle time */                           \
    F(EVICTED, "evicted")               /* ended early for want of memory */                       \
    /* Messages. */                                                                                \
    F(ANNOUNCED, "announced")               /* an FTP control connection announced it */           \
    F(SEVERAL_SEGMENTS, "several_segments") /* a message came in several segments */               \
    F(PIPELINING, "pipelining")             /* several messages begin in a segment */              \
    F(PROTOCOL_CHANGE, "protocol_change")   /* another protocol followed: STARTTLS, an upgrade */  \
    F(LIMIT, "limit")                       /* a message was longer than can be held */            \
    F(BROKEN_MESSAGE, "broken_message")     /* a parser cannot read one */

#define P2I_FEATURE_ENUM(name, text) P2I_FEATURE_##name,
enum p2i_feature { P2I_FEATURES(P2I_FEATURE_ENUM) };

/* The name of a feature; static. NULL: there is no such feature, so that a loop from 0 ends behind
 * the last one. */
const char *p2i_feature_name(unsigned feature);

#ifdef __cplusplus
}
#endif

#endif
