/* SPDX-License-Identifier: MIT */
/* Builds frames from the inside out: a payload, then headers before it, each with matching lengths.
 * Decodes them from heap blocks of exactly their size, so that reads outside are detected. */
#ifndef TESTS_PACKET_FRAMES_H
#define TESTS_PACKET_FRAMES_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "packet/packet.h"

enum { FRAME_MAX = 80000 };

struct frame {
    uint8_t room[FRAME_MAX];
    size_t size; /* of the frame, at the end of `room` */
};

static inline uint8_t *frame_data(struct frame *frame)
{
    return frame->room + FRAME_MAX - frame->size;
}

static inline void frame_start(struct frame *frame, const void *payload, size_t size)
{
    frame->size = size;
    memcpy(frame_data(frame), payload, size);
}

/* Adds zeroed bytes in front; returns a pointer to them. */
static inline uint8_t *front(struct frame *frame, size_t size)
{
    frame->size += size;
    cr_assert_leq(frame->size, (size_t)FRAME_MAX);
    memset(frame_data(frame), 0, size);
    return frame_data(frame);
}

static inline void put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static inline void put32(uint8_t *to, uint32_t value)
{
    put16(to, value >> 16);
    put16(to + 2, value & 0xffff);
}

static inline void put16le(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

#define FRONT(frame, ...)                                                                          \
    memcpy(front(frame, sizeof((const uint8_t[]){__VA_ARGS__})), ((const uint8_t[]){__VA_ARGS__}), \
           sizeof((const uint8_t[]){__VA_ARGS__}))

enum { SOURCE_PORT = 40000, DESTINATION_PORT = 80, SEQUENCE = 0x01020304 };
enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8 };
enum { LINK_ETHERNET = 1, LINK_RAW = 101 };

/* Followed by 4 bytes of options. */
static inline void add_tcp(struct frame *frame)
{
    uint8_t *header = front(frame, 24);
    put16(header, SOURCE_PORT);
    put16(header + 2, DESTINATION_PORT);
    put32(header + 4, SEQUENCE);
    put32(header + 8, 0x05060708);
    put16(header + 12, 0x6000 | 0x118); /* PSH, ACK, and AE of the upper four bits */
    memset(header + 20, 1, 4);
}

static inline void add_udp(struct frame *frame, unsigned source, unsigned destination)
{
    uint8_t *header = front(frame, 8);
    put16(header, source);
    put16(header + 2, destination);
    put16(header + 4, (unsigned)frame->size);
}

/* 10.0.`net`.1 to 10.0.`net`.2, with `options` bytes of options. */
static inline uint8_t *add_ipv4_options(struct frame *frame, uint8_t protocol, uint8_t net,
                                        size_t options)
{
    uint8_t *header = front(frame, 20 + options);
    header[0] = (uint8_t)(0x45 + options / 4);
    header[1] = 0x28;
    put16(header + 2, (unsigned)frame->size);
    put16(header + 4, 0x1234);
    header[8] = 64;
    header[9] = protocol;
    memcpy(header + 12, (const uint8_t[]){10, 0, net, 1, 10, 0, net, 2}, 8);
    memset(header + 20, 1, options);
    return header;
}

static inline uint8_t *add_ipv4(struct frame *frame, uint8_t protocol, uint8_t net)
{
    return add_ipv4_options(frame, protocol, net, 0);
}

/* 2001:db8::`net`:1 to 2001:db8::`net`:2. */
static inline uint8_t *add_ipv6(struct frame *frame, uint8_t next, uint8_t net)
{
    size_t length = frame->size;
    uint8_t *header = front(frame, 40);
    put32(header, 0x62800000);
    put16(header + 4, (unsigned)length);
    header[6] = next;
    header[7] = 64;
    put32(header + 8, 0x20010db8);
    header[21] = net;
    header[23] = 1;
    put32(header + 24, 0x20010db8);
    header[37] = net;
    header[39] = 2;
    return header;
}

/* 02:00:00:00:`net`:02 from 02:00:00:00:`net`:01 */
static inline void add_ethernet(struct frame *frame, unsigned type, uint8_t net)
{
    FRONT(frame, 2, 0, 0, 0, net, 2, 2, 0, 0, 0, net, 1, (uint8_t)(type >> 8), (uint8_t)type);
}

/* Adds a tag between the EtherType that announces it and its contents. */
static inline void add_tag(struct frame *frame, unsigned id, unsigned type)
{
    uint8_t *tag = front(frame, 4);
    put16(tag, 0xa000 | id);
    put16(tag + 2, type);
}

static inline void add_snap(struct frame *frame, unsigned type)
{
    FRONT(frame, 0xaa, 0xaa, 3, 0, 0, 0, (uint8_t)(type >> 8), (uint8_t)type);
}

static inline void add_pppoe(struct frame *frame, unsigned session)
{
    size_t length = frame->size;
    uint8_t *header = front(frame, 6);
    header[0] = 0x11;
    put16(header + 2, session);
    put16(header + 4, (unsigned)length);
}

static const char body[] = "GET / HTTP/1.1";
enum { BODY = sizeof body - 1 };

/* IPv4 of net `net` with TCP and the body. */
static inline void start_tcp4(struct frame *frame, uint8_t net)
{
    frame_start(frame, body, BODY);
    add_tcp(frame);
    add_ipv4(frame, 6, net);
}

static inline void start_tcp6(struct frame *frame, uint8_t net)
{
    frame_start(frame, body, BODY);
    add_tcp(frame);
    add_ipv6(frame, 6, net);
}

/* The inner packet of tunnels: net 1, in Ethernet. */
static inline void start_inner_ethernet(struct frame *frame)
{
    start_tcp4(frame, 1);
    add_ethernet(frame, TYPE_IPV4, 1);
}

/* A decoder, and the last frame in a block of its own. */
struct bench {
    struct p2i_decoder *decoder;
    struct p2i_joined_buffers joined;
    uint8_t *block;
    size_t size;
    struct p2i_packet packet;
};

static inline void bench_open(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->decoder = p2i_decoder_new(8 << 20);
    cr_assert_not_null(bench->decoder);
    p2i_decoder_join_into(bench->decoder, &bench->joined);
}

static inline void bench_close(struct bench *bench)
{
    p2i_decoder_free(bench->decoder);
    p2i_joined_buffers_free(&bench->joined);
    free(bench->block);
}

/* Decodes the first `size` bytes of the frame at `time_ns`. */
static inline enum p2i_fate decode_cut(struct bench *bench, unsigned link_type, struct frame *frame,
                                       size_t size, uint64_t time_ns)
{
    free(bench->block);
    bench->block = malloc(size > 0 ? size : 1);
    cr_assert_not_null(bench->block);
    bench->size = size;
    memcpy(bench->block, frame_data(frame), size);
    memset(&bench->packet, 0xee, sizeof bench->packet);
    p2i_decode(bench->decoder, (uint16_t)link_type, p2i_view_of(bench->block, size),
               (uint32_t)frame->size, time_ns, 3, &bench->packet);
    cr_assert_eq(bench->packet.time_ns, time_ns);
    cr_assert_eq(bench->packet.interface_id, 3);
    return (enum p2i_fate)bench->packet.fate;
}

static inline enum p2i_fate decode(struct bench *bench, unsigned link_type, struct frame *frame)
{
    return decode_cut(bench, link_type, frame, frame->size, 1000);
}

static inline enum p2i_fate fate_of(unsigned link_type, struct frame *frame)
{
    struct bench bench;
    bench_open(&bench);
    enum p2i_fate fate = decode(&bench, link_type, frame);
    bench_close(&bench);
    return fate;
}

static inline bool is_body(const struct p2i_packet *packet)
{
    return packet->payload_length == BODY &&
           p2i_view_equals(packet->payload, p2i_view_of(body, BODY));
}

/* True for the TCP segment of start_tcp4() or start_tcp6(), whatever its addresses. */
static inline bool is_tcp(const struct p2i_packet *packet)
{
    return packet->fate == P2I_FATE_HANDLED && packet->transport == 6 &&
           packet->source_port == SOURCE_PORT && packet->destination_port == DESTINATION_PORT &&
           is_body(packet);
}

/* True for the packet of start_tcp4() with this net. */
static inline bool is_tcp4(const struct p2i_packet *packet, uint8_t net)
{
    const uint8_t source[16] = {10, 0, net, 1};
    const uint8_t destination[16] = {10, 0, net, 2};
    return is_tcp(packet) && packet->ip_version == 4 &&
           memcmp(packet->source.bytes, source, 16) == 0 &&
           memcmp(packet->destination.bytes, destination, 16) == 0;
}

static inline bool is_tcp6(const struct p2i_packet *packet, uint8_t net)
{
    const uint8_t source[16] = {0x20, 1, 0x0d, 0xb8, [13] = net, [15] = 1};
    const uint8_t destination[16] = {0x20, 1, 0x0d, 0xb8, [13] = net, [15] = 2};
    return is_tcp(packet) && packet->ip_version == 6 &&
           memcmp(packet->source.bytes, source, 16) == 0 &&
           memcmp(packet->destination.bytes, destination, 16) == 0;
}

/* Decodes every prefix of the frame. Views must stay inside, lengths must not change, and no packet
 * may be handled before its headers are complete. `headers`: bytes before the payload; bytes behind
 * the payload are not part of it. */
static inline void try_every_cut(unsigned link_type, struct frame *frame, size_t headers)
{
    struct bench bench;
    bench_open(&bench);
    for (size_t size = 0; size < frame->size; size++) {
        enum p2i_fate fate = decode_cut(&bench, link_type, frame, size, 1000);
        const struct p2i_packet *packet = &bench.packet;
        if (fate == P2I_FATE_HANDLED && packet->tcp_sequence == SEQUENCE) {
            /* Only TCP options may be missing. */
            cr_assert_geq(size + 4, headers, "cut at %zu", size);
        }
        if (size >= headers) {
            cr_assert_eq(fate, P2I_FATE_HANDLED, "cut at %zu: fate %d", size, (int)fate);
            size_t captured = size - headers < BODY ? size - headers : BODY;
            cr_assert_eq(packet->payload.size, captured, "cut at %zu", size);
            cr_assert_eq(packet->payload_length, BODY, "cut at %zu", size);
        }
        if (fate == P2I_FATE_HANDLED && packet->payload.size > 0) {
            size_t at = (size_t)(packet->payload.data - bench.block);
            cr_assert_leq(at + packet->payload.size, size, "cut at %zu", size);
        }
    }
    cr_assert_geq(p2i_decoder_counts(bench.decoder)->cut_count, (uint64_t)BODY);
    bench_close(&bench);
}

#endif
