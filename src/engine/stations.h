/* SPDX-License-Identifier: MIT */
/* Internals of the pipeline, shared by pipeline.c (threads, memory) and stations.c (what a thread
 * does next). */
#ifndef P2I_ENGINE_STATIONS_H
#define P2I_ENGINE_STATIONS_H

#include <pthread.h>

#include "engine/event_count.h"
#include "engine/pipeline.h"

enum {
    P2I_LINE = 128,      /* cores fetch cache lines in pairs */
    P2I_SLOTS_LEAST = 2, /* several workers: one block is decoded while one is handled */
};

/* A block on its way. */
struct p2i_slot {
    struct p2i_block block;
    struct p2i_decoded_block decoded;
    struct p2i_progress progress;                /* when it was read */
    struct p2i_worker_results *results;          /* by worker; behind them, of the first station */
    _Alignas(P2I_LINE) _Atomic unsigned handled; /* number of workers that have finished it */
};

/* A thread with its worker. */
struct p2i_runner {
    struct p2i_pipeline *pipeline;
    struct p2i_worker worker;
    pthread_t thread; /* not of worker 0 */
    bool started;
    struct p2i_worker_results last;              /* of ending all sessions */
    _Alignas(P2I_LINE) _Atomic uint64_t handled; /* blocks that the worker has finished */
};

struct p2i_pipeline {
    const struct p2i_settings *settings;
    struct p2i_block_decoder decoder;
    struct p2i_record_merge merge;
    unsigned worker_count;
    size_t slot_count;
    uint64_t memory_bytes;      /* for all slots */
    struct p2i_runner *runners; /* by worker */
    struct p2i_slot *slots;
    struct p2i_block_source source;           /* of p2i_pipeline_read() */
    struct p2i_error read_error, write_error; /* valid with the results below */
    enum p2i_result read_result;              /* of the current source */
    enum p2i_result write_result;             /* P2I_OK, or why `failed` is set */

    _Alignas(P2I_LINE) _Atomic uint64_t decoded; /* blocks decoded so far */
    _Alignas(P2I_LINE) _Atomic uint64_t written; /* blocks written so far */
    _Alignas(P2I_LINE) _Atomic bool decoding;    /* a thread is at the first station */
    _Alignas(P2I_LINE) _Atomic bool writing;     /* a thread is at the last station */
    _Alignas(P2I_LINE) struct p2i_event_count changed;
    _Atomic uint64_t ahead;         /* maximum number of blocks in flight */
    _Atomic bool source_on;         /* blocks can be read */
    _Atomic unsigned working_ahead; /* threads that may be in source.work_ahead() */
    _Atomic bool finishing;         /* sessions end when no block is left */
    _Atomic bool failed;            /* the sink or memory failed: nothing is handled any more */
};

struct p2i_slot *p2i_slot_of(const struct p2i_pipeline *pipeline, uint64_t number);
/* True when another block may be decoded. */
bool p2i_pipeline_has_room(const struct p2i_pipeline *pipeline);
/* True when the thread of this worker should decode rather than handle. */
bool p2i_pipeline_is_turn(struct p2i_pipeline *pipeline, unsigned number);

/* Decodes block `number` in its slot and hands it to the workers. */
void p2i_publish_block(struct p2i_pipeline *pipeline, struct p2i_slot *slot, uint64_t number);
/* The same, and all that follows, with one worker. */
void p2i_handle_alone(struct p2i_pipeline *pipeline, struct p2i_slot *slot, uint64_t number);
/* Handles the next block of the thread's worker. False: there is none. */
bool p2i_try_to_handle(struct p2i_runner *runner);
/* Writes the oldest blocks if all workers have finished them. False: there is none. */
bool p2i_try_to_write(struct p2i_pipeline *pipeline);
/* Does the next thing that can be done. False: nothing. */
bool p2i_work_once(struct p2i_runner *runner);

#endif
