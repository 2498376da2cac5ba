/* SPDX-License-Identifier: MIT */
/* Frames of captures, for the programs of this folder. Errors end the program. */
#ifndef P2I_TESTS_REWRITE_FRAMES_H
#define P2I_TESTS_REWRITE_FRAMES_H

#include <pcap/pcap.h>

#include "pcap2ipfix/rewrite.h"

/* Their bytes are owned, unless `data` was replaced. */
struct frames {
    struct p2i_engine_frame *list;
    size_t count, capacity;
};

/* Makes room for one more element of `size` bytes. */
void *grow(void *list, size_t count, size_t *capacity, size_t size);

/* Reads a capture. Returns it, open. */
pcap_t *read_frames(const char *path, struct frames *frames);
void free_frames(struct frames *frames);

/* With '-' for a key: redacts passwords, and nothing else. */
struct p2i_rewrite *rewrite_of(const char *key);

_Noreturn void fail(const char *what, const struct p2i_error *error);

#endif
