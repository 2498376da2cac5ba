/* SPDX-License-Identifier: MIT */
/* Headers of links and tunnels: each encapsulation is decoded as before, and what no decoder needs
 * is gone. */
#include "packet/row_frames.h"
#include "packet/trace.h"
#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"

static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {9, 8, 7};
static const char secret[] = "AnnaSmith";
enum { SECRET = sizeof secret - 1 };

static uint8_t rewritten[FRAME_MAX];

/* Rewrites a frame. */
static void rewrite_frame(unsigned link_type, struct frame *frame)
{
    struct p2i_error error;
    struct p2i_rewrite *rewrite = p2i_rewrite_open(key, false);
    struct p2i_engine_frame given = {.struct_size = sizeof given,
                                     .data = frame_data(frame),
                                     .size = (uint32_t)frame->size,
                                     .original_size = (uint32_t)frame->size,
                                     .time_ns = 1,
                                     .link_type = (uint16_t)link_type};
    cr_assert_eq(p2i_rewrite_add(rewrite, &given, &error), P2I_OK);
    cr_assert_eq(p2i_rewrite_run(rewrite, &error), P2I_OK);
    memcpy(rewritten, p2i_rewrite_frame(rewrite, 0), frame->size);
    p2i_rewrite_free(rewrite);
}

/* What a frame is decoded as. */
struct seen {
    struct p2i_trace trace;
    struct p2i_packet packet;
};

static void see(unsigned link_type, const uint8_t *data, size_t size, struct seen *seen)
{
    struct p2i_decoder *decoder = p2i_decoder_new(1 << 20);
    memset(seen, 0, sizeof *seen);
    p2i_decode_traced(decoder, (uint16_t)link_type, p2i_view_of(data, size), (uint32_t)size, 1,
                      &seen->trace, &seen->packet);
    p2i_decoder_free(decoder);
}

static void expect_same(const char *name, unsigned link_type, struct frame *frame)
{
    static struct seen was;
    static struct seen is;
    see(link_type, frame_data(frame), frame->size, &was);
    rewrite_frame(link_type, frame);
    see(link_type, rewritten, frame->size, &is);
    cr_expect_eq(is.packet.fate, was.packet.fate, "%s", name);
    cr_expect_eq(is.packet.scope, was.packet.scope, "%s", name);
    cr_expect_eq(is.packet.vlan_id, was.packet.vlan_id, "%s", name);
    cr_expect_eq(is.packet.source_port, was.packet.source_port, "%s", name);
    cr_assert_eq(is.trace.count, was.trace.count, "%s", name);
    for (size_t i = 0; i < is.trace.count; i++) {
        cr_expect_eq(is.trace.headers[i].kind, was.trace.headers[i].kind, "%s", name);
        cr_expect_eq(is.trace.headers[i].bytes.data - rewritten,
                     was.trace.headers[i].bytes.data - frame_data(frame), "%s", name);
    }
}

static void expect_gone(const char *name, unsigned link_type, struct frame *frame)
{
    expect_same(name, link_type, frame);
    cr_assert_not_null(memmem(frame_data(frame), frame->size, secret, SECRET));
    for (size_t i = 0; i + 4 <= SECRET; i++) {
        cr_expect_null(memmem(rewritten, frame->size, secret + i, 4), "%s", name);
    }
}

Test(links, each_encapsulation_is_decoded_as_before)
{
    static struct frame frame;
    for (size_t i = 0; i < ROWS; i++) {
        builders[i](&frame);
        expect_same(facts[i].text, link_type_of(&facts[i], i), &frame);
    }
}

Test(links, an_address_that_is_no_mac_is_cleared)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    FRONT(&frame, 0, 4, 3, 0, 0, 4, 10, 1, 2, 3, 'T', 'U', 'N', 'L', 8, 0);
    rewrite_frame(113, &frame);
    cr_expect_arr_eq(rewritten, frame_data(&frame), 6);
    cr_expect_arr_eq(rewritten + 6, ((const uint8_t[8]){0}), 8);
}

Test(links, names_of_a_netfilter_log)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    put16le(front(&frame, 2), 9);
    put16le(front(&frame, 2), (unsigned)frame.size + 2);
    memcpy(front(&frame, 12), secret, SECRET);
    put16le(front(&frame, 2), 10); /* prefix */
    put16le(front(&frame, 2), 4 + SECRET + 1);
    FRONT(&frame, 2, 0, 0, 5);
    expect_gone("NFLOG", 239, &frame);
}

Test(links, names_of_processes)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    uint8_t *header = front(&frame, 108);
    header[0] = 108;
    header[4] = 1;
    header[8] = 101;
    memcpy(header + 12, secret, SECRET);
    memcpy(header + 56, secret, SECRET);
    expect_gone("PKTAP", 258, &frame);
}

Test(links, positions)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    uint8_t *header = front(&frame, 32);
    put16le(header + 2, 32);
    header[4] = 101;
    put16le(header + 8, 30002);
    put16le(header + 10, 20);
    memcpy(header + 12, secret, SECRET);
    expect_gone("PPI", 192, &frame);
}

Test(links, options_of_extension_headers)
{
    static struct frame frame;
    frame_start(&frame, body, BODY);
    add_tcp(&frame);
    uint8_t *options = front(&frame, 16);
    options[0] = 6;
    options[1] = 1;
    options[2] = 0x1e; /* experimental */
    options[3] = 12;
    memcpy(options + 4, secret, SECRET);
    add_ipv6(&frame, 60, 1);
    expect_gone("IPv6 options", 101, &frame);
}

Test(links, a_process_name_in_front_of_a_fragment)
{
    static struct frame frame;
    start_tcp4(&frame, 1);
    put16(frame_data(&frame) + 6, 0x2000);
    uint8_t *header = front(&frame, 108);
    header[0] = 108;
    header[4] = 1;
    header[8] = 101;
    memcpy(header + 56, secret, SECRET);
    expect_gone("PKTAP of a fragment", 258, &frame);
}

Test(links, tags_of_discovery)
{
    static struct frame frame;
    frame_start(&frame, secret, SECRET);
    put16(front(&frame, 2), SECRET);
    put16(front(&frame, 2), 0x0101); /* service name */
    FRONT(&frame, 0x11, 9, 0, 0, 0, 13);
    add_ethernet(&frame, 0x8863, 1);
    expect_gone("PPPoE discovery", 1, &frame);
}

/* True when the bytes are part of headers that consist of numbers, addresses apart. */
static bool are_numbers(const struct seen *seen, const uint8_t *from, size_t size)
{
    enum { TCP_SIZE = 20, UDP_SIZE = 8 };
    uint8_t known[SECRET] = {0};
    for (size_t i = 0; i < seen->trace.count; i++) {
        const struct p2i_trace_header *header = &seen->trace.headers[i];
        size_t length = header->kind == P2I_TRACE_TCP       ? TCP_SIZE
                        : header->kind == P2I_TRACE_UDP     ? UDP_SIZE
                        : header->kind == P2I_TRACE_NUMBERS ? header->bytes.size
                        : header->kind == P2I_TRACE_IPV4    ? header->length
                        : header->kind == P2I_TRACE_IPV6    ? header->length
                                                            : 0;
        for (size_t at = 0; at < size; at++) {
            known[at] |= from + at >= header->bytes.data && from + at < header->bytes.data + length;
        }
    }
    return memchr(known, 0, size) == NULL;
}

Test(links, nothing_but_numbers_stays_of_any_frame)
{
    enum { RUN = 8, BEFORE_PAYLOAD = 240 };
    static struct frame frame;
    static struct frame planted;
    static struct seen seen;
    for (size_t i = 0; i < ROWS; i++) {
        builders[i](&frame);
        for (size_t at = i % 4; at + RUN <= frame.size && at < BEFORE_PAYLOAD; at += 4) {
            memcpy(&planted, &frame, sizeof planted);
            uint8_t *place = frame_data(&planted) + at;
            memcpy(place, secret, RUN);
            rewrite_frame(link_type_of(&facts[i], i), &planted);
            if (memmem(rewritten, planted.size, secret, RUN) != NULL) {
                see(link_type_of(&facts[i], i), frame_data(&planted), planted.size, &seen);
                cr_expect(are_numbers(&seen, place, RUN), "%s, byte %zu", facts[i].text, at);
            }
        }
    }
}

static uint16_t sum_of(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
    }
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)((sum >> 16) + sum);
}

Test(links, the_checksum_of_gre_stays_right)
{
    enum { OUTER = 14 + 20 };
    static struct frame frame;
    start_tcp4(&frame, 1);
    FRONT(&frame, 0x80, 0, 8, 0, 0, 0, 0, 0);
    uint8_t *header = frame_data(&frame);
    put16(header + 4, (uint16_t)~sum_of(header, frame.size));
    outer(&frame, 47);
    cr_expect_eq(sum_of(frame_data(&frame) + OUTER, frame.size - OUTER), 0xffff);
    expect_same("GRE", 1, &frame);
    cr_expect_eq(sum_of(rewritten + OUTER, frame.size - OUTER), 0xffff);
}
