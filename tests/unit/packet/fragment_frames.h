/* SPDX-License-Identifier: MIT */
/* Datagrams, and the frames of their fragments. */
#ifndef TESTS_PACKET_FRAGMENT_FRAMES_H
#define TESTS_PACKET_FRAGMENT_FRAMES_H

#include "frames.h"

enum { UDP = 17, FRAGMENT = 44 };
static const uint64_t second = 1000000000;

/* A UDP datagram in whose payload no two parts are equal. */
struct datagram {
    uint8_t bytes[65535];
    uint32_t size;
    unsigned id;
    bool ipv6;
};

static inline void datagram_of(struct datagram *datagram, uint32_t payload_size, unsigned id,
                               bool ipv6)
{
    datagram->size = 8 + payload_size;
    datagram->id = id;
    datagram->ipv6 = ipv6;
    put16(datagram->bytes, SOURCE_PORT);
    put16(datagram->bytes + 2, 53);
    put16(datagram->bytes + 4, datagram->size);
    put16(datagram->bytes + 6, 0);
    for (uint32_t i = 8; i < datagram->size; i++) {
        datagram->bytes[i] = (uint8_t)(i * 7 + i / 251 + id);
    }
}

/* The frame of one fragment of `size` bytes at `offset`. */
static inline void fragment_of(struct frame *frame, const struct datagram *datagram,
                               uint32_t offset, uint32_t size, bool more)
{
    frame_start(frame, datagram->bytes + offset, size);
    if (datagram->ipv6) {
        uint8_t *header = front(frame, 8);
        header[0] = UDP;
        put16(header + 2, offset | more);
        put32(header + 4, datagram->id);
        add_ipv6(frame, FRAGMENT, 1);
    } else {
        uint8_t *header = add_ipv4(frame, UDP, 1);
        put16(header + 4, datagram->id);
        put16(header + 6, offset / 8 | (more ? 0x2000U : 0));
    }
}

static inline enum p2i_fate send_at(struct bench *bench, const struct datagram *datagram,
                                    uint32_t offset, uint32_t size, uint64_t time_ns)
{
    static struct frame frame;
    fragment_of(&frame, datagram, offset, size, offset + size < datagram->size);
    return decode_cut(bench, LINK_RAW, &frame, frame.size, time_ns);
}

static inline enum p2i_fate send(struct bench *bench, const struct datagram *datagram,
                                 uint32_t offset, uint32_t size)
{
    return send_at(bench, datagram, offset, size, second);
}

static inline bool is_whole(const struct bench *bench, const struct datagram *datagram)
{
    const struct p2i_packet *packet = &bench->packet;
    uint32_t header_size = datagram->ipv6 ? 40 : 20;
    return packet->fate == P2I_FATE_HANDLED && packet->transport == UDP &&
           packet->source_port == SOURCE_PORT && packet->destination_port == 53 &&
           packet->payload_length == datagram->size - 8 &&
           p2i_view_equals(packet->payload, p2i_view_of(datagram->bytes + 8, datagram->size - 8)) &&
           packet->ip_length == header_size + datagram->size &&
           packet->ip.size == header_size + datagram->size && packet->class_of_service == 0x28 &&
           packet->ip.data[0] >> 4 == (datagram->ipv6 ? 6 : 4);
}

static inline const struct p2i_decoder_counts *counts(const struct bench *bench)
{
    return p2i_decoder_counts(bench->decoder);
}

static struct datagram one, other;

#endif
