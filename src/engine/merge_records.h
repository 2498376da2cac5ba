/* SPDX-License-Identifier: MIT */
/* The third station: merges the records of all workers for a block into one sequence and hands it
 * over, in the order of the packets that completed the records. Belongs to one thread at a time. */
#ifndef P2I_ENGINE_MERGE_RECORDS_H
#define P2I_ENGINE_MERGE_RECORDS_H

#include "engine/worker.h"

/* Where records go. */
struct p2i_record_sink {
    /* Takes a record, which lives for the call. Any other result than P2I_OK ends the run. */
    enum p2i_result (*write)(void *context, const struct p2i_record *record,
                             struct p2i_error *error);
    /* The same for sessions and packets; NULL: not wanted. */
    enum p2i_result (*session)(void *context, const struct p2i_session_facts *facts);
    enum p2i_result (*packet)(void *context, const struct p2i_packet_facts *facts);
    enum p2i_result (*control)(void *context, const struct p2i_control_facts *facts);
    void *context;
};

struct p2i_record_merge {
    struct p2i_record_sink sink;
    unsigned worker_count;
    bool extended;                           /* the records are */
    size_t kept_bytes;                       /* largest buffer of results that is kept for reuse */
    uint64_t records[P2I_RECORD_KINDS];      /* records written */
    uint64_t messages_cut[P2I_RECORD_KINDS]; /* of these, cut ones: see struct p2i_record */
    uint64_t live, live_peak;                /* sessions of all workers after a packet */
    struct p2i_buffer text;                  /* of the current record */
    /* Of packet `noted_for` of the run, whose session is known when a worker's results come: */
    uint64_t noted_for;
    struct p2i_view frames;                 /* places of its other frames */
    struct p2i_control_result announcement; /* of its session; packet 0: none */
};

void p2i_record_merge_free(struct p2i_record_merge *merge);

/* Writes the records of results[0..worker_count], the last of which are those of the first station,
 * counts live sessions, and empties the results.
 * Large buffers are freed, so `results` must be the original, not a copy. Returns P2I_OK, or the
 * result of the sink. */
enum p2i_result p2i_merge_records(struct p2i_record_merge *merge,
                                  struct p2i_worker_results *results, struct p2i_error *error);

#endif
