/* SPDX-License-Identifier: MIT */
/* Fills the statistics of an engine. */
#ifndef P2I_ENGINE_STATISTICS_H
#define P2I_ENGINE_STATISTICS_H

#include "capture/capture.h"
#include "engine/pipeline.h"
#include "settings/statistics.h"

/* Sets all counters of frames, sessions and records. */
void p2i_statistics_count(struct p2i_statistics *statistics, const struct p2i_totals *totals,
                          const struct p2i_record_merge *merge);
/* Adds a capture, and the bytes read of it. Without memory it is left out. */
void p2i_statistics_list_one(struct p2i_statistics *statistics,
                             const struct p2i_capture_facts *facts);
/* Adds all captures; NULL: there are none. */
void p2i_statistics_list(struct p2i_statistics *statistics, const struct p2i_capture *captures);

#endif
