/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "session/idle_sessions.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 20;
}

/* Random numbers up to `most` above `least`, some of them twice. */
static void expect_sorted(size_t count, uint64_t least, uint64_t most)
{
    struct p2i_idle_session *list = calloc(2 * count + 1, sizeof *list);
    uint64_t state = count;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        list[i].last_number = least + (most > 0 ? next_random(&state) % most : 0);
        list[i].index = (uint32_t)list[i].last_number ^ 0x5555;
        sum += list[i].last_number;
    }
    p2i_idle_sessions_sort(list, list + count, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert(i == 0 || list[i - 1].last_number <= list[i].last_number);
        cr_assert_eq(list[i].index, (uint32_t)list[i].last_number ^ 0x5555);
        sum -= list[i].last_number;
    }
    cr_assert_eq(sum, 0);
    free(list);
}

Test(idle_sessions, sort_agrees_with_a_reference)
{
    static const size_t counts[] = {0, 1, 2, 47, 48, 49, 1000, 70000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        expect_sorted(counts[i], 7, 0);
        expect_sorted(counts[i], 1000000, 200);
        expect_sorted(counts[i], UINT64_C(1) << 40, 5000000);
        expect_sorted(counts[i], 0, UINT64_MAX >> 20);
    }
}
