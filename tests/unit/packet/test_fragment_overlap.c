/* SPDX-License-Identifier: MIT */
/* Fragments that contradict each other. */
#include "fragment_frames.h"

/* Receivers disagree about fragments that are repeated with different bytes. */
Test(fragment_overlap, with_different_bytes_drops_the_packet)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 192, 1, ipv6 != 0);
        datagram_of(&other, 192, 1, ipv6 != 0);
        other.bytes[63] ^= 1;
        send(&bench, &one, 0, 64);
        cr_assert_eq(send(&bench, &other, 32, 64), P2I_FATE_FRAGMENT);
        cr_assert_eq(counts(&bench)->fragment_overlap_count, 1);
        cr_assert_eq(counts(&bench)->fragment_dropped_count, 2);
        /* Late fragments do not form a packet until the time-out, not even a complete set. */
        for (unsigned i = 0; i < 2; i++) {
            cr_assert_eq(send_at(&bench, &one, 0, 96, 31 * second), P2I_FATE_FRAGMENT);
            cr_assert_eq(send_at(&bench, &one, 96, 104, 31 * second), P2I_FATE_FRAGMENT);
        }
        cr_assert_eq(counts(&bench)->fragment_overlap_count, 1);
        cr_assert_eq(counts(&bench)->fragment_dropped_count, 6);
        send_at(&bench, &one, 0, 96, 31 * second + 1);
        send_at(&bench, &one, 96, 104, 31 * second + 1);
        cr_assert(is_whole(&bench, &one));
        bench_close(&bench);
    }
}

/* Any byte of the first or last fragment may differ, and any fragment may come first. */
Test(fragment_overlap, in_any_byte)
{
    datagram_of(&one, 64 + 5, 1, false);
    for (unsigned last_first = 0; last_first < 2; last_first++) {
        for (uint32_t at = 0; at < one.size; at++) {
            struct bench bench;
            bench_open(&bench);
            datagram_of(&other, 64 + 5, 1, false);
            other.bytes[at] ^= 0x80;
            uint32_t offset = last_first != 0 ? 40 : 0;
            uint32_t size = last_first != 0 ? one.size - 40 : 40;
            send(&bench, &one, offset, size);
            bool inside = at >= offset && at < (last_first != 0 ? 72 : 40);
            /* All but the last unit, then all but the first. */
            bool whole = send(&bench, &other, 0, other.size - 5) == P2I_FATE_HANDLED;
            whole = whole || send(&bench, &other, 8, other.size - 8) == P2I_FATE_HANDLED;
            cr_assert_eq(counts(&bench)->fragment_overlap_count, inside, "byte %u", at);
            cr_assert_eq(whole, !inside, "byte %u", at);
            bench_close(&bench);
        }
    }
}

/* IPv4: a retransmission may be fragmented differently. */
Test(fragment_overlap, with_the_same_bytes)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192 + 3, 1, false);
    send(&bench, &one, 0, 64);
    send(&bench, &one, 32, 64);
    send(&bench, &one, 128, one.size - 128);
    send(&bench, &one, 160, one.size - 160);
    cr_assert_eq(send(&bench, &one, 8, 32), P2I_FATE_FRAGMENT);
    send(&bench, &one, 0, 160);
    cr_assert(is_whole(&bench, &one));
    cr_assert_eq(counts(&bench)->fragment_overlap_count, 0);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 0);
    bench_close(&bench);
}

/* IPv6: any overlap but an exact duplicate drops the packet (RFC 8200, 4.5). */
Test(fragment_overlap, ipv6)
{
    static const struct {
        uint32_t offset, end;
        bool more, overlap;
    } cases[] = {
        {64, 128, true, false},  {192, 208, false, false}, /* duplicates */
        {128, 192, true, false},                           /* new */
        {64, 120, true, true},   {72, 128, true, true},    /* within one fragment */
        {64, 136, true, true},   {56, 128, true, true},    /* across two fragments */
        {0, 128, true, true},                              /* two fragments as one */
        {120, 136, true, true},  {200, 208, false, true},
        {184, 208, false, true}, {192, 208, true, true}, /* the last fragment, with more to come */
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static struct frame frame;
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 200, 1, true);
        send(&bench, &one, 0, 64);
        send(&bench, &one, 64, 64);
        send(&bench, &one, 192, 16);
        fragment_of(&frame, &one, cases[i].offset, cases[i].end - cases[i].offset, cases[i].more);
        enum p2i_fate fate = decode_cut(&bench, LINK_RAW, &frame, frame.size, second);
        cr_assert_eq(counts(&bench)->fragment_overlap_count, cases[i].overlap, "case %u", i);
        if (fate != P2I_FATE_HANDLED) {
            send(&bench, &one, 128, 64);
        }
        cr_assert_eq(is_whole(&bench, &one), !cases[i].overlap, "case %u", i);
        bench_close(&bench);
    }
}

/* "teardrop" and similar attacks: fragments that disagree about the end of the packet. */
Test(fragment_overlap, contradictory_ends)
{
    static const struct {
        uint32_t offset, end;
        bool more;
    } cases[][2] = {
        {{0, 40, true}, {24, 28, false}},   /* ends within the first */
        {{0, 40, true}, {32, 39, false}},   /* a byte before its end */
        {{32, 40, false}, {32, 41, false}}, /* two ends */
        {{32, 40, false}, {40, 48, false}}, {{32, 40, false}, {40, 48, true}},
        {{32, 40, false}, {32, 48, true}},  {{40, 48, true}, {32, 40, false}},
        {{32, 40, false}, {16, 36, false}},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
            static struct frame frame;
            struct bench bench;
            bench_open(&bench);
            datagram_of(&one, 192, 1, ipv6 != 0);
            for (unsigned part = 0; part < 2; part++) {
                fragment_of(&frame, &one, cases[i][part].offset,
                            cases[i][part].end - cases[i][part].offset, cases[i][part].more);
                cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size, second),
                             P2I_FATE_FRAGMENT);
            }
            cr_assert_eq(counts(&bench)->fragment_overlap_count, 1, "case %u", i);
            /* A complete set for the shorter end. */
            fragment_of(&frame, &one, 0, 32, true);
            decode_cut(&bench, LINK_RAW, &frame, frame.size, second);
            fragment_of(&frame, &one, 32, 8, false);
            cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size, second),
                         P2I_FATE_FRAGMENT, "case %u", i);
            bench_close(&bench);
        }
    }
}

/* A header overwritten by the next fragment (RFC 1858, 4; RFC 3128). */
Test(fragment_overlap, of_a_transport_header)
{
    static struct frame frame;
    static struct frame whole;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&whole, 1);
    const uint8_t *segment = frame_data(&whole) + 20;
    size_t size = whole.size - 20;
    for (unsigned part = 0; part < 3; part++) {
        size_t at = part == 0 ? 0 : 8; /* the second has other TCP flags */
        size_t end = part < 2 ? 24 : size;
        frame_start(&frame, segment + at, end - at);
        if (part == 1) {
            frame_data(&frame)[13 - 8] ^= P2I_TCP_SYN;
        }
        put16(add_ipv4(&frame, 6, 1) + 6, (unsigned)at / 8 | (end < size ? 0x2000U : 0));
        cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_FRAGMENT);
    }
    cr_assert_eq(counts(&bench)->fragment_overlap_count, 1);
    bench_close(&bench);
}

/* Missing bytes contradict nothing, present ones do; and a first fragment cut by the snaplen is not
 * decoded alone when its packet is dropped. */
Test(fragment_overlap, with_cut_fragments)
{
    static struct frame frame;
    for (unsigned first = 0; first < 2; first++) {
        for (unsigned different = 0; different < 2; different++) {
            struct bench bench;
            bench_open(&bench);
            datagram_of(&one, 192, 1, false);
            datagram_of(&other, 192, 1, false);
            uint32_t offset = first != 0 ? 0 : 64;
            other.bytes[offset + 63] ^= 1;
            other.bytes[offset + 53] ^= (uint8_t)different;
            send(&bench, &one, offset, 64);
            fragment_of(&frame, &other, offset, 64, true);
            enum p2i_fate fate = decode_cut(&bench, LINK_RAW, &frame, frame.size - 10, second);
            cr_assert_eq(fate == P2I_FATE_HANDLED, first != 0 && different == 0);
            cr_assert_eq(counts(&bench)->fragment_overlap_count, different);
            fragment_of(&frame, &one, 0, 64, true);
            fate = decode_cut(&bench, LINK_RAW, &frame, frame.size - 10, second);
            cr_assert_eq(fate == P2I_FATE_HANDLED, different == 0);
            bench_close(&bench);
        }
    }
}

/* A dropped packet delays no other packet, and needs memory for its key only. */
Test(fragment_overlap, repeated_overlaps_need_no_more_memory)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 60000, 0, false);
    datagram_of(&other, 60000, 0, false);
    memset(other.bytes + 8, 0xee, 60000);
    for (one.id = 1; one.id <= 1000; one.id++) {
        other.id = one.id;
        send(&bench, &one, 0, 56000);
        send(&bench, &other, 8, 56000);
    }
    cr_assert_eq(counts(&bench)->fragment_overlap_count, 1000);
    for (one.id = 1; one.id <= 1000; one.id++) {
        cr_assert_eq(send(&bench, &one, 56000, one.size - 56000), P2I_FATE_FRAGMENT);
        cr_assert_eq(send(&bench, &one, 0, 56000), P2I_FATE_FRAGMENT);
    }
    datagram_of(&other, 60000, 5000, false);
    send(&bench, &other, 0, 56000);
    send(&bench, &other, 56000, other.size - 56000);
    cr_assert(is_whole(&bench, &other));
    bench_close(&bench);
}
