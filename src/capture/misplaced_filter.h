/* SPDX-License-Identifier: MIT */
/* Filters that were given where captures are: "trace.pcap udp port 53". */
#ifndef P2I_CAPTURE_MISPLACED_FILTER_H
#define P2I_CAPTURE_MISPLACED_FILTER_H

#include "capture/capture.h"

/* P2I_USAGE when some of the paths are no files, and read together are a filter that compiles; else
 * P2I_OK, or P2I_END as p2i_compile_filter(). */
enum p2i_result p2i_find_misplaced_filter(const struct p2i_capture_settings *settings,
                                          const char *const *paths, size_t path_count,
                                          struct p2i_error *error);

#endif
