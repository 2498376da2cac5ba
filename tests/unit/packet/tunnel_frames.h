/* SPDX-License-Identifier: MIT */
/* Tunnels. Each contains the packet of net 1; the outer packet is of net 2. */
#ifndef TESTS_PACKET_TUNNEL_FRAMES_H
#define TESTS_PACKET_TUNNEL_FRAMES_H

#include "frames.h"

enum { IPIP = 4, TCP = 6, UDP = 17, IPV6 = 41, GRE = 47, ETHERIP = 97, MPLS = 137 };

static inline void outer(struct frame *frame, uint8_t protocol)
{
    add_ipv4(frame, protocol, 2);
    add_ethernet(frame, TYPE_IPV4, 2);
}

static inline void outer_udp(struct frame *frame, unsigned port)
{
    add_udp(frame, 50000, port);
    outer(frame, UDP);
}

/* A tunnel over UDP: what is in it, the port, the header in front of it. */
#define UDP_TUNNEL(name, start, port, ...)                                                         \
    static inline void name(struct frame *frame)                                                   \
    {                                                                                              \
        start;                                                                                     \
        FRONT(frame, __VA_ARGS__);                                                                 \
        outer_udp(frame, port);                                                                    \
    }

static inline void ipip(struct frame *frame)
{
    start_tcp4(frame, 1);
    outer(frame, IPIP);
}

static inline void sixin4(struct frame *frame)
{
    start_tcp6(frame, 1);
    outer(frame, IPV6);
}

static inline void fourin6(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, IPIP, 0, 4, 1, 4, 1, 1, 0); /* encapsulation limit (RFC 2473) */
    add_ipv6(frame, 60, 2);
    add_ethernet(frame, TYPE_IPV6, 2);
}

static inline void sixin6(struct frame *frame)
{
    start_tcp6(frame, 1);
    add_ipv6(frame, IPV6, 2);
    add_ethernet(frame, TYPE_IPV6, 2);
}

static inline void gre(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0, 8, 0);
    outer(frame, GRE);
}

static inline void gre_all_fields(struct frame *frame)
{
    start_tcp6(frame, 1);
    /* Two routes; the last one is empty. */
    FRONT(frame, 0xf0, 0, 0x86, 0xdd, 1, 2, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 8, 0, 0, 4, 1, 2, 3, 4, 0,
          0, 0, 0);
    outer(frame, GRE);
}

static inline void gre_mpls(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0, 0x88, 0x47, 0, 2, 1, 64);
    outer(frame, GRE);
}

static inline void gre_ethernet(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0x20, 0, 0x65, 0x58, 0, 0, 9, 1);
    outer(frame, GRE);
}

static inline void gre_ppp(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0, 0x88, 0x0b, 0xff, 3, 0, 0x21);
    outer(frame, GRE);
}

static inline void pptp(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x21);
    size_t size = frame->size;
    FRONT(frame, 0x30, 0x81, 0x88, 0x0b, 0, (uint8_t)size, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2);
    outer(frame, GRE);
}

static inline void erspan_1(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0, 0, 0x88, 0xbe);
    outer(frame, GRE);
}

static inline void erspan_2(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x0a, 0, 0, 0, 0, 0, 1);
    outer(frame, GRE);
}

static inline void erspan_3(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0x0a, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
    outer(frame, GRE);
}

static inline void erspan_3_subheader(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0x0a, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9,
          9, 9, 9, 9, 9);
    outer(frame, GRE);
}

static inline void erspan_3_ip(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0x0a, 0, 0, 0, 0, 0, 1, 0, 0, 0x08, 0);
    outer(frame, GRE);
}

static inline void wccp(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0, 0x88, 0x3e);
    outer(frame, GRE);
}

static inline void wccp_2(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 0, 0x88, 0x3e, 0, 1, 2, 3);
    outer(frame, GRE);
}

static inline void aruba(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
    FRONT(frame, 8, 1, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0, 0);
    FRONT(frame, 0, 0, 0x82, 0x10);
    outer(frame, GRE);
}

static inline void etherip(struct frame *frame)
{
    start_inner_ethernet(frame);
    FRONT(frame, 0x30, 0);
    outer(frame, ETHERIP);
}

static inline void mpls_in_ip(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0, 2, 1, 64);
    outer(frame, MPLS);
}

UDP_TUNNEL(vxlan, start_inner_ethernet(frame), 4789, 8, 0, 0, 0, 0, 0, 9, 0)
UDP_TUNNEL(vxlan_policy, start_inner_ethernet(frame), 8472, 0x88, 1, 2, 3, 0, 0, 9, 4)
UDP_TUNNEL(geneve, start_inner_ethernet(frame), 6081, 0, 0, 0x65, 0x58, 0, 0, 9, 0)
UDP_TUNNEL(geneve_options_ipv6, start_tcp6(frame, 1), 6081, 2, 0x40, 0x86, 0xdd, 0, 0, 9, 0, 1, 2,
           0x80, 1, 4, 4, 4, 4)

static inline void geneve_nsh(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x0f, 0xc2, 2, 1, 0, 0, 1, 255);
    FRONT(frame, 0, 0, 0x89, 0x4f, 0, 0, 9, 0);
    outer_udp(frame, 6081);
}

UDP_TUNNEL(vxlan_gpe, start_tcp4(frame, 1), 4790, 0x0c, 0, 0, 1, 0, 0, 9, 0)
UDP_TUNNEL(vxlan_gpe_ethernet, start_inner_ethernet(frame), 4790, 0x0c, 0, 0, 3, 0, 0, 9, 0)

/* Without a next protocol and without a VNI. */
UDP_TUNNEL(vxlan_gpe_plain, start_inner_ethernet(frame), 4790, 0, 0, 0, 0, 0, 0, 0, 0)

static inline void vxlan_gpe_nsh(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x0f, 0xc2, 2, 2, 0, 0, 1, 255);
    FRONT(frame, 0x0c, 0, 0, 4, 0, 0, 9, 0);
    outer_udp(frame, 4790);
}

UDP_TUNNEL(lisp, start_tcp4(frame, 1), 4341, 0xc0, 1, 2, 3, 0, 0, 0, 1)
UDP_TUNNEL(lisp_instance, start_tcp6(frame, 1), 4341, 0x88, 1, 2, 3, 0, 0, 9, 1)
UDP_TUNNEL(lisp_gpe, start_inner_ethernet(frame), 4341, 0x8c, 1, 2, 3, 0, 0, 9, 1)
UDP_TUNNEL(gre_in_udp, start_tcp4(frame, 1), 4754, 0, 0, 8, 0)
UDP_TUNNEL(gre_in_udp_all_fields, start_inner_ethernet(frame), 4754, 0xb0, 0, 0x65, 0x58, 1, 2, 0,
           0, 0, 0, 0, 9, 0, 0, 0, 1)
UDP_TUNNEL(mpls_in_udp, start_tcp4(frame, 1), 6635, 0, 1, 0, 64, 0, 2, 1, 64)
UDP_TUNNEL(mpls_in_udp_pseudowire, start_inner_ethernet(frame), 6635, 0, 2, 1, 64, 0, 0, 0, 1)

static inline void ayiya(struct frame *frame)
{
    start_tcp6(frame, 1);
    front(frame, 16 + 20); /* identity, signature */
    FRONT(frame, 0x41, 0x52, 0x11, 41, 1, 2, 3, 4);
    outer_udp(frame, 5072);
}

static inline void ayiya_back(struct frame *frame)
{
    start_tcp4(frame, 1);
    FRONT(frame, 0x00, 0x00, 0x03, 4, 1, 2, 3, 4, 7);
    add_udp(frame, 5072, 50000);
    outer(frame, UDP);
}

static inline void put_teredo_address(struct frame *frame, size_t at)
{
    put32(frame_data(frame) + at, 0x20010000);
}

static inline void teredo(struct frame *frame)
{
    start_tcp6(frame, 1);
    put_teredo_address(frame, 8);
    outer_udp(frame, 3545);
}

static inline void teredo_origin(struct frame *frame)
{
    start_tcp6(frame, 1);
    put_teredo_address(frame, 24);
    FRONT(frame, 0, 0, 1, 2, 3, 4, 5, 6);
    outer_udp(frame, 50001);
}

static inline void teredo_authentication(struct frame *frame)
{
    start_tcp6(frame, 1);
    put_teredo_address(frame, 24);
    FRONT(frame, 0, 0, 1, 2, 3, 4, 5, 6);
    FRONT(frame, 0, 1, 2, 3, 7, 7, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 0);
    outer_udp(frame, 3544);
}

static inline void dtls(struct frame *frame)
{
    frame_start(frame, body, BODY);
    FRONT(frame, 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1, 0, BODY);
}

static inline void gre_in_dtls(struct frame *frame)
{
    dtls(frame);
    outer_udp(frame, 4755);
}

static inline void mpls_in_dtls_back(struct frame *frame)
{
    dtls(frame);
    add_udp(frame, 6636, 50000);
    outer(frame, UDP);
}

UDP_TUNNEL(gtp_u, start_tcp4(frame, 1), 2152, 0x30, 0xff, 0, (uint8_t)frame->size, 0, 0, 0, 7)
UDP_TUNNEL(gtp_u_sequence, start_tcp6(frame, 1), 2152, 0x32, 0xff, 0, (uint8_t)(frame->size + 4), 0,
           0, 0, 7, 0, 1, 0, 0x85)
UDP_TUNNEL(gtp_u_extensions, start_tcp4(frame, 1), 2152, 0x34, 0xff, 0, (uint8_t)(frame->size + 16),
           0, 0, 0, 7, 0, 1, 0, 0x85, 1, 1, 1, 0x40, 2, 1, 1, 1, 1, 1, 1, 0)

UDP_TUNNEL(gtp_0, start_tcp4(frame, 1), 3386, 0x1e, 0xff, 0, (uint8_t)frame->size, 0, 0, 0, 0, 0xff,
           0xff, 0xff, 0xff, 0, 1, 2, 3, 4, 5, 6, 7)

UDP_TUNNEL(l2tp, start_tcp4(frame, 1), 1701, 0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21)

static inline void l2tp_all_fields_back(struct frame *frame)
{
    start_tcp6(frame, 1);
    FRONT(frame, 0x4b, 2, 0, 99, 0, 1, 0, 1, 0, 1, 0, 2, 0, 2, 9, 9, 0x57);
    add_udp(frame, 1701, 50000);
    outer(frame, UDP);
}

static inline const struct p2i_decoder_counts *counts_of(struct bench *bench)
{
    return p2i_decoder_counts(bench->decoder);
}

/* Packets to a tunnel's port that are no tunnel. */
static inline void expect_ordinary(struct frame *frame, unsigned port, const char *what)
{
    struct bench bench;
    bench_open(&bench);
    size_t size = frame->size;
    outer_udp(frame, port);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, frame), P2I_FATE_HANDLED, "%s", what);
    cr_assert_eq(bench.packet.transport, UDP, "%s", what);
    cr_assert_eq(bench.packet.destination_port, port, "%s", what);
    cr_assert_eq(bench.packet.payload.size, size, "%s", what);
    cr_assert_eq(bench.packet.scope, 0, "%s", what);
    cr_assert_eq(counts_of(&bench)->tunnel_count, 0, "%s", what);
    cr_assert_eq(counts_of(&bench)->encrypted_tunnel_count, 0, "%s", what);
    bench_close(&bench);
}

#endif
