/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "engine/budget.h"

enum { MIB = 1 << 20 };

static void expect(uint64_t memory, uint64_t blocks, uint64_t ahead, uint64_t fragments,
                   uint64_t bindings, uint64_t windows)
{
    struct p2i_budget budget = p2i_budget_split(memory);
    cr_expect_eq(budget.blocks, blocks);
    cr_expect_eq(budget.ahead, ahead);
    cr_expect_eq(budget.fragments, fragments);
    cr_expect_eq(budget.bindings, bindings);
    cr_expect_eq(budget.windows, windows);
    cr_expect_eq(budget.blocks + budget.ahead + budget.fragments + budget.bindings +
                     budget.windows + budget.sessions,
                 memory);
}

Test(budget, parts_agree_with_the_manual)
{
    expect(16 * MIB, MIB * 3 / 2, MIB / 2, MIB / 2, MIB, 4 * MIB);
    expect(256 * MIB, 24 * MIB, 8 * MIB, 8 * MIB, 16 * MIB, 32 * MIB);
    expect(1024 * (uint64_t)MIB, 16 * MIB, 16 * MIB, 32 * MIB, 64 * MIB, 128 * MIB);
    expect(16384 * (uint64_t)MIB, 16 * MIB, 16 * MIB, 32 * MIB, 1024 * (uint64_t)MIB,
           2048 * (uint64_t)MIB);
}

Test(budget, tiny_budgets_are_divided_too)
{
    expect(0, 0, 0, 0, 0, 0);
    expect(31, 3, 0, 0, 1, 7);
}
