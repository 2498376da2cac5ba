/* SPDX-License-Identifier: MIT */
/* Merges the records of all workers for a block into one sequence. */
#ifndef P2I_CONVERT_MERGE_RECORDS_H
#define P2I_CONVERT_MERGE_RECORDS_H

#include "convert/pipeline.h"

/* Writes the records of results[0..settings->threads) to every output, in the order of the packets
 * that completed them, counts live sessions, and empties the results. Large buffers are freed, so
 * `results` must be the original, not a copy. Returns P2I_OK, or the error of an output. */
enum p2i_result p2i_merge_records(struct p2i_pipeline *pipeline, struct p2i_worker_results *results,
                                  struct p2i_error *error);

#endif
