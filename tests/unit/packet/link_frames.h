/* SPDX-License-Identifier: MIT */
/* Frames of each link type and of each EtherType. Each contains the packet of net 1. */
#ifndef TESTS_PACKET_LINK_FRAMES_H
#define TESTS_PACKET_LINK_FRAMES_H

#include "frames.h"

static inline void ethernet(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_ethernet(frame, TYPE_IPV4, 9);
}

static inline void ethernet_ipv6(struct frame *frame)
{
    start_tcp6(frame, 1);
    add_ethernet(frame, TYPE_IPV6, 9);
}

static inline void ethernet_tag(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    add_ethernet(frame, TYPE_VLAN, 9);
}

static inline void ethernet_snap(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    add_ethernet(frame, (unsigned)frame->size, 9);
}

static inline void ethernet_snap_tag(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    FRONT(frame, 0xaa, 0xaa, 3, 0, 0, 0xf8, 0x81, 0);
    add_ethernet(frame, (unsigned)frame->size, 9);
}

static inline void ethernet_llc_ip(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 6, 6, 3);
    add_ethernet(frame, (unsigned)frame->size, 9);
}

static inline void ethernet_pppoe(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0x21);
    add_pppoe(frame, 0x77);
    add_ethernet(frame, 0x8864, 9);
}

static inline void ethernet_pppoe_compressed(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x57);
    add_pppoe(frame, 0x77);
    add_ethernet(frame, 0x8864, 9);
}

static inline void ethernet_mpls(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 1, 0, 64, 0, 2, 1, 64);
    add_ethernet(frame, 0x8847, 9);
}

static inline void ethernet_mpls_ipv6(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0, 2, 1, 64);
    add_ethernet(frame, 0x8848, 9);
}

static inline void ethernet_pseudowire(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0, 2, 1, 64);
    add_ethernet(frame, 0x8847, 9);
}

static inline void ethernet_pseudowire_control_word(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0, 2, 1, 64, 0, 0, 0, 9);
    add_ethernet(frame, 0x8847, 9);
}

static inline void ethernet_vn_tag(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    FRONT(frame, 0x80, 1, 0, 2, 0x81, 0);
    add_ethernet(frame, 0x8926, 9);
}

static inline void ethernet_e_tag(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x20, 0, 0x10, 2, 0, 0, 0x86, 0xdd);
    add_ethernet(frame, 0x893f, 9);
}

static inline void ethernet_cisco_metadata(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 1, 1, 0, 1, 0, 100, 8, 0);
    add_ethernet(frame, 0x8909, 9);
}

static inline void ethernet_cisco_metadata_long(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 1, 2, 0, 1, 0, 100, 1, 1, 1, 1, 1, 1, 1, 1, 8, 0);
    add_ethernet(frame, 0x8909, 9);
}

/* The tag of a backbone edge bridge, with its service id. */
static inline void ethernet_backbone(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0xe0, 0, 0, 7);
    add_tag(frame, 5, 0x88e7);
    add_ethernet(frame, TYPE_QINQ, 9);
}

static inline void ethernet_fabricpath(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    add_ethernet(frame, TYPE_VLAN, 1);
    FRONT(frame, 0, 0x60);
    add_ethernet(frame, 0x8903, 9);
}

/* Appends the ICV behind the frame, which begins at `from`. */
static inline void add_icv(struct frame *frame, size_t from)
{
    memmove(frame->room + from - 16, frame->room + from, FRAME_MAX - from);
    memset(frame->room + FRAME_MAX - 16, 0x45, 16);
    frame->size += 16;
}

static inline void ethernet_macsec(struct frame *frame)
{
    start_tcp4(frame, 1);
    put16(front(frame, 2), TYPE_IPV4);
    add_icv(frame, FRAME_MAX - frame->size);
    FRONT(frame, 0x20, 0, 0, 0, 0, 1, 2, 0, 0, 0, 9, 1, 0, 1);
    add_ethernet(frame, 0x88e5, 9);
}

static inline void ethernet_macsec_no_sci(struct frame *frame)
{
    start_tcp6(frame, 1);
    put16(front(frame, 2), TYPE_IPV6);
    add_icv(frame, FRAME_MAX - frame->size);
    FRONT(frame, 0x43, 0, 0, 0, 0, 1);
    add_ethernet(frame, 0x88e5, 9);
}

/* A service header with fixed metadata, and one without. */
static inline void ethernet_nsh(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x0f, 0xc6, 1, 1, 0, 0, 1, 255, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    add_ethernet(frame, 0x894f, 9);
}

static inline void ethernet_nsh_ipv6(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x0f, 0xc2, 2, 2, 0, 0, 1, 255);
    add_ethernet(frame, 0x894f, 9);
}

static inline void ethernet_nsh_ethernet(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0x0f, 0xc2, 2, 3, 0, 0, 1, 255);
    add_ethernet(frame, 0x894f, 9);
}

static inline void ethernet_nsh_nsh(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x0f, 0xc2, 2, 1, 0, 0, 2, 255);
    FRONT(frame, 0x0f, 0xc2, 2, 4, 0, 0, 1, 255);
    add_ethernet(frame, 0x894f, 9);
}

static inline void ethernet_nsh_mpls(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 2, 1, 64);
    FRONT(frame, 0x0f, 0xc2, 2, 5, 0, 0, 1, 255);
    add_ethernet(frame, 0x894f, 9);
}

static inline void null_little(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 2, 0, 0, 0);
}

static inline void null_big(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0, 0, 0, 30);
}

static inline void null_linux(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 10, 0, 0, 0);
}

static inline void raw4(struct frame *frame)
{
    start_tcp4(frame, 1);
}

static inline void raw6(struct frame *frame)
{
    start_tcp6(frame, 1);
}

static inline void ppp_framed(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0xff, 3, 0, 0x21);
}

static inline void ppp_bare(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0, 0x57);
}

static inline void ppp_compressed(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0xff, 3, 0x21);
}

static inline void ppp_mpls(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0xff, 3, 0x02, 0x81, 0, 2, 1, 64);
}

static inline void c_hdlc(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x0f, 0, 8, 0);
}

static inline void ppp_ether(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0x21);
    add_pppoe(frame, 0x77);
}

static inline void sll(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 8, 0);
}

static inline void sll_tag(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_tag(frame, 7, TYPE_IPV4);
    FRONT(frame, 0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 0x81, 0);
}

static inline void sll_llc(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    FRONT(frame, 0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 0, 4);
}

static inline void sll_no_address(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0, 4, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0x86, 0xdd);
}

static inline void sll2(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 8, 0, 0, 0, 0, 0, 0, 5, 0, 1, 4, 6, 2, 0, 0, 0, 9, 1, 0, 0);
}

static inline void slip(struct frame *frame)
{
    start_tcp4(frame, 1);
    front(frame, 16);
}

static inline void fddi(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    FRONT(frame, 0x54, 2, 0, 0, 0, 9, 2, 2, 0, 0, 0, 9, 1);
}

static inline void token_ring(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    FRONT(frame, 0x10, 0x40, 2, 0, 0, 0, 9, 2, 2, 0, 0, 0, 9, 1);
}

static inline void token_ring_route(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    FRONT(frame, 0x10, 0x40, 2, 0, 0, 0, 9, 2, 0x82, 0, 0, 0, 9, 1, 0x06, 0x30, 1, 2, 3, 4);
}

static inline void atm(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
}

static inline void frame_relay(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x18, 0x41, 3, 0xcc);
}

static inline void frame_relay_ipv6(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x18, 0x40, 0x40, 0x41, 3, 0, 0x8e);
}

static inline void frame_relay_snap(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0);
}

static inline void frame_relay_bridged(struct frame *frame)
{
    ethernet(frame);
    FRONT(frame, 0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7);
}

static inline void frame_relay_ppp(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x18, 0x41, 3, 0xcf, 0, 0x21);
}

static inline void frame_relay_cisco(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x18, 0x41, 8, 0);
}

static inline void enc(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 2, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0);
}

static inline void pflog(struct frame *frame)
{
    start_tcp6(frame, 1);
    uint8_t *header = front(frame, 64);
    header[0] = 61;
    header[1] = 24;
}

static inline void ppi(struct frame *frame)
{
    ethernet(frame);
    FRONT(frame, 0, 0, 12, 0, 1, 0, 0, 0, 9, 9, 9, 9);
}

/* Adds an ERF record of this type; `wire_size` is the wire length. */
static inline void add_erf(struct frame *frame, unsigned type, size_t subheader, unsigned wire_size)
{
    front(frame, subheader);
    uint8_t *header = front(frame, 16);
    header[8] = (uint8_t)type;
    header[9] = 4;
    put16(header + 10, (unsigned)frame->size);
    put16(header + 14, wire_size);
}

static inline void erf_ethernet(struct frame *frame)
{
    ethernet(frame);
    add_erf(frame, 2, 2, (unsigned)frame->size);
}

/* With extension headers, and only a part of the wire bytes. */
static inline void erf_extended(struct frame *frame)
{
    ethernet(frame);
    unsigned wire_size = (unsigned)frame->size + 400;
    front(frame, 2);
    FRONT(frame, 0x84, 0, 0, 0, 0, 0, 0, 1, 0x05, 0, 0, 0, 0, 0, 0, 2);
    add_erf(frame, 0x80 | 20, 0, wire_size);
}

static inline void erf_ppp(struct frame *frame)
{
    ppp_framed(frame);
    add_erf(frame, 10, 0, (unsigned)frame->size);
}

static inline void erf_channel_hdlc(struct frame *frame)
{
    c_hdlc(frame);
    add_erf(frame, 5, 4, (unsigned)frame->size);
}

static inline void erf_aal5(struct frame *frame)
{
    atm(frame);
    front(frame, 4);
    add_erf(frame, 4, 0, (unsigned)frame->size);
}

static inline void erf_ipv6(struct frame *frame)
{
    raw6(frame);
    add_erf(frame, 23, 0, (unsigned)frame->size);
}

static inline void nflog_little(struct frame *frame)
{
    start_tcp4(frame, 1);
    size_t size = frame->size;
    uint8_t *header = front(frame, 16);
    header[0] = 2;
    put16le(header + 4, 6); /* two bytes, padded to four */
    put16le(header + 6, 10);
    put16le(header + 12, (unsigned)size + 4);
    put16le(header + 14, 9);
}

static inline void nflog_big(struct frame *frame)
{
    start_tcp6(frame, 1);
    size_t size = frame->size;
    uint8_t *header = front(frame, 8);
    header[0] = 10;
    put16(header + 4, (unsigned)size + 4);
    put16(header + 6, 9);
}

static inline void pktap(struct frame *frame)
{
    ethernet(frame);
    uint8_t *header = front(frame, 108);
    header[0] = 108;
    header[4] = 1;
    header[8] = 1;
}

#endif
