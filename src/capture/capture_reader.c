/* SPDX-License-Identifier: MIT */
#include "capture/capture_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/block.h"
#include "capture/byte_source.h"
#include "capture/identify.h"

struct p2i_capture_reader {
    struct p2i_byte_source *source;
    const struct p2i_capture_settings *settings;
    const char *path;
    const struct p2i_container *container; /* NULL: not identified yet, or no capture */
    void *state;                           /* state of the container's walker */
    uint8_t *rest; /* bytes read but not walked: the beginning of a record, or frames that did not
                      fit into the block */
    size_t rest_size, rest_capacity;
    size_t wanted;        /* bytes of the record at the beginning of `rest`, as far as known */
    const char *part;     /* name of that record, for messages */
    uint64_t offset;      /* of `rest` in the decompressed file */
    uint64_t frame_count; /* frames returned so far */
    bool tolerant;        /* a bad block was reported already */
    bool over;
    enum p2i_result source_result; /* last result of the source; P2I_OK: more to read */
    struct p2i_error source_error;
    enum p2i_result pending; /* returned after the frames before it */
    struct p2i_error pending_error;
};

/* The part of a block's buffer that is walked. */
struct window {
    uint8_t *data;
    size_t size;
};

enum p2i_result p2i_capture_reader_open(struct p2i_capture_reader **opened, const char *path,
                                        const struct p2i_capture_settings *settings,
                                        struct p2i_decompress_windows *windows, bool early,
                                        struct p2i_error *error)
{
    *opened = NULL;
    struct p2i_capture_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return p2i_fail_memory(error);
    }
    reader->path = path;
    reader->settings = settings;
    reader->wanted = 1;
    enum p2i_result result =
        p2i_byte_source_open(&reader->source, path, settings, windows, early, error);
    if (result != P2I_OK) {
        error->file = path;
        p2i_capture_reader_close(reader);
        return result;
    }
    *opened = reader;
    return P2I_OK;
}

void p2i_capture_reader_close(struct p2i_capture_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    p2i_byte_source_close(reader->source);
    if (reader->state != NULL && reader->container->free != NULL) {
        reader->container->free(reader->state);
    }
    free(reader->state);
    free(reader->rest);
    free(reader);
}

/* Copies the left-over bytes into the block and makes room for the whole record that they begin.
 * They are placed to end at a page border, so that the next read starts at one. */
static bool place_rest(struct p2i_capture_reader *reader, struct p2i_block *block,
                       size_t read_bytes, struct window *window)
{
    size_t lead = p2i_whole_pages(reader->rest_size);
    size_t room = lead + p2i_whole_pages(reader->wanted > reader->rest_size
                                             ? reader->wanted - reader->rest_size
                                             : 0);
    if (!p2i_block_reserve(block, room > read_bytes ? room : read_bytes)) {
        return false;
    }
    window->data = block->buffer + (lead - reader->rest_size);
    window->size = reader->rest_size;
    if (reader->rest_size > 0) {
        memcpy(window->data, reader->rest, reader->rest_size);
    }
    return true;
}

/* Reads behind the window: the usual amount, or more when the record at its beginning needs it. */
static void read_behind(struct p2i_capture_reader *reader, const struct p2i_block *block,
                        size_t read_bytes, struct window *window)
{
    if (reader->source_result != P2I_OK) {
        return;
    }
    size_t at = (size_t)(window->data - block->buffer) + window->size;
    size_t lacking = reader->wanted > window->size ? reader->wanted - window->size : 0;
    size_t size = at < read_bytes ? read_bytes - at : 0;
    if (size < lacking) {
        size = p2i_whole_pages(lacking);
    }
    size_t got = 0;
    if (size > 0) {
        reader->source_result = p2i_byte_source_read(reader->source, window->data + window->size,
                                                     size, &got, &reader->source_error);
    }
    window->size += got;
}

static void stop(struct p2i_capture_reader *reader, enum p2i_result result)
{
    reader->over = true;
    reader->pending = result;
}

/* Reports that the bytes end within a record. */
static void report_truncation(struct p2i_capture_reader *reader, size_t rest)
{
    struct p2i_error *error = &reader->pending_error;
    if (strcmp(reader->part, "the packet record") == 0) {
        (void)p2i_fail(error, P2I_DAMAGED,
                       "truncated: packet %" PRIu64 " needs %zu bytes, the file has %zu",
                       reader->frame_count + 1, reader->wanted, rest);
    } else {
        (void)p2i_fail(error, P2I_DAMAGED, "truncated: %s needs %zu bytes, the file has %zu",
                       reader->part, reader->wanted, rest);
    }
    error->offset = reader->offset;
}

/* The source has ended, and the last `rest` bytes are no whole record. */
static void end_of_source(struct p2i_capture_reader *reader, size_t rest)
{
    if (reader->source_result == P2I_END && rest == 0) {
        stop(reader, P2I_END);
        return;
    }
    if (reader->source_result == P2I_END) {
        report_truncation(reader, rest);
    } else {
        reader->pending_error = reader->source_error;
        reader->pending_error.offset = reader->offset + rest;
    }
    if (reader->part != NULL) {
        reader->pending_error.packet = reader->frame_count + 1;
    }
    stop(reader, reader->pending_error.code);
}

/* Turns the window's records into frames. *used: bytes of the window that are finished. */
static void walk_window(struct p2i_capture_reader *reader, struct p2i_block *block,
                        const struct window *window, size_t *used)
{
    struct p2i_walk pass = {
        .bytes = p2i_view_of(window->data, window->size),
        .block = block,
        .offset = reader->offset,
        .frame_count = reader->frame_count,
        .tolerant = reader->tolerant,
        .last = reader->source_result != P2I_OK,
        .settings = reader->settings,
        .error = &reader->pending_error,
    };
    enum p2i_walk_end end = reader->container->walk(reader->state, &pass);
    *used = pass.used;
    reader->offset += pass.used;
    reader->frame_count += block->frame_count;
    reader->part = pass.part;
    reader->wanted = end == P2I_WALK_MORE ? pass.wanted : 1;
    if (end == P2I_WALK_BROKEN) {
        stop(reader, reader->pending_error.code);
    } else if (end == P2I_WALK_SKIPPED) {
        reader->tolerant = true;
        reader->pending = P2I_DAMAGED;
    } else if (end == P2I_WALK_MORE && reader->source_result != P2I_OK) {
        end_of_source(reader, window->size - pass.used);
    }
}

/* Identifies the container by the first bytes. False: out of memory. */
static bool identify(struct p2i_capture_reader *reader, const struct window *window)
{
    if (window->size == 0 && reader->source_result != P2I_END) {
        end_of_source(reader, 0); /* the source's own error is more precise */
        return true;
    }
    const struct p2i_container *container =
        p2i_identify(p2i_view_of(window->data, window->size), &reader->pending_error);
    if (container == NULL) {
        stop(reader, P2I_INPUT);
        return true;
    }
    reader->state = calloc(1, container->state_size);
    reader->container = reader->state != NULL ? container : NULL;
    return reader->state != NULL;
}

static bool keep_rest(struct p2i_capture_reader *reader, const struct window *window, size_t used)
{
    reader->rest_size = window->size - used;
    if (reader->rest_size > reader->rest_capacity) {
        uint8_t *rest = realloc(reader->rest, reader->rest_size);
        if (rest == NULL) {
            reader->rest_size = 0;
            return false;
        }
        reader->rest = rest;
        reader->rest_capacity = reader->rest_size;
    }
    if (reader->rest_size > 0) {
        memcpy(reader->rest, window->data + used, reader->rest_size);
    }
    return true;
}

/* Reads once and walks the bytes. False: out of memory. */
static bool read_and_walk(struct p2i_capture_reader *reader, struct p2i_block *block,
                          size_t read_bytes)
{
    struct window window;
    if (!place_rest(reader, block, read_bytes, &window)) {
        return false;
    }
    read_behind(reader, block, read_bytes, &window);
    if (reader->container == NULL && !identify(reader, &window)) {
        return false;
    }
    size_t used = 0;
    if (reader->container != NULL) {
        walk_window(reader, block, &window, &used);
    }
    return keep_rest(reader, &window, used);
}

/* True when the next record is a frame of more than `read_bytes` whose time is known. */
static bool peek_time(const struct p2i_capture_reader *reader, size_t read_bytes, uint64_t *next_ns)
{
    struct p2i_view rest = p2i_view_of(reader->rest, reader->rest_size);
    return reader->wanted > read_bytes && reader->container != NULL &&
           reader->container->peek_time(reader->state, rest, next_ns);
}

enum p2i_result p2i_capture_reader_read(struct p2i_capture_reader *reader, struct p2i_block *block,
                                        size_t read_bytes, uint64_t *next_ns,
                                        struct p2i_error *error)
{
    block->frame_count = 0;
    while (block->frame_count == 0 && reader->pending == P2I_OK) {
        if (next_ns != NULL && peek_time(reader, p2i_whole_pages(read_bytes), next_ns)) {
            return P2I_OK;
        }
        if (!read_and_walk(reader, block, p2i_whole_pages(read_bytes))) {
            stop(reader, p2i_fail_memory(&reader->pending_error));
        }
    }
    if (block->frame_count > 0) {
        return P2I_OK;
    }
    enum p2i_result result = reader->pending;
    if (result != P2I_END) {
        *error = reader->pending_error;
        error->file = reader->path;
    }
    if (!reader->over) {
        reader->pending = P2I_OK;
    }
    return result;
}

bool p2i_capture_reader_begin(struct p2i_capture_reader *reader)
{
    return p2i_byte_source_begin(reader->source);
}

bool p2i_capture_reader_is_ready(const struct p2i_capture_reader *reader)
{
    return p2i_byte_source_is_ready(reader->source);
}

bool p2i_capture_reader_is_done(const struct p2i_capture_reader *reader)
{
    return reader->over;
}

void p2i_capture_reader_release_descriptor(struct p2i_capture_reader *reader)
{
    p2i_byte_source_release_descriptor(reader->source);
}

void p2i_capture_reader_end_hash(struct p2i_capture_reader *reader, struct p2i_capture_facts *facts)
{
    p2i_byte_source_end_hash(reader->source, facts);
}

const char *p2i_capture_reader_format(const struct p2i_capture_reader *reader)
{
    return reader->container != NULL
               ? p2i_format_name(reader->container, p2i_byte_source_compression(reader->source))
               : NULL;
}

uint64_t p2i_capture_reader_position(const struct p2i_capture_reader *reader)
{
    return p2i_byte_source_position(reader->source);
}
