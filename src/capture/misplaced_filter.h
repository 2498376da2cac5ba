/* SPDX-License-Identifier: MIT */
/* Detects filters in the place of captures: "trace.pcap udp port 53". */
#ifndef P2I_CAPTURE_MISPLACED_FILTER_H
#define P2I_CAPTURE_MISPLACED_FILTER_H

#include "capture/capture.h"

/* Returns P2I_USAGE when some of the paths are no files and form a valid filter together; P2I_END:
 * stopped, as in p2i_compile_filter(); else P2I_OK. */
enum p2i_result p2i_find_misplaced_filter(const struct p2i_capture_settings *settings,
                                          const char *const *paths, size_t path_count,
                                          struct p2i_error *error);

#endif
