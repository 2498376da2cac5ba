/* SPDX-License-Identifier: MIT */
/* Divides the memory of a run (--memory). The manual has the same table in LIMITS. */
#ifndef P2I_ENGINE_BUDGET_H
#define P2I_ENGINE_BUDGET_H

#include <stdint.h>

struct p2i_budget {
    uint64_t blocks;    /* blocks of frames with their results: 1/8, at most 32 MiB, less ... */
    uint64_t ahead;     /* ... captures decompressed ahead or hashed: 1/32, at most 16 MiB */
    uint64_t fragments; /* incomplete IP packets: 1/32, at most 32 MiB */
    uint64_t bindings;  /* bindings of subscribers: 1/16 */
    uint64_t windows;   /* decompression of all open captures: 1/8, or 1/4 up to 8 MiB */
    uint64_t sessions;  /* the rest, in equal parts for all shards */
};

/* The parts do not depend on the number of workers, so that a limit has the same effect for any
 * number. */
struct p2i_budget p2i_budget_split(uint64_t memory_bytes);

#endif
