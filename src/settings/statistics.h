/* SPDX-License-Identifier: MIT */
/* Filling the statistics of a run, which own all summaries and copies of their texts. */
#ifndef P2I_SETTINGS_STATISTICS_H
#define P2I_SETTINGS_STATISTICS_H

#include "base/arena.h"
#include "pcap2ipfix/statistics.h"

enum { P2I_SPOOL_PATH_MAX = 512 };

/* Adds a copy. False: out of memory. */
bool p2i_statistics_add_capture(struct p2i_statistics *statistics,
                                const struct p2i_capture_summary *capture);
/* Adds the summary of a collector, which is kept up to date during the run; its spool has
 * P2I_SPOOL_PATH_MAX bytes. NULL: out of memory. */
struct p2i_collector_summary *p2i_statistics_add_collector(struct p2i_statistics *statistics,
                                                           const char *url);
/* Adds all that `one` counted, and its captures. False: out of memory. */
bool p2i_statistics_add(struct p2i_statistics *statistics, const struct p2i_statistics *one);
/* For texts that live as long as the statistics. */
struct p2i_arena *p2i_statistics_arena(struct p2i_statistics *statistics);

#endif
