/* SPDX-License-Identifier: MIT */
#include "capture/capture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "capture/block.h"
#include "capture/capture_source.h"
#include "capture/decompress_ahead.h"
#include "capture/filter.h"
#include "capture/hash_stored.h"
#include "capture/merge_by_time.h"
#include "capture/misplaced_filter.h"

static int by_name(const void *left, const void *right)
{
    const struct p2i_capture_source *const *a = left;
    const struct p2i_capture_source *const *b = right;
    int order = strcmp((*a)->facts.path, (*b)->facts.path);
    return order != 0 ? order : ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

/* Notes the size of a regular file. True: the input is a pipe or a device, which can be read only
 * once. */
static bool look(struct p2i_capture_source *source)
{
    struct stat status;
    if (strcmp(source->facts.path, "-") == 0) {
        return true;
    }
    if (stat(source->facts.path, &status) != 0 || S_ISDIR(status.st_mode)) {
        return false; /* opening it reports the error */
    }
    if (S_ISREG(status.st_mode)) {
        source->facts.size_bytes = (uint64_t)status.st_size;
        return false;
    }
    return true;
}

/* Prepares what other threads do for the reader. False: out of memory. */
static bool set_up_ahead(struct p2i_capture *capture)
{
    uint64_t bytes = capture->settings.ahead_bytes;
    bool hash = capture->settings.hash && p2i_sha256_is_built_in();
    uint64_t hash_bytes = hash ? bytes / 4 : 0;
    capture->ahead = bytes > 0 ? p2i_ahead_new(bytes - hash_bytes) : NULL;
    capture->hashes = hash ? p2i_stored_hashes_new(hash_bytes) : NULL;
    capture->windows = (struct p2i_decompress_windows){
        .several = capture->by_time,
        .limit = capture->settings.window_bytes,
        .hashes = capture->hashes,
    };
    return (capture->ahead != NULL || bytes == 0) && (capture->hashes != NULL || !hash);
}

static enum p2i_result set_up(struct p2i_capture *capture, const char *const *paths,
                              size_t path_count, struct p2i_error *error)
{
    size_t room = path_count > 0 ? path_count : 1;
    capture->sources = calloc(room, sizeof *capture->sources);
    capture->queue = calloc(room, sizeof(struct p2i_capture_source *));
    capture->heap = calloc(room, sizeof(struct p2i_capture_source *));
    if (capture->sources == NULL || capture->queue == NULL || capture->heap == NULL) {
        return p2i_fail_memory(error);
    }
    capture->source_count = path_count;
    capture->queue_count = path_count;
    capture->by_time = capture->settings.order == P2I_ORDER_TIME && path_count > 1;
    for (size_t i = 0; i < path_count; i++) {
        capture->sources[i].facts.path = paths[i];
        capture->sources[i].index = i;
        capture->sources[i].offset_ns = p2i_time_offset_of(
            capture->settings.time_offsets, capture->settings.time_offset_count, paths[i]);
        capture->queue[i] = &capture->sources[i];
        capture->sources[i].waits = look(&capture->sources[i]);
        if (capture->sources[i].waits) {
            capture->by_time = false;
        }
    }
    if (!set_up_ahead(capture)) {
        return p2i_fail_memory(error);
    }
    if (capture->settings.order == P2I_ORDER_NAME) {
        qsort(capture->queue, path_count, sizeof(struct p2i_capture_source *), by_name);
    }
    enum p2i_result result =
        p2i_find_misplaced_filter(&capture->settings, paths, path_count, error);
    capture->filter = capture->settings.compiled;
    if (result != P2I_OK || capture->settings.filter == NULL || capture->filter != NULL) {
        return result;
    }
    return p2i_filter_new(&capture->filter, capture->settings.filter, &capture->settings, error);
}

enum p2i_result p2i_capture_open(struct p2i_capture **opened,
                                 const struct p2i_capture_settings *settings,
                                 const char *const *paths, size_t path_count,
                                 p2i_capture_report *report, void *report_context,
                                 struct p2i_error *error)
{
    *opened = NULL;
    struct p2i_capture *capture = calloc(1, sizeof *capture);
    if (capture == NULL) {
        return p2i_fail_memory(error);
    }
    capture->settings = *settings;
    capture->report = report;
    capture->report_context = report_context;
    enum p2i_result result = set_up(capture, paths, path_count, error);
    if (result != P2I_OK) {
        p2i_capture_close(capture);
        return result;
    }
    *opened = capture;
    return P2I_OK;
}

static enum p2i_result read_in_turn(struct p2i_capture *capture, struct p2i_block *block)
{
    while (capture->queue_next < capture->queue_count) {
        struct p2i_capture_source *source = capture->queue[capture->queue_next];
        enum p2i_result result =
            p2i_capture_source_read(capture, source, block, P2I_BLOCK_BYTES, NULL);
        if (result == P2I_OK) {
            p2i_capture_source_count(source, block->frames, block->frame_count);
        }
        if (result != P2I_END) {
            return result;
        }
        capture->queue_next++;
    }
    return P2I_END;
}

/* Opens the inputs that are next, so that they are decompressed while this one is read. */
static void open_early(struct p2i_capture *capture)
{
    if (capture->ahead == NULL || capture->queue_count < 2) {
        return;
    }
    size_t end = capture->queue_next + 1 + p2i_ahead_captures(capture->ahead);
    for (size_t i = capture->queue_next; i < end && i < capture->queue_count; i++) {
        p2i_capture_source_open_early(capture, capture->queue[i]);
    }
}

static enum p2i_result read_next(struct p2i_capture *capture, struct p2i_block *block)
{
    if (!capture->by_time) {
        capture->windows.ahead = capture->ahead;
        open_early(capture);
        return read_in_turn(capture, block);
    }
    if (!capture->looked) {
        capture->looked = true;
        enum p2i_result result = p2i_merge_by_time_prepare(capture);
        if (result != P2I_OK) {
            return result;
        }
    }
    capture->windows.ahead = capture->ahead; /* not while only the first frames are looked at */
    open_early(capture);
    return p2i_merge_by_time_read(capture, block);
}

enum p2i_result p2i_capture_read(struct p2i_capture *capture, struct p2i_block *block,
                                 struct p2i_error *error)
{
    block->frame_count = 0;
    block->first_number = capture->frame_count + 1;
    if (capture->result == P2I_OK) {
        capture->result = read_next(capture, block);
        if (capture->result != P2I_OK && capture->hashes != NULL) {
            p2i_stored_hashes_finish(capture->hashes);
        }
    }
    if (block->frame_count > 0) {
        capture->frame_count += block->frame_count;
        p2i_block_choose_time(block, capture->settings.from_ns, capture->settings.to_ns);
        enum p2i_result result = capture->filter != NULL
                                     ? p2i_filter_apply(capture->filter, block, &capture->error)
                                     : P2I_OK;
        if (result == P2I_OK) {
            return P2I_OK;
        }
        block->frame_count = 0; /* some of them were not filtered */
        capture->result = result;
    }
    if (capture->result != P2I_END) {
        *error = capture->error;
    }
    return capture->result;
}

bool p2i_capture_work_ahead(struct p2i_capture *capture, bool may_wait)
{
    return (capture->ahead != NULL && p2i_ahead_work(capture->ahead, may_wait)) ||
           (capture->hashes != NULL && p2i_stored_hashes_work(capture->hashes));
}

bool p2i_capture_is_ready(const struct p2i_capture *capture)
{
    if (capture->hashes != NULL && !p2i_stored_hashes_has_room(capture->hashes)) {
        return false;
    }
    if (capture->by_time || capture->queue_next >= capture->queue_count) {
        return true;
    }
    const struct p2i_capture_source *source = capture->queue[capture->queue_next];
    return source->reader == NULL ? !source->waits : p2i_capture_reader_is_ready(source->reader);
}

size_t p2i_capture_count(const struct p2i_capture *capture)
{
    return capture->source_count;
}

const struct p2i_capture_facts *p2i_capture_facts(const struct p2i_capture *capture, size_t index)
{
    return &capture->sources[index].facts;
}

static int by_hash(const void *left, const void *right)
{
    const struct p2i_capture_source *const *a = left;
    const struct p2i_capture_source *const *b = right;
    int order = memcmp((*a)->facts.sha256, (*b)->facts.sha256, sizeof(*a)->facts.sha256);
    return order != 0 ? order : ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

void p2i_capture_find_copies(const struct p2i_capture *capture,
                             void (*found)(void *context, const struct p2i_capture_facts *copy,
                                           const struct p2i_capture_facts *first),
                             void *context)
{
    size_t count = 0;
    struct p2i_capture_source **all =
        capture->hashes != NULL ? calloc(capture->source_count + 1, sizeof *all) : NULL;
    for (size_t i = 0; all != NULL && i < capture->source_count; i++) {
        if (capture->sources[i].facts.hashed && capture->sources[i].facts.frame_count > 0) {
            all[count++] = &capture->sources[i];
        }
    }
    if (count > 1) {
        qsort(all, count, sizeof *all, by_hash);
    }
    for (size_t i = 1, first = 0; i < count; i++) {
        const struct p2i_capture_facts *facts = &all[first]->facts;
        if (memcmp(facts->sha256, all[i]->facts.sha256, sizeof facts->sha256) == 0) {
            found(context, &all[i]->facts, facts);
        } else {
            first = i;
        }
    }
    free(all); /* NULL: out of memory, and nothing is reported */
}

void p2i_capture_close(struct p2i_capture *capture)
{
    if (capture == NULL) {
        return;
    }
    for (size_t i = 0; i < capture->source_count; i++) {
        p2i_capture_source_close(&capture->sources[i]);
    }
    p2i_ahead_free(capture->ahead);
    p2i_stored_hashes_free(capture->hashes);
    if (capture->filter != capture->settings.compiled) {
        p2i_filter_free(capture->filter);
    }
    free(capture->sources);
    free(capture->queue);
    free(capture->heap);
    free(capture);
}
