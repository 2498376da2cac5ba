/* SPDX-License-Identifier: MIT */
#include "capture/merge_by_time.h"

#include <stdlib.h>
#include <string.h>

#include "capture/block.h"

enum {
    LOOK_BYTES = 16 << 10,   /* read of each capture to see its first frame */
    PARKED_BYTES = 16 << 20, /* read ahead by all open captures, roughly */
    PARKED_LEAST = 8 << 10,  /* read ahead by each of them, at least */
    BYTES_PER_FRAME = 64,    /* low estimate */
    DESCRIPTORS_MAX = 64,    /* descriptors kept open */
};

/* True when the next frame of `a` comes before that of `b`. */
static bool before(const struct p2i_capture_source *a, const struct p2i_capture_source *b)
{
    return a->head_ns != b->head_ns ? a->head_ns < b->head_ns : a->index < b->index;
}

static bool is_drained(const struct p2i_capture_source *source)
{
    return source->parked_next >= source->parked.frame_count;
}

static enum p2i_result out_of_memory(struct p2i_capture *capture)
{
    return p2i_fail_memory(&capture->error);
}

static int by_first_time(const void *left, const void *right)
{
    const struct p2i_capture_source *const *a = left;
    const struct p2i_capture_source *const *b = right;
    return before(*a, *b) ? -1 : before(*b, *a);
}

enum p2i_result p2i_merge_by_time_prepare(struct p2i_capture *capture)
{
    struct p2i_block look;
    if (!p2i_block_init_sized(&look, LOOK_BYTES, 1)) {
        return out_of_memory(capture);
    }
    enum p2i_result result = P2I_OK;
    capture->queue_count = 0;
    for (size_t i = 0; i < capture->source_count && result == P2I_OK; i++) {
        struct p2i_capture_source *source = &capture->sources[i];
        result = p2i_capture_source_read(capture, source, &look, LOOK_BYTES, &source->head_ns);
        if (result == P2I_OK) {
            source->head_ns = look.frame_count > 0 ? look.frames[0].time_ns : source->head_ns;
            source->facts.read_bytes = 0;
            capture->queue[capture->queue_count++] = source;
            p2i_capture_source_close(source);
        } else if (result == P2I_END) {
            result = P2I_OK; /* no frames */
        }
    }
    p2i_block_free(&look);
    qsort(capture->queue, capture->queue_count, sizeof(struct p2i_capture_source *), by_first_time);
    return result;
}

static struct p2i_capture_source *queue_front(const struct p2i_capture *capture)
{
    return capture->queue_next < capture->queue_count ? capture->queue[capture->queue_next] : NULL;
}

static void sift_up(struct p2i_capture *capture, size_t at)
{
    struct p2i_capture_source **heap = capture->heap;
    while (at > 0 && before(heap[at], heap[(at - 1) / 2])) {
        struct p2i_capture_source *source = heap[at];
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
        heap[at] = source;
    }
}

/* Restores the heap after its top has changed. */
static void sift_down(struct p2i_capture *capture)
{
    struct p2i_capture_source **heap = capture->heap;
    size_t at = 0;
    for (;;) {
        size_t least = 2 * at + 1;
        if (least >= capture->heap_count) {
            return;
        }
        if (least + 1 < capture->heap_count && before(heap[least + 1], heap[least])) {
            least++;
        }
        if (!before(heap[least], heap[at])) {
            return;
        }
        struct p2i_capture_source *source = heap[at];
        heap[at] = heap[least];
        heap[least] = source;
        at = least;
    }
}

static void drop_top(struct p2i_capture *capture)
{
    capture->heap[0] = capture->heap[--capture->heap_count];
    sift_down(capture);
}

/* Bytes that each capture may read ahead, in whole pages. */
static size_t parked_bytes(const struct p2i_capture *capture)
{
    size_t bytes = PARKED_BYTES / capture->source_count;
    bytes = bytes < PARKED_LEAST ? PARKED_LEAST : bytes;
    return p2i_whole_pages(bytes > P2I_BLOCK_BYTES ? P2I_BLOCK_BYTES : bytes);
}

/* Reads more frames of an input that has none parked. For a frame larger than the limit only the
 * time is read; the frame itself is read in its turn. */
static enum p2i_result refill(struct p2i_capture *capture, struct p2i_capture_source *source)
{
    size_t bytes = parked_bytes(capture);
    size_t frames = bytes / BYTES_PER_FRAME;
    source->parked_next = 0;
    source->parked.frame_count = 0;
    if (source->parked.buffer_capacity != bytes || source->parked.frame_capacity != frames) {
        p2i_block_free(&source->parked);
        if (!p2i_block_init_sized(&source->parked, bytes, frames)) {
            return out_of_memory(capture);
        }
    }
    enum p2i_result result = p2i_capture_source_read(capture, source, &source->parked, bytes,
                                                     source->time_peeked ? NULL : &source->head_ns);
    source->time_peeked = result == P2I_OK && is_drained(source);
    if (result == P2I_OK) {
        source->head_ns = source->time_peeked ? source->head_ns : source->parked.frames[0].time_ns;
        if (capture->heap_count > DESCRIPTORS_MAX) {
            p2i_capture_reader_release_descriptor(source->reader);
        }
    }
    return result;
}

/* Opens the captures that begin before the next frame of the open ones. */
static enum p2i_result open_overlapping(struct p2i_capture *capture)
{
    struct p2i_capture_source *source = queue_front(capture);
    while (source != NULL && before(source, capture->heap[0])) {
        capture->queue_next++;
        enum p2i_result result = refill(capture, source);
        if (result == P2I_OK) {
            capture->heap[capture->heap_count] = source;
            sift_up(capture, capture->heap_count++);
        } else if (result != P2I_END) {
            return result;
        }
        source = queue_front(capture);
    }
    return P2I_OK;
}

/* The input whose frame follows those of the top; NULL: none. */
static const struct p2i_capture_source *next_after_top(const struct p2i_capture *capture)
{
    const struct p2i_capture_source *next = queue_front(capture);
    for (size_t i = 1; i < 3 && i < capture->heap_count; i++) {
        if (next == NULL || before(capture->heap[i], next)) {
            next = capture->heap[i];
        }
    }
    return next;
}

/* True when the frame fits into a block with `used` bytes. Only the first frame may make the buffer
 * grow, because it moves and other frames point into it. */
static bool has_room(const struct p2i_block *block, size_t used, size_t size)
{
    size_t bytes =
        block->buffer_capacity < P2I_BLOCK_BYTES ? block->buffer_capacity : P2I_BLOCK_BYTES;
    return block->frame_count == 0 ||
           (block->frame_count < block->frame_capacity && used <= bytes && size <= bytes - used);
}

/* Keeps the frames of the block from `from` on for later. */
static enum p2i_result park(struct p2i_capture *capture, struct p2i_capture_source *source,
                            const struct p2i_block *block, size_t from)
{
    size_t bytes = 0;
    for (size_t i = from; i < block->frame_count; i++) {
        bytes += block->frames[i].size;
    }
    p2i_block_free(&source->parked);
    if (!p2i_block_init_sized(&source->parked, bytes + 1, block->frame_count - from)) {
        return out_of_memory(capture);
    }
    struct p2i_block *parked = &source->parked;
    size_t used = 0;
    for (size_t i = from; i < block->frame_count; i++) {
        struct p2i_frame *copy = &parked->frames[parked->frame_count++];
        *copy = block->frames[i];
        copy->data = memcpy(parked->buffer + used, copy->data, copy->size);
        used += copy->size;
    }
    source->parked_next = 0;
    source->head_ns = parked->frames[0].time_ns;
    return P2I_OK;
}

/* Moves the frames behind a large one into a smaller buffer, so that the large buffer is freed. */
static enum p2i_result give_room_back(struct p2i_capture *capture,
                                      struct p2i_capture_source *source)
{
    if (is_drained(source) || source->parked.buffer_capacity <= 2 * parked_bytes(capture)) {
        return P2I_OK;
    }
    struct p2i_block large = source->parked;
    source->parked = (struct p2i_block){0};
    enum p2i_result result = park(capture, source, &large, source->parked_next);
    p2i_block_free(&large);
    return result;
}

/* Copies those frames of the top that come before all others. P2I_END: the block is full. */
static enum p2i_result copy_run(struct p2i_capture *capture, struct p2i_block *block, size_t *used)
{
    struct p2i_capture_source *source = capture->heap[0];
    const struct p2i_capture_source *next = next_after_top(capture);
    enum p2i_result result = P2I_OK;
    size_t first = block->frame_count;
    for (; !is_drained(source); source->parked_next++) {
        const struct p2i_frame *frame = &source->parked.frames[source->parked_next];
        source->head_ns = frame->time_ns;
        if (next != NULL && before(next, source)) {
            break;
        }
        if (!has_room(block, *used, frame->size)) {
            result = P2I_END;
            break;
        }
        if (!p2i_block_reserve(block, *used + frame->size)) {
            result = out_of_memory(capture);
            break;
        }
        struct p2i_frame *copy = &block->frames[block->frame_count++];
        *copy = *frame;
        copy->data = memcpy(block->buffer + *used, frame->data, frame->size);
        *used += frame->size;
    }
    p2i_capture_source_count(source, block->frames + first, block->frame_count - first);
    return result;
}

/* Merges until the block is full, or until one input is left that can be read without copying. */
static enum p2i_result merge(struct p2i_capture *capture, struct p2i_block *block)
{
    size_t used = 0;
    for (;;) {
        enum p2i_result result = open_overlapping(capture);
        if (result == P2I_OK) {
            result = copy_run(capture, block, &used);
        }
        if (result != P2I_OK) {
            return result == P2I_END ? P2I_OK : result;
        }
        struct p2i_capture_source *source = capture->heap[0];
        if (!is_drained(source)) {
            result = give_room_back(capture, source);
            if (result != P2I_OK) {
                return result;
            }
            sift_down(capture);
            continue;
        }
        if (capture->heap_count == 1) {
            return P2I_OK;
        }
        result = refill(capture, source);
        if (result == P2I_END) {
            drop_top(capture);
        } else if (result == P2I_OK) {
            sift_down(capture);
        } else {
            return result;
        }
    }
}

/* Reads the only open capture directly into the block, up to the first frame of the next one. */
static enum p2i_result read_alone(struct p2i_capture *capture, struct p2i_block *block)
{
    struct p2i_capture_source *source = capture->heap[0];
    enum p2i_result result = p2i_capture_source_read(capture, source, block, P2I_BLOCK_BYTES, NULL);
    source->time_peeked = false;
    if (result == P2I_END) {
        capture->heap_count = 0;
        return P2I_OK;
    }
    if (result != P2I_OK) {
        return result;
    }
    const struct p2i_capture_source *next = queue_front(capture);
    size_t count = next == NULL ? block->frame_count : 0;
    for (; count < block->frame_count; count++) {
        source->head_ns = block->frames[count].time_ns;
        if (before(next, source)) {
            result = park(capture, source, block, count);
            break;
        }
    }
    block->frame_count = count;
    p2i_capture_source_count(source, block->frames, count);
    return result;
}

enum p2i_result p2i_merge_by_time_read(struct p2i_capture *capture, struct p2i_block *block)
{
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && block->frame_count == 0) {
        if (capture->heap_count == 0) {
            if (queue_front(capture) == NULL) {
                return P2I_END;
            }
            capture->heap[capture->heap_count++] = capture->queue[capture->queue_next++];
        }
        bool alone = capture->heap_count == 1 && is_drained(capture->heap[0]);
        result = alone ? read_alone(capture, block) : merge(capture, block);
    }
    return result;
}
