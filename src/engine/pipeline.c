/* SPDX-License-Identifier: MIT */
#include "engine/pipeline.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/budget.h"
#include "engine/event_count.h"

enum {
    SLOTS = 8,
    SLOTS_LEAST = 2, /* several workers: one is decoded while one is handled */
    AHEAD = 3,       /* blocks that a worker should have in store */
    ALONE = 64,      /* frames that one worker decodes before it handles them */
    SPINS = 2000,    /* looks before a thread sleeps: some 50 us */
    LINE = 128,      /* cores fetch cache lines in pairs */
    SLOT_BYTES = P2I_BLOCK_BYTES + P2I_BLOCK_FRAMES * sizeof(struct p2i_frame) +
                 P2I_BLOCK_FRAMES / 4 * sizeof(struct p2i_arrival)
};

/* A block on its way. */
struct slot {
    struct p2i_block block;
    struct p2i_decoded_block decoded;
    struct p2i_progress progress;            /* when it was read */
    struct p2i_worker_results *results;      /* by worker */
    _Alignas(LINE) _Atomic unsigned handled; /* number of workers that have finished it */
};

/* A thread with its worker. */
struct runner {
    struct p2i_pipeline *pipeline;
    struct p2i_worker worker;
    pthread_t thread; /* not of worker 0 */
    bool started;
    struct p2i_worker_results last;          /* of ending all sessions */
    _Alignas(LINE) _Atomic uint64_t handled; /* blocks that the worker has finished */
};

struct p2i_pipeline {
    const struct p2i_settings *settings;
    struct p2i_block_decoder decoder;
    struct p2i_record_merge merge;
    unsigned worker_count;
    size_t slot_count;
    uint64_t memory_bytes;  /* for all slots */
    struct runner *runners; /* by worker */
    struct slot *slots;
    struct p2i_block_source source;           /* of p2i_pipeline_read() */
    struct p2i_error read_error, write_error; /* valid with the results below */
    enum p2i_result read_result;              /* of the current source */
    enum p2i_result write_result;             /* P2I_OK, or why `failed` is set */

    _Alignas(LINE) _Atomic uint64_t decoded; /* blocks decoded so far */
    _Alignas(LINE) _Atomic uint64_t written; /* blocks written so far */
    _Alignas(LINE) _Atomic bool decoding;    /* a thread is at the first station */
    _Alignas(LINE) _Atomic bool writing;     /* a thread is at the last station */
    _Alignas(LINE) struct p2i_event_count changed;
    _Atomic uint64_t ahead; /* maximum number of blocks in flight */
    _Atomic bool source_on; /* blocks can be read */
    _Atomic bool finishing; /* sessions end when no block is left */
    _Atomic bool failed;    /* the sink or memory failed: nothing is handled any more */
};

static struct slot *slot_of(const struct p2i_pipeline *pipeline, uint64_t number)
{
    return &pipeline->slots[number % pipeline->slot_count];
}

static bool has_room(const struct p2i_pipeline *pipeline)
{
    return atomic_load(&pipeline->decoded) <
           atomic_load(&pipeline->written) + atomic_load(&pipeline->ahead);
}

/* True when this thread should decode rather than handle: some worker has few blocks in store, and
 * no worker has fewer than its own. So the threads decode in turn, each while the others have a
 * store.
 */
static bool is_its_turn(struct p2i_pipeline *pipeline, unsigned number)
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
static uint64_t bytes_of(const struct p2i_pipeline *pipeline, const struct slot *slot)
{
    uint64_t bytes = slot->block.buffer_capacity +
                     slot->block.frame_capacity * (uint64_t)sizeof *slot->block.frames +
                     slot->decoded.arrivals.capacity * (uint64_t)sizeof(struct p2i_arrival) +
                     slot->decoded.joined.bytes + slot->decoded.replaced_bytes;
    for (unsigned i = 0; i < pipeline->worker_count; i++) {
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
static void write_slot(struct p2i_pipeline *pipeline, struct slot *slot, uint64_t number)
{
    enum { REPORT_EACH = 64 };
    uint64_t fit = pipeline->memory_bytes / bytes_of(pipeline, slot);
    fit = fit > pipeline->slot_count ? pipeline->slot_count : fit;
    atomic_store(&pipeline->ahead, fit < SLOTS_LEAST ? SLOTS_LEAST : fit);
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

/* Writes the oldest blocks if all workers have finished them. Another thread that finishes one
 * meanwhile relies on this one to look again. */
static bool try_to_write(struct p2i_pipeline *pipeline)
{
    bool wrote = false;
    for (;;) {
        uint64_t number = atomic_load(&pipeline->written);
        struct slot *slot = slot_of(pipeline, number);
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
        p2i_event_notify(&pipeline->changed);
    }
}

/* ---- handled ---- */

static bool try_to_handle(struct runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    uint64_t number = atomic_load_explicit(&runner->handled, memory_order_relaxed);
    if (number >= atomic_load(&pipeline->decoded)) {
        return false;
    }
    struct slot *slot = slot_of(pipeline, number);
    if (!atomic_load_explicit(&pipeline->failed, memory_order_relaxed)) {
        p2i_worker_handle(&runner->worker, &slot->decoded, &slot->results[runner->worker.number]);
    }
    atomic_store(&runner->handled, number + 1);
    if (atomic_fetch_add(&slot->handled, 1) + 1 == pipeline->worker_count) {
        p2i_event_notify(&pipeline->changed);
    }
    return true;
}

/* ---- decoded ---- */

/* The last packet that all workers have handled. The slot of its block is not used again before the
 * next block is decoded. */
static uint64_t last_handled(const struct p2i_pipeline *pipeline)
{
    uint64_t written = atomic_load(&pipeline->written);
    return written > 0 ? slot_of(pipeline, written - 1)->decoded.last_number : 0;
}

static void publish(struct p2i_pipeline *pipeline, struct slot *slot, uint64_t number)
{
    size_t at = 0;
    p2i_block_decoder_release(&pipeline->decoder, last_handled(pipeline));
    p2i_decode_block(&pipeline->decoder, &slot->block, &at, P2I_BLOCK_FRAMES, &slot->decoded);
    atomic_store(&slot->handled, 0);
    atomic_store(&pipeline->decoded, number + 1);
    p2i_event_notify(&pipeline->changed);
}

/* With one worker, each batch of packets is handled while its headers are in the nearest cache. */
static void handle_alone(struct p2i_pipeline *pipeline, struct slot *slot, uint64_t number)
{
    for (size_t at = 0; at < slot->block.frame_count;) {
        p2i_block_decoder_release(&pipeline->decoder, pipeline->decoder.last_number);
        p2i_decode_block(&pipeline->decoder, &slot->block, &at, ALONE, &slot->decoded);
        p2i_worker_handle(&pipeline->runners[0].worker, &slot->decoded, slot->results);
    }
    write_slot(pipeline, slot, number);
    atomic_store_explicit(&pipeline->written, number + 1, memory_order_relaxed);
    atomic_store_explicit(&pipeline->decoded, number + 1, memory_order_relaxed);
}

static bool has_store(const struct runner *runner)
{
    return atomic_load_explicit(&runner->handled, memory_order_relaxed) <
           atomic_load(&runner->pipeline->decoded);
}

/* A thread with blocks in store reads only what is there: their records must not wait for a pipe.
 */
static bool can_read(const struct runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    return atomic_load(&pipeline->source_on) && has_room(pipeline) &&
           (!has_store(runner) || pipeline->source.is_ready(pipeline->source.context));
}

/* Reads and decodes a block. */
static void read_block(struct p2i_pipeline *pipeline)
{
    uint64_t number = atomic_load(&pipeline->decoded);
    struct slot *slot = slot_of(pipeline, number);
    pipeline->read_result = pipeline->source.read(pipeline->source.context, &slot->block,
                                                  &slot->progress, &pipeline->read_error);
    if (pipeline->read_result == P2I_OK) {
        publish(pipeline, slot, number);
    } else {
        atomic_store(&pipeline->source_on, false);
    }
}

static bool try_to_read(struct runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (!atomic_load(&pipeline->source_on) || !has_room(pipeline) ||
        atomic_exchange(&pipeline->decoding, true)) {
        return false;
    }
    bool can = can_read(runner); /* now that no other thread decodes */
    if (atomic_load(&pipeline->failed)) {
        atomic_store(&pipeline->source_on, false);
    } else if (can) {
        read_block(pipeline);
    }
    atomic_store(&pipeline->decoding, false);
    p2i_event_notify(&pipeline->changed);
    return can;
}

/* ---- threads ---- */

/* Does the next thing that can be done. False: nothing. */
static bool work_once(struct runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (is_its_turn(pipeline, runner->worker.number) && try_to_read(runner)) {
        return true;
    }
    if (try_to_handle(runner)) {
        (void)try_to_write(pipeline);
        return true;
    }
    return try_to_write(pipeline) || try_to_read(runner);
}

static inline void pause_shortly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* Works, or waits until there may be something to do, unless `is_over` says that it is over. */
static void work_or_wait(struct runner *runner, bool (*is_over)(const struct p2i_pipeline *))
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    uint32_t seen = atomic_load(&pipeline->changed.count);
    if (work_once(runner) || is_over(pipeline)) {
        return;
    }
    for (unsigned i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&pipeline->changed.count, memory_order_relaxed) != seen) {
            return;
        }
        pause_shortly();
    }
    uint32_t count = p2i_event_prepare(&pipeline->changed);
    if (count != seen || is_over(pipeline)) {
        p2i_event_cancel(&pipeline->changed);
    } else {
        p2i_event_sleep(&pipeline->changed, count);
    }
}

static bool is_finishing(const struct p2i_pipeline *pipeline)
{
    return atomic_load(&pipeline->finishing);
}

static bool is_drained(const struct p2i_pipeline *pipeline)
{
    return !atomic_load(&pipeline->source_on) && !atomic_load(&pipeline->decoding) &&
           atomic_load(&pipeline->written) == atomic_load(&pipeline->decoded);
}

static void end_sessions(struct runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (!atomic_load(&pipeline->failed)) {
        p2i_worker_finish(&runner->worker, pipeline->decoder.last_number, &runner->last);
    }
}

static void *run_thread(void *argument)
{
    struct runner *runner = argument;
    while (!is_finishing(runner->pipeline)) {
        work_or_wait(runner, is_finishing);
    }
    end_sessions(runner);
    return NULL;
}

static enum p2i_result start_threads(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    for (unsigned i = 1; i < pipeline->worker_count; i++) {
        struct runner *runner = &pipeline->runners[i];
        runner->started =
            runner->started || pthread_create(&runner->thread, NULL, run_thread, runner) == 0;
        if (!runner->started) {
            return p2i_fail(error, P2I_INTERNAL, "cannot start a thread");
        }
    }
    return P2I_OK;
}

static void stop_threads(struct p2i_pipeline *pipeline)
{
    atomic_store(&pipeline->finishing, true);
    p2i_event_notify(&pipeline->changed);
    for (unsigned i = 1; i < pipeline->worker_count; i++) {
        if (pipeline->runners[i].started) {
            pthread_join(pipeline->runners[i].thread, NULL);
            pipeline->runners[i].started = false;
        }
    }
}

/* ---- interface ---- */

/* Workers must be idle, unless one of the stations has failed. */
static enum p2i_result result_of(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    if (atomic_load(&pipeline->failed)) {
        *error = pipeline->write_error;
        return pipeline->write_result;
    }
    enum p2i_result read = pipeline->read_result;
    pipeline->read_result = P2I_OK;
    if (read != P2I_OK && read != P2I_END) {
        *error = pipeline->read_error;
        return read;
    }
    bool lost = pipeline->decoder.out_of_memory;
    for (unsigned i = 0; i < pipeline->worker_count; i++) {
        lost |= pipeline->runners[i].worker.out_of_memory;
    }
    return lost ? p2i_fail_memory(error) : P2I_OK;
}

enum p2i_result p2i_pipeline_take(struct p2i_pipeline *pipeline, struct p2i_block **block,
                                  struct p2i_error *error)
{
    enum p2i_result result = start_threads(pipeline, error);
    while (result == P2I_OK && pipeline->worker_count > 1 && !has_room(pipeline)) {
        work_or_wait(&pipeline->runners[0], has_room);
    }
    *block = &slot_of(pipeline, atomic_load(&pipeline->decoded))->block;
    return result == P2I_OK && atomic_load(&pipeline->failed) ? result_of(pipeline, error) : result;
}

enum p2i_result p2i_pipeline_put(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    uint64_t number = atomic_load(&pipeline->decoded);
    struct slot *slot = slot_of(pipeline, number);
    if (slot->block.frame_count > 0 && pipeline->worker_count == 1) {
        handle_alone(pipeline, slot, number);
    } else if (slot->block.frame_count > 0) {
        publish(pipeline, slot, number);
        while (!is_its_turn(pipeline, 0) && try_to_handle(&pipeline->runners[0])) {
            (void)try_to_write(pipeline);
        }
    }
    return atomic_load(&pipeline->failed) ? result_of(pipeline, error) : P2I_OK;
}

enum p2i_result p2i_pipeline_drain(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    while (!is_drained(pipeline)) {
        work_or_wait(&pipeline->runners[0], is_drained);
    }
    return result_of(pipeline, error);
}

static void read_alone(struct p2i_pipeline *pipeline)
{
    const struct p2i_block_source *source = &pipeline->source;
    struct slot *slot = &pipeline->slots[0];
    while (!atomic_load_explicit(&pipeline->failed, memory_order_relaxed)) {
        pipeline->read_result =
            source->read(source->context, &slot->block, &slot->progress, &pipeline->read_error);
        if (pipeline->read_result != P2I_OK) {
            return;
        }
        handle_alone(pipeline, slot,
                     atomic_load_explicit(&pipeline->decoded, memory_order_relaxed));
    }
}

enum p2i_result p2i_pipeline_read(struct p2i_pipeline *pipeline,
                                  const struct p2i_block_source *source, struct p2i_error *error)
{
    pipeline->source = *source;
    pipeline->read_result = P2I_OK;
    if (pipeline->worker_count == 1) {
        read_alone(pipeline);
        return result_of(pipeline, error);
    }
    enum p2i_result result = start_threads(pipeline, error);
    if (result != P2I_OK) {
        return result;
    }
    atomic_store(&pipeline->source_on, true);
    p2i_event_notify(&pipeline->changed);
    return p2i_pipeline_drain(pipeline, error);
}

enum p2i_result p2i_pipeline_finish(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    enum p2i_result result = p2i_pipeline_drain(pipeline, error);
    if (result != P2I_OK) {
        return result;
    }
    stop_threads(pipeline);
    end_sessions(&pipeline->runners[0]);
    struct p2i_worker_results *last = calloc(pipeline->worker_count, sizeof *last);
    if (last == NULL) {
        return p2i_fail_memory(error);
    }
    for (unsigned i = 0; i < pipeline->worker_count; i++) {
        last[i] = pipeline->runners[i].last;
        pipeline->runners[i].last = (struct p2i_worker_results){0};
    }
    result = p2i_merge_records(&pipeline->merge, last, error);
    for (unsigned i = 0; i < pipeline->worker_count; i++) {
        p2i_worker_results_free(&last[i]);
    }
    free(last);
    return result == P2I_OK ? result_of(pipeline, error) : result;
}

/* Half of the memory is for blocks, the other half for their results. */
static void divide_memory(struct p2i_pipeline *pipeline)
{
    enum { MOST = 4 * P2I_BLOCK_BYTES };
    pipeline->memory_bytes = p2i_budget_split(pipeline->settings->memory_bytes).blocks;
    uint64_t slots = pipeline->memory_bytes / 2 / SLOT_BYTES;
    slots = slots < SLOTS_LEAST ? SLOTS_LEAST : slots > SLOTS ? SLOTS : slots;
    pipeline->slot_count = pipeline->worker_count == 1 ? 1 : (size_t)slots;
    atomic_store(&pipeline->ahead, pipeline->slot_count);
    uint64_t kept = pipeline->memory_bytes / 2 / pipeline->slot_count / pipeline->worker_count;
    pipeline->merge.kept_bytes = kept < MOST ? (size_t)kept : MOST;
}

static bool init_slots(struct p2i_pipeline *pipeline)
{
    size_t bytes = pipeline->slot_count * sizeof *pipeline->slots;
    pipeline->slots = aligned_alloc(LINE, bytes);
    if (pipeline->slots == NULL) {
        return false;
    }
    memset(pipeline->slots, 0, bytes);
    for (size_t i = 0; i < pipeline->slot_count; i++) {
        struct slot *slot = &pipeline->slots[i];
        slot->results = calloc(pipeline->worker_count, sizeof *slot->results);
        if (slot->results == NULL || !p2i_block_init(&slot->block)) {
            return false;
        }
    }
    return true;
}

static bool init_runners(struct p2i_pipeline *pipeline, const struct p2i_lookups *lookups,
                         const struct p2i_privacy_rules *rules)
{
    size_t bytes = pipeline->worker_count * sizeof *pipeline->runners;
    pipeline->runners = aligned_alloc(LINE, bytes);
    if (pipeline->runners == NULL) {
        return false;
    }
    memset(pipeline->runners, 0, bytes);
    const struct p2i_record_sink *sink = &pipeline->merge.sink;
    struct p2i_wanted wanted = {sink->session != NULL, sink->packet != NULL};
    for (unsigned i = 0; i < pipeline->worker_count; i++) {
        pipeline->runners[i].pipeline = pipeline;
        if (!p2i_worker_init(&pipeline->runners[i].worker, pipeline->settings, lookups,
                             pipeline->decoder.bindings, rules, &wanted, i)) {
            return false;
        }
    }
    return true;
}

enum p2i_result p2i_pipeline_new(struct p2i_pipeline **made, const struct p2i_settings *settings,
                                 const struct p2i_lookups *lookups,
                                 const struct p2i_privacy_rules *rules,
                                 const struct p2i_record_sink *sink, struct p2i_error *error)
{
    *made = NULL;
    struct p2i_pipeline *pipeline = aligned_alloc(LINE, sizeof *pipeline);
    if (pipeline == NULL) {
        return p2i_fail_memory(error);
    }
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->settings = settings;
    pipeline->worker_count = settings->threads;
    pipeline->merge.sink = *sink;
    pipeline->merge.worker_count = settings->threads;
    divide_memory(pipeline);
    if (!p2i_block_decoder_init(&pipeline->decoder, settings) || !init_slots(pipeline) ||
        !init_runners(pipeline, lookups, rules)) {
        p2i_pipeline_free(pipeline);
        return p2i_fail_memory(error);
    }
    *made = pipeline;
    return P2I_OK;
}

void p2i_pipeline_free(struct p2i_pipeline *pipeline)
{
    if (pipeline == NULL) {
        return;
    }
    if (pipeline->runners != NULL) {
        atomic_store(&pipeline->failed, true);
        stop_threads(pipeline);
    }
    for (size_t i = 0; pipeline->slots != NULL && i < pipeline->slot_count; i++) {
        struct slot *slot = &pipeline->slots[i];
        p2i_block_free(&slot->block);
        p2i_decoded_block_free(&slot->decoded);
        for (unsigned j = 0; slot->results != NULL && j < pipeline->worker_count; j++) {
            p2i_worker_results_free(&slot->results[j]);
        }
        free(slot->results);
    }
    for (unsigned i = 0; pipeline->runners != NULL && i < pipeline->worker_count; i++) {
        p2i_worker_free(&pipeline->runners[i].worker);
        p2i_worker_results_free(&pipeline->runners[i].last);
    }
    p2i_block_decoder_free(&pipeline->decoder);
    p2i_buffer_free(&pipeline->merge.text);
    free(pipeline->slots);
    free(pipeline->runners);
    free(pipeline);
}

const struct p2i_block_decoder *p2i_pipeline_decoder(const struct p2i_pipeline *pipeline)
{
    return &pipeline->decoder;
}

const struct p2i_worker *p2i_pipeline_worker(const struct p2i_pipeline *pipeline, unsigned number)
{
    return &pipeline->runners[number].worker;
}

const struct p2i_record_merge *p2i_pipeline_merge(const struct p2i_pipeline *pipeline)
{
    return &pipeline->merge;
}
