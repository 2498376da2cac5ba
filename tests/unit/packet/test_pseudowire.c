/* SPDX-License-Identifier: MIT */
/* Payload of a label stack: IP, or an Ethernet pseudowire. */
#include "tunnel_frames.h"

static void set_checksum(uint8_t *header)
{
    uint32_t sum = 0;
    put16(header + 10, 0);
    for (size_t at = 0; at < (size_t)(header[0] & 0x0f) * 4; at += 2) {
        sum += (uint32_t)header[at] << 8 | header[at + 1];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    put16(header + 10, 0xffff & ~((sum & 0xffff) + (sum >> 16)));
}

static void add_label(struct frame *frame)
{
    FRONT(frame, 0, 2, 1, 64);
    add_ethernet(frame, 0x8847, 2);
}

/* Appends bytes behind the frame. */
static void add_behind(struct frame *frame, size_t size)
{
    memmove(frame_data(frame) - size, frame_data(frame), frame->size);
    memset(frame->room + FRAME_MAX - size, 0xee, size);
    frame->size += size;
}

/* RFC 8469: MAC addresses may begin with any byte. */
Test(pseudowire, every_first_byte)
{
    static struct frame frame;
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        for (unsigned first = 0; first < 256; first++) {
            struct bench bench;
            bench_open(&bench);
            ipv6 != 0 ? start_tcp6(&frame, 1) : start_tcp4(&frame, 1);
            add_ethernet(&frame, ipv6 != 0 ? TYPE_IPV6 : TYPE_IPV4, 1);
            frame_data(&frame)[0] = (uint8_t)first;
            add_label(&frame);
            decode(&bench, LINK_ETHERNET, &frame);
            cr_assert(ipv6 != 0 ? is_tcp6(&bench.packet, 1) : is_tcp4(&bench.packet, 1),
                      "first byte %02x: fate %d", first, (int)bench.packet.fate);
            cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, 1);
            bench_close(&bench);
        }
    }
}

/* A MAC address that could begin IPv4 with a matching length, or IPv6 with exactly the remaining
 * length. */
Test(pseudowire, addresses_that_look_like_ip)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_inner_ethernet(&frame);
    memcpy(frame_data(&frame), "\x45\x00\x00\x48\x00\x00", 6);
    put16(frame_data(&frame) + 2, (unsigned)frame.size);
    add_label(&frame);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    start_inner_ethernet(&frame);
    memcpy(frame_data(&frame), "\x60\x00\x00\x00\x00\x00", 6);
    put16(frame_data(&frame) + 4, (unsigned)frame.size - 40);
    add_label(&frame);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    bench_close(&bench);
}

/* Source 8.0.69.0: 0x0800 is at the place of an EtherType, followed by 0x45. */
Test(pseudowire, ipv4_that_looks_like_a_frame)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    memcpy(frame_data(&frame) + 12, "\x08\x00\x45\x00", 4);
    set_checksum(frame_data(&frame));
    add_label(&frame);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp(&bench.packet));
    cr_assert_eq(bench.packet.source.bytes[0], 8);
    cr_assert_eq(p2i_decoder_counts(bench.decoder)->tunnel_count, 0);
    /* With a wrong checksum it is taken for a frame. */
    frame_data(&frame)[14 + 4 + 11] ^= 1;
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert_not(is_tcp(&bench.packet));
    bench_close(&bench);
}

static enum p2i_fate ipv4_fate(uint16_t checksum, int longer, size_t behind)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    uint8_t *header = frame_data(&frame);
    put16(header + 2, (unsigned)((int)frame.size + longer));
    set_checksum(header);
    if (checksum != 1) {
        put16(header + 10, checksum);
    }
    add_behind(&frame, behind);
    add_label(&frame);
    return fate_of(LINK_ETHERNET, &frame);
}

Test(pseudowire, ipv4_has_to_fit)
{
    enum { RIGHT = 1, NONE = 0, WRONG = 0xeeee };
    cr_assert_eq(ipv4_fate(RIGHT, 0, 0), P2I_FATE_HANDLED);
    cr_assert_eq(ipv4_fate(RIGHT, 0, 9), P2I_FATE_HANDLED, "padding");
    cr_assert_eq(ipv4_fate(RIGHT, 1, 0), P2I_FATE_TUNNEL_OTHER, "longer than what is left");
    cr_assert_eq(ipv4_fate(RIGHT, -200, 0), P2I_FATE_TUNNEL_OTHER, "shorter than its header");
    cr_assert_eq(ipv4_fate(NONE, 0, 9), P2I_FATE_HANDLED, "left to the network card");
    cr_assert_eq(ipv4_fate(NONE, 1, 0), P2I_FATE_TUNNEL_OTHER);
    cr_assert_eq(ipv4_fate(WRONG, 0, 0), P2I_FATE_HANDLED, "just what is left");
    cr_assert_eq(ipv4_fate(WRONG, 0, 4), P2I_FATE_HANDLED, "FCS");
    cr_assert_eq(ipv4_fate(WRONG, 0, 9), P2I_FATE_TUNNEL_OTHER);
    cr_assert_eq(ipv4_fate(WRONG, -1, 0), P2I_FATE_TUNNEL_OTHER);
}

static enum p2i_fate ipv6_fate(int longer, size_t behind)
{
    static struct frame frame;
    start_tcp6(&frame, 1);
    put16(frame_data(&frame) + 4, (unsigned)((int)frame.size - 40 + longer));
    add_behind(&frame, behind);
    add_label(&frame);
    return fate_of(LINK_ETHERNET, &frame);
}

Test(pseudowire, ipv6_has_to_fit)
{
    cr_assert_eq(ipv6_fate(0, 0), P2I_FATE_HANDLED);
    cr_assert_eq(ipv6_fate(0, 4), P2I_FATE_HANDLED, "FCS");
    cr_assert_eq(ipv6_fate(0, 3), P2I_FATE_TUNNEL_OTHER);
    cr_assert_eq(ipv6_fate(1, 0), P2I_FATE_TUNNEL_OTHER);
    cr_assert_eq(ipv6_fate(-1, 0), P2I_FATE_TUNNEL_OTHER);
}

/* The length comes from the frame, or from the IP packet around it, not from the captured bytes. */
Test(pseudowire, uses_the_remaining_length)
{
    static struct frame frame;
    start_tcp6(&frame, 1);
    add_label(&frame);
    try_every_cut(LINK_ETHERNET, &frame, frame.size - BODY);

    struct bench bench;
    bench_open(&bench);
    for (unsigned udp = 0; udp < 2; udp++) {
        start_tcp6(&frame, 1);
        FRONT(&frame, 0, 2, 1, 64);
        if (udp != 0) {
            add_udp(&frame, 50000, 6635);
            add_ipv4(&frame, UDP, 2);
        } else {
            FRONT(&frame, 0, 0, 0x88, 0x47);
            add_ipv4(&frame, GRE, 2);
        }
        add_behind(&frame, 7);
        add_ethernet(&frame, TYPE_IPV4, 2);
        decode(&bench, LINK_ETHERNET, &frame);
        cr_assert(is_tcp6(&bench.packet, 1), "udp %u", udp);
    }
    /* The same in an IEEE 802.3 frame with its length. */
    start_tcp6(&frame, 1);
    FRONT(&frame, 0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x47, 0, 2, 1, 64);
    size_t size = frame.size;
    add_behind(&frame, 7);
    add_ethernet(&frame, (unsigned)size, 2);
    decode(&bench, LINK_ETHERNET, &frame);
    cr_assert(is_tcp6(&bench.packet, 1));
    bench_close(&bench);
}

/* Neither IP nor a frame with a known EtherType. */
Test(pseudowire, others)
{
    static struct frame frame;
    for (unsigned first = 0; first < 256; first++) {
        start_inner_ethernet(&frame);
        frame_data(&frame)[0] = (uint8_t)first;
        put16(frame_data(&frame) + 12, 0x1234);
        add_label(&frame);
        cr_assert_eq(fate_of(LINK_ETHERNET, &frame), P2I_FATE_TUNNEL_OTHER, "first byte %02x",
                     first);
    }
}
