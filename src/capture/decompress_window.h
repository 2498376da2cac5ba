/* SPDX-License-Identifier: MIT */
/* Limits the memory for decompression windows (history that the format refers back to), whose size
 * the writer of the file chooses. There is a limit for each capture and one for all open captures.
 */
#ifndef P2I_CAPTURE_DECOMPRESS_WINDOW_H
#define P2I_CAPTURE_DECOMPRESS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"

enum {
    P2I_WINDOW_LOG_ALONE = 26, /* capture read alone: 64 MiB */
    P2I_WINDOW_LOG_AMONG = 23, /* several captures open at once: 8 MiB each */
};

/* Shared by all captures of a run. */
struct p2i_decompress_windows {
    bool several;   /* captures may be open at the same time */
    uint64_t limit; /* for all windows together, bytes; 0: none */
    uint64_t taken;
};

/* The window of one capture. */
struct p2i_decompress_window {
    struct p2i_decompress_windows *shared; /* NULL: the capture is alone and has no shared limit */
    const char *compression;               /* for messages */
    uint64_t bytes;
};

/* Base-2 logarithm of the largest window allowed. */
unsigned p2i_decompress_window_log_max(const struct p2i_decompress_window *window);

/* Grows the window to `bytes`, if it is smaller. Returns P2I_OK; P2I_INPUT: over a limit, and the
 * error says what helps. */
enum p2i_result p2i_decompress_window_need(struct p2i_decompress_window *window, uint64_t bytes,
                                           struct p2i_error *error);
void p2i_decompress_window_release(struct p2i_decompress_window *window);

#endif
