/* SPDX-License-Identifier: MIT */
#include "capture/input.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/block.h"
#include "capture/identify.h"
#include "capture/source.h"

struct p2i_input {
    struct p2i_source *source;
    const char *path;
    const struct p2i_container *container; /* NULL: not known yet, or none */
    void *state;                           /* of its walker */
    uint8_t *rest; /* bytes read and not walked: the begin of a record, or frames for
                      which the block had no room */
    size_t rest_size, rest_capacity;
    size_t wanted;        /* bytes of the record at the begin of the rest, as far as known */
    const char *part;     /* what that record is */
    uint64_t offset;      /* of the rest in the decompressed file */
    uint64_t frame_count; /* given so far */
    bool tolerant;        /* a bad block was reported */
    bool over;
    enum p2i_result source_result; /* what the source said last; P2I_OK: there is more */
    struct p2i_error source_error;
    enum p2i_result pending; /* said when the frames before it are given */
    struct p2i_error pending_error;
};

/* The bytes in a block's buffer that are walked. */
struct window {
    uint8_t *data;
    size_t size;
};

enum p2i_result p2i_input_open(struct p2i_input **opened, const char *path,
                               const struct p2i_capture_settings *settings,
                               struct p2i_windows *windows, struct p2i_error *error)
{
    *opened = NULL;
    struct p2i_input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    input->path = path;
    input->wanted = 1;
    enum p2i_result result = p2i_source_open(&input->source, path, settings, windows, error);
    if (result != P2I_OK) {
        error->file = path;
        p2i_input_close(input);
        return result;
    }
    *opened = input;
    return P2I_OK;
}

void p2i_input_close(struct p2i_input *input)
{
    if (input == NULL) {
        return;
    }
    p2i_source_close(input->source);
    if (input->state != NULL && input->container->free != NULL) {
        input->container->free(input->state);
    }
    free(input->state);
    free(input->rest);
    free(input);
}

/* Brings the left-over bytes into the block, with room for the record that they begin. They end at
 * the border of a page, so that the next read begins at one. */
static bool place_rest(struct p2i_input *input, struct p2i_block *block, size_t read_bytes,
                       struct window *window)
{
    size_t lead = p2i_pages(input->rest_size);
    size_t room =
        lead + p2i_pages(input->wanted > input->rest_size ? input->wanted - input->rest_size : 0);
    if (!p2i_block_reserve(block, room > read_bytes ? room : read_bytes)) {
        return false;
    }
    window->data = block->buffer + (lead - input->rest_size);
    window->size = input->rest_size;
    if (input->rest_size > 0) {
        memcpy(window->data, input->rest, input->rest_size);
    }
    return true;
}

/* Reads behind the window: as much as is read at once, or as the record at its begin needs. */
static void read_behind(struct p2i_input *input, const struct p2i_block *block, size_t read_bytes,
                        struct window *window)
{
    if (input->source_result != P2I_OK) {
        return;
    }
    size_t at = (size_t)(window->data - block->buffer) + window->size;
    size_t lacking = input->wanted > window->size ? input->wanted - window->size : 0;
    size_t size = at < read_bytes ? read_bytes - at : 0;
    if (size < lacking) {
        size = p2i_pages(lacking);
    }
    size_t got = 0;
    if (size > 0) {
        input->source_result = p2i_source_read(input->source, window->data + window->size, size,
                                               &got, &input->source_error);
    }
    window->size += got;
}

static void stop(struct p2i_input *input, enum p2i_result result)
{
    input->over = true;
    input->pending = result;
}

/* What is there ends within a record. */
static void tell_truncation(struct p2i_input *input, size_t rest)
{
    struct p2i_error *error = &input->pending_error;
    if (strcmp(input->part, "the packet record") == 0) {
        (void)p2i_fail(error, P2I_DAMAGED,
                       "truncated: packet %" PRIu64 " needs %zu bytes, the file has %zu",
                       input->frame_count + 1, input->wanted, rest);
    } else {
        (void)p2i_fail(error, P2I_DAMAGED, "truncated: %s needs %zu bytes, the file has %zu",
                       input->part, input->wanted, rest);
    }
    error->offset = input->offset;
}

/* The source gives no more, and `rest` bytes are not a whole record. */
static void end_of_source(struct p2i_input *input, size_t rest)
{
    if (input->source_result == P2I_END && rest == 0) {
        stop(input, P2I_END);
        return;
    }
    if (input->source_result == P2I_END) {
        tell_truncation(input, rest);
    } else {
        input->pending_error = input->source_error;
        input->pending_error.offset = input->offset + rest;
    }
    if (input->part != NULL) {
        input->pending_error.packet = input->frame_count + 1;
    }
    stop(input, input->pending_error.code);
}

/* Frames out of the window. *used bytes of it are then done with. */
static void walk_window(struct p2i_input *input, struct p2i_block *block,
                        const struct window *window, size_t *used)
{
    struct p2i_walk pass = {
        .bytes = p2i_view_of(window->data, window->size),
        .block = block,
        .offset = input->offset,
        .frame_count = input->frame_count,
        .tolerant = input->tolerant,
        .last = input->source_result != P2I_OK,
        .error = &input->pending_error,
    };
    enum p2i_walk_end end = input->container->walk(input->state, &pass);
    *used = pass.used;
    input->offset += pass.used;
    input->frame_count += block->frame_count;
    input->part = pass.part;
    input->wanted = end == P2I_WALK_MORE ? pass.wanted : 1;
    if (end == P2I_WALK_BROKEN) {
        stop(input, input->pending_error.code);
    } else if (end == P2I_WALK_SKIPPED) {
        input->tolerant = true;
        input->pending = P2I_DAMAGED;
    } else if (end == P2I_WALK_MORE && input->source_result != P2I_OK) {
        end_of_source(input, window->size - pass.used);
    }
}

/* False: out of memory. */
static bool identify(struct p2i_input *input, const struct window *window)
{
    if (window->size == 0 && input->source_result != P2I_END) {
        end_of_source(input, 0); /* the unpacker or the disk knows better what is wrong */
        return true;
    }
    const struct p2i_container *container =
        p2i_identify(p2i_view_of(window->data, window->size), &input->pending_error);
    if (container == NULL) {
        stop(input, P2I_INPUT);
        return true;
    }
    input->state = calloc(1, container->state_size);
    input->container = input->state != NULL ? container : NULL;
    return input->state != NULL;
}

static bool keep_rest(struct p2i_input *input, const struct window *window, size_t used)
{
    input->rest_size = window->size - used;
    if (input->rest_size > input->rest_capacity) {
        uint8_t *rest = realloc(input->rest, input->rest_size);
        if (rest == NULL) {
            input->rest_size = 0;
            return false;
        }
        input->rest = rest;
        input->rest_capacity = input->rest_size;
    }
    if (input->rest_size > 0) {
        memcpy(input->rest, window->data + used, input->rest_size);
    }
    return true;
}

/* Reads once and walks. False: out of memory. */
static bool read_and_walk(struct p2i_input *input, struct p2i_block *block, size_t read_bytes)
{
    struct window window;
    if (!place_rest(input, block, read_bytes, &window)) {
        return false;
    }
    read_behind(input, block, read_bytes, &window);
    if (input->container == NULL && !identify(input, &window)) {
        return false;
    }
    size_t used = 0;
    if (input->container != NULL) {
        walk_window(input, block, &window, &used);
    }
    return keep_rest(input, &window, used);
}

/* Whether the next record is a frame for which `read_bytes` are too few, of a known time. */
static bool foresee(const struct p2i_input *input, size_t read_bytes, uint64_t *next_ns)
{
    struct p2i_view rest = p2i_view_of(input->rest, input->rest_size);
    return input->wanted > read_bytes && input->container != NULL &&
           input->container->foresee(input->state, rest, next_ns);
}

enum p2i_result p2i_input_read(struct p2i_input *input, struct p2i_block *block, size_t read_bytes,
                               uint64_t *next_ns, struct p2i_error *error)
{
    block->frame_count = 0;
    while (block->frame_count == 0 && input->pending == P2I_OK) {
        if (next_ns != NULL && foresee(input, p2i_pages(read_bytes), next_ns)) {
            return P2I_OK;
        }
        if (!read_and_walk(input, block, p2i_pages(read_bytes))) {
            stop(input, p2i_fail(&input->pending_error, P2I_INTERNAL, "out of memory"));
        }
    }
    if (block->frame_count > 0) {
        return P2I_OK;
    }
    enum p2i_result result = input->pending;
    if (result != P2I_END) {
        *error = input->pending_error;
        error->file = input->path;
    }
    if (!input->over) {
        input->pending = P2I_OK;
    }
    return result;
}

bool p2i_input_over(const struct p2i_input *input)
{
    return input->over;
}

void p2i_input_rest(struct p2i_input *input)
{
    p2i_source_rest(input->source);
}

const char *p2i_input_format(const struct p2i_input *input)
{
    return input->container != NULL
               ? p2i_format_name(input->container, p2i_source_compression(input->source))
               : NULL;
}

uint64_t p2i_input_position(const struct p2i_input *input)
{
    return p2i_source_position(input->source);
}
