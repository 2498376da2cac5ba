/* SPDX-License-Identifier: MIT */
/* Reassembly of fragments. */

#include "fragment_frames.h"

Test(fragment, in_order)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 3001, 1, ipv6 != 0);
        cr_assert_eq(send(&bench, &one, 0, 1480), P2I_FATE_FRAGMENT);
        cr_assert_eq(send(&bench, &one, 1480, 1480), P2I_FATE_FRAGMENT);
        send(&bench, &one, 2960, 49);
        cr_assert(is_whole(&bench, &one));
        cr_assert_eq(counts(&bench)->fragment_joined_count, 1);
        cr_assert_eq(counts(&bench)->fragment_dropped_count, 0);
        cr_assert_eq(counts(&bench)->cut_count, 0);
        bench_close(&bench);
    }
}

Test(fragment, the_header_is_that_of_a_whole_packet)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 100, 1, false);
    send(&bench, &one, 0, 48);
    send(&bench, &one, 48, 60);
    const uint8_t *ip = bench.packet.ip.data;
    cr_assert_eq(ip[2] << 8 | ip[3], 128);
    cr_assert_eq(ip[6] << 8 | ip[7], 0);
    cr_assert_eq(ip[9], UDP);
    datagram_of(&one, 100, 1, true);
    send(&bench, &one, 0, 48);
    send(&bench, &one, 48, 60);
    ip = bench.packet.ip.data;
    cr_assert_eq(ip[4] << 8 | ip[5], 108);
    cr_assert_eq(ip[6], UDP);
    bench_close(&bench);
}

Test(fragment, reversed)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 3001, 1, ipv6 != 0);
        cr_assert_eq(send(&bench, &one, 2960, 49), P2I_FATE_FRAGMENT);
        cr_assert_eq(send(&bench, &one, 1480, 1480), P2I_FATE_FRAGMENT);
        send(&bench, &one, 0, 1480);
        cr_assert(is_whole(&bench, &one));
        bench_close(&bench);
    }
}

Test(fragment, facts_are_those_of_the_completing_frame)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 100, 1, false);
    fragment_of(&frame, &one, 0, 48, true);
    add_ethernet(&frame, TYPE_IPV4, 7);
    decode_cut(&bench, LINK_ETHERNET, &frame, frame.size, 10);
    fragment_of(&frame, &one, 48, 60, false);
    add_ethernet(&frame, TYPE_IPV4, 8);
    decode_cut(&bench, LINK_ETHERNET, &frame, frame.size, 20);
    cr_assert(is_whole(&bench, &one));
    cr_assert_eq(bench.packet.source_mac[4], 8);
    cr_assert_eq(bench.packet.time_ns, 20);
    bench_close(&bench);
}

/* All orders of five fragments, with the second one sent twice. */
Test(fragment, every_order)
{
    static const uint32_t offsets[6] = {0, 16, 32, 48, 64, 16};
    datagram_of(&one, 72 + 5 - 8, 1, false);
    for (unsigned order = 0; order < 720; order++) {
        unsigned left[6] = {0, 1, 2, 3, 4, 5};
        unsigned rest = order;
        unsigned whole_count = 0;
        struct bench bench;
        bench_open(&bench);
        for (unsigned i = 0; i < 6; i++) {
            unsigned pick = rest % (6 - i);
            rest /= 6 - i;
            uint32_t offset = offsets[left[pick]];
            memmove(&left[pick], &left[pick + 1], (5 - pick) * sizeof left[0]);
            enum p2i_fate fate = send(&bench, &one, offset, offset == 64 ? 13 : 16);
            if (fate == P2I_FATE_HANDLED) {
                cr_assert(is_whole(&bench, &one), "order %u", order);
                whole_count++;
            }
        }
        cr_assert_eq(whole_count, 1, "order %u", order);
        bench_close(&bench);
    }
}

Test(fragment, smallest_and_largest)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 65515 - 8, 1, false);
    for (uint32_t at = 0; at + 8 < one.size; at += 8) {
        cr_assert_eq(send(&bench, &one, at, 8), P2I_FATE_FRAGMENT);
    }
    send(&bench, &one, 65512, 3);
    cr_assert(is_whole(&bench, &one));
    /* Every other fragment, then those between. */
    datagram_of(&one, 65515 - 8, 2, false);
    for (uint32_t at = 8; at + 8 < one.size; at += 16) {
        cr_assert_eq(send(&bench, &one, at, 8), P2I_FATE_FRAGMENT);
    }
    for (uint32_t at = 0; at + 8 < one.size; at += 16) {
        cr_assert_eq(send(&bench, &one, at, 8), P2I_FATE_FRAGMENT);
    }
    send(&bench, &one, 65512, 3);
    cr_assert(is_whole(&bench, &one));
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 0);
    bench_close(&bench);
}

Test(fragment, duplicates)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, true);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(send(&bench, &one, 0, 96), P2I_FATE_FRAGMENT);
    }
    send(&bench, &one, 96, 104);
    cr_assert(is_whole(&bench, &one));
    bench_close(&bench);
}

/* The header is that of the first copy of the first fragment. */
Test(fragment, header_of_the_first)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    for (unsigned i = 0; i < 3; i++) {
        fragment_of(&frame, &one, i == 0 ? 96 : 0, 96, true);
        frame_data(&frame)[1] = (uint8_t)i;
        cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_FRAGMENT);
    }
    cr_assert_eq(send(&bench, &one, 192, 8), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.class_of_service, 1);
    bench_close(&bench);
}

Test(fragment, missing)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    send(&bench, &one, 0, 64);
    cr_assert_eq(send(&bench, &one, 128, 72), P2I_FATE_FRAGMENT);
    cr_assert_eq(counts(&bench)->fragment_joined_count, 0);
    bench_close(&bench);
}

Test(fragment, packets_do_not_mix)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    send(&bench, &one, 0, 96);
    /* Another id; other addresses; another protocol; a VLAN; IPv6. */
    datagram_of(&other, 192, 2, false);
    cr_assert_eq(send(&bench, &other, 96, 104), P2I_FATE_FRAGMENT);
    fragment_of(&frame, &one, 96, 104, false);
    frame_data(&frame)[15] = 9;
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_FRAGMENT);
    fragment_of(&frame, &one, 96, 104, false);
    frame_data(&frame)[9] = 1;
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_FRAGMENT);
    fragment_of(&frame, &one, 96, 104, false);
    add_tag(&frame, 5, TYPE_IPV4);
    add_ethernet(&frame, TYPE_VLAN, 1);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_FRAGMENT);
    one.ipv6 = true;
    cr_assert_eq(send(&bench, &one, 96, 104), P2I_FATE_FRAGMENT);
    one.ipv6 = false;
    send(&bench, &one, 96, 104);
    cr_assert(is_whole(&bench, &one));
    bench_close(&bench);
}

Test(fragment, time_out)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    send_at(&bench, &one, 0, 64, second);
    send_at(&bench, &one, 64, 64, 2 * second);
    cr_assert_eq(send_at(&bench, &one, 128, 72, 31 * second + 1), P2I_FATE_FRAGMENT);
    cr_assert_eq(send_at(&bench, &one, 0, 128, 31 * second + 1), P2I_FATE_HANDLED);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 2);
    /* Exactly at the limit, and with time that goes back, the packet is complete. */
    datagram_of(&one, 192, 2, false);
    send_at(&bench, &one, 0, 64, 100 * second);
    send_at(&bench, &one, 64, 64, 90 * second);
    send_at(&bench, &one, 128, 72, 130 * second);
    cr_assert(is_whole(&bench, &one));
    /* Time that goes back further belongs to another packet. */
    datagram_of(&one, 192, 3, false);
    send_at(&bench, &one, 0, 64, 100 * second);
    cr_assert_eq(send_at(&bench, &one, 64, 136, 70 * second - 1), P2I_FATE_FRAGMENT);
    bench_close(&bench);
}

/* A wrong stamp harms its own packet only, and disables no time-out. */
Test(fragment, a_wrong_stamp_affects_its_packet_only)
{
    static const uint64_t odd[] = {0, 4000000000, UINT32_MAX, 1700003600};
    static const uint64_t now = 1700000000;
    for (size_t i = 0; i < 4; i++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 192, 1, false);
        datagram_of(&other, 192, 2, false);
        send_at(&bench, &one, 0, 64, now * second);
        send_at(&bench, &other, 0, 64, odd[i] * second);
        send_at(&bench, &one, 64, 64, now * second);
        send_at(&bench, &other, 64, 136, odd[i] * second);
        cr_expect(is_whole(&bench, &other), "stamp %llu", (unsigned long long)odd[i]);
        send_at(&bench, &one, 128, 72, now * second);
        cr_expect(is_whole(&bench, &one), "stamp %llu", (unsigned long long)odd[i]);
        send_at(&bench, &one, 0, 64, (now + 100) * second);
        cr_expect_eq(send_at(&bench, &one, 64, 136, (now + 140) * second), P2I_FATE_FRAGMENT);
        bench_close(&bench);
    }
}

/* After a long time without fragments, old ones do not complete a packet, even behind one with a
 * future stamp. */
Test(fragment, time_out_behind_odd_stamps)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    datagram_of(&other, 192, 2, false);
    send_at(&bench, &other, 0, 64, 4000000000 * second);
    send_at(&bench, &one, 0, 64, 1000 * second);
    cr_expect_eq(send_at(&bench, &one, 64, 136, 5000 * second), P2I_FATE_FRAGMENT);
    cr_expect_eq(send_at(&bench, &one, 0, 64, 5000 * second), P2I_FATE_HANDLED);
    cr_expect(is_whole(&bench, &one));
    bench_close(&bench);
}

Test(fragment, memory_limit)
{
    struct bench bench;
    bench_open(&bench);
    /* Last fragments of large datagrams: each needs 64 KiB. */
    for (unsigned id = 1; id <= 600; id++) {
        datagram_of(&one, 60000, id, false);
        cr_assert_eq(send(&bench, &one, 56000, one.size - 56000), P2I_FATE_FRAGMENT);
    }
    /* The newest 8 MiB are still there; checked backwards. */
    unsigned held_count = 0;
    for (unsigned id = 600; id > 0; id--) {
        datagram_of(&one, 60000, id, false);
        if (send(&bench, &one, 0, 56000) != P2I_FATE_HANDLED) {
            break;
        }
        cr_assert(is_whole(&bench, &one));
        held_count++;
    }
    cr_assert_gt(held_count, 100);
    cr_assert_leq(held_count * one.size, 8U << 20);
    bench_close(&bench);
}

Test(fragment, many_small_reassemblies_fit_into_memory)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 0, true);
    for (one.id = 1; one.id <= 10000; one.id++) {
        send(&bench, &one, 0, 96);
    }
    unsigned held_count = 0;
    for (one.id = 10000; one.id > 0; one.id--) {
        if (send(&bench, &one, 96, 104) != P2I_FATE_HANDLED) {
            break;
        }
        cr_assert(is_whole(&bench, &one));
        held_count++;
    }
    cr_assert_eq(held_count, 8192 - 1, "room for the next one is made");
    bench_close(&bench);
}

/* Sends the first half of `count` packets. */
static void begin_many(struct bench *bench, unsigned count)
{
    datagram_of(&one, 1992, 0, true);
    for (one.id = 1; one.id <= count; one.id++) {
        send(bench, &one, 0, 1000);
    }
}

/* True when the packet with this number is whole with its second half. */
static bool completes(struct bench *bench, unsigned id)
{
    one.id = id;
    return send(bench, &one, 1000, 1000) == P2I_FATE_HANDLED && is_whole(bench, &one);
}

Test(fragment, stale_ones_go_when_two_stamps_agree)
{
    struct bench bench;
    bench_open(&bench);
    begin_many(&bench, 2000);
    datagram_of(&other, 192, 9000, true);
    send_at(&bench, &other, 0, 96, 32 * second);
    cr_assert(completes(&bench, 1), "one odd stamp ends nothing");
    send_at(&bench, &other, 0, 96, 32 * second);
    send_at(&bench, &other, 0, 96, 32 * second);
    cr_assert(!completes(&bench, 2));
    cr_assert(completes(&bench, 2000), "1 MiB stays for any time");
    bench_close(&bench);
}

/* Fragments of incomplete packets, also at the end of the capture. */
Test(fragment, incomplete_ones_count_as_dropped)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    send(&bench, &one, 0, 64);
    send(&bench, &one, 64, 64);
    send(&bench, &one, 64, 64); /* once more */
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 3);
    datagram_of(&other, 192, 2, false);
    send(&bench, &other, 0, 96);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 4);
    cr_assert_eq(send(&bench, &other, 96, 104), P2I_FATE_HANDLED);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 3);
    cr_assert_eq(send(&bench, &one, 128, 72), P2I_FATE_HANDLED);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 0);
    cr_assert_eq(counts(&bench)->fragment_joined_count, 2);
    bench_close(&bench);
}

static enum p2i_fate send_odd(struct bench *bench, uint32_t offset, uint32_t size, bool more)
{
    static struct frame frame;
    fragment_of(&frame, &one, offset, size, more);
    return decode(bench, LINK_RAW, &frame);
}

Test(fragment, invalid_fragments_are_dropped)
{
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    cr_assert_eq(send_odd(&bench, 0, 63, true), P2I_FATE_FRAGMENT); /* not a multiple of eight */
    cr_assert_eq(send_odd(&bench, 64, 0, true), P2I_FATE_FRAGMENT); /* empty */
    cr_assert_eq(send_odd(&bench, 64, 0, false), P2I_FATE_FRAGMENT);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 3);
    /* None of these had any effect. */
    send_odd(&bench, 128, 72, false);
    send_odd(&bench, 0, 128, true);
    cr_assert(is_whole(&bench, &one));
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 3);
    cr_assert_eq(counts(&bench)->fragment_overlap_count, 0);
    bench_close(&bench);
}

Test(fragment, past_64_kib)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    fragment_of(&frame, &one, 0, 96, true);
    put16(frame_data(&frame) + 6, 0x1fff); /* the last, at 65528 */
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_FRAGMENT);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 1);
    bench_close(&bench);
}

Test(fragment, snaplen_in_the_last)
{
    static struct frame frame;
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 192, 1, ipv6 != 0);
        send(&bench, &one, 0, 96);
        fragment_of(&frame, &one, 96, 104, false);
        cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size - 33, 5), P2I_FATE_HANDLED);
        cr_assert_eq(bench.packet.payload_length, 192);
        cr_assert_eq(bench.packet.payload.size, 192 - 33);
        cr_assert_arr_eq(bench.packet.payload.data, one.bytes + 8, 192 - 33);
        cr_assert_eq(bench.packet.ip_length, 200 + (ipv6 != 0 ? 40 : 20));
        cr_assert_eq(bench.packet.ip.size, bench.packet.ip_length - 33);
        cr_assert_eq(counts(&bench)->cut_count, 1);
        /* The same in reverse order. */
        one.id = 2;
        fragment_of(&frame, &one, 96, 104, false);
        decode_cut(&bench, LINK_RAW, &frame, frame.size - 33, 5);
        cr_assert_eq(send(&bench, &one, 0, 96), P2I_FATE_HANDLED);
        cr_assert_eq(bench.packet.payload.size, 192 - 33);
        bench_close(&bench);
    }
}

Test(fragment, snaplen_in_the_middle)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    send(&bench, &one, 0, 64);
    fragment_of(&frame, &one, 64, 64, true);
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size - 1, 5), P2I_FATE_FRAGMENT);
    cr_assert_eq(send(&bench, &one, 128, 72), P2I_FATE_FRAGMENT);
    cr_assert_eq(send(&bench, &one, 64, 64), P2I_FATE_HANDLED);
    cr_assert_eq(counts(&bench)->fragment_dropped_count, 1);
    bench_close(&bench);
}

/* Bytes that the snaplen cut must not be delivered as captured when the end is known already. */
Test(fragment, snaplen_in_another_last)
{
    static struct frame frame;
    /* No data, a part of it, and all but one byte. */
    static const size_t cuts[] = {184, 90, 1};
    for (unsigned i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 192, 1, false);
        send(&bench, &one, 192, 8);
        fragment_of(&frame, &one, 16, 184, false);
        cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size - cuts[i], second),
                     P2I_FATE_FRAGMENT);
        cr_assert_eq(send(&bench, &one, 0, 16), P2I_FATE_FRAGMENT);
        /* With all of its data it completes the packet. */
        cr_assert_eq(send(&bench, &one, 16, 184), P2I_FATE_HANDLED);
        cr_assert(is_whole(&bench, &one));
        cr_assert_eq(counts(&bench)->fragment_dropped_count, 1);
        bench_close(&bench);
    }
}

/* In reverse order: the cut fragment decides what was captured, and the whole one does not change
 * it. */
Test(fragment, snaplen_in_the_first_of_two_last)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    fragment_of(&frame, &one, 16, 184, false);
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size - 90, second), P2I_FATE_FRAGMENT);
    cr_assert_eq(send(&bench, &one, 192, 8), P2I_FATE_FRAGMENT);
    cr_assert_eq(send(&bench, &one, 0, 16), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.payload.size, 192 - 90);
    cr_assert_arr_eq(bench.packet.payload.data, one.bytes + 8, 192 - 90);
    bench_close(&bench);
}

/* The packet can never be complete, so its first fragment is decoded alone. */
Test(fragment, snaplen_in_the_first)
{
    static struct frame frame;
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 192, 1, ipv6 != 0);
        fragment_of(&frame, &one, 0, 96, true);
        cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size - 20, 5), P2I_FATE_HANDLED);
        cr_assert_eq(bench.packet.payload.size, 88 - 20);
        cr_assert_gt(bench.packet.payload_length, bench.packet.payload.size);
        cr_assert_arr_eq(bench.packet.payload.data, one.bytes + 8, 88 - 20);
        cr_assert_eq(send(&bench, &one, 96, 104), P2I_FATE_FRAGMENT);
        bench_close(&bench);
    }
}

/* Every cut of the first and the last fragment: no read outside. */
Test(fragment, cut_at_every_byte)
{
    static struct frame frame;
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        struct bench bench;
        bench_open(&bench);
        datagram_of(&one, 64, 1, ipv6 != 0);
        for (uint32_t offset = 0; offset <= 32; offset += 32) {
            fragment_of(&frame, &one, offset, offset == 0 ? 32 : 40, offset == 0);
            for (size_t size = 0; size < frame.size; size++) {
                enum p2i_fate fate = decode_cut(&bench, LINK_RAW, &frame, size, 5);
                cr_assert(fate != P2I_FATE_HANDLED || offset == 0);
            }
        }
        bench_close(&bench);
    }
}

/* Views into reassembled packets are valid until their buffers are cleared. */
Test(fragment, lifetime)
{
    enum { PACKETS = 1000 };
    static struct p2i_view views[PACKETS];
    struct bench bench;
    bench_open(&bench);
    size_t payload_bytes = 0;
    for (unsigned id = 0; id < PACKETS; id++) {
        datagram_of(&one, 192 + id * 7 % 5000 / 8 * 8, id, true);
        send(&bench, &one, 0, 96);
        send(&bench, &one, 96, one.size - 96);
        cr_assert(is_whole(&bench, &one));
        views[id] = bench.packet.payload;
        payload_bytes += views[id].size;
    }
    for (unsigned id = 0; id < PACKETS; id++) {
        datagram_of(&other, 192 + id * 7 % 5000 / 8 * 8, id, true);
        cr_assert(p2i_view_equals(views[id], p2i_view_of(other.bytes + 8, other.size - 8)));
    }
    cr_assert_eq(bench.joined.count, PACKETS);
    cr_assert_gt(bench.joined.bytes, payload_bytes);
    p2i_joined_buffers_clear(&bench.joined);
    cr_assert_eq(bench.joined.count, 0);
    cr_assert_eq(bench.joined.bytes, 0);
    bench_close(&bench);
}

/* A reassembled packet takes what was captured of it, not what its header says. */
Test(fragment, a_cut_packet_takes_little_memory)
{
    struct bench bench;
    static struct frame frame;
    bench_open(&bench);
    datagram_of(&one, 65000, 1, false);
    send(&bench, &one, 0, 8);
    fragment_of(&frame, &one, 8, one.size - 8, false);
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, 20 + 8, second), P2I_FATE_HANDLED);
    cr_expect_eq(bench.joined.count, 1);
    cr_expect_lt(bench.joined.bytes, 256);
    bench_close(&bench);
}

/* Each block of frames has buffers of its own: clearing one's leaves the others' packets, and those
 * that are incomplete. */
Test(fragment, lifetime_by_owner)
{
    struct bench bench;
    struct p2i_joined_buffers next = {0};
    bench_open(&bench);
    datagram_of(&one, 192, 1, false);
    send(&bench, &one, 0, 96);
    send(&bench, &one, 96, 104);
    struct p2i_view first = bench.packet.payload;
    datagram_of(&other, 192, 2, false);
    send(&bench, &other, 0, 96);
    p2i_decoder_join_into(bench.decoder, &next);
    send(&bench, &other, 96, 104);
    cr_assert(is_whole(&bench, &other));
    cr_expect_eq(bench.joined.count, 1);
    cr_expect_eq(next.count, 1);
    p2i_joined_buffers_clear(&next);
    cr_expect(p2i_view_equals(first, p2i_view_of(one.bytes + 8, 192)));
    datagram_of(&other, 192, 3, false);
    send(&bench, &other, 0, 96);
    p2i_joined_buffers_clear(&bench.joined);
    send(&bench, &other, 96, 104);
    cr_assert(is_whole(&bench, &other));
    bench_close(&bench);
    cr_expect(is_whole(&bench, &other), "it outlives the decoder");
    p2i_joined_buffers_free(&next);
}

/* Two reassemblies for one frame: the inner frame's addresses are in the outer reassembled packet.
 */
Test(fragment, lifetime_of_reassemblies_in_a_reassembled_tunnel)
{
    enum { PACKETS = 200 };
    static struct frame frame;
    static struct frame inner;
    static struct p2i_packet packets[PACKETS];
    struct bench bench;
    bench_open(&bench);
    for (unsigned id = 0; id < PACKETS; id++) {
        datagram_of(&one, 192, id, false);
        send(&bench, &one, 0, 96);
        for (unsigned part = 0; part < 2; part++) {
            fragment_of(&inner, &one, 96, 104, false);
            add_ethernet(&inner, TYPE_IPV4, (uint8_t)id);
            FRONT(&inner, 0, 0, 0x65, 0x58); /* GRE */
            frame_start(&frame, frame_data(&inner) + part * 64, part == 0 ? 64 : inner.size - 64);
            uint8_t *header = add_ipv4(&frame, 47, 2);
            put16(header + 4, id);
            put16(header + 6, part == 0 ? 0x2000 : 8);
            decode(&bench, LINK_RAW, &frame);
        }
        cr_assert(is_whole(&bench, &one));
        packets[id] = bench.packet;
    }
    cr_assert_eq(bench.joined.count, 2 * PACKETS);
    for (unsigned id = 0; id < PACKETS; id++) {
        datagram_of(&other, 192, id, false);
        cr_assert(p2i_view_equals(packets[id].payload, p2i_view_of(other.bytes + 8, 192)));
        cr_assert_not_null(packets[id].source_mac);
        cr_assert_eq(packets[id].source_mac[4], (uint8_t)id);
    }
    bench_close(&bench);
}

Test(fragment, tunnel_in_fragments)
{
    static struct frame frame;
    static struct frame inner;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&inner, 1);
    FRONT(&inner, 0, 0, 8, 0);
    for (unsigned part = 0; part < 2; part++) {
        size_t at = part * 32;
        frame_start(&frame, frame_data(&inner) + at, part == 0 ? 32 : inner.size - 32);
        uint8_t *header = add_ipv4(&frame, 47, 2);
        put16(header + 6, part == 0 ? 0x2000 : 4);
        decode(&bench, LINK_RAW, &frame);
    }
    cr_assert(is_tcp4(&bench.packet, 1));
    bench_close(&bench);
}

/* Fragments in fragments in fragments: the third layer is not reassembled. */
Test(fragment, reassemblies_of_a_frame_are_limited)
{
    static struct frame layer[4];
    struct bench bench;
    for (unsigned depth = 1; depth <= 3; depth++) {
        bench_open(&bench);
        start_tcp4(&layer[0], 1);
        /* Each layer contains the last fragment of the next inner one, whose first fragment came
         * before. */
        for (unsigned i = 1; i <= depth; i++) {
            struct frame *inside = &layer[i - 1];
            struct frame *whole = &layer[i];
            static struct frame first;
            frame_start(&first, frame_data(inside), 16);
            uint8_t *header = add_ipv4(&first, 4, (uint8_t)(10 + i));
            put16(header + 6, 0x2000);
            decode(&bench, LINK_RAW, &first);
            frame_start(whole, frame_data(inside) + 16, inside->size - 16);
            header = add_ipv4(whole, 4, (uint8_t)(10 + i));
            put16(header + 6, 2);
        }
        decode(&bench, LINK_RAW, &layer[depth]);
        if (depth <= 2) {
            cr_assert(is_tcp4(&bench.packet, 1), "depth %u", depth);
            cr_assert_eq(counts(&bench)->fragment_joined_count, depth);
        } else {
            cr_assert_eq(bench.packet.fate, P2I_FATE_FRAGMENT);
            /* The third one, and the first fragment that waits for it. */
            cr_assert_eq(counts(&bench)->fragment_dropped_count, 2);
        }
        bench_close(&bench);
    }
}

Test(fragment, ipv6_headers_around_the_fragment_header)
{
    static struct frame frame;
    static struct frame inner;
    struct bench bench;
    bench_open(&bench);
    frame_start(&inner, body, BODY);
    add_tcp(&inner);
    FRONT(&inner, 6, 0, 1, 4, 0, 0, 0, 0); /* destination options, partly cut */
    for (unsigned part = 0; part < 2; part++) {
        frame_start(&frame, frame_data(&inner) + part * 16, part == 0 ? 16 : inner.size - 16);
        FRONT(&frame, 60, 0, 0, part == 0 ? 1 : 16, 0, 0, 0, 5);
        FRONT(&frame, 44, 0, 1, 4, 0, 0, 0, 0);
        add_ipv6(&frame, 0, 1);
        decode(&bench, LINK_RAW, &frame);
    }
    cr_assert(is_tcp6(&bench.packet, 1));
    cr_assert_eq(bench.packet.ip_length, 40 + inner.size);
    bench_close(&bench);
}

Test(fragment, free_accepts_null)
{
    p2i_decoder_free(NULL);
}
