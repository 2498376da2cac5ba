/* SPDX-License-Identifier: MIT */
/* Tunnels. Each contains the packet of net 1; the outer packet is of net 2. */
#include "base/counts.h"
#include "tunnel_frames.h"

struct shape {
    const char *name;
    void (*build)(struct frame *);
    bool ipv6;
    bool scope;
};

static const struct shape shapes[] = {
    {"IP in IP", ipip},
    {"IPv6 in IPv4", sixin4, .ipv6 = true},
    {"IPv4 in IPv6", fourin6},
    {"IPv6 in IPv6", sixin6, .ipv6 = true},
    {"GRE", gre},
    {"GRE, all fields", gre_all_fields, .ipv6 = true},
    {"GRE, MPLS", gre_mpls},
    {"GRE, Ethernet", gre_ethernet},
    {"GRE, PPP", gre_ppp},
    {"PPTP", pptp},
    {"ERSPAN I", erspan_1},
    {"ERSPAN II", erspan_2},
    {"ERSPAN III", erspan_3},
    {"ERSPAN III, subheader", erspan_3_subheader},
    {"ERSPAN III, IP", erspan_3_ip, .ipv6 = true},
    {"WCCP", wccp},
    {"WCCP 2", wccp_2},
    {"GRE, 802.11", aruba},
    {"EtherIP", etherip},
    {"MPLS in IP", mpls_in_ip},
    {"VXLAN", vxlan, .scope = true},
    {"VXLAN, policy", vxlan_policy, .scope = true},
    {"GENEVE", geneve, .scope = true},
    {"GENEVE, options, IPv6", geneve_options_ipv6, .ipv6 = true, .scope = true},
    {"GENEVE, NSH", geneve_nsh, .scope = true},
    {"VXLAN-GPE", vxlan_gpe, .scope = true},
    {"VXLAN-GPE, Ethernet", vxlan_gpe_ethernet, .scope = true},
    {"VXLAN-GPE, no next protocol, no VNI", vxlan_gpe_plain},
    {"VXLAN-GPE, NSH", vxlan_gpe_nsh, .ipv6 = true, .scope = true},
    {"LISP", lisp},
    {"LISP, instance", lisp_instance, .ipv6 = true, .scope = true},
    {"LISP-GPE", lisp_gpe, .scope = true},
    {"GRE in UDP", gre_in_udp},
    {"GRE in UDP, all fields", gre_in_udp_all_fields},
    {"MPLS in UDP", mpls_in_udp},
    {"MPLS in UDP, pseudowire", mpls_in_udp_pseudowire},
    {"AYIYA", ayiya, .ipv6 = true},
    {"AYIYA, back", ayiya_back},
    {"GTP-U", gtp_u},
    {"GTP-U, sequence", gtp_u_sequence, .ipv6 = true},
    {"GTP-U, extensions", gtp_u_extensions},
    {"GTP 0", gtp_0},
    {"L2TP", l2tp},
    {"L2TP, all fields, back", l2tp_all_fields_back, .ipv6 = true},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

Test(tunnel, every_tunnel_gives_the_packet)
{
    static struct frame frame;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct shape *shape = &shapes[i];
        struct bench bench;
        bench_open(&bench);
        shape->build(&frame);
        enum p2i_fate fate = decode(&bench, LINK_ETHERNET, &frame);
        const struct p2i_packet *packet = &bench.packet;
        cr_assert_eq(fate, P2I_FATE_HANDLED, "%s: fate %d", shape->name, (int)fate);
        cr_assert(shape->ipv6 ? is_tcp6(packet, 1) : is_tcp4(packet, 1), "%s", shape->name);
        cr_assert_eq(packet->ip.size, packet->ip_length, "%s", shape->name);
        cr_assert_eq(packet->ip_length, 24 + BODY + (shape->ipv6 ? 40 : 20), "%s", shape->name);
        cr_assert_eq(packet->source_mac[4], 2, "%s: MACs of the outer frame", shape->name);
        cr_assert_eq(packet->destination_mac[4], 2, "%s", shape->name);
        cr_assert_eq(packet->scope != 0, shape->scope, "%s", shape->name);
        cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, 1, "%s", shape->name);
        bench_close(&bench);
    }
}

Test(tunnel, every_tunnel_cut_at_every_byte)
{
    static struct frame frame;
    for (size_t i = 0; i < SHAPES; i++) {
        shapes[i].build(&frame);
        try_every_cut(LINK_ETHERNET, &frame, frame.size - BODY);
    }
}

/* Every bit of every tunnel header inverted: no read outside. */
Test(tunnel, every_bit_wrong)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    for (size_t i = 0; i < SHAPES; i++) {
        shapes[i].build(&frame);
        for (size_t bit = 0; bit < frame.size * 8; bit++) {
            frame_data(&frame)[bit / 8] ^= (uint8_t)(1 << bit % 8);
            enum p2i_fate fate = decode(&bench, LINK_ETHERNET, &frame);
            cr_assert_lt((unsigned)fate, (unsigned)P2I_FATE_COUNT);
            frame_data(&frame)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    bench_close(&bench);
}

static void nest(struct frame *frame, unsigned depth)
{
    start_tcp4(frame, 1);
    for (unsigned i = 0; i < depth; i++) {
        add_ipv4(frame, IPIP, 2);
    }
}

Test(tunnel, eight_deep)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    nest(&frame, 8);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    nest(&frame, 9);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);
    nest(&frame, 1000);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);
    bench_close(&bench);
}

Test(tunnel, every_kind_is_limited)
{
    static struct frame frame;
    static const uint8_t vxlan_header[] = {8, 0, 0, 0, 0, 0, 9, 0};
    start_inner_ethernet(&frame);
    for (unsigned i = 0; i < 9; i++) {
        memcpy(front(&frame, 8), vxlan_header, 8);
        add_udp(&frame, 1, 4789);
        add_ipv4(&frame, UDP, 2);
        add_ethernet(&frame, TYPE_IPV4, 2);
    }
    cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_TUNNEL_DEEP);

    start_tcp4(&frame, 1);
    for (unsigned i = 0; i < 9; i++) {
        FRONT(&frame, 0, 0, 8, 0);
        add_ipv4(&frame, GRE, 2);
    }
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TUNNEL_DEEP);

    /* Pseudowires in pseudowires. */
    start_inner_ethernet(&frame);
    for (unsigned i = 0; i < 9; i++) {
        FRONT(&frame, 0, 2, 1, 64);
        add_ethernet(&frame, 0x8847, 2);
    }
    cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_TUNNEL_DEEP);
}

/* Facts of the outermost frame stay; missing ones are taken from the inner frame. */
Test(tunnel, link_facts)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    add_tag(&frame, 20, TYPE_IPV4);
    add_ethernet(&frame, TYPE_VLAN, 1);
    FRONT(&frame, 8, 0, 0, 0, 0, 0, 9, 0);
    add_udp(&frame, 50000, 4789);
    add_ipv4(&frame, UDP, 2);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.vlan_id, 20);
    cr_assert_eq(bench.packet.source_mac[4], 1);
    uint32_t scope = bench.packet.scope;

    add_tag(&frame, 10, TYPE_IPV4);
    add_ethernet(&frame, TYPE_VLAN, 2);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.vlan_id, 10);
    cr_assert_eq(bench.packet.post_vlan_id, 0);
    cr_assert_eq(bench.packet.source_mac[4], 2);
    cr_assert_neq(bench.packet.scope, scope);
    bench_close(&bench);
}

static uint32_t scope_of(struct frame *frame)
{
    struct bench bench;
    bench_open(&bench);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, frame), P2I_FATE_HANDLED);
    uint32_t scope = bench.packet.scope;
    bench_close(&bench);
    return scope;
}

Test(tunnel, scope)
{
    static struct frame frame;
    vxlan(&frame);
    uint32_t vni_9 = scope_of(&frame);
    start_inner_ethernet(&frame);
    FRONT(&frame, 8, 0, 0, 0, 0, 0, 10, 0);
    outer_udp(&frame, 4789);
    cr_assert_neq(scope_of(&frame), vni_9);
    geneve(&frame);
    cr_assert_neq(scope_of(&frame), vni_9);
    /* Endpoint ids differ by direction and are not part of the scope. */
    gtp_u(&frame);
    cr_assert_eq(scope_of(&frame), 0);
}

Test(tunnel, ordinary_packets_on_tunnel_ports)
{
    static struct frame frame;
    static const unsigned ports[] = {1701, 2152, 3386, 4341, 4754, 4755, 4789,
                                     4790, 5072, 6081, 6635, 6636, 8472};
    /* A DNS response to a resolver that uses such a port. */
    static const char dns[] =
        "\x3f\xff\x81\x80\0\1\0\1\0\0\0\0\1a\2de\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0"
        "\1\0\4\1\2\3\4";
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        for (unsigned id = 0; id < 256; id++) {
            uint8_t bytes[sizeof dns - 1];
            memcpy(bytes, dns, sizeof bytes);
            bytes[0] = (uint8_t)id;
            frame_start(&frame, bytes, sizeof bytes);
            expect_ordinary(&frame, ports[i], "DNS");
        }
        frame_start(&frame, "", 0);
        expect_ordinary(&frame, ports[i], "nothing");
    }
}

Test(tunnel, control_messages)
{
    static struct frame frame;
    frame_start(&frame, "\x32\1\0\4\0\0\0\0\0\1\0\0", 12);
    expect_ordinary(&frame, 2152, "GTP echo");
    frame_start(&frame, "\xc8\2\0\x0c\0\0\0\0\0\0\0\0", 12);
    expect_ordinary(&frame, 1701, "L2TP control");
    start_inner_ethernet(&frame);
    FRONT(&frame, 0, 0x80, 0x65, 0x58, 0, 0, 9, 0);
    expect_ordinary(&frame, 6081, "GENEVE control");
    start_inner_ethernet(&frame);
    FRONT(&frame, 0x40, 0, 0x65, 0x58, 0, 0, 9, 0);
    expect_ordinary(&frame, 6081, "GENEVE version");
    start_inner_ethernet(&frame);
    FRONT(&frame, 0, 0, 0, 0, 0, 0, 9, 0);
    expect_ordinary(&frame, 4789, "VXLAN without VNI");
    start_tcp4(&frame, 1);
    FRONT(&frame, 0x34, 0xff, 0, 99, 0, 0, 0, 7, 0, 1, 0, 0x85, 0, 1, 1, 0);
    expect_ordinary(&frame, 2152, "GTP-U extension of size 0");
}

/* Frames without IP are tunnelled, too. */
Test(tunnel, other_frames_in_vxlan)
{
    static struct frame frame;
    static const struct {
        uint8_t bytes[17];
        enum p2i_fate fate;
    } cases[] = {
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 3, 0x42, 0x42, 3}, P2I_FATE_LINK_OTHER},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8}, P2I_FATE_NETWORK_OTHER},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xcc, 2, 7, 4}, P2I_FATE_LINK_OTHER},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 4, 0x42, 0x42, 3},
         P2I_FATE_HANDLED}, /* too long */
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 2, 0x42, 0x42, 3},
         P2I_FATE_HANDLED}, /* too short */
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 3, 0x42, 0x43, 3}, P2I_FATE_HANDLED},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x65, 0, 0}, P2I_FATE_HANDLED},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x45, 0, 0}, P2I_FATE_HANDLED},
        {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x12, 0x34, 0x45, 0, 0}, P2I_FATE_HANDLED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame_start(&frame, cases[i].bytes, sizeof cases[i].bytes);
        FRONT(&frame, 8, 0, 0, 0, 0, 0, 9, 0);
        outer_udp(&frame, 4789);
        enum p2i_fate fate = fate_of(LINK_ETHERNET, &frame);
        cr_assert_eq(fate, cases[i].fate, "case %zu: %d", i, (int)fate);
    }
}

Test(tunnel, other_protocols_in_l2tp)
{
    static struct frame frame;
    static const struct {
        uint16_t protocol;
        enum p2i_fate fate;
    } cases[] = {
        {0xc021, P2I_FATE_LINK_OTHER}, {0xc223, P2I_FATE_LINK_OTHER}, {0x8021, P2I_FATE_LINK_OTHER},
        {0x0021, P2I_FATE_HANDLED},    {0x8023, P2I_FATE_HANDLED},    {0x1234, P2I_FATE_HANDLED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame_start(&frame, "\1\1\0\4", 4);
        put16(front(&frame, 2), cases[i].protocol);
        FRONT(&frame, 0, 2, 0, 1, 0, 1, 0xff, 3);
        outer_udp(&frame, 1701);
        enum p2i_fate fate = fate_of(LINK_ETHERNET, &frame);
        cr_assert_eq(fate, cases[i].fate, "%04x: %d", cases[i].protocol, (int)fate);
    }
}

Test(tunnel, pptp_without_acknowledgement)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    FRONT(&frame, 0xff, 3, 0, 0x21);
    size_t size = frame.size;
    FRONT(&frame, 0x30, 1, 0x88, 0x0b, 0, (uint8_t)size, 0, 5, 0, 0, 0, 1);
    outer(&frame, GRE);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    bench_close(&bench);
}

Test(tunnel, other_transport_counts_as_a_tunnel_too)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, body, BODY);
    add_ipv4(&frame, 1, 1);
    decode(&bench, LINK_RAW, &frame);
    cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, 0);
    outer(&frame, IPIP);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_TRANSPORT_OTHER);
    cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, 1);
    bench_close(&bench);
}

static enum p2i_fate gre_fate(const char *header, size_t size)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    memcpy(front(&frame, size), header, size);
    add_ipv4(&frame, GRE, 2);
    return fate_of(LINK_RAW, &frame);
}

Test(tunnel, gre_fates)
{
    cr_assert_eq(gre_fate("\0\0\0\0", 4), P2I_FATE_TUNNEL_OTHER, "keep-alive");
    cr_assert_eq(gre_fate("\0\2\x08\0", 4), P2I_FATE_TUNNEL_OTHER, "version");
    cr_assert_eq(gre_fate("\x20\x81\x88\x0b\0\0\0\1\0\0\0\1", 12), P2I_FATE_TUNNEL_OTHER,
                 "acknowledgement");
    cr_assert_eq(gre_fate("\0\0\x08\x06", 4), P2I_FATE_NETWORK_OTHER, "ARP");
    cr_assert_eq(gre_fate("\0\0\x88\x0b\xc0\x21", 6), P2I_FATE_LINK_OTHER, "LCP");
    cr_assert_eq(gre_fate("\x10\0\x88\xbe\0\0\0\1\x40\0\0\0\0\0\0\0", 16), P2I_FATE_TUNNEL_OTHER,
                 "ERSPAN of another version");
    cr_assert_eq(gre_fate("\x40\0\x08\0\0\0\0\0\0\1\0\xff", 12), P2I_FATE_TUNNEL_OTHER,
                 "route past the end");
}

Test(tunnel, etherip_version)
{
    static struct frame frame;
    start_inner_ethernet(&frame);
    FRONT(&frame, 0x40, 0);
    outer(&frame, ETHERIP);
    cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_TUNNEL_OTHER);
}
