/* SPDX-License-Identifier: MIT */
/* A packet for each row of the table of encapsulations; a row without one fails. */
#include "row_frames.h"

/* True when the frame contains the number, or does not have to. */
static bool holds_number(const struct p2i_view *frame, const struct row_facts *row)
{
    for (size_t at = 0; at + row->number_size <= frame->size; at++) {
        uint32_t number = 0;
        for (size_t i = 0; i < row->number_size; i++) {
            number = number << 8 | frame->data[at + i];
        }
        if (row->number_size > 0 && number == row->number) {
            return true;
        }
    }
    return row->number_size == 0;
}

/* The feature of each row; 0: it has none, the EtherType has. */
static const unsigned row_features[ROWS] = {
#define LINK(number, name, decode, what) P2I_FEATURE_LINK_##name,
#define ETHERTYPE(number, name, decode, what, source) P2I_FEATURE_ETHERTYPE_##name,
#define LLC(number, name, decode, what, source) P2I_FEATURE_LLC_##name,
#define SNAP(number, name, decode, what, source) P2I_FEATURE_SNAP_##name,
#define NLPID(number, name, decode, what, source) P2I_FEATURE_NLPID_##name,
#define PPP(number, name, decode, what, source) P2I_FEATURE_PPP_##name,
#define IP_PROTOCOL(number, name, decode, what, source) P2I_FEATURE_IP_##name,
#define GRE(number, name, decode, what, source) P2I_FEATURE_GRE_##name,
#define NEXT_PROTOCOL(number, name, type, what, source) 0,
#define UDP_TO(number, name, decode, what, source) P2I_FEATURE_UDP_##name,
#define UDP_EITHER(number, name, decode, what, source) P2I_FEATURE_UDP_##name,
#define UDP_ANY(number, name, decode, what, source) P2I_FEATURE_UDP_##name,
#define UDP_ENCRYPTED(number, name, decode, what, source) P2I_FEATURE_UDP_##name,
#include "packet/encapsulations.def"
};

static void add_extension(struct frame *frame, uint8_t next, size_t size)
{
    uint8_t *header = front(frame, size);
    header[0] = next;
    header[1] = (uint8_t)(size / 8 - 1);
}

/* The names of the features of an IP packet, without link and EtherType. */
static const char *features_of(struct frame *frame)
{
    static char text[512];
    struct bench bench;
    struct p2i_features features = {0};
    bench_open(&bench);
    p2i_decoder_note_features(bench.decoder, &features);
    decode(&bench, LINK_RAW, frame);
    cr_assert_eq(bench.packet.fate, P2I_FATE_HANDLED);
    text[0] = '\0';
    for (unsigned i = 0; i < P2I_FEATURE_LINK_NULL; i++) {
        if (p2i_features_have(&features, i)) {
            strcat(text, text[0] != '\0' ? " " : "");
            strcat(text, p2i_feature_name(i));
        }
    }
    bench_close(&bench);
    return text;
}

Test(header_features, of_ipv6_extensions)
{
    static struct frame frame;
    frame_start(&frame, body, BODY);
    add_tcp(&frame);
    put16(frame_data(&frame) + 14, 1000);
    add_extension(&frame, 6, 16);
    add_extension(&frame, 60, 8);
    add_extension(&frame, 43, 8);
    add_ipv6(&frame, 0, 1);
    cr_expect_str_eq(features_of(&frame), "ipv6_hop_by_hop ipv6_routing ipv6_destination");
}

Test(header_features, of_ipv4_options_and_tcp)
{
    static struct frame frame;
    frame_start(&frame, body, BODY);
    add_tcp(&frame);
    uint8_t *tcp = frame_data(&frame);
    memcpy(tcp + 20, (const uint8_t[]){3, 3, 7, 1}, 4);
    tcp[13] |= 0xc0 | P2I_TCP_URG;
    add_ipv4_options(&frame, 6, 1, 4);
    cr_expect_str_eq(features_of(&frame), "ipv4_options ecn tcp_window_scale zero_window urgent");
}

Test(header_features, of_tcp_options)
{
    static struct frame frame;
    frame_start(&frame, body, BODY);
    static const uint8_t options[] = {5, 2, 8, 3, 0, 19, 2, 30, 2, 34, 2, 0};
    memcpy(front(&frame, sizeof options), options, sizeof options);
    uint8_t *tcp = front(&frame, 20);
    put16(tcp + 12, 0x8000 | P2I_TCP_SYN);
    add_ipv4(&frame, 6, 1);
    cr_expect_str_eq(features_of(&frame), "tcp_sack tcp_timestamps tcp_signature tcp_fast_open "
                                          "tcp_multipath syn_data");
}

Test(header_features, of_fragments)
{
    static struct frame frame;
    struct bench bench;
    struct p2i_features features = {0};
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 6, 0x2000);
    bench_open(&bench);
    p2i_decoder_note_features(bench.decoder, &features);
    decode(&bench, LINK_RAW, &frame);
    cr_expect(p2i_features_have(&features, P2I_FEATURE_FRAGMENTS));
    bench_close(&bench);
}

Test(header_features, of_a_cut_packet)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 2, (unsigned)frame.size + 10);
    put16(frame_data(&frame) + 20 + 14, 1000);
    cr_expect_str_eq(features_of(&frame), "cut");
}

Test(encapsulations, each_is_a_feature)
{
    static struct frame frame;
    for (size_t i = 0; i < ROWS; i++) {
        struct bench bench;
        struct p2i_features features = {0};
        bench_open(&bench);
        builders[i](&frame);
        p2i_decoder_note_features(bench.decoder, &features);
        decode(&bench, link_type_of(&facts[i], i), &frame);
        cr_assert(row_features[i] == 0 || p2i_features_have(&features, row_features[i]), "%s",
                  facts[i].text);
        bench_close(&bench);
    }
}

Test(encapsulations, each_has_a_packet)
{
    static struct frame frame;
    for (size_t i = 0; i < ROWS; i++) {
        const struct row_facts *row = &facts[i];
        struct bench bench;
        cr_assert_not_null(builders[i], "%s has no packet in this test", row->text);
        bench_open(&bench);
        builders[i](&frame);
        struct p2i_view view = p2i_view_of(frame_data(&frame), frame.size);
        cr_assert(holds_number(&view, row), "%s is not what the packet is of", row->text);
        decode(&bench, link_type_of(row, i), &frame);
        const struct p2i_packet *packet = &bench.packet;
        bool encrypted = row->section == ENCRYPTED_SECTION;
        cr_assert(encrypted ? packet->fate == P2I_FATE_HANDLED && packet->transport == UDP
                            : is_tcp(packet),
                  "%s: fate %d", row->text, (int)packet->fate);
        cr_assert_eq(p2i_decoder_counts(bench.decoder)->encrypted_tunnel_count, encrypted, "%s",
                     row->text);
        bench_close(&bench);
    }
}
