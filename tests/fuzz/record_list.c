/* SPDX-License-Identifier: MIT */
#include "record_list.h"

#include <stdlib.h>

#include "base/hash.h"
#include "capture/capture.h"
#include "pcap2ipfix/engine.h"

static bool take_record(void *context, const struct p2i_record *record)
{
    struct record_list *list = context;
    size_t size;
    const void *bytes = p2i_record_bytes(record, &size);
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 64;
        list->hashes = realloc(list->hashes, list->capacity * sizeof *list->hashes);
        if (list->hashes == NULL) {
            abort();
        }
    }
    uint64_t hash = p2i_mix_bytes((uint64_t)p2i_record_kind_of(record), p2i_view_of(bytes, size));
    hash = p2i_mix(hash, p2i_record_session(record));
    list->hashes[list->count++] = p2i_mix(hash, p2i_record_packet(record, NULL));
    return true;
}

static enum p2i_result feed_frame(struct p2i_engine *engine, const struct p2i_frame *frame)
{
    const struct p2i_engine_frame given = {
        .struct_size = sizeof given,
        .data = frame->data,
        .size = frame->size,
        .original_size = frame->original_size,
        .time_ns = frame->time_ns,
        .link_type = (uint16_t)frame->link_type,
        .interface_id = frame->interface_id,
        .capture = frame->capture,
    };
    return p2i_engine_feed(engine, &given, NULL);
}

static enum p2i_result feed(struct p2i_engine *engine, struct p2i_capture *capture, uint64_t frames)
{
    struct p2i_block block;
    struct p2i_error error;
    enum p2i_result result = p2i_block_init(&block) ? P2I_OK : P2I_INTERNAL;
    while (result == P2I_OK && frames > 0 && p2i_capture_read(capture, &block, &error) == P2I_OK) {
        for (size_t i = 0; i < block.frame_count && frames > 0 && result == P2I_OK; i++) {
            result = feed_frame(engine, &block.frames[i]);
            frames--;
        }
    }
    p2i_block_free(&block);
    return result;
}

bool record_list_make(struct record_list *list, const struct p2i_settings *settings,
                      const char *const *paths, size_t count, uint64_t frames)
{
    const struct p2i_capture_settings reading = {.order = P2I_ORDER_ARGS};
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks, .context = list, .record = take_record};
    struct p2i_capture *capture = NULL;
    struct p2i_engine *engine = NULL;
    struct p2i_error error;
    *list = (struct record_list){0};
    bool done = p2i_capture_open(&capture, &reading, paths, count, NULL, NULL, &error) == P2I_OK &&
                p2i_engine_new(&engine, settings, &callbacks, &error) == P2I_OK &&
                feed(engine, capture, frames) == P2I_OK &&
                p2i_engine_flush(engine, &error) == P2I_OK;
    list->before_end = list->count;
    done = done && p2i_engine_finish(engine, &error) == P2I_OK;
    p2i_engine_free(engine);
    p2i_capture_close(capture);
    return done;
}

void record_list_free(struct record_list *list)
{
    free(list->hashes);
}

size_t record_list_equal(const struct record_list *a, const struct record_list *b)
{
    size_t same = 0;
    while (same < a->count && same < b->count && a->hashes[same] == b->hashes[same]) {
        same++;
    }
    return same;
}
