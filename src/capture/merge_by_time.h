/* SPDX-License-Identifier: MIT */
/* Captures in the order of time: frame by frame where they overlap. Each keeps its own order, so
 * that a packet whose time goes back stays where it is; with equal times the earlier argument is
 * first. A capture is open only from its first frame's time to its end. */
#ifndef P2I_CAPTURE_MERGE_BY_TIME_H
#define P2I_CAPTURE_MERGE_BY_TIME_H

#include "capture/capture_source.h"

/* Looks into each capture and queues them by their first times. P2I_OK, or what stops the run. */
enum p2i_result p2i_merge_by_time_prepare(struct p2i_capture *capture);

/* Fills the empty block. P2I_OK, P2I_END, or what stops the run, which may come with frames that
 * were before it. */
enum p2i_result p2i_merge_by_time_read(struct p2i_capture *capture, struct p2i_block *block);

#endif
