/* SPDX-License-Identifier: MIT */
/* IP, TCP and UDP headers, mainly their lengths. */
#include "frames.h"

enum { ICMP = 1, TCP = 6, UDP = 17, ESP = 50, AH = 51, SCTP = 132, NO_NEXT = 59 };

static void start_udp(struct frame *frame)
{
    frame_start(frame, body, BODY);
    add_udp(frame, SOURCE_PORT, 53);
}

Test(network, udp)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_udp(&frame);
    add_ipv4(&frame, UDP, 1);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.transport, UDP);
    cr_assert_eq(bench.packet.source_port, SOURCE_PORT);
    cr_assert_eq(bench.packet.destination_port, 53);
    cr_assert_eq(bench.packet.tcp_flags, 0);
    cr_assert_eq(bench.packet.tcp_sequence, 0);
    cr_assert(is_body(&bench.packet));
    try_every_cut(LINK_RAW, &frame, frame.size - BODY);

    start_udp(&frame);
    add_ipv6(&frame, UDP, 1);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_HANDLED);
    cr_assert(is_body(&bench.packet));
    try_every_cut(LINK_RAW, &frame, frame.size - BODY);
    bench_close(&bench);
}

/* Only IPv6 has jumbograms (RFC 2675), whose lengths are 0. */
Test(network, datagrams_of_more_than_64_kib)
{
    static uint8_t data[0x11000];
    static const uint8_t udp[8] = {0x13, 0x88, 0, 53};
    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t size = 65535; size <= 65536; size++) {
            size_t header = version == 4 ? 20 : 40;
            memset(data, 0, sizeof data);
            data[0] = version == 4 ? 0x45 : 0x60;
            data[version == 4 ? 9 : 6] = UDP;
            memcpy(data + header, udp, sizeof udp);
            struct bench bench;
            bench_open(&bench);
            struct p2i_view frame = p2i_view_of(data, header + size);
            p2i_decode(bench.decoder, LINK_RAW, frame, (uint32_t)frame.size, 1000, 3,
                       &bench.packet);
            cr_assert_eq((enum p2i_fate)bench.packet.fate,
                         version == 4 && size > 65535 ? P2I_FATE_TRANSPORT_BAD : P2I_FATE_HANDLED,
                         "%u %zu", version, size);
            bench_close(&bench);
        }
    }
}

Test(network, udp_lengths)
{
    static struct frame frame;
    static const struct {
        unsigned said;
        enum p2i_fate fate;
        uint32_t length;
    } cases[] = {
        {0, P2I_FATE_HANDLED, BODY},        {7, P2I_FATE_TRANSPORT_BAD, 0},
        {8, P2I_FATE_HANDLED, 0},           {9, P2I_FATE_HANDLED, 1},
        {8 + BODY, P2I_FATE_HANDLED, BODY}, {9 + BODY, P2I_FATE_HANDLED, BODY},
        {65535, P2I_FATE_HANDLED, BODY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        bench_open(&bench);
        start_udp(&frame);
        put16(frame_data(&frame) + 4, cases[i].said);
        add_ipv4(&frame, UDP, 1);
        cr_assert_eq(decode(&bench, LINK_RAW, &frame), cases[i].fate, "%u", cases[i].said);
        if (cases[i].fate == P2I_FATE_HANDLED) {
            cr_assert_eq(bench.packet.payload_length, cases[i].length, "%u", cases[i].said);
            cr_assert_eq(bench.packet.payload.size, cases[i].length, "%u", cases[i].said);
        }
        bench_close(&bench);
    }
}

Test(network, tcp_data_offset)
{
    static struct frame frame;
    for (unsigned words = 0; words < 16; words++) {
        struct bench bench;
        bench_open(&bench);
        frame_start(&frame, body, BODY);
        add_tcp(&frame);
        frame_data(&frame)[12] = (uint8_t)(words << 4);
        size_t size = frame.size;
        add_ipv4(&frame, TCP, 1);
        enum p2i_fate fate = decode(&bench, LINK_RAW, &frame);
        if (words < 5 || words * 4 > size) {
            cr_assert_eq(fate, P2I_FATE_TRANSPORT_BAD, "%u", words);
        } else {
            cr_assert_eq(fate, P2I_FATE_HANDLED, "%u", words);
            cr_assert_eq(bench.packet.payload_length, size - words * 4, "%u", words);
            cr_assert_eq(bench.packet.payload.size, size - words * 4, "%u", words);
        }
        bench_close(&bench);
    }
}

Test(network, padding_is_no_payload)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, "\0\0\0\0\0\0", 6);
    uint8_t *tcp = front(&frame, 20);
    tcp[12] = 0x50;
    add_ipv4(&frame, TCP, 1);
    put16(frame_data(&frame) + 2, 40);
    add_ethernet(&frame, TYPE_IPV4, 9);
    cr_assert_eq(decode(&bench, LINK_ETHERNET, &frame), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.payload.size, 0);
    cr_assert_eq(bench.packet.payload_length, 0);
    cr_assert_eq(bench.packet.ip.size, 40);
    cr_assert_eq(p2i_decoder_counts(bench.decoder)->cut_count, 0);
    bench_close(&bench);
}

Test(network, snaplen)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, frame.size - 5, 1), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.payload.size, BODY - 5);
    cr_assert_eq(bench.packet.payload_length, BODY);
    cr_assert_eq(bench.packet.ip_length, frame.size);
    cr_assert_eq(bench.packet.ip.size, frame.size - 5);
    /* Within the TCP options. */
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, 42, 1), P2I_FATE_HANDLED);
    cr_assert_eq(bench.packet.payload.size, 0);
    cr_assert_eq(bench.packet.payload_length, BODY);
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, 39, 1), P2I_FATE_TRANSPORT_CUT);
    cr_assert_eq(decode_cut(&bench, LINK_RAW, &frame, 19, 1), P2I_FATE_NETWORK_CUT);
    cr_assert_eq(p2i_decoder_counts(bench.decoder)->cut_count, 2);
    bench_close(&bench);
}

/* The IP length ends within the TCP header, and other bytes follow. */
Test(network, transport_header_past_the_packet)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 2, 20 + 19);
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TRANSPORT_CUT);
    start_udp(&frame);
    add_ipv4(&frame, UDP, 1);
    put16(frame_data(&frame) + 2, 20 + 7);
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TRANSPORT_CUT);
}

Test(network, ipv4_options)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, body, BODY);
    add_tcp(&frame);
    add_ipv4_options(&frame, TCP, 1, 40);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    try_every_cut(LINK_RAW, &frame, frame.size - BODY);
    bench_close(&bench);
}

Test(network, ipv4_header_with_invalid_lengths)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    frame_data(&frame)[0] = 0x44;
    cr_assert_eq(fate_of(228, &frame), P2I_FATE_NETWORK_BAD);
    frame_data(&frame)[0] = 0x65;
    cr_assert_eq(fate_of(228, &frame), P2I_FATE_NETWORK_BAD);
    frame_data(&frame)[0] = 0x45;
    put16(frame_data(&frame) + 2, 19);
    cr_assert_eq(fate_of(228, &frame), P2I_FATE_NETWORK_BAD);
    put16(frame_data(&frame) + 2, 20);
    cr_assert_eq(fate_of(228, &frame), P2I_FATE_TRANSPORT_CUT);
    frame_data(&frame)[0] = 0x4e; /* more than the total length */
    cr_assert_eq(fate_of(228, &frame), P2I_FATE_NETWORK_BAD);
    frame_data(&frame)[0] = 0x4f; /* more than there are */
    put16(frame_data(&frame) + 2, 80);
    cr_assert_eq(fate_of(228, &frame), P2I_FATE_NETWORK_CUT);
    start_tcp6(&frame, 1);
    frame_data(&frame)[0] = 0x46;
    cr_assert_eq(fate_of(229, &frame), P2I_FATE_NETWORK_BAD);
}

/* Left to the network card: all captured bytes count. */
Test(network, length_zero)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 2, 0);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    cr_assert_eq(bench.packet.ip_length, frame.size);
    start_tcp6(&frame, 1);
    put16(frame_data(&frame) + 4, 0);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp6(&bench.packet, 1));
    cr_assert_eq(bench.packet.ip_length, frame.size);
    /* Length 0 without a next header is an empty packet, whatever fills the frame. */
    frame_data(&frame)[6] = NO_NEXT;
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TRANSPORT_OTHER);
    cr_assert_eq(bench.packet.ip_length, 40);
    bench_close(&bench);
}

Test(network, other_transports)
{
    static struct frame frame;
    static const uint8_t protocols[] = {ICMP, 2, ESP, 89, SCTP, 0, 43, 44, 60, 255};
    for (size_t i = 0; i < sizeof protocols; i++) {
        struct bench bench;
        bench_open(&bench);
        frame_start(&frame, body, BODY);
        add_ipv4(&frame, protocols[i], 5);
        cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TRANSPORT_OTHER);
        cr_assert_eq(bench.packet.transport, protocols[i]);
        cr_assert_eq(bench.packet.ip_version, 4);
        cr_assert_eq(bench.packet.source.bytes[2], 5);
        cr_assert_eq(bench.packet.ip_length, 20 + BODY);
        cr_assert_eq(bench.packet.ip.size, 20 + BODY);
        cr_assert_eq(bench.packet.payload.size, 0);
        cr_assert_eq(bench.packet.payload_length, 0);
        bool ports = protocols[i] == SCTP;
        cr_assert_eq(bench.packet.source_port, ports ? body[0] << 8 | body[1] : 0);
        cr_assert_eq(bench.packet.destination_port, ports ? body[2] << 8 | body[3] : 0);
        bench_close(&bench);
    }
}

/* ICMP type and code; none if the header was cut. */
Test(network, icmp_type)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, body, BODY);
    FRONT(&frame, 8, 1, 0, 0);
    add_ipv4(&frame, ICMP, 2);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TRANSPORT_OTHER);
    cr_assert_eq(bench.packet.icmp, 0x0801);
    frame_start(&frame, body, 1);
    add_ipv4(&frame, ICMP, 2);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TRANSPORT_OTHER);
    cr_assert_eq(bench.packet.icmp, 0);
    bench_close(&bench);
}

/* The packet quoted in an ICMP error is not decoded. */
Test(network, icmp_quote)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    FRONT(&frame, 3, 3, 0, 0, 0, 0, 0, 0);
    add_ipv4(&frame, ICMP, 2);
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_TRANSPORT_OTHER);
}

static void start_extensions(struct frame *frame)
{
    frame_start(frame, body, BODY);
    add_tcp(frame);
    FRONT(frame, TCP, 0, 0, 0, 0, 0, 0, 0);          /* mobility */
    FRONT(frame, 135, 4, [23] = 0);                  /* authentication, (4 + 2) * 4 */
    FRONT(frame, AH, 0, 0, 0, 0, 0, 0, 1);           /* fragment header of an atomic fragment */
    FRONT(frame, 44, 0, 1, 4, 0, 0, 0, 0);           /* destination options */
    FRONT(frame, 60, 2, 4, 0, [23] = 0);             /* routing */
    FRONT(frame, 43, 1, 5, 2, 0, 0, 1, 8, [15] = 0); /* hop by hop */
    add_ipv6(frame, 0, 1);
}

Test(network, ipv6_extension_headers)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    start_extensions(&frame);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp6(&bench.packet, 1));
    try_every_cut(LINK_RAW, &frame, frame.size - BODY);
    bench_close(&bench);
}

Test(network, ipv6_extension_header_past_the_packet)
{
    static struct frame frame;
    frame_start(&frame, body, BODY);
    FRONT(&frame, TCP, 255, 0, 0, 0, 0, 0, 0);
    add_ipv6(&frame, 0, 1);
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_NETWORK_CUT);
}

Test(network, ipv6_endless_extension_headers)
{
    static struct frame frame;
    frame_start(&frame, "", 0);
    for (unsigned i = 0; i < 8000; i++) {
        FRONT(&frame, 60, 0, 0, 0, 0, 0, 0, 0);
    }
    add_ipv6(&frame, 60, 1);
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_NETWORK_CUT);
    frame_start(&frame, "", 0);
    for (unsigned i = 0; i < 8000; i++) {
        FRONT(&frame, 44, 0, 0, 0, 0, 0, 0, 0);
    }
    add_ipv6(&frame, 44, 1);
    cr_assert_eq(fate_of(LINK_RAW, &frame), P2I_FATE_NETWORK_CUT);
}

Test(network, ipv4_authentication_header)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, body, BODY);
    add_tcp(&frame);
    FRONT(&frame, TCP, 4, [23] = 0);
    add_ipv4(&frame, AH, 1);
    decode(&bench, LINK_RAW, &frame);
    cr_assert(is_tcp4(&bench.packet, 1));
    try_every_cut(LINK_RAW, &frame, frame.size - BODY);
    bench_close(&bench);
}

Test(network, ipv6_without_next_header)
{
    static struct frame frame;
    struct bench bench;
    bench_open(&bench);
    frame_start(&frame, body, BODY);
    add_ipv6(&frame, NO_NEXT, 1);
    cr_assert_eq(decode(&bench, LINK_RAW, &frame), P2I_FATE_TRANSPORT_OTHER);
    cr_assert_eq(bench.packet.transport, NO_NEXT);
    bench_close(&bench);
}
