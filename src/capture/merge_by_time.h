/* SPDX-License-Identifier: MIT */
/* Merges captures by time, frame by frame where they overlap. Each capture keeps its own order,
 * even where its time goes back; at equal times the earlier argument comes first. A capture is open
 * only from the time of its first frame to its end. */
#ifndef P2I_CAPTURE_MERGE_BY_TIME_H
#define P2I_CAPTURE_MERGE_BY_TIME_H

#include "capture/capture_source.h"

/* Looks into each capture and sorts the queue by first time. Returns P2I_OK, or the reason to stop
 * the run. */
enum p2i_result p2i_merge_by_time_prepare(struct p2i_capture *capture);

/* Fills the empty block. Returns P2I_OK; P2I_END; or the reason to stop the run, possibly with
 * frames from before it. */
enum p2i_result p2i_merge_by_time_read(struct p2i_capture *capture, struct p2i_block *block);

#endif
