/* SPDX-License-Identifier: MIT */
/* Recognition of tunnels in UDP. */
#include "tunnel_frames.h"

/* A tunnel header before IPv4 with TCP, or before an Ethernet frame with it. */
static void expect_no_tunnel(unsigned port, const char *header, size_t size, bool ethernet,
                             const char *what)
{
    static struct frame frame;
    ethernet ? start_inner_ethernet(&frame) : start_tcp4(&frame, 1);
    memcpy(front(&frame, size), header, size);
    expect_ordinary(&frame, port, what);
}

#define NO_TUNNEL(port, header, ethernet, what)                                                    \
    expect_no_tunnel(port, header, sizeof(header) - 1, ethernet, what)

Test(udp_tunnel, vxlan_gpe)
{
    NO_TUNNEL(4790, "\x1c\0\0\1\0\0\x09\0", false, "another version");
    NO_TUNNEL(4790, "\x0d\0\0\1\0\0\x09\0", false, "control");
    NO_TUNNEL(4790, "\x8c\0\0\1\0\0\x09\0", false, "reserved flag");
    NO_TUNNEL(4790, "\x0c\0\0\2\0\0\x09\0", false, "IPv4 as IPv6");
    NO_TUNNEL(4790, "\x0c\0\0\3\0\0\x09\0", false, "IPv4 as Ethernet");
    NO_TUNNEL(4790, "\x08\0\0\1\0\0\x09\0", false, "IPv4 without a next protocol");
    NO_TUNNEL(4790, "\x0c\0\0\7\0\0\x09\0", false, "unknown next protocol");
    NO_TUNNEL(4790, "\x0c\0\0\4\0\0\x09\0", false, "IPv4 as NSH");
    NO_TUNNEL(4790, "\x0c\0\0\4\0\0\x09\0\x2f\xc2\2\1\0\0\1\xff", false, "NSH, control");
    NO_TUNNEL(4790, "\x0c\0\0\4\0\0\x09\0\x4f\xc2\2\1\0\0\1\xff", false, "NSH, version");
    NO_TUNNEL(4790, "\x0c\0\0\4\0\0\x09\0\x0f\xc1\2\1", false, "NSH, too short");
    NO_TUNNEL(4790, "\x0c\0\0\4\0\0\x09\0\x0f\xff\2\1\0\0\1\xff", false, "NSH, too long");
}

Test(udp_tunnel, lisp)
{
    NO_TUNNEL(4341, "\x81\1\2\3\0\0\0\1", false, "encrypted");
    NO_TUNNEL(4341, "\x80\1\2\3\0\0\0\1", true, "a frame without a next protocol");
    NO_TUNNEL(4341, "\x80\1\2\3\0\0\0\1\0", false, "nothing");
    NO_TUNNEL(4341, "\x84\1\2\7\0\0\0\1", false, "unknown next protocol");
    NO_TUNNEL(4341, "\x84\1\2\2\0\0\0\1", false, "IPv4 as IPv6");
    static struct frame frame;
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 2, (unsigned)frame.size - 1);
    FRONT(&frame, 0x80, 1, 2, 3, 0, 0, 0, 1);
    expect_ordinary(&frame, 4341, "a byte behind the packet");
}

Test(udp_tunnel, gre)
{
    NO_TUNNEL(4754, "\0\1\x08\0", false, "version");
    NO_TUNNEL(4754, "\x40\0\x08\0\0\0\0\0", false, "routing");
    NO_TUNNEL(4754, "\x04\0\x08\0", false, "reserved flag");
    NO_TUNNEL(4754, "\0\0\x86\xdd", false, "IPv4 as IPv6");
    NO_TUNNEL(4754, "\0\0\x65\x58", false, "IPv4 as Ethernet");
    NO_TUNNEL(4754, "\0\0\x12\x34", false, "unknown protocol");
    NO_TUNNEL(4754, "\0\0\x88\x47", false, "IPv4 as MPLS");
}

Test(udp_tunnel, mpls)
{
    NO_TUNNEL(6635, "\0\2\1\x40\x50\0\0\0", false, "nothing known below the labels");
    NO_TUNNEL(6635, "\0\2\1\x40\x45\0\xff\xff", false, "nonsense below the labels");
    static struct frame frame;
    frame_start(&frame, "\0\2\0\x40\0\2\0\x40", 8);
    expect_ordinary(&frame, 6635, "labels without end");
    frame_start(&frame, "\0\2\1\x40", 4);
    expect_ordinary(&frame, 6635, "nothing below the labels");
}

Test(udp_tunnel, ayiya)
{
    NO_TUNNEL(5072, "\0\0\0\4\1\2\3\4\7", false, "heartbeat");
    NO_TUNNEL(5072, "\0\0\2\4\1\2\3\4\7", false, "echo");
    NO_TUNNEL(5072, "\0\0\1\x29\1\2\3\4\7", false, "IPv4 as IPv6");
    NO_TUNNEL(5072, "\0\0\1\x3b\1\2\3\4\7", false, "no next header");
    NO_TUNNEL(5072, "\xf0\0\1\4\1\2\3\4\7", false, "identity past the end");
    static struct frame frame;
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 2, (unsigned)frame.size - 1);
    FRONT(&frame, 0, 0, 1, 4, 1, 2, 3, 4, 7);
    expect_ordinary(&frame, 5072, "a byte behind the packet");
}

Test(udp_tunnel, teredo)
{
    static struct frame frame;
    static void (*const builders[])(struct frame *) = {teredo, teredo_origin,
                                                       teredo_authentication};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench);
        builders[i](&frame);
        decode(&bench, LINK_ETHERNET, &frame);
        cr_assert(is_tcp(&bench.packet), "case %zu", i);
        cr_assert_eq(bench.packet.ip_version, 6);
        cr_assert_eq(bench.packet.scope, 0);
        cr_assert_eq(counts_of(&bench)->tunnel_count, 1);
        bench_close(&bench);
        try_every_cut(LINK_ETHERNET, &frame, frame.size - BODY);
    }
}

Test(udp_tunnel, no_teredo)
{
    static struct frame frame;
    start_tcp6(&frame, 1);
    expect_ordinary(&frame, 3544, "no address of Teredo");
    for (int off = -1; off <= 1; off += 2) {
        start_tcp6(&frame, 1);
        put_teredo_address(&frame, 8);
        put16(frame_data(&frame) + 4, (unsigned)((int)frame.size - 40 + off));
        expect_ordinary(&frame, 3544, "another length");
    }
    start_tcp6(&frame, 1);
    put_teredo_address(&frame, 8);
    FRONT(&frame, 0, 2, 1, 2, 3, 4, 5, 6);
    expect_ordinary(&frame, 3544, "unknown header");
    start_tcp6(&frame, 1);
    put_teredo_address(&frame, 8);
    FRONT(&frame, 0, 1, 255, 255);
    expect_ordinary(&frame, 3544, "authentication past the end");
    start_tcp6(&frame, 1);
    put_teredo_address(&frame, 8);
    FRONT(&frame, 0, 1, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0);
    FRONT(&frame, 0, 0, 1, 2, 3, 4, 5, 6);
    expect_ordinary(&frame, 3544, "authentication behind the origin");
    frame_start(&frame, "\0\0", 2);
    expect_ordinary(&frame, 3544, "two bytes");
}

/* RFC 4380, 2.8: an empty IPv6 packet. */
Test(udp_tunnel, teredo_bubble)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, "", 0);
    add_ipv6(&frame, 59, 1);
    put_teredo_address(&frame, 8);
    outer_udp(&frame, 3544);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_TRANSPORT_OTHER);
    cr_assert_eq(bench.packet.ip_version, 6);
    cr_assert_eq(counts_of(&bench)->tunnel_count, 1);
    bench_close(&bench);
}

/* Encrypted packets are counted in both directions and handled as UDP. */
Test(udp_tunnel, encrypted)
{
    static struct frame frame;
    static const unsigned ports[] = {4755, 6636};
    for (unsigned i = 0; i < 4; i++) {
        struct bench bench;
        bench_open(&bench);
        dtls(&frame);
        unsigned port = ports[i / 2];
        add_udp(&frame, i % 2 == 0 ? 50000 : port, i % 2 == 0 ? port : 50000);
        outer(&frame, UDP);
        cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_HANDLED);
        cr_assert_eq(bench.packet.payload.size, 13 + BODY);
        cr_assert_eq(counts_of(&bench)->encrypted_tunnel_count, 1);
        cr_assert_eq(counts_of(&bench)->tunnel_count, 0);
        /* Also when the snaplen cut it. */
        decode_cut(&bench, LINK_ETHERNET, &frame, frame.size - BODY, 1);
        cr_assert_eq(counts_of(&bench)->encrypted_tunnel_count, 2);
        bench_close(&bench);
        dtls(&frame);
        frame_data(&frame)[i] ^= 0x80; /* type, version, epoch */
        if (i < 3) {
            expect_ordinary(&frame, port, "not DTLS");
        }
    }
    dtls(&frame);
    frame_data(&frame)[12]++;
    expect_ordinary(&frame, 4755, "a record that is too long");
}

Test(udp_tunnel, every_kind_is_limited)
{
    static struct frame frame;
    start_tcp6(&frame, 1);
    put_teredo_address(&frame, 8);
    for (unsigned i = 0; i < 9; i++) {
        add_udp(&frame, 1, 3544);
        add_ipv6(&frame, UDP, 2);
        put_teredo_address(&frame, 8);
    }
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);
    start_tcp4(&frame, 1);
    for (unsigned i = 0; i < 9; i++) {
        FRONT(&frame, 0, 0, 8, 0);
        add_udp(&frame, 1, 4754);
        add_ipv4(&frame, UDP, 2);
    }
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);
    start_tcp4(&frame, 1);
    for (unsigned i = 0; i < 9; i++) {
        FRONT(&frame, 0x80, 1, 2, 3, 0, 0, 0, 1);
        add_udp(&frame, 1, 4341);
        add_ipv4(&frame, UDP, 2);
    }
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);
    start_tcp4(&frame, 1);
    for (unsigned i = 0; i < 9; i++) {
        FRONT(&frame, 0, 2, 1, 64);
        add_udp(&frame, 1, 6635);
        add_ipv4(&frame, UDP, 2);
    }
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);
}

static uint32_t scope_of(void (*build)(struct frame *))
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    build(&frame);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_HANDLED);
    uint32_t scope = bench.packet.scope;
    bench_close(&bench);
    return scope;
}

/* All forms of VXLAN share one numbering of networks; LISP instances have their own. */
Test(udp_tunnel, scope)
{
    cr_assert_eq(scope_of(vxlan_gpe), scope_of(vxlan));
    cr_assert_neq(scope_of(lisp_instance), scope_of(vxlan));
    cr_assert_eq(scope_of(lisp_instance), scope_of(lisp_gpe));
}
