/* SPDX-License-Identifier: MIT */
/* Blocks of frames made by hand: IPv4 packets on LINKTYPE_RAW. */
#ifndef TEST_BLOCK_FRAMES_H
#define TEST_BLOCK_FRAMES_H

#include <criterion/criterion.h>

#include "base/put.h"
#include "capture/capture.h"
#include "packet/packet.h"

enum { LINK_RAW = 101, LINK_ETHERNET = 1, FRAME_MOST = 2048 };

/* A packet from 10.0.0.`from`:from_port to 10.0.0.`to`:to_port. */
struct sent {
    uint8_t transport;
    uint8_t from, to;
    uint16_t from_port, to_port;
    uint32_t sequence;
    uint16_t id, fragment; /* IPv4 identification and fragment field */
    const void *payload;
    size_t size;
};

static inline void block_begin(struct p2i_block *block, uint64_t first_number)
{
    block->frame_count = 0;
    block->first_number = first_number;
}

/* Adds a frame of these bytes. Its number in the capture is that in the run. */
static inline struct p2i_frame *block_add(struct p2i_block *block, uint16_t link_type,
                                          const void *bytes, size_t size, uint64_t time_ns)
{
    size_t at = 0;
    if (block->frame_count > 0) {
        const struct p2i_frame *last = &block->frames[block->frame_count - 1];
        at = (size_t)(last->data - block->buffer) + last->size;
    }
    cr_assert(block->frame_count < block->frame_capacity && at + size <= block->buffer_capacity);
    memcpy(block->buffer + at, bytes, size);
    struct p2i_frame *frame = &block->frames[block->frame_count];
    *frame = (struct p2i_frame){
        .data = block->buffer + at,
        .time_ns = time_ns,
        .number = (block->first_number + block->frame_count) & P2I_FRAME_NUMBER_MAX,
        .link_type = link_type,
        .size = (uint32_t)size,
        .original_size = (uint32_t)size,
    };
    block->frame_count++;
    return frame;
}

/* Writes the transport header. Returns its size. */
static inline size_t put_transport(uint8_t *at, const struct sent *sent)
{
    (void)p2i_put16(at, sent->from_port);
    (void)p2i_put16(at + 2, sent->to_port);
    switch (sent->transport) {
    case P2I_PROTO_TCP:
        (void)p2i_put32(at + 4, sent->sequence);
        (void)p2i_put16(at + 12, 0x5000 | P2I_TCP_ACK);
        (void)p2i_put16(at + 14, UINT16_MAX);
        return 20;
    case P2I_PROTO_UDP:
        (void)p2i_put16(at + 4, (uint16_t)(8 + sent->size));
        return 8;
    default:
        return 0;
    }
}

/* Adds an IPv4 packet. A fragment has no transport header of its own; `payload` is all of it. */
static inline struct p2i_frame *block_send(struct p2i_block *block, struct sent sent,
                                           uint64_t time_ns)
{
    uint8_t bytes[FRAME_MOST] = {0x45};
    size_t header = 20 + (sent.fragment == 0 ? put_transport(bytes + 20, &sent) : 0);
    size_t size = header + sent.size;
    cr_assert_leq(size, sizeof bytes);
    (void)p2i_put16(bytes + 2, (uint16_t)size);
    (void)p2i_put16(bytes + 4, sent.id);
    (void)p2i_put16(bytes + 6, sent.fragment);
    bytes[8] = 64;
    bytes[9] = sent.transport;
    memcpy(bytes + 12, (uint8_t[]){10, 0, 0, sent.from, 10, 0, 0, sent.to}, 8);
    if (sent.size > 0) {
        memcpy(bytes + header, sent.payload, sent.size);
    }
    return block_add(block, LINK_RAW, bytes, size, time_ns);
}

#endif
