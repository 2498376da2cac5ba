/* SPDX-License-Identifier: MIT */
#include "engine/stations.h"

enum {
    AHEAD = 3,  /* blocks that a worker should have in store */
    ALONE = 64, /* frames that one worker decodes before it handles them */
};

struct p2i_slot *p2i_slot_of(const struct p2i_pipeline *pipeline, uint64_t number)
{
    return &pipeline->slots[number % pipeline->slot_count];
}

bool p2i_pipeline_has_room(const struct p2i_pipeline *pipeline)
{
    return atomic_load(&pipeline->decoded) <
           atomic_load(&pipeline->written) + atomic_load(&pipeline->ahead);
}

/* True when this thread should decode rather than handle: some worker has few blocks in store, and
 * no worker has fewer than its own. So the threads decode in turn, each while the others have a
 * store.
 */
bool p2i_pipeline_is_turn(struct p2i_pipeline *pipeline, unsigned number)
{
    uint64_t decoded = atomic_load_explicit(&pipeline->decoded, memory_order_relaxed);
    uint64_t own =
        decoded - atomic_load_explicit(&pipeline->runners[number].handled, memory_order_relaxed);
    for (unsigned i = 0; i < pipeline->worker_count; i++) {
        if (decoded - atomic_load_explicit(&pipeline->runners[i].handled, memory_order_relaxed) <
            own) {
            return false;
        }
    }
    return own < AHEAD;
}

/* ---- written ---- */

/* Memory of a block with its results. */
static uint64_t bytes_of(const struct p2i_pipeline *pipeline, const struct p2i_slot *slot)
{
    uint64_t bytes = slot->block.buffer_capacity +
                     slot->block.frame_capacity * (uint64_t)sizeof *slot->block.frames +
                     slot->decoded.arrivals.capacity * (uint64_t)sizeof(struct p2i_arrival) +
                     slot->decoded.joined.bytes + slot->decoded.replaced_bytes;
    for (unsigned i = 0; i <= pipeline->worker_count; i++) {
        bytes += slot->results[i].records.capacity + slot->results[i].live.capacity;
    }
    return bytes;
}

static void report_progress(const struct p2i_pipeline *pipeline, const struct p2i_progress *read)
{
    const struct p2i_settings *settings = pipeline->settings;
    if (settings->progress == NULL) {
        return;
    }
    struct p2i_progress progress = *read;
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        progress.records += pipeline->merge.records[i];
    }
    settings->progress(settings->context, &progress);
}

/* Writes the results of a block, and allows as many blocks of this size in flight as fit. */
static void write_slot(struct p2i_pipeline *pipeline, struct p2i_slot *slot, uint64_t number)
{
    enum { REPORT_EACH = 64 };
    uint64_t fit = pipeline->memory_bytes / bytes_of(pipeline, slot);
    fit = fit > pipeline->slot_count ? pipeline->slot_count : fit;
    atomic_store(&pipeline->ahead, fit < P2I_SLOTS_LEAST ? P2I_SLOTS_LEAST : fit);
    if (!atomic_load(&pipeline->failed)) {
        pipeline->write_result =
            p2i_merge_records(&pipeline->merge, slot->results, &pipeline->write_error);
        if (pipeline->write_result != P2I_OK) {
            atomic_store(&pipeline->failed, true);
        }
    }
    if (number % REPORT_EACH == 0) {
        report_progress(pipeline, &slot->progress);
    }
    p2i_block_trim(&slot->block);
    p2i_joined_buffers_clear(&slot->decoded.joined);
}

/* A block was written. A thread that sleeps for want of room is woken when there is room for
 * several blocks, so that it does not wake for each. */
static void announce_room(struct p2i_pipeline *pipeline)
{
    uint64_t in_flight = atomic_load(&pipeline->decoded) - atomic_load(&pipeline->written);
    if (in_flight <= atomic_load(&pipeline->ahead) / 2) {
        p2i_event_notify(&pipeline->changed);
    } else {
        p2i_event_note(&pipeline->changed);
    }
}

/* Writes the oldest blocks if all workers have finished them. Another thread that finishes one
 * meanwhile relies on this one to look again. */
bool p2i_try_to_write(struct p2i_pipeline *pipeline)
{
    bool wrote = false;
    for (;;) {
        uint64_t number = atomic_load(&pipeline->written);
        struct p2i_slot *slot = p2i_slot_of(pipeline, number);
        if (number >= atomic_load(&pipeline->decoded) ||
            atomic_load(&slot->handled) < pipeline->worker_count ||
            atomic_exchange(&pipeline->writing, true)) {
            return wrote;
        }
        if (atomic_load(&pipeline->written) == number) {
            write_slot(pipeline, slot, number);
            atomic_store(&pipeline->written, number + 1);
            wrote = true;
        }
        atomic_store(&pipeline->writing, false);
        announce_room(pipeline);
    }
}

/* ---- handled ---- */

bool p2i_try_to_handle(struct p2i_runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    uint64_t number = atomic_load_explicit(&runner->handled, memory_order_relaxed);
    if (number >= atomic_load(&pipeline->decoded)) {
        return false;
    }
    struct p2i_slot *slot = p2i_slot_of(pipeline, number);
    if (!atomic_load_explicit(&pipeline->failed, memory_order_relaxed)) {
        p2i_worker_handle(&runner->worker, &slot->decoded, &slot->results[runner->worker.number]);
    }
    atomic_store(&runner->handled, number + 1);
    (void)atomic_fetch_add(&slot->handled, 1);
    return true;
}

/* ---- decoded ---- */

/* The last packet that all workers have handled. The slot of its block is not used again before the
 * next block is decoded. */
static uint64_t last_handled(const struct p2i_pipeline *pipeline)
{
    uint64_t written = atomic_load(&pipeline->written);
    return written > 0 ? p2i_slot_of(pipeline, written - 1)->decoded.last_number : 0;
}

void p2i_publish_block(struct p2i_pipeline *pipeline, struct p2i_slot *slot, uint64_t number)
{
    size_t at = 0;
    p2i_block_decoder_release(&pipeline->decoder, last_handled(pipeline));
    pipeline->decoder.results = &slot->results[pipeline->worker_count];
    p2i_decode_block(&pipeline->decoder, &slot->block, &at, P2I_BLOCK_FRAMES, &slot->decoded);
    atomic_store(&slot->handled, 0);
    atomic_store(&pipeline->decoded, number + 1);
    p2i_event_notify(&pipeline->changed);
}

/* With one worker, each batch of packets is handled while its headers are in the nearest cache. */
void p2i_handle_alone(struct p2i_pipeline *pipeline, struct p2i_slot *slot, uint64_t number)
{
    pipeline->decoder.results = &slot->results[pipeline->worker_count];
    for (size_t at = 0; at < slot->block.frame_count;) {
        p2i_block_decoder_release(&pipeline->decoder, pipeline->decoder.last_number);
        p2i_decode_block(&pipeline->decoder, &slot->block, &at, ALONE, &slot->decoded);
        p2i_worker_handle(&pipeline->runners[0].worker, &slot->decoded, slot->results);
    }
    write_slot(pipeline, slot, number);
    atomic_store_explicit(&pipeline->written, number + 1, memory_order_relaxed);
    atomic_store_explicit(&pipeline->decoded, number + 1, memory_order_relaxed);
}

/* Blocks that the thread's worker can handle. */
static uint64_t store_of(const struct p2i_runner *runner)
{
    return atomic_load(&runner->pipeline->decoded) -
           atomic_load_explicit(&runner->handled, memory_order_relaxed);
}

/* A thread with blocks in store reads only what is there: their records must not wait for a pipe.
 */
static bool can_read(const struct p2i_runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    return atomic_load(&pipeline->source_on) && p2i_pipeline_has_room(pipeline) &&
           (store_of(runner) == 0 || pipeline->source.is_ready(pipeline->source.context));
}

/* Reads and decodes a block. False: none follows. */
static bool read_block(struct p2i_pipeline *pipeline)
{
    uint64_t number = atomic_load(&pipeline->decoded);
    struct p2i_slot *slot = p2i_slot_of(pipeline, number);
    pipeline->read_result = pipeline->source.read(pipeline->source.context, &slot->block,
                                                  &slot->progress, &pipeline->read_error);
    if (pipeline->read_result != P2I_OK) {
        atomic_store(&pipeline->source_on, false);
        return false;
    }
    p2i_publish_block(pipeline, slot, number);
    return true;
}

static bool try_to_read(struct p2i_runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (!atomic_load(&pipeline->source_on) || !p2i_pipeline_has_room(pipeline) ||
        atomic_exchange(&pipeline->decoding, true)) {
        return false;
    }
    bool can = can_read(runner); /* now that no other thread decodes */
    bool read = false;
    if (atomic_load(&pipeline->failed)) {
        atomic_store(&pipeline->source_on, false);
    } else if (can) {
        read = read_block(pipeline);
    }
    atomic_store(&pipeline->decoding, false);
    if (read) {
        p2i_event_note(&pipeline->changed); /* sleeping threads were woken by the block */
    } else {
        p2i_event_notify(&pipeline->changed);
    }
    return can;
}

/* A thread whose store is nearly full handles it, and another one works ahead meanwhile. The store
 * is large, because nobody works ahead while one thread follows the other. */
static bool may_work_ahead(const struct p2i_runner *runner)
{
    uint64_t most = atomic_load_explicit(&runner->pipeline->ahead, memory_order_relaxed);
    return store_of(runner) < most - most / 4;
}

/* A part of later reads: compressed captures are decompressed. The pieces are small, and other
 * threads look for them only when they have nothing else to do, so none is woken. */
static bool try_to_work_ahead(struct p2i_runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (!atomic_load(&pipeline->source_on)) {
        return false;
    }
    (void)atomic_fetch_add(&pipeline->working_ahead, 1);
    bool did = atomic_load(&pipeline->source_on) && !atomic_load(&pipeline->failed) &&
               pipeline->source.work_ahead(pipeline->source.context, store_of(runner) == 0);
    (void)atomic_fetch_sub(&pipeline->working_ahead, 1);
    if (!atomic_load(&pipeline->source_on)) {
        p2i_event_notify(&pipeline->changed); /* the last to leave */
    } else if (did) {
        p2i_event_note(&pipeline->changed);
    }
    return did;
}

/* Does the next thing that can be done. False: nothing. */
bool p2i_work_once(struct p2i_runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (p2i_pipeline_is_turn(pipeline, runner->worker.number) && try_to_read(runner)) {
        return true;
    }
    if (may_work_ahead(runner) && try_to_work_ahead(runner)) {
        return true;
    }
    if (p2i_try_to_handle(runner)) {
        (void)p2i_try_to_write(pipeline);
        return true;
    }
    return p2i_try_to_write(pipeline) || try_to_read(runner);
}
