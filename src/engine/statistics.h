/* SPDX-License-Identifier: MIT */
/* Fills the statistics of an engine. */
#ifndef P2I_ENGINE_STATISTICS_H
#define P2I_ENGINE_STATISTICS_H

#include "capture/capture.h"
#include "engine/pipeline.h"
#include "settings/statistics.h"

/* Sets all counters of frames, sessions and records, while nothing is in flight. */
void p2i_statistics_count(struct p2i_statistics *statistics, const struct p2i_pipeline *pipeline,
                          unsigned worker_count);
/* Adds the captures, and the bytes read of them. False: out of memory; some are left out. */
bool p2i_statistics_list(struct p2i_statistics *statistics, const struct p2i_capture *captures);

#endif
