/* SPDX-License-Identifier: MIT */
/* Fills struct p2i_error. */
#ifndef P2I_BASE_ERROR_H
#define P2I_BASE_ERROR_H

#include "pcap2ipfix/error.h"

#if defined(__GNUC__)
#define P2I_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))
#else
#define P2I_PRINTF(at, first)
#endif

/* Sets `code` and the text; resets file, offset, packet and errno. Returns `code`, so that a
 * function can end with this call. */
enum p2i_result p2i_fail(struct p2i_error *error, enum p2i_result code, const char *format, ...)
    P2I_PRINTF(3, 4);
/* The same for memory that ran out: P2I_INTERNAL, "out of memory". */
enum p2i_result p2i_fail_memory(struct p2i_error *error);

#endif
