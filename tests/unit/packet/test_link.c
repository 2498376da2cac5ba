/* SPDX-License-Identifier: MIT */
/* Link types, tags, LLC, MPLS and PPP. Each frame contains the same packet. */
#include "base/counts.h"
#include "link_frames.h"

enum mac { NONE, SOURCE, BOTH };

struct shape {
    const char *name;
    unsigned link_type;
    void (*build)(struct frame *);
    enum mac mac;
    bool ipv6;
    uint16_t vlan_id;
    uint8_t mpls_size;
    bool tunnel;
    bool scope;
    uint8_t first_of_source_mac; /* 0 means 2 */
};

static const struct shape shapes[] = {
    {"Ethernet", 1, ethernet, BOTH},
    {"Ethernet, IPv6", 1, ethernet_ipv6, BOTH, .ipv6 = true},
    {"Ethernet, tag", 1, ethernet_tag, BOTH, .vlan_id = 7, .scope = true},
    {"Ethernet, SNAP", 1, ethernet_snap, BOTH},
    {"Ethernet, SNAP, tag", 1, ethernet_snap_tag, BOTH, .vlan_id = 7, .scope = true},
    {"Ethernet, LLC", 1, ethernet_llc_ip, BOTH},
    {"Ethernet, PPPoE", 1, ethernet_pppoe, BOTH, .scope = true},
    {"Ethernet, PPPoE, compressed", 1, ethernet_pppoe_compressed, BOTH, .ipv6 = true,
     .scope = true},
    {"Ethernet, MPLS", 1, ethernet_mpls, BOTH, .mpls_size = 8},
    {"Ethernet, MPLS, IPv6", 1, ethernet_mpls_ipv6, BOTH, .ipv6 = true, .mpls_size = 4},
    {"Ethernet, pseudowire", 1, ethernet_pseudowire, BOTH, .mpls_size = 4, .tunnel = true},
    {"Ethernet, pseudowire, control word", 1, ethernet_pseudowire_control_word, BOTH,
     .mpls_size = 4, .tunnel = true},
    {"Ethernet, VN-Tag", 1, ethernet_vn_tag, BOTH, .vlan_id = 7, .scope = true},
    {"Ethernet, E-TAG", 1, ethernet_e_tag, BOTH, .ipv6 = true},
    {"Ethernet, Cisco metadata", 1, ethernet_cisco_metadata, BOTH},
    {"Ethernet, Cisco metadata, long", 1, ethernet_cisco_metadata_long, BOTH},
    {"Ethernet, backbone", 1, ethernet_backbone, BOTH, .vlan_id = 5, .tunnel = true, .scope = true},
    {"Ethernet, FabricPath", 1, ethernet_fabricpath, BOTH, .vlan_id = 7, .tunnel = true,
     .scope = true},
    {"Ethernet, NSH", 1, ethernet_nsh, BOTH, .tunnel = true},
    {"Ethernet, NSH, IPv6", 1, ethernet_nsh_ipv6, BOTH, .ipv6 = true, .tunnel = true},
    {"Ethernet, NSH, Ethernet", 1, ethernet_nsh_ethernet, BOTH, .tunnel = true},
    {"Ethernet, NSH, NSH", 1, ethernet_nsh_nsh, BOTH, .tunnel = true},
    {"Ethernet, NSH, MPLS", 1, ethernet_nsh_mpls, BOTH, .mpls_size = 4, .tunnel = true},
    {"NULL, little", 0, null_little},
    {"NULL, big", 0, null_big, .ipv6 = true},
    {"NULL, Linux", 0, null_linux, .ipv6 = true},
    {"LOOP", 108, null_big, .ipv6 = true},
    {"RAW 12", 12, raw4},
    {"RAW 14", 14, raw6, .ipv6 = true},
    {"RAW 101", 101, raw4},
    {"RAW 101, IPv6", 101, raw6, .ipv6 = true},
    {"IPV4", 228, raw4},
    {"IPV6", 229, raw6, .ipv6 = true},
    {"PPP, framed", 9, ppp_framed},
    {"PPP, bare", 9, ppp_bare, .ipv6 = true},
    {"PPP, compressed", 50, ppp_compressed},
    {"PPP, MPLS", 50, ppp_mpls, .mpls_size = 4},
    {"PPP_HDLC, Cisco", 50, c_hdlc},
    {"PPP_ETHER", 51, ppp_ether, .scope = true},
    {"C_HDLC", 104, c_hdlc},
    {"SLL", 113, sll, SOURCE},
    {"SLL, tag", 113, sll_tag, SOURCE, .vlan_id = 7, .scope = true},
    {"SLL, LLC", 113, sll_llc, SOURCE},
    {"SLL, no address", 113, sll_no_address, .ipv6 = true},
    {"SLL2", 276, sll2, SOURCE},
    {"SLIP", 8, slip},
    {"FDDI", 10, fddi, BOTH},
    {"TOKEN_RING", 6, token_ring, BOTH},
    {"TOKEN_RING, route", 6, token_ring_route, BOTH, .first_of_source_mac = 0x82},
    {"ATM_RFC1483", 100, atm},
    {"FRELAY", 107, frame_relay},
    {"FRELAY, IPv6", 107, frame_relay_ipv6, .ipv6 = true},
    {"FRELAY, SNAP", 107, frame_relay_snap},
    {"FRELAY, bridged", 107, frame_relay_bridged, BOTH, .tunnel = true},
    {"FRELAY, PPP", 107, frame_relay_ppp},
    {"FRELAY, Cisco", 107, frame_relay_cisco},
    {"ENC", 109, enc},
    {"PFLOG", 117, pflog, .ipv6 = true},
    {"PPI", 192, ppi, BOTH},
    {"NFLOG, little", 239, nflog_little},
    {"NFLOG, big", 239, nflog_big, .ipv6 = true},
    {"PKTAP", 258, pktap, BOTH},
    {"ERF, Ethernet", 197, erf_ethernet, BOTH},
    {"ERF, extension headers, cut", 197, erf_extended, BOTH},
    {"ERF, PPP", 197, erf_ppp},
    {"ERF, channel, Cisco HDLC", 197, erf_channel_hdlc},
    {"ERF, AAL5", 197, erf_aal5},
    {"ERF, IPv6", 197, erf_ipv6, .ipv6 = true},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void check_macs(const struct shape *shape, const struct p2i_packet *packet)
{
    uint8_t source[6] = {2, 0, 0, 0, 9, 1};
    const uint8_t destination[6] = {2, 0, 0, 0, 9, 2};
    if (shape->first_of_source_mac != 0) {
        source[0] = shape->first_of_source_mac;
    }
    if (shape->mac == NONE) {
        cr_assert_null(packet->source_mac, "%s", shape->name);
    } else {
        cr_assert_not_null(packet->source_mac, "%s", shape->name);
        cr_assert_arr_eq(packet->source_mac, source, 6, "%s", shape->name);
    }
    if (shape->mac == BOTH) {
        cr_assert_not_null(packet->destination_mac, "%s", shape->name);
        cr_assert_arr_eq(packet->destination_mac, destination, 6, "%s", shape->name);
    } else {
        cr_assert_null(packet->destination_mac, "%s", shape->name);
    }
}

Test(link, every_type_gives_the_packet)
{
    static struct frame frame;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct shape *shape = &shapes[i];
        struct bench bench;
        bench_open(&bench);
        shape->build(&frame);
        enum p2i_fate fate = decode(&bench, shape->link_type, &frame);
        const struct p2i_packet *packet = &bench.packet;
        cr_assert_eq(fate, P2I_FATE_HANDLED, "%s: fate %d", shape->name, (int)fate);
        cr_assert(shape->ipv6 ? is_tcp6(packet, 1) : is_tcp4(packet, 1), "%s", shape->name);
        cr_assert_eq(packet->tcp_sequence, SEQUENCE, "%s", shape->name);
        cr_assert_eq(packet->tcp_acknowledgement, 0x05060708, "%s", shape->name);
        cr_assert_eq(packet->tcp_flags, 0x118, "%s", shape->name);
        cr_assert_eq(packet->class_of_service, 0x28, "%s", shape->name);
        cr_assert_eq(packet->ip_length, 24 + BODY + (shape->ipv6 ? 40 : 20), "%s", shape->name);
        cr_assert_eq(packet->ip.size, packet->ip_length, "%s", shape->name);
        cr_assert_eq(packet->vlan_id, shape->vlan_id, "%s", shape->name);
        cr_assert_eq(packet->post_vlan_id, 0, "%s", shape->name);
        cr_assert_eq(packet->mpls_size, shape->mpls_size, "%s", shape->name);
        cr_assert_eq(packet->mpls != NULL, shape->mpls_size > 0, "%s", shape->name);
        cr_assert_eq(packet->scope != 0, shape->scope, "%s", shape->name);
        check_macs(shape, packet);
        cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, shape->tunnel, "%s",
                     shape->name);
        cr_assert_eq(p2i_decoder_counts(bench.decoder)->cut_count, 0, "%s", shape->name);
        bench_close(&bench);
    }
}

Test(link, every_type_cut_at_every_byte)
{
    static struct frame frame;
    for (size_t i = 0; i < SHAPES; i++) {
        shapes[i].build(&frame);
        try_every_cut(shapes[i].link_type, &frame, frame.size - BODY);
    }
}

/* Any bytes under any link type: no read outside. */
Test(link, any_bytes)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    uint32_t state = 1;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[96];
        for (size_t i = 0; i < sizeof bytes; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(state >> 24);
        }
        frame_start(&frame, bytes, sizeof bytes);
        const struct shape *shape = &shapes[round % SHAPES];
        enum p2i_fate fate = decode(&bench, shape->link_type, &frame);
        cr_assert_lt((unsigned)fate, (unsigned)P2I_FATE_COUNT);
    }
    bench_close(&bench);
}

Test(link, tags)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    add_tag(&frame, 30, TYPE_IPV4);
    add_tag(&frame, 20, TYPE_VLAN);
    add_tag(&frame, 10, 0x9100);
    add_ethernet(&frame, TYPE_QINQ, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.vlan_id, 10);
    cr_assert_eq(bench.packet.post_vlan_id, 20);
    uint32_t scope = bench.packet.scope;

    /* The third tag changes the scope, and so does the order. */
    start_tcp4(&frame, 1);
    add_tag(&frame, 31, TYPE_IPV4);
    add_tag(&frame, 20, TYPE_VLAN);
    add_tag(&frame, 10, TYPE_VLAN);
    add_ethernet(&frame, TYPE_VLAN, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert_neq(bench.packet.scope, scope);
    start_tcp4(&frame, 1);
    add_tag(&frame, 30, TYPE_IPV4);
    add_tag(&frame, 20, TYPE_VLAN);
    add_tag(&frame, 10, TYPE_VLAN);
    add_ethernet(&frame, TYPE_VLAN, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert_eq(bench.packet.scope, scope);
    bench_close(&bench);
}

Test(link, priority_tag_is_no_vlan)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    add_tag(&frame, 5, TYPE_IPV4);
    add_tag(&frame, 0, TYPE_VLAN);
    add_ethernet(&frame, TYPE_VLAN, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.vlan_id, 5);
    cr_assert_eq(bench.packet.post_vlan_id, 0);

    start_tcp4(&frame, 1);
    add_tag(&frame, 0, TYPE_IPV4);
    add_ethernet(&frame, TYPE_VLAN, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.vlan_id, 0);
    cr_assert_eq(bench.packet.scope, 0);
    bench_close(&bench);
}

Test(link, many_tags)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    add_tag(&frame, 1, TYPE_IPV4);
    for (unsigned i = 0; i < 15000; i++) {
        add_tag(&frame, 1, TYPE_VLAN);
    }
    add_ethernet(&frame, TYPE_VLAN, 9);
    cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_HANDLED);
}

/* LLC may contain a tag, which may contain LLC: recursion must be limited. */
Test(link, llc_and_tags_in_turns)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    for (unsigned i = 0; i < 6000; i++) {
        add_tag(&frame, 1, 1500);
        add_snap(&frame, TYPE_VLAN);
    }
    add_ethernet(&frame, 1500, 9);
    enum p2i_fate fate = fate_of(LINK_ETHERNET, &frame);
    cr_assert(fate == P2I_FATE_LINK_OTHER || fate == P2I_FATE_LINK_CUT);

    start_tcp4(&frame, 1);
    for (unsigned i = 0; i < 40; i++) {
        add_tag(&frame, 1, 1500);
        add_snap(&frame, TYPE_VLAN);
    }
    add_ethernet(&frame, 1500, 9);
    cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_LINK_OTHER);
}

Test(link, mpls_labels_are_captured_up_to_eight)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    FRONT(&frame, 0, 10, 1, 64);
    for (uint8_t label = 9; label > 0; label--) {
        FRONT(&frame, 0, label, 0, 64);
    }
    add_ethernet(&frame, 0x8847, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.mpls_size, P2I_MPLS_MAX);
    for (unsigned i = 0; i < 8; i++) {
        cr_assert_eq(bench.packet.mpls[4 * i + 1], i + 1);
    }
    struct p2i_packet_info info;
    p2i_packet_info_of(&bench.packet, &info);
    cr_assert_arr_eq(info.mpls, bench.packet.mpls, P2I_MPLS_MAX);
    bench_close(&bench);
}

/* A pseudowire without control word whose MAC address begins with 00. */
Test(link, pseudowire_to_a_mac_that_begins_with_zero)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_inner_ethernet(&frame);
    frame_data(&frame)[0] = 0;
    FRONT(&frame, 0, 2, 1, 64);
    add_ethernet(&frame, 0x8847, 9);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    bench_close(&bench);
}

struct fate_case {
    const char *name;
    unsigned link_type;
    enum p2i_fate fate;
    size_t size;
    uint8_t bytes[40];
};

#define MACS 2, 0, 0, 0, 9, 2, 2, 0, 0, 0, 9, 1

static const struct fate_case fate_cases[] = {
    {"link type", 140, P2I_FATE_LINK_TYPE, 20, {1}},
    {"netlink", 253, P2I_FATE_LINK_TYPE, 20, {1}},
    {"802.15.4", 195, P2I_FATE_LINK_TYPE, 20, {1}},
    {"nothing", 1, P2I_FATE_LINK_CUT, 0, {0}},
    {"ARP", 1, P2I_FATE_NETWORK_OTHER, 40, {MACS, 8, 6}},
    {"IPX", 1, P2I_FATE_NETWORK_OTHER, 40, {MACS, 0x81, 0x37}},
    {"LLDP", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x88, 0xcc}},
    {"EAPOL", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x88, 0x8e}},
    {"LACP", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x88, 0x09}},
    {"PPPoE discovery", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x88, 0x63, 0x11, 9}},
    {"PPPoE session with a code", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x88, 0x64, 0x11, 9}},
    {"LCP", 1, P2I_FATE_LINK_OTHER, 30, {MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 9, 0xc0, 0x21}},
    {"IPCP", 9, P2I_FATE_LINK_OTHER, 20, {0xff, 3, 0x80, 0x21, 1}},
    {"multilink", 9, P2I_FATE_LINK_OTHER, 20, {0xff, 3, 0, 0x3d, 0xc0}},
    {"IPX over PPP", 9, P2I_FATE_NETWORK_OTHER, 20, {0xff, 3, 0, 0x2b}},
    {"STP", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0, 26, 0x42, 0x42, 3}},
    {"IS-IS", 1, P2I_FATE_NETWORK_OTHER, 40, {MACS, 0, 26, 0xfe, 0xfe, 3}},
    {"IPX in LLC", 1, P2I_FATE_NETWORK_OTHER, 40, {MACS, 0, 26, 0xe0, 0xe0, 3}},
    {"raw IPX", 1, P2I_FATE_NETWORK_OTHER, 40, {MACS, 0, 26, 0xff, 0xff, 0}},
    {"CDP", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0, 26, 0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0}},
    {"SNAP with a length", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0, 26, 0xaa, 0xaa, 3, 0, 0, 0, 0, 9}},
    {"LLC cut", 1, P2I_FATE_LINK_CUT, 16, {MACS, 0, 26, 0xaa, 0xaa}},
    {"LLC of length 0", 1, P2I_FATE_LINK_CUT, 40, {MACS, 0, 0, 0xaa, 0xaa, 3}},
    {"tag cut", 1, P2I_FATE_LINK_CUT, 17, {MACS, 0x81, 0, 0, 1, 8}},
    {"labels without end", 1, P2I_FATE_LINK_CUT, 38, {MACS, 0x88, 0x47}},
    {"MACsec, encrypted",
     1,
     P2I_FATE_LINK_OTHER,
     60,
     {MACS, 0x88, 0xe5, 0x0c, 0, 0, 0, 0, 1, 8, 0}},
    {"MACsec, changed", 1, P2I_FATE_LINK_OTHER, 60, {MACS, 0x88, 0xe5, 0x04, 0, 0, 0, 0, 1, 8, 0}},
    {"MACsec, version", 1, P2I_FATE_LINK_OTHER, 60, {MACS, 0x88, 0xe5, 0x80, 0, 0, 0, 0, 1, 8, 0}},
    {"MACsec, cut", 1, P2I_FATE_LINK_CUT, 20, {MACS, 0x88, 0xe5, 0x20, 0, 0, 0, 0, 1}},
    {"MACsec, ICV only", 1, P2I_FATE_LINK_CUT, 37, {MACS, 0x88, 0xe5, 0, 0, 0, 0, 0, 1, 8, 0}},
    {"VN-Tag, cut", 1, P2I_FATE_LINK_CUT, 19, {MACS, 0x89, 0x26, 0, 0, 0, 0, 8}},
    {"VN-Tag, ARP", 1, P2I_FATE_NETWORK_OTHER, 40, {MACS, 0x89, 0x26, 0, 0, 0, 0, 8, 6}},
    {"E-TAG, cut", 1, P2I_FATE_LINK_CUT, 21, {MACS, 0x89, 0x3f, 0, 0, 0, 0, 0, 0, 8}},
    {"Cisco metadata, version", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x89, 9, 2, 1, 0, 1, 0, 1, 8}},
    {"Cisco metadata, length 0", 1, P2I_FATE_LINK_OTHER, 40, {MACS, 0x89, 9, 1, 0, 0, 1, 0, 1, 8}},
    {"Cisco metadata, cut", 1, P2I_FATE_LINK_CUT, 40, {MACS, 0x89, 9, 1, 9}},
    {"backbone, cut", 1, P2I_FATE_LINK_CUT, 17, {MACS, 0x88, 0xe7, 0, 0, 7}},
    {"backbone, frame cut", 1, P2I_FATE_LINK_CUT, 31, {MACS, 0x88, 0xe7, 0, 0, 0, 7}},
    {"FabricPath, cut", 1, P2I_FATE_LINK_CUT, 15, {MACS, 0x89, 3, 0}},
    {"NSH, cut", 1, P2I_FATE_LINK_CUT, 21, {MACS, 0x89, 0x4f, 0x0f, 0xc2, 2, 1, 0, 0, 1}},
    {"NSH, control", 1, P2I_FATE_TUNNEL_OTHER, 40, {MACS, 0x89, 0x4f, 0x2f, 0xc2, 2, 1}},
    {"NSH, version", 1, P2I_FATE_TUNNEL_OTHER, 40, {MACS, 0x89, 0x4f, 0x4f, 0xc2, 2, 1}},
    {"NSH, length 0", 1, P2I_FATE_TUNNEL_OTHER, 40, {MACS, 0x89, 0x4f, 0x0f, 0xc0, 2, 1}},
    {"NSH, unknown protocol", 1, P2I_FATE_TUNNEL_OTHER, 40, {MACS, 0x89, 0x4f, 0x0f, 0xc2, 2, 9}},
    {"associated channel",
     1,
     P2I_FATE_TUNNEL_OTHER,
     40,
     {MACS, 0x88, 0x47, 0, 0, 1, 64, 0x10, 0, 0, 7}},
    {"SLARP", 104, P2I_FATE_LINK_OTHER, 24, {0x8f, 0, 0x80, 0x35}},
    {"netlink in SLL",
     113,
     P2I_FATE_LINK_OTHER,
     40,
     {0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8}},
    {"CAN in SLL",
     113,
     P2I_FATE_LINK_OTHER,
     40,
     {0, 4, 1, 0x18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12}},
    {"ARP in SLL2", 276, P2I_FATE_NETWORK_OTHER, 40, {8, 6, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6}},
    {"NULL, other family", 0, P2I_FATE_NETWORK_OTHER, 40, {7, 0, 0, 0}},
    {"FDDI station management", 10, P2I_FATE_LINK_OTHER, 40, {0x41, MACS}},
    {"token ring, MAC frame", 6, P2I_FATE_LINK_OTHER, 40, {0x10, 0, MACS}},
    {"frame relay, LMI", 107, P2I_FATE_LINK_OTHER, 20, {0, 1, 3, 8, 0, 0x75}},
    {"PPI in PPI", 192, P2I_FATE_LINK_TYPE, 40, {0, 0, 8, 0, 192}},
    {"PKTAP in PPI", 192, P2I_FATE_LINK_TYPE, 40, {0, 0, 8, 0, 2, 1}},
    {"PPI, too long", 192, P2I_FATE_LINK_CUT, 40, {0, 0, 41, 0, 1}},
    {"PPI, too short", 192, P2I_FATE_LINK_OTHER, 40, {0, 0, 7, 0, 1}},
    {"PKTAP, not a packet", 258, P2I_FATE_LINK_OTHER, 40, {12, 0, 0, 0, 2, 0, 0, 0, 1}},
    {"PKTAP, too long", 258, P2I_FATE_LINK_CUT, 40, {0, 0, 0, 0x80, 1, 0, 0, 0, 1}},
    {"PKTAP, unknown inside", 258, P2I_FATE_LINK_TYPE, 40, {12, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1}},
    {"NFLOG without packet", 239, P2I_FATE_LINK_CUT, 12, {2, 0, 0, 0, 8, 0, 10, 0}},
    {"NFLOG, length 0", 239, P2I_FATE_LINK_OTHER, 12, {2, 0, 0, 0, 0, 0, 9, 0}},
    {"PFLOG, too long", 117, P2I_FATE_LINK_CUT, 40, {61, 2}},
    {"raw, no version", 101, P2I_FATE_NETWORK_BAD, 40, {0x50}},
    {"raw, empty", 101, P2I_FATE_NETWORK_CUT, 0, {0}},
};

Test(link, fates)
{
    static struct frame frame;
    for (size_t i = 0; i < sizeof fate_cases / sizeof fate_cases[0]; i++) {
        const struct fate_case *one = &fate_cases[i];
        frame_start(&frame, one->bytes, one->size);
        enum p2i_fate fate = fate_of(one->link_type, &frame);
        cr_assert_eq(fate, one->fate, "%s: %d", one->name, (int)fate);
    }
}

/* The ICV is no payload; here no length tells where the packet ends. */
Test(link, macsec)
{
    static struct frame frame;
    static void (*const builders[])(struct frame *) = {ethernet_macsec, ethernet_macsec_no_sci};
    for (unsigned i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench);
        builders[i](&frame);
        size_t header_size = i == 0 ? 14 + 14 + 2 : 14 + 6 + 2;
        for (unsigned without_length = 0; without_length < 2; without_length++) {
            decode(&bench, LINK_ETHERNET, &frame);
            cr_assert(i == 0 ? is_tcp4(&bench.packet, 1) : is_tcp6(&bench.packet, 1));
            cr_assert_eq(bench.packet.scope, 0);
            cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, 0);
            put16(frame_data(&frame) + header_size + (i == 0 ? 2 : 4), 0);
        }
        builders[i](&frame);
        try_every_cut(LINK_ETHERNET, &frame, frame.size - BODY - 16);
        bench_close(&bench);
    }
}

/* Packets shorter than 48 bytes have their length in the header; padding follows the ICV. */
Test(link, macsec_short)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, "ab", 2);
    add_udp(&frame, 5, 6);
    add_ipv4(&frame, 17, 1);
    put16(front(&frame, 2), TYPE_IPV4);
    size_t size = frame.size;
    add_icv(&frame, FRAME_MAX - frame.size);
    add_icv(&frame, FRAME_MAX - frame.size);
    FRONT(&frame, 0, (uint8_t)size, 0, 0, 0, 1);
    add_ethernet(&frame, 0x88e5, 9);
    put16(frame_data(&frame) + 14 + 6 + 2 + 2, 0);      /* total length */
    put16(frame_data(&frame) + 14 + 6 + 2 + 20 + 4, 0); /* length of UDP */
    cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.payload_length, 2);
    cr_assert(p2i_view_equals(bench.packet.payload, P2I_VIEW("ab")));
    bench_close(&bench);
}

Test(link, chains_of_tags_are_limited)
{
    static const struct {
        uint16_t type;
        const char *tag;
        size_t size;
    } cases[] = {
        {0x8926, "\0\0\0\0\x89\x26", 6},
        {0x893f, "\0\0\0\0\0\0\x89\x3f", 8},
        {0x8909, "\1\1\0\1\0\7\x89\x09", 8},
        {0x88e5, "\0\0\0\0\0\1\x88\xe5", 8},
    };
    static struct frame frame;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_tcp4(&frame, 1);
        for (unsigned round = 0; round < 1000; round++) {
            memcpy(front(&frame, cases[i].size), cases[i].tag, cases[i].size);
        }
        add_ethernet(&frame, cases[i].type, 9);
        cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_LINK_OTHER, "case %zu", i);
    }
}

Test(link, frames_in_frames_are_limited)
{
    static const struct {
        uint16_t type;
        const char *header;
        size_t size;
    } cases[] = {
        {0x88e7, "\0\0\0\7", 4},
        {0x8903, "\0\x60", 2},
        {0x894f, "\x0f\xc2\2\3\0\0\1\xff", 8},
    };
    static struct frame frame;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned depth = 8; depth <= 9; depth++) {
            start_inner_ethernet(&frame);
            for (unsigned round = 0; round < depth; round++) {
                memcpy(front(&frame, cases[i].size), cases[i].header, cases[i].size);
                add_ethernet(&frame, cases[i].type, 9);
            }
            cr_assert_eq(fate_of(LINK_ETHERNET, &frame),
                         depth == 8 ? P2I_FATE_HANDLED : P2I_FATE_TUNNEL_DEEP, "case %zu", i);
        }
    }
}

/* The service id is part of the scope. */
Test(link, backbone_scope)
{
    static struct frame frame;
    uint32_t scopes[2];
    for (uint8_t i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench);
        start_inner_ethernet(&frame);
        FRONT(&frame, 0xe0, 0, 0, i);
        add_ethernet(&frame, 0x88e7, 9);
        decode(&bench, LINK_ETHERNET, &frame);
        cr_assert(is_tcp4(&bench.packet, 1));
        scopes[i] = bench.packet.scope;
        bench_close(&bench);
    }
    cr_assert_neq(scopes[0], scopes[1]);
}
