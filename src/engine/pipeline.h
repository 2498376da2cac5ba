/* SPDX-License-Identifier: MIT */
/* Moves blocks of frames through three stations: decoded (one thread at a time, in order), handled
 * (by each worker its own sessions), written (one thread at a time, in order). Before them, bytes
 * of compressed captures are decompressed ahead (by any number of threads).
 *
 * No thread exists for one station. Each thread has a worker and takes the next thing that can be
 * done: it decodes ahead while another worker has little to do, else it handles the next block of
 * its own worker, and whoever completes the oldest block writes it. The calling thread has worker
 * 0; with one worker there is no other thread. Blocks are handed over by counters; a thread that
 * finds nothing to do spins shortly, then sleeps. */
#ifndef P2I_ENGINE_PIPELINE_H
#define P2I_ENGINE_PIPELINE_H

#include "engine/decode_block.h"
#include "engine/merge_records.h"
#include "engine/worker.h"

/* Where blocks come from. The first two functions are called by one thread at a time, perhaps
 * another each time; the third by any number of threads. */
struct p2i_block_source {
    /* Fills a block with the next frames. `progress` is that of the run so far. P2I_OK; else no
     * more blocks follow: P2I_END, or a failure. */
    enum p2i_result (*read)(void *context, struct p2i_block *block, struct p2i_progress *progress,
                            struct p2i_error *error);
    /* False: reading might have to wait, so a thread with something else to do must not. */
    bool (*is_ready)(void *context);
    /* Does a part of the work of later reads; `may_wait`: also where that might have to wait.
     * False: there is nothing to do. */
    bool (*work_ahead)(void *context, bool may_wait);
    void *context;
};

struct p2i_pipeline;

/* The pipeline reads `settings` and `lookups`, and calls `sink`, until it is freed. */
enum p2i_result p2i_pipeline_new(struct p2i_pipeline **made, const struct p2i_settings *settings,
                                 const struct p2i_lookups *lookups,
                                 const struct p2i_privacy_rules *rules,
                                 const struct p2i_record_sink *sink, struct p2i_error *error);
void p2i_pipeline_free(struct p2i_pipeline *pipeline); /* NULL is fine */

/* The following return P2I_OK, or the first failure: of reading, of the sink, of memory. After a
 * failure of the sink nothing is handled any more; one of reading ends the reading alone. */

/* Gives an empty block to fill; p2i_pipeline_put() must follow before the next call. */
enum p2i_result p2i_pipeline_take(struct p2i_pipeline *pipeline, struct p2i_block **block,
                                  struct p2i_error *error);
/* Takes the block with its frames, which may be none. */
enum p2i_result p2i_pipeline_put(struct p2i_pipeline *pipeline, struct p2i_error *error);
/* Reads blocks until no more follow, and drains. */
enum p2i_result p2i_pipeline_read(struct p2i_pipeline *pipeline,
                                  const struct p2i_block_source *source, struct p2i_error *error);
/* Writes the records of all blocks so far. */
enum p2i_result p2i_pipeline_drain(struct p2i_pipeline *pipeline, struct p2i_error *error);
/* Drains, ends all sessions and writes their records. Nothing may be put or read afterwards. */
enum p2i_result p2i_pipeline_finish(struct p2i_pipeline *pipeline, struct p2i_error *error);

/* For statistics, while nothing is in flight. */
const struct p2i_block_decoder *p2i_pipeline_decoder(const struct p2i_pipeline *pipeline);
const struct p2i_worker *p2i_pipeline_worker(const struct p2i_pipeline *pipeline, unsigned number);
const struct p2i_record_merge *p2i_pipeline_merge(const struct p2i_pipeline *pipeline);

#endif
