/* SPDX-License-Identifier: MIT */
/* How the memory of a run (--memory) is divided. The manual has the same table, in LIMITS. */
#ifndef P2I_CONVERT_BUDGET_H
#define P2I_CONVERT_BUDGET_H

#include <stdint.h>

struct p2i_budget {
    uint64_t blocks;    /* frames on their way, and what was found in them: 1/8, at most 32 MiB */
    uint64_t fragments; /* of packets that are not whole: 1/32, at most 32 MiB; each worker's */
    uint64_t bindings;  /* names that captures bind: 1/16; each worker's */
    uint64_t windows; /* of decompression, of all captures that are open: 1/8, or 1/4 up to 8 MiB */
    uint64_t sessions; /* the rest, in equal parts for the shards */
};

/* Does not depend on the number of workers: each of them knows the same fragments and names, so
 * that a limit strikes alike for any number of them. */
struct p2i_budget p2i_budget_split(uint64_t memory_bytes);

#endif
