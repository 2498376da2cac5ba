/* SPDX-License-Identifier: MIT */
#include "engine/budget.h"

#define MIB (UINT64_C(1) << 20)

static uint64_t at_most(uint64_t bytes, uint64_t most)
{
    return bytes < most ? bytes : most;
}

static uint64_t at_least(uint64_t bytes, uint64_t least)
{
    return bytes > least ? bytes : least;
}

struct p2i_budget p2i_budget_split(uint64_t memory_bytes)
{
    struct p2i_budget budget = {
        .ahead = at_most(memory_bytes / 32, 16 * MIB),
        .fragments = at_most(memory_bytes / 32, 32 * MIB),
        .bindings = memory_bytes / 16,
        .windows = at_least(memory_bytes / 8, at_most(memory_bytes / 4, 8 * MIB)),
    };
    budget.blocks = at_most(memory_bytes / 8, 32 * MIB) - budget.ahead;
    budget.sessions = memory_bytes - budget.blocks - budget.ahead - budget.fragments -
                      budget.bindings - budget.windows;
    return budget;
}
