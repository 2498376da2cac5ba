/* SPDX-License-Identifier: MIT */
#include "convert/pipeline.h"

#include <pthread.h>
#include <stdlib.h>

#include "convert/budget.h"
#include "convert/merge_records.h"

/* Blocks in flight: enough that no thread waits, few enough for the cache. */
enum {
    SLOTS = 6,
    SLOTS_LEAST = 2,
    BLOCK_BYTES = P2I_BLOCK_BYTES + P2I_BLOCK_FRAMES * sizeof(struct p2i_frame)
};

/* A block and the workers' results for it. */
struct slot {
    struct p2i_block block;
    struct p2i_worker_results results[P2I_SHARDS]; /* by worker */
    unsigned walked;                               /* number of workers that have finished it */
};

struct ring {
    struct p2i_pipeline *pipeline;
    struct slot slots[SLOTS];
    size_t slot_count;                          /* slots in use */
    uint64_t memory_bytes;                      /* for all slots */
    struct p2i_worker_results last[P2I_SHARDS]; /* by worker: results of ending all sessions */
    pthread_mutex_t lock;                       /* protects the members below, and slot.walked */
    pthread_cond_t moved;                       /* a member below has changed */
    uint64_t read_count;                        /* blocks read so far */
    uint64_t written_count;
    uint64_t ahead;         /* maximum number of blocks in flight */
    bool reading;           /* a thread is reading the next block */
    bool ended;             /* no more blocks follow */
    enum p2i_result result; /* of reading */
    struct p2i_error error;
    struct p2i_progress progress;
};

static bool is_stopped(const struct p2i_settings *settings)
{
    return settings->is_stopped != NULL && settings->is_stopped(settings->context);
}

static void note_progress(struct ring *ring)
{
    const struct p2i_capture *capture = ring->pipeline->capture;
    struct p2i_progress *progress = &ring->progress;
    progress->read_bytes = 0;
    progress->frames = 0;
    for (size_t i = 0; i < p2i_capture_count(capture); i++) {
        progress->read_bytes += p2i_capture_facts(capture, i)->read_bytes;
        progress->frames += p2i_capture_facts(capture, i)->frame_count;
    }
}

/* Reads block number ring->read_count into its slot. Called by one thread at a time. */
static enum p2i_result read_block(struct ring *ring, struct p2i_error *error)
{
    struct slot *slot = &ring->slots[ring->read_count % ring->slot_count];
    if (is_stopped(ring->pipeline->settings)) {
        return P2I_END;
    }
    return p2i_capture_read(ring->pipeline->capture, &slot->block, error);
}

static void take_result(struct ring *ring, enum p2i_result result, const struct p2i_error *error)
{
    if (ring->ended) {
        return; /* a failed writer has ended the run: nobody would walk this block */
    }
    if (result == P2I_OK) {
        ring->read_count++;
        ring->slots[(ring->read_count - 1) % ring->slot_count].walked = 0;
        if (ring->read_count % 64 == 0) {
            note_progress(ring);
        }
        return;
    }
    ring->ended = true;
    if (result != P2I_END) {
        ring->result = result;
        ring->error = *error;
    }
}

/* Waits for block `number`, or reads it if no other thread is reading. NULL: the input has ended
 * before it. */
static struct slot *wait_for_block(struct ring *ring, uint64_t number)
{
    pthread_mutex_lock(&ring->lock);
    while (ring->read_count <= number && !ring->ended) {
        if (ring->reading || ring->read_count >= ring->written_count + ring->ahead) {
            pthread_cond_wait(&ring->moved, &ring->lock);
            continue;
        }
        ring->reading = true;
        pthread_mutex_unlock(&ring->lock);
        struct p2i_error error = {0};
        enum p2i_result result = read_block(ring, &error);
        pthread_mutex_lock(&ring->lock);
        ring->reading = false;
        take_result(ring, result, &error);
        pthread_cond_broadcast(&ring->moved);
    }
    bool there = ring->read_count > number;
    pthread_mutex_unlock(&ring->lock);
    return there ? &ring->slots[number % ring->slot_count] : NULL;
}

struct thread {
    pthread_t id;
    struct ring *ring;
    unsigned number;
    bool started;
};

static void *work(void *argument)
{
    struct thread *thread = argument;
    struct ring *ring = thread->ring;
    struct p2i_worker *worker = &ring->pipeline->workers[thread->number];
    struct slot *slot;
    for (uint64_t number = 0; (slot = wait_for_block(ring, number)) != NULL; number++) {
        p2i_worker_walk(worker, &slot->block, &slot->results[thread->number]);
        pthread_mutex_lock(&ring->lock);
        slot->walked++;
        pthread_cond_broadcast(&ring->moved);
        pthread_mutex_unlock(&ring->lock);
    }
    p2i_worker_finish(worker, &ring->last[thread->number]);
    return NULL;
}

static void report_progress(struct ring *ring, const struct p2i_progress *read)
{
    const struct p2i_settings *settings = ring->pipeline->settings;
    if (settings->progress == NULL) {
        return;
    }
    struct p2i_progress progress = *read;
    progress.struct_size = sizeof progress;
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        progress.records += ring->pipeline->records[i];
    }
    settings->progress(settings->context, &progress);
}

/* Waits until all workers have walked block `number`. False: there is no such block. */
static bool wait_for_walked(struct ring *ring, uint64_t number, struct p2i_progress *progress)
{
    unsigned all = ring->pipeline->settings->threads;
    pthread_mutex_lock(&ring->lock);
    while (!(ring->read_count > number && ring->slots[number % ring->slot_count].walked == all) &&
           !(ring->ended && ring->read_count <= number)) {
        pthread_cond_wait(&ring->moved, &ring->lock);
    }
    bool there = ring->read_count > number;
    *progress = ring->progress;
    pthread_mutex_unlock(&ring->lock);
    return there;
}

/* Memory of a block with its results. */
static uint64_t bytes_of(const struct ring *ring, const struct slot *slot)
{
    uint64_t bytes = slot->block.buffer_capacity +
                     slot->block.frame_capacity * (uint64_t)sizeof *slot->block.frames;
    for (unsigned i = 0; i < ring->pipeline->settings->threads; i++) {
        bytes += slot->results[i].records.capacity + slot->results[i].live.capacity;
    }
    return bytes;
}

/* Writes the results of a block. *ahead: how many blocks of this size may be in flight. */
static enum p2i_result write_block(struct ring *ring, struct slot *slot, uint64_t *ahead,
                                   struct p2i_error *error)
{
    uint64_t fit = ring->memory_bytes / bytes_of(ring, slot);
    *ahead = fit < SLOTS_LEAST ? SLOTS_LEAST : fit > ring->slot_count ? ring->slot_count : fit;
    enum p2i_result result = p2i_merge_records(ring->pipeline, slot->results, error);
    p2i_block_trim(&slot->block);
    return result;
}

/* Writes blocks as they are finished. After a failure the workers finish the blocks read so far and
 * stop. */
static enum p2i_result write_blocks(struct ring *ring, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    struct p2i_progress progress;
    for (uint64_t number = 0; result == P2I_OK && wait_for_walked(ring, number, &progress);
         number++) {
        uint64_t ahead;
        result = write_block(ring, &ring->slots[number % ring->slot_count], &ahead, error);
        if (number % 64 == 0) {
            report_progress(ring, &progress);
        }
        pthread_mutex_lock(&ring->lock);
        ring->written_count++;
        ring->ahead = ahead;
        ring->ended |= result != P2I_OK;
        pthread_cond_broadcast(&ring->moved);
        pthread_mutex_unlock(&ring->lock);
    }
    return result;
}

static bool start_threads(struct ring *ring, struct thread *threads)
{
    for (unsigned i = 0; i < ring->pipeline->settings->threads; i++) {
        threads[i] = (struct thread){.ring = ring, .number = i};
        threads[i].started = pthread_create(&threads[i].id, NULL, work, &threads[i]) == 0;
        if (!threads[i].started) {
            return false;
        }
    }
    return true;
}

static enum p2i_result run_threads(struct ring *ring, struct p2i_error *error)
{
    struct thread threads[P2I_SHARDS] = {0};
    enum p2i_result result;
    if (start_threads(ring, threads)) {
        result = write_blocks(ring, error);
    } else {
        result = p2i_fail(error, P2I_INTERNAL, "cannot start a thread");
        pthread_mutex_lock(&ring->lock);
        ring->ended = true;
        pthread_cond_broadcast(&ring->moved);
        pthread_mutex_unlock(&ring->lock);
    }
    for (unsigned i = 0; i < P2I_SHARDS; i++) {
        if (threads[i].started) {
            pthread_join(threads[i].id, NULL);
        }
    }
    if (result == P2I_OK) {
        result = p2i_merge_records(ring->pipeline, ring->last, error);
    }
    return result;
}

/* With one worker no thread is started: the same steps run in turn. */
static enum p2i_result run_alone(struct ring *ring, struct p2i_error *error)
{
    struct p2i_pipeline *pipeline = ring->pipeline;
    struct slot *slot = &ring->slots[0];
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && !ring->ended) {
        ring->read_count = 0;
        enum p2i_result read = read_block(ring, &ring->error);
        if (read != P2I_OK) {
            take_result(ring, read, &ring->error);
            break;
        }
        p2i_worker_walk(&pipeline->workers[0], &slot->block, &slot->results[0]);
        result = write_block(ring, slot, &ring->ahead, error);
        if (++ring->written_count % 64 == 0) {
            note_progress(ring);
            report_progress(ring, &ring->progress);
        }
    }
    if (result == P2I_OK) {
        p2i_worker_finish(&pipeline->workers[0], &slot->results[0]);
        result = p2i_merge_records(pipeline, slot->results, error);
    }
    return result;
}

/* Half of the memory is for blocks, the other half for their results. */
static void divide_memory(struct ring *ring)
{
    const struct p2i_settings *settings = ring->pipeline->settings;
    enum { MOST = 4 * P2I_BLOCK_BYTES };
    ring->memory_bytes = p2i_budget_split(settings->memory_bytes).blocks;
    uint64_t slots = ring->memory_bytes / 2 / BLOCK_BYTES;
    slots = slots < SLOTS_LEAST ? SLOTS_LEAST : slots > SLOTS ? SLOTS : slots;
    ring->slot_count = settings->threads == 1 ? 1 : (size_t)slots;
    ring->ahead = ring->slot_count;
    uint64_t kept = ring->memory_bytes / 2 / ring->slot_count / settings->threads;
    ring->pipeline->kept_bytes = kept < MOST ? (size_t)kept : MOST;
}

static bool init_ring(struct ring *ring, struct p2i_pipeline *pipeline)
{
    *ring = (struct ring){.pipeline = pipeline};
    for (size_t i = 0; i < p2i_capture_count(pipeline->capture); i++) {
        ring->progress.total_bytes += p2i_capture_facts(pipeline->capture, i)->size_bytes;
    }
    if (pthread_mutex_init(&ring->lock, NULL) != 0 || pthread_cond_init(&ring->moved, NULL) != 0) {
        return false;
    }
    divide_memory(ring);
    for (size_t i = 0; i < ring->slot_count; i++) {
        if (!p2i_block_init(&ring->slots[i].block)) {
            return false;
        }
    }
    return true;
}

static void free_results(struct p2i_worker_results *results)
{
    p2i_buffer_free(&results->records);
    p2i_buffer_free(&results->live);
}

static void free_ring(struct ring *ring)
{
    for (size_t i = 0; i < SLOTS; i++) {
        p2i_block_free(&ring->slots[i].block);
        for (size_t j = 0; j < P2I_SHARDS; j++) {
            free_results(&ring->slots[i].results[j]);
        }
    }
    for (size_t i = 0; i < P2I_SHARDS; i++) {
        free_results(&ring->last[i]);
    }
    pthread_cond_destroy(&ring->moved);
    pthread_mutex_destroy(&ring->lock);
    free(ring);
}

static bool lost_records(const struct p2i_pipeline *pipeline)
{
    bool lost = false;
    for (unsigned i = 0; i < pipeline->settings->threads; i++) {
        lost |= pipeline->workers[i].out_of_memory;
    }
    return lost;
}

enum p2i_result p2i_pipeline_run(struct p2i_pipeline *pipeline, struct p2i_error *error)
{
    struct ring *ring = malloc(sizeof *ring);
    if (ring == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result;
    if (!init_ring(ring, pipeline)) {
        result = p2i_fail_memory(error);
    } else if (pipeline->settings->threads == 1) {
        result = run_alone(ring, error);
    } else {
        result = run_threads(ring, error);
    }
    if (result == P2I_OK && ring->result != P2I_OK) {
        *error = ring->error;
        result = ring->result;
    }
    if (result == P2I_OK && lost_records(pipeline)) {
        result = p2i_fail_memory(error);
    }
    free_ring(ring);
    return result;
}
