/* SPDX-License-Identifier: MIT */
/* Names of captures: which a user may write for one, and what remains of it in names of outputs.
 * Pure functions; the results point into the path. */
#ifndef P2I_BASE_CAPTURE_NAME_H
#define P2I_BASE_CAPTURE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The name without its folder: what is behind the last slash; empty where a slash ends the path. */
const char *p2i_last_part(const char *path);

/* Whether a user who writes `name` means the capture at `path`: its whole path, or the last part of
 * it. */
bool p2i_capture_is_named(const char *path, const char *name);

/* The bytes of a capture's name without its endings: one of a compression, and one of a container
 * before it, in letters of either case. "trace.pcap.gz" and "TRACE.PCAP": 5. A name is never
 * empty because of it: ".pcap": 5. */
size_t p2i_capture_stem(const char *name);

#endif
