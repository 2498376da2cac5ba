/* SPDX-License-Identifier: MIT */
#include "capture/block.h"

#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/fate.h"

static uint8_t *buffer_of(size_t *bytes)
{
    *bytes = p2i_whole_pages(*bytes);
    return aligned_alloc(P2I_PAGE, *bytes);
}

bool p2i_block_init_sized(struct p2i_block *block, size_t bytes, size_t frames)
{
    *block = (struct p2i_block){.frame_capacity = frames, .buffer_capacity = bytes};
    block->frames = malloc(frames * sizeof *block->frames);
    block->buffer = buffer_of(&block->buffer_capacity);
    if (block->frames == NULL || block->buffer == NULL) {
        p2i_block_free(block);
        return false;
    }
    return true;
}

bool p2i_block_init(struct p2i_block *block)
{
    return p2i_block_init_sized(block, P2I_BLOCK_BYTES, P2I_BLOCK_FRAMES);
}

void p2i_block_free(struct p2i_block *block)
{
    free(block->frames);
    free(block->buffer);
    *block = (struct p2i_block){0};
}

void p2i_block_trim(struct p2i_block *block)
{
    size_t usual = P2I_BLOCK_BYTES;
    uint8_t *buffer = block->buffer_capacity > usual ? buffer_of(&usual) : NULL;
    if (buffer != NULL) {
        free(block->buffer);
        block->buffer = buffer;
        block->buffer_capacity = usual;
    }
}

bool p2i_block_reserve(struct p2i_block *block, size_t bytes)
{
    if (bytes <= block->buffer_capacity) {
        return true;
    }
    /* At least doubles, so that a record that arrives in many reads is not copied for each of them.
     */
    size_t capacity = bytes > 2 * block->buffer_capacity ? bytes : 2 * block->buffer_capacity;
    uint8_t *buffer = buffer_of(&capacity);
    if (buffer == NULL) {
        return false;
    }
    if (block->buffer_capacity > 0) {
        memcpy(buffer, block->buffer, block->buffer_capacity);
    }
    free(block->buffer);
    block->buffer = buffer;
    block->buffer_capacity = capacity;
    return true;
}

void p2i_block_choose_time(struct p2i_block *block, uint64_t from_ns, uint64_t to_ns)
{
    if (from_ns == 0 && to_ns == 0) {
        return;
    }
    for (size_t i = 0; i < block->frame_count; i++) {
        struct p2i_frame *frame = &block->frames[i];
        if (frame->time_ns < from_ns || (to_ns > 0 && frame->time_ns >= to_ns)) {
            frame->skip = P2I_FATE_OUTSIDE_TIME;
        }
    }
}
