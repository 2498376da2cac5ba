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

struct p2i_ahead;
struct p2i_stored_hashes;

enum {
    P2I_WINDOW_LOG_ALONE = 26, /* capture read alone: 64 MiB */
    P2I_WINDOW_LOG_AMONG = 23, /* several captures open at once: 8 MiB each */
};

/* Shared by all captures of a run. */
struct p2i_decompress_windows {
    bool several;   /* captures may be open at the same time */
    uint64_t limit; /* for all windows together, bytes; 0: none */
    uint64_t taken;
    struct p2i_ahead *ahead; /* captures are decompressed ahead by it; NULL: when they are read */
    struct p2i_stored_hashes *hashes; /* their stored bytes are hashed by it; NULL: they are not */
};

/* The window of one capture. */
struct p2i_decompress_window {
    struct p2i_decompress_windows *shared; /* NULL: the capture is alone and has no shared limit */
    const char *compression;               /* for messages */
    uint64_t bytes;
    bool fixed;    /* must not grow now: the order in which captures take memory is the reader's */
    bool put_off;  /* so a step was put off */
    uint64_t loan; /* even then the first window may have this size; the reader's turn settles it */
};

/* Base-2 logarithm of the largest window allowed. */
unsigned p2i_decompress_window_log_max(const struct p2i_decompress_window *window);

/* Grows the window to `bytes`, if it is smaller. Returns P2I_OK; P2I_INPUT: over a limit, and the
 * error says what helps, or put off. */
enum p2i_result p2i_decompress_window_need(struct p2i_decompress_window *window, uint64_t bytes,
                                           struct p2i_error *error);
/* The turn of the capture has come: its window counts from now on. False: over the limit. */
bool p2i_decompress_window_settle(struct p2i_decompress_window *window);
/* The capture is decompressed on with another decompressor, whose window was a loan. False: over
 * the limit, and nothing has changed. */
bool p2i_decompress_window_pass(struct p2i_decompress_window *from,
                                struct p2i_decompress_window *to);
void p2i_decompress_window_release(struct p2i_decompress_window *window);

#endif
