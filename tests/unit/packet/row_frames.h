/* SPDX-License-Identifier: MIT */
/* A packet for each row of the table of encapsulations; a row without one does not compile. */
#ifndef TESTS_PACKET_ROW_FRAMES_H
#define TESTS_PACKET_ROW_FRAMES_H

#include "link_frames.h"
#include "packet/feature_set.h"
#include "tunnel_frames.h"

static inline void link_80211(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    FRONT(frame, 8, 1, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0, 0);
}

static inline void link_prism(struct frame *frame)
{
    link_80211(frame);
    front(frame, 144);
}

static inline void link_radiotap(struct frame *frame)
{
    link_80211(frame);
    FRONT(frame, 0, 0, 8, 0, 0, 0, 0, 0);
}

static inline void link_avs(struct frame *frame)
{
    link_80211(frame);
    FRONT(frame, 0x80, 0x21, 0x10, 1, 0, 0, 0, 8);
}

static inline void old_qinq(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    add_ethernet(frame, 0x9100, 9);
}

static inline void service_tag(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    add_ethernet(frame, TYPE_QINQ, 9);
}

static inline void ppp_mpls_multicast(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0xff, 3, 0x02, 0x83, 0, 2, 1, 64);
}

static inline void ka9q(struct frame *frame)
{
    start_tcp4(frame, 1);
    outer(frame, 94);
}

static inline void aruba_first(struct frame *frame)
{
    link_80211(frame);
    FRONT(frame, 0, 0, 0x82, 0);
    outer(frame, GRE);
}

enum row {
#define LINK(number, name, decode, what) LINK_ROW_##name,
#define ETHERTYPE(number, name, decode, what, source) ETHERTYPE_ROW_##name,
#define LLC(number, name, decode, what, source) LLC_ROW_##name,
#define SNAP(number, name, decode, what, source) SNAP_ROW_##name,
#define NLPID(number, name, decode, what, source) NLPID_ROW_##name,
#define PPP(number, name, decode, what, source) PPP_ROW_##name,
#define IP_PROTOCOL(number, name, decode, what, source) IP_PROTOCOL_ROW_##name,
#define GRE(number, name, decode, what, source) GRE_ROW_##name,
#define NEXT_PROTOCOL(number, name, type, what, source) NEXT_PROTOCOL_ROW_##name,
#define UDP_TO(number, name, decode, what, source) UDP_ROW_##name,
#define UDP_EITHER(number, name, decode, what, source) UDP_ROW_##name,
#define UDP_ANY(number, name, decode, what, source) UDP_ROW_##name,
#define UDP_ENCRYPTED(number, name, decode, what, source) UDP_ROW_##name,
#include "packet/encapsulations.def"
    ROWS
};

static void (*const builders[ROWS])(struct frame *) = {
    [LINK_ROW_NULL] = null_little,
    [LINK_ROW_ETHERNET] = ethernet,
    [LINK_ROW_TOKEN_RING] = token_ring,
    [LINK_ROW_SLIP] = slip,
    [LINK_ROW_PPP] = ppp_framed,
    [LINK_ROW_FDDI] = fddi,
    [LINK_ROW_RAW_BSD] = raw4,
    [LINK_ROW_RAW_OPENBSD] = raw6,
    [LINK_ROW_PPP_HDLC] = ppp_framed,
    [LINK_ROW_PPP_ETHER] = ppp_ether,
    [LINK_ROW_ATM_RFC1483] = atm,
    [LINK_ROW_RAW] = raw4,
    [LINK_ROW_C_HDLC] = c_hdlc,
    [LINK_ROW_IEEE802_11] = link_80211,
    [LINK_ROW_FRELAY] = frame_relay,
    [LINK_ROW_LOOP] = null_big,
    [LINK_ROW_ENC] = enc,
    [LINK_ROW_LINUX_SLL] = sll,
    [LINK_ROW_PFLOG] = pflog,
    [LINK_ROW_IEEE802_11_PRISM] = link_prism,
    [LINK_ROW_IEEE802_11_RADIOTAP] = link_radiotap,
    [LINK_ROW_IEEE802_11_AVS] = link_avs,
    [LINK_ROW_PPI] = ppi,
    [LINK_ROW_ERF] = erf_ethernet,
    [LINK_ROW_IPV4] = raw4,
    [LINK_ROW_IPV6] = raw6,
    [LINK_ROW_NFLOG] = nflog_little,
    [LINK_ROW_PKTAP] = pktap,
    [LINK_ROW_LINUX_SLL2] = sll2,
    [ETHERTYPE_ROW_IPV4] = ethernet,
    [ETHERTYPE_ROW_VLAN] = ethernet_tag,
    [ETHERTYPE_ROW_IPV6] = ethernet_ipv6,
    [ETHERTYPE_ROW_MPLS] = ethernet_mpls,
    [ETHERTYPE_ROW_MPLS_UPSTREAM] = ethernet_mpls_ipv6,
    [ETHERTYPE_ROW_PPPOE] = ethernet_pppoe,
    [ETHERTYPE_ROW_QINQ] = service_tag,
    [ETHERTYPE_ROW_QINQ_OLD] = old_qinq,
    [ETHERTYPE_ROW_MACSEC] = ethernet_macsec,
    [ETHERTYPE_ROW_BACKBONE] = ethernet_backbone,
    [ETHERTYPE_ROW_FABRICPATH] = ethernet_fabricpath,
    [ETHERTYPE_ROW_CISCO_METADATA] = ethernet_cisco_metadata,
    [ETHERTYPE_ROW_VN_TAG] = ethernet_vn_tag,
    [ETHERTYPE_ROW_E_TAG] = ethernet_e_tag,
    [ETHERTYPE_ROW_NSH] = ethernet_nsh,
    [LLC_ROW_IP] = ethernet_llc_ip,
    [LLC_ROW_SNAP] = ethernet_snap,
    [SNAP_ROW_ETHERTYPE] = ethernet_snap,
    [SNAP_ROW_TUNNELED_ETHERTYPE] = ethernet_snap_tag,
    [SNAP_ROW_BRIDGED] = frame_relay_bridged,
    [NLPID_ROW_SNAP] = frame_relay_snap,
    [NLPID_ROW_IPV6] = frame_relay_ipv6,
    [NLPID_ROW_IPV4] = frame_relay,
    [NLPID_ROW_PPP] = frame_relay_ppp,
    [PPP_ROW_IPV4] = ppp_framed,
    [PPP_ROW_IPV6] = ppp_bare,
    [PPP_ROW_MPLS] = ppp_mpls,
    [PPP_ROW_MPLS_MULTICAST] = ppp_mpls_multicast,
    [IP_PROTOCOL_ROW_IPV4] = ipip,
    [IP_PROTOCOL_ROW_IPV6] = sixin4,
    [IP_PROTOCOL_ROW_GRE] = gre,
    [IP_PROTOCOL_ROW_IPIP] = ka9q,
    [IP_PROTOCOL_ROW_ETHERIP] = etherip,
    [IP_PROTOCOL_ROW_MPLS] = mpls_in_ip,
    [GRE_ROW_ERSPAN_3] = erspan_3,
    [GRE_ROW_TRANSPARENT] = gre_ethernet,
    [GRE_ROW_WIRELESS] = aruba_first,
    [GRE_ROW_PPP] = gre_ppp,
    [GRE_ROW_WCCP] = wccp,
    [GRE_ROW_ERSPAN] = erspan_2,
    [NEXT_PROTOCOL_ROW_IPV4] = ethernet_nsh,
    [NEXT_PROTOCOL_ROW_IPV6] = ethernet_nsh_ipv6,
    [NEXT_PROTOCOL_ROW_ETHERNET] = ethernet_nsh_ethernet,
    [NEXT_PROTOCOL_ROW_NSH] = ethernet_nsh_nsh,
    [NEXT_PROTOCOL_ROW_MPLS] = ethernet_nsh_mpls,
    [UDP_ROW_GTP_U] = gtp_u,
    [UDP_ROW_GTP_0] = gtp_0,
    [UDP_ROW_VXLAN] = vxlan,
    [UDP_ROW_GENEVE] = geneve,
    [UDP_ROW_VXLAN_LINUX] = vxlan_policy,
    [UDP_ROW_L2TP] = l2tp,
    [UDP_ROW_LISP] = lisp,
    [UDP_ROW_GRE] = gre_in_udp,
    [UDP_ROW_VXLAN_GPE] = vxlan_gpe,
    [UDP_ROW_MPLS] = mpls_in_udp,
    [UDP_ROW_AYIYA] = ayiya,
    [UDP_ROW_TEREDO] = teredo,
    [UDP_ROW_GRE_DTLS] = gre_in_dtls,
    [UDP_ROW_MPLS_DTLS] = mpls_in_dtls_back,
};

/* Where the numbers of a section are in the frame. */
enum section {
    LINK_SECTION,
    ENCRYPTED_SECTION,
    NLPID_SECTION, /* in frame relay */
    PPP_SECTION,   /* in PPP */
    OTHER_SECTION, /* in Ethernet */
};

static const struct row_facts {
    const char *text;
    enum section section;
    uint32_t number;
    uint8_t number_size; /* 0: not in the packet */
} facts[ROWS] = {
#define LINK(number, name, decode, what) {"LINK " #name, LINK_SECTION, number, 0},
#define ETHERTYPE(number, name, decode, what, source)                                              \
    {"ETHERTYPE " #name, OTHER_SECTION, number, 2},
#define LLC(number, name, decode, what, source) {"LLC " #name, OTHER_SECTION, number, 1},
#define SNAP(number, name, decode, what, source) {"SNAP " #name, OTHER_SECTION, number, 3},
#define NLPID(number, name, decode, what, source) {"NLPID " #name, NLPID_SECTION, number, 1},
#define PPP(number, name, decode, what, source) {"PPP " #name, PPP_SECTION, number, 2},
#define IP_PROTOCOL(number, name, decode, what, source) {"IP " #name, OTHER_SECTION, number, 1},
#define GRE(number, name, decode, what, source) {"GRE " #name, OTHER_SECTION, number, 2},
#define NEXT_PROTOCOL(number, name, type, what, source) {"NEXT " #name, OTHER_SECTION, number, 1},
#define UDP_TO(number, name, decode, what, source) {"UDP " #name, OTHER_SECTION, number, 2},
#define UDP_EITHER(number, name, decode, what, source) {"UDP " #name, OTHER_SECTION, number, 2},
#define UDP_ANY(number, name, decode, what, source) {"UDP " #name, OTHER_SECTION, 0, 0},
#define UDP_ENCRYPTED(number, name, decode, what, source)                                          \
    {"UDP " #name, ENCRYPTED_SECTION, number, 2},
#include "packet/encapsulations.def"
};

static inline unsigned link_type_of(const struct row_facts *row, size_t i)
{
    switch (row->section) {
    case LINK_SECTION:
        return row->number;
    case NLPID_SECTION:
        return 107;
    case PPP_SECTION:
        return 9;
    default:
        return i == SNAP_ROW_BRIDGED ? 107 : LINK_ETHERNET;
    }
}

#endif
