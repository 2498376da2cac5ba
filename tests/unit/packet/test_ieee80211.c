/* SPDX-License-Identifier: MIT */
/* 802.11 frames. */
#include "frames.h"

enum { LINK_80211 = 105, LINK_PRISM = 119, LINK_RADIOTAP = 127, LINK_AVS = 163, LINK_PPI = 192 };
enum { TO_DS = 1, FROM_DS = 2, MORE = 4, PROTECTED = 0x40, ORDER = 0x80 };

/* A data frame whose addresses end in 1, 2, 3 (and 4). */
static uint8_t *add_80211(struct frame *frame, uint8_t flags)
{
    bool fourth = (flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS);
    uint8_t *header = front(frame, fourth ? 30 : 24);
    header[0] = 0x08;
    header[1] = flags;
    for (uint8_t i = 0; i < (fourth ? 4 : 3); i++) {
        uint8_t *address = header + (i < 3 ? 4 + 6 * i : 24);
        address[0] = 2;
        address[5] = i + 1;
    }
    return header;
}

static void start_body(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_snap(frame, TYPE_IPV4);
}

Test(ieee80211, addresses_by_direction)
{
    static struct frame frame;
    static const uint8_t destination[4] = {1, 3, 1, 3};
    static const uint8_t source[4] = {2, 2, 3, 4};
    for (uint8_t flags = 0; flags < 4; flags++) {
        struct bench bench;
        bench_open(&bench);
        start_body(&frame);
        add_80211(&frame, flags);
        decode(&bench, LINK_80211, &frame);
        cr_assert(is_tcp4(&bench.packet, 1), "flags %u", flags);
        cr_assert_eq(bench.packet.destination_mac[5], destination[flags], "flags %u", flags);
        cr_assert_eq(bench.packet.source_mac[5], source[flags], "flags %u", flags);
        try_every_cut(LINK_80211, &frame, frame.size - BODY);
        bench_close(&bench);
    }
}

static void start_qos(struct frame *frame, uint8_t flags, uint8_t qos)
{
    start_body(frame);
    if ((flags & ORDER) != 0) {
        FRONT(frame, 9, 9, 9, 9);
    }
    FRONT(frame, qos, 0);
    add_80211(frame, flags)[0] = 0x88;
}

Test(ieee80211, qos)
{
    static struct frame frame;
    static const uint8_t flags[] = {TO_DS, TO_DS | ORDER, TO_DS | FROM_DS};
    for (size_t i = 0; i < sizeof flags; i++) {
        struct bench bench;
        bench_open(&bench);
        start_qos(&frame, flags[i], 5);
        decode(&bench, LINK_80211, &frame);
        cr_assert(is_tcp4(&bench.packet, 1));
        try_every_cut(LINK_80211, &frame, frame.size - BODY);
        bench_close(&bench);
    }
}

Test(ieee80211, first_of_an_aggregate)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_body(&frame);
    size_t size = frame.size;
    FRONT(&frame, 2, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 9, 0, (uint8_t)size);
    FRONT(&frame, 0x80, 0);
    add_80211(&frame, TO_DS)[0] = 0x88;
    decode(&bench, LINK_80211, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.destination_mac[5], 8);
    cr_assert_eq(bench.packet.source_mac[5], 9);
    try_every_cut(LINK_80211, &frame, frame.size - BODY);
    bench_close(&bench);
}

Test(ieee80211, not_data)
{
    static struct frame frame;
    start_body(&frame);
    add_80211(&frame, TO_DS | PROTECTED);
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_OTHER);
    start_body(&frame);
    add_80211(&frame, TO_DS)[0] = 0x80; /* beacon */
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_OTHER);
    start_body(&frame);
    add_80211(&frame, TO_DS)[0] = 0x48; /* null data frame */
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_OTHER);
    start_body(&frame);
    add_80211(&frame, TO_DS | MORE);
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_OTHER);
    start_body(&frame);
    add_80211(&frame, TO_DS)[22] = 1; /* second fragment */
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_OTHER);
    frame_start(&frame, "\xd4\0\0\0\1\2\3\4\5\6", 10); /* acknowledgement */
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_OTHER);
    frame_start(&frame, "\x08\0\0\0\1\2\3\4\5\6", 10);
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_CUT);
    frame_start(&frame, "", 0);
    cr_assert_eq(fate_of(LINK_80211, &frame), P2I_FATE_LINK_CUT);
}

static void expect_tcp4(unsigned link_type, struct frame *frame)
{
    struct bench bench;
    bench_open(&bench);
    decode(&bench, link_type, frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    bench_close(&bench);
    try_every_cut(link_type, frame, frame->size - BODY);
}

Test(ieee80211, radiotap)
{
    static struct frame frame;
    start_qos(&frame, TO_DS, 0);
    FRONT(&frame, 0, 0, 9, 0, 4, 0, 0, 0, 12);
    expect_tcp4(LINK_RADIOTAP, &frame);
}

/* QoS headers have 26 bytes, which the radio padded to 28. */
static void start_padded(struct frame *frame)
{
    start_body(frame);
    FRONT(frame, 0, 0);
    FRONT(frame, 0, 0);
    add_80211(frame, TO_DS)[0] = 0x88;
}

Test(ieee80211, radiotap_with_padding)
{
    static struct frame frame;
    start_padded(&frame);
    FRONT(&frame, 0, 0, 9, 0, 2, 0, 0, 0, 0x20);
    expect_tcp4(LINK_RADIOTAP, &frame);

    /* The time stamp comes first, aligned to eight bytes; here behind two presence words. */
    start_padded(&frame);
    FRONT(&frame, 0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0x20);
    expect_tcp4(LINK_RADIOTAP, &frame);

    /* Without the flag the two bytes are taken for LLC. */
    start_padded(&frame);
    FRONT(&frame, 0, 0, 9, 0, 2, 0, 0, 0, 0);
    cr_assert_eq(fate_of(LINK_RADIOTAP, &frame), P2I_FATE_LINK_OTHER);
}

Test(ieee80211, radiotap_with_invalid_lengths)
{
    static struct frame frame;
    start_body(&frame);
    add_80211(&frame, TO_DS);
    FRONT(&frame, 1, 0, 8, 0, 0, 0, 0, 0); /* version */
    cr_assert_eq(fate_of(LINK_RADIOTAP, &frame), P2I_FATE_LINK_OTHER);
    frame_data(&frame)[0] = 0;
    frame_data(&frame)[2] = 7;
    cr_assert_eq(fate_of(LINK_RADIOTAP, &frame), P2I_FATE_LINK_OTHER);
    frame_data(&frame)[3] = 0xff;
    cr_assert_eq(fate_of(LINK_RADIOTAP, &frame), P2I_FATE_LINK_CUT);
    /* Presence words that continue past the header. */
    frame_data(&frame)[2] = 8;
    frame_data(&frame)[3] = 0;
    frame_data(&frame)[4] = 3;
    frame_data(&frame)[7] = 0x80;
    expect_tcp4(LINK_RADIOTAP, &frame);
}

Test(ieee80211, other_radio_headers)
{
    static struct frame frame;
    start_body(&frame);
    add_80211(&frame, TO_DS);
    FRONT(&frame, 0, 0, 8, 0, 105, 0, 0, 0);
    expect_tcp4(LINK_PPI, &frame);

    start_body(&frame);
    add_80211(&frame, TO_DS);
    front(&frame, 144);
    expect_tcp4(LINK_PRISM, &frame);

    start_body(&frame);
    add_80211(&frame, TO_DS);
    uint8_t *avs = front(&frame, 64);
    put32(avs, 0x80211001);
    put32(avs + 4, 64);
    expect_tcp4(LINK_AVS, &frame);
    expect_tcp4(LINK_PRISM, &frame);

    put32(avs + 4, 7);
    cr_assert_eq(fate_of(LINK_AVS, &frame), P2I_FATE_LINK_OTHER);
    put32(avs + 4, UINT32_MAX);
    cr_assert_eq(fate_of(LINK_AVS, &frame), P2I_FATE_LINK_CUT);
}
