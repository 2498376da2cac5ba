/* SPDX-License-Identifier: MIT */
#include "frames.h"

#include "capture/capture.h"
#include "memory_file.h"

void frames_insert(struct frames *frames, size_t at, struct frame frame)
{
    if (frames->count == FRAMES_MAX) {
        return;
    }
    if (frames->count == frames->capacity) {
        size_t capacity = frames->capacity * 2 + 64;
        struct frame *list = p2i_arena_take(&frames->arena, capacity * sizeof *list);
        if (list == NULL) {
            abort();
        }
        if (frames->count > 0) {
            memcpy(list, frames->list, frames->count * sizeof *list);
        }
        frames->list = list;
        frames->capacity = capacity;
    }
    at = at < frames->count ? at : frames->count;
    memmove(&frames->list[at + 1], &frames->list[at], (frames->count - at) * sizeof frame);
    frames->list[at] = frame;
    frames->count++;
}

void frames_remove(struct frames *frames, size_t at)
{
    frames->count--;
    memmove(&frames->list[at], &frames->list[at + 1], (frames->count - at) * sizeof *frames->list);
}

void frames_own(struct frames *frames, struct frame *frame, size_t more)
{
    uint8_t *copy = p2i_arena_take(&frames->arena, frame->size + more + 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, frame->data, frame->size);
    frame->data = copy;
}

static void append_block(struct frames *frames, const struct p2i_block *block)
{
    static uint8_t nothing;
    for (size_t i = 0; i < block->frame_count; i++) {
        const struct p2i_frame *from = &block->frames[i];
        struct frame frame = {
            .data = &nothing,
            .time_ns = from->time_ns,
            .original_size = from->original_size,
            .link_type = (uint16_t)from->link_type,
        };
        if (from->size > 0) {
            frame.data = p2i_arena_take(&frames->arena, from->size);
            if (frame.data == NULL) {
                abort();
            }
            memcpy(frame.data, from->data, from->size);
            frame.size = from->size;
        }
        frames_insert(frames, frames->count, frame);
    }
}

void frames_read(struct frames *frames, struct p2i_view bytes)
{
    const struct p2i_capture_settings settings = {.order = P2I_ORDER_ARGS};
    struct p2i_capture *capture = NULL;
    struct p2i_block block;
    struct p2i_error error;
    struct memory_file file;
    memory_file_open(&file, bytes);
    const char *path = file.path;
    if (!p2i_block_init(&block) ||
        p2i_capture_open(&capture, &settings, &path, 1, NULL, NULL, &error) != P2I_OK) {
        abort();
    }
    while (frames->count < FRAMES_MAX && p2i_capture_read(capture, &block, &error) == P2I_OK) {
        append_block(frames, &block);
    }
    p2i_capture_close(capture);
    p2i_block_free(&block);
    memory_file_close(&file);
}

void frames_free(struct frames *frames)
{
    p2i_arena_free(&frames->arena);
}

/* ---- Writing ----------------------------------------------------------------------------- */

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, ENHANCED = 6, SNAPLEN = 262144, LINK_TYPES = 64 };

/* Bytes at `at`, where `failed` says that some did not fit. */
struct writing {
    uint8_t *at, *end;
    bool failed;
};

static void put(struct writing *writing, const void *bytes, size_t size)
{
    if (writing->failed || size > (size_t)(writing->end - writing->at)) {
        writing->failed = true;
    } else if (size > 0) {
        memcpy(writing->at, bytes, size);
        writing->at += size;
    }
}

static void put_numbers(struct writing *writing, const uint32_t *numbers, size_t count)
{
    put(writing, numbers, count * sizeof *numbers);
}

static void write_pcap(const struct frames *frames, struct writing *writing)
{
    const uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, SNAPLEN, frames->list[0].link_type};
    put_numbers(writing, header, 6);
    for (size_t i = 0; i < frames->count; i++) {
        const struct frame *frame = &frames->list[i];
        const struct writing before = *writing;
        put_numbers(writing,
                    (const uint32_t[]){(uint32_t)(frame->time_ns / 1000000000),
                                       (uint32_t)(frame->time_ns % 1000000000), frame->size,
                                       frame->original_size},
                    4);
        put(writing, frame->data, frame->size);
        if (writing->failed) {
            *writing = before;
            return;
        }
    }
}

/* A block of pcapng: numbers, then bytes with their padding. */
static void put_block(struct writing *writing, uint32_t type, const uint32_t *numbers,
                      size_t number_count, struct p2i_view bytes)
{
    static const uint8_t padding[4];
    size_t padded = (bytes.size + 3) / 4 * 4;
    uint32_t size = (uint32_t)(12 + number_count * 4 + padded);
    put_numbers(writing, (const uint32_t[]){type, size}, 2);
    put_numbers(writing, numbers, number_count);
    put(writing, bytes.data, bytes.size);
    put(writing, padding, padded - bytes.size);
    put_numbers(writing, &size, 1);
}

/* The interface of a link type; count: there is none yet. */
static uint32_t interface_of(const uint16_t *link_types, uint32_t count, uint16_t link_type)
{
    uint32_t i = 0;
    while (i < count && link_types[i] != link_type) {
        i++;
    }
    return i;
}

/* Its times are nanoseconds: option if_tsresol. */
static void put_interface(struct writing *writing, uint16_t link_type)
{
    const uint16_t head[] = {link_type, 0};
    const uint16_t option[] = {9, 1};
    uint32_t numbers[5] = {0, SNAPLEN, 0, 0, 0};
    memcpy(&numbers[0], head, sizeof head);
    memcpy(&numbers[2], option, sizeof option);
    memset(&numbers[3], 9, 1);
    put_block(writing, INTERFACE, numbers, 5, p2i_view_of(NULL, 0));
}

static void write_pcapng(const struct frames *frames, struct writing *writing)
{
    uint16_t link_types[LINK_TYPES];
    uint32_t count = 0;
    put_block(writing, SECTION, (const uint32_t[]){0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX}, 4,
              p2i_view_of(NULL, 0));
    for (size_t i = 0; i < frames->count; i++) {
        const struct frame *frame = &frames->list[i];
        const struct writing before = *writing;
        uint32_t interface = interface_of(link_types, count, frame->link_type);
        if (interface == count && count < LINK_TYPES) {
            link_types[count++] = frame->link_type;
            put_interface(writing, frame->link_type);
        }
        put_block(writing, ENHANCED,
                  (const uint32_t[]){interface, (uint32_t)(frame->time_ns >> 32),
                                     (uint32_t)frame->time_ns, frame->size, frame->original_size},
                  5, p2i_view_of(frame->data, frame->size));
        if (writing->failed) {
            *writing = before;
            return;
        }
    }
}

size_t frames_write(const struct frames *frames, uint8_t *out, size_t most)
{
    struct writing writing = {.at = out, .end = out + most};
    bool mixed = false;
    for (size_t i = 1; i < frames->count; i++) {
        mixed = mixed || frames->list[i].link_type != frames->list[0].link_type;
    }
    if (frames->count == 0) {
        return 0;
    }
    if (mixed) {
        write_pcapng(frames, &writing);
    } else {
        write_pcap(frames, &writing);
    }
    return writing.failed ? 0 : (size_t)(writing.at - out);
}
