/* SPDX-License-Identifier: MIT */
#include "engine/pipeline.h"

#include <stdlib.h>

#include "engine/budget.h"
#include "engine/stations.h"

enum {
    SLOTS = 8,
    SPINS = 2000, /* looks before a thread sleeps: some 50 us */
    SLOT_BYTES = P2I_BLOCK_BYTES + P2I_BLOCK_FRAMES * sizeof(struct p2i_frame) +
                 P2I_BLOCK_FRAMES / 4 * sizeof(struct p2i_arrival)
};

static inline void pause_shortly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* Works, or waits until there may be something to do, unless `is_over` says that it is over. */
static void work_or_wait(struct p2i_runner *runner, bool (*is_over)(const struct p2i_pipeline *))
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    uint32_t seen = atomic_load(&pipeline->changed.count);
    if (p2i_work_once(runner) || is_over(pipeline)) {
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
           atomic_load(&pipeline->working_ahead) == 0 &&
           atomic_load(&pipeline->written) == atomic_load(&pipeline->decoded);
}

static void end_sessions(struct p2i_runner *runner)
{
    struct p2i_pipeline *pipeline = runner->pipeline;
    if (!atomic_load(&pipeline->failed)) {
        p2i_worker_finish(&runner->worker, pipeline->decoder.last_number, &runner->last);
    }
}

static void *run_thread(void *argument)
{
    struct p2i_runner *runner = argument;
    while (!is_finishing(runner->pipeline)) {
        work_or_wait(runner, is_finishing);
    }
    end_sessions(runner);
    return NULL;
}

static enum p2i_result start_threads(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    for (unsigned i = 1; i < pipeline->worker_count; i++) {
        struct p2i_runner *runner = &pipeline->runners[i];
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
    while (result == P2I_OK && pipeline->worker_count > 1 && !p2i_pipeline_has_room(pipeline)) {
        work_or_wait(&pipeline->runners[0], p2i_pipeline_has_room);
    }
    *block = &p2i_slot_of(pipeline, atomic_load(&pipeline->decoded))->block;
    return result == P2I_OK && atomic_load(&pipeline->failed) ? result_of(pipeline, error) : result;
}

enum p2i_result p2i_pipeline_put(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    uint64_t number = atomic_load(&pipeline->decoded);
    struct p2i_slot *slot = p2i_slot_of(pipeline, number);
    if (slot->block.frame_count > 0 && pipeline->worker_count == 1) {
        p2i_handle_alone(pipeline, slot, number);
    } else if (slot->block.frame_count > 0) {
        p2i_publish_block(pipeline, slot, number);
        while (!p2i_pipeline_is_turn(pipeline, 0) && p2i_try_to_handle(&pipeline->runners[0])) {
            (void)p2i_try_to_write(pipeline);
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
    struct p2i_slot *slot = &pipeline->slots[0];
    while (!atomic_load_explicit(&pipeline->failed, memory_order_relaxed)) {
        pipeline->read_result =
            source->read(source->context, &slot->block, &slot->progress, &pipeline->read_error);
        if (pipeline->read_result != P2I_OK) {
            return;
        }
        p2i_handle_alone(pipeline, slot,
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
    struct p2i_worker_results *last = calloc(pipeline->worker_count + 1, sizeof *last);
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
    slots = slots < P2I_SLOTS_LEAST ? P2I_SLOTS_LEAST : slots > SLOTS ? SLOTS : slots;
    pipeline->slot_count = pipeline->worker_count == 1 ? 1 : (size_t)slots;
    atomic_store(&pipeline->ahead, pipeline->slot_count);
    uint64_t kept = pipeline->memory_bytes / 2 / pipeline->slot_count / pipeline->worker_count;
    pipeline->merge.kept_bytes = kept < MOST ? (size_t)kept : MOST;
}

static bool init_slots(struct p2i_pipeline *pipeline)
{
    size_t bytes = pipeline->slot_count * sizeof *pipeline->slots;
    pipeline->slots = aligned_alloc(P2I_LINE, bytes);
    if (pipeline->slots == NULL) {
        return false;
    }
    memset(pipeline->slots, 0, bytes);
    for (size_t i = 0; i < pipeline->slot_count; i++) {
        struct p2i_slot *slot = &pipeline->slots[i];
        slot->results = calloc(pipeline->worker_count + 1, sizeof *slot->results);
        if (slot->results == NULL || !p2i_block_init(&slot->block)) {
            return false;
        }
    }
    return true;
}

static struct p2i_wanted wanted_by(const struct p2i_record_sink *sink)
{
    return (struct p2i_wanted){
        .sessions = sink->session != NULL,
        .packets = sink->packet != NULL,
        .controls = sink->control != NULL,
    };
}

static bool init_runners(struct p2i_pipeline *pipeline, const struct p2i_lookups *lookups,
                         const struct p2i_privacy_rules *rules)
{
    size_t bytes = pipeline->worker_count * sizeof *pipeline->runners;
    pipeline->runners = aligned_alloc(P2I_LINE, bytes);
    if (pipeline->runners == NULL) {
        return false;
    }
    memset(pipeline->runners, 0, bytes);
    struct p2i_wanted wanted = wanted_by(&pipeline->merge.sink);
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
    struct p2i_pipeline *pipeline = aligned_alloc(P2I_LINE, sizeof *pipeline);
    if (pipeline == NULL) {
        return p2i_fail_memory(error);
    }
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->settings = settings;
    pipeline->worker_count = settings->threads;
    pipeline->merge.sink = *sink;
    pipeline->merge.worker_count = settings->threads;
    pipeline->merge.extended = settings->extended;
    divide_memory(pipeline);
    struct p2i_wanted wanted = wanted_by(sink);
    const struct p2i_prefix_ranges *nas = settings->subscriber_nas.count > 0 ? &lookups->nas : NULL;
    if (!p2i_block_decoder_init(&pipeline->decoder, settings, nas, &wanted) ||
        !init_slots(pipeline) || !init_runners(pipeline, lookups, rules)) {
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
        struct p2i_slot *slot = &pipeline->slots[i];
        p2i_block_free(&slot->block);
        p2i_decoded_block_free(&slot->decoded);
        for (unsigned j = 0; slot->results != NULL && j <= pipeline->worker_count; j++) {
            p2i_worker_results_free(&slot->results[j]);
        }
        free(slot->results);
    }
    for (unsigned i = 0; pipeline->runners != NULL && i < pipeline->worker_count; i++) {
        p2i_worker_free(&pipeline->runners[i].worker);
        p2i_worker_results_free(&pipeline->runners[i].last);
    }
    p2i_block_decoder_free(&pipeline->decoder);
    p2i_record_merge_free(&pipeline->merge);
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
