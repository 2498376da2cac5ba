/* SPDX-License-Identifier: MIT */
/* The results of all workers for a block become one sequence of records. */
#ifndef P2I_CONVERT_MERGE_RECORDS_H
#define P2I_CONVERT_MERGE_RECORDS_H

#include "convert/pipeline.h"

/* Writes the records in results[0..settings->threads) to every output, by the packet that
 * completed each, counts live sessions, and empties the results in place: a buffer that has grown
 * large is freed, so `results` has to be the place that owns them, not a copy. */
enum p2i_result p2i_merge_records(struct p2i_pipeline *pipeline, struct p2i_worker_results *results,
                                  struct p2i_error *error);

#endif
