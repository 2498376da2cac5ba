/* SPDX-License-Identifier: MIT */
/* Memory that decompression needs to look back into what it gave (its window): who compressed a
 * file chose how much. There is a limit for each capture, and one for all that are open. */
#ifndef P2I_CAPTURE_DECOMPRESS_WINDOW_H
#define P2I_CAPTURE_DECOMPRESS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    P2I_WINDOW_LOG_ALONE = 26, /* of a capture that is read alone: 64 MiB */
    P2I_WINDOW_LOG_AMONG = 23, /* of one of several that are open together: 8 MiB */
};

/* What all captures share. */
struct p2i_decompress_windows {
    bool several;   /* captures may be open together */
    uint64_t limit; /* for all windows together, bytes; 0 none */
    uint64_t taken;
};

/* What one capture has of it. */
struct p2i_decompress_window {
    struct p2i_decompress_windows *shared; /* NULL: the capture is alone, and has no other limit */
    const char *compression;               /* for messages */
    uint64_t bytes;
};

/* The base-2 logarithm of the largest window. */
unsigned p2i_decompress_window_log_max(const struct p2i_decompress_window *window);

/* Grows it to `bytes`, where it is smaller. P2I_OK; P2I_INPUT: the file cannot be read, and the
 * error says what helps. */
enum p2i_result p2i_decompress_window_need(struct p2i_decompress_window *window, uint64_t bytes,
                                           struct p2i_error *error);
void p2i_decompress_window_release(struct p2i_decompress_window *window);

#endif
