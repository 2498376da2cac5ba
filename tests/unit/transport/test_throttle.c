/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "transport/throttle.h"

#define S UINT64_C(1000000000)

Test(rate, without_a_limit_nothing_waits)
{
    struct p2i_rate rate;
    p2i_rate_init(&rate, 0, 10, S);
    p2i_rate_take(&rate, 1000000);
    cr_expect_eq(p2i_rate_wait(&rate, S), 0);
}

Test(rate, a_burst_then_the_rate)
{
    struct p2i_rate rate;
    uint64_t now = 5 * S;
    p2i_rate_init(&rate, 1000, 500, now);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(p2i_rate_wait(&rate, now), 0);
        p2i_rate_take(&rate, 100);
    }
    cr_expect_eq(p2i_rate_wait(&rate, now), 0);
    p2i_rate_take(&rate, 100);
    cr_expect_eq(p2i_rate_wait(&rate, now) / 1000000, 100);
    now += S / 20;
    cr_expect_eq(p2i_rate_wait(&rate, now) / 1000000, 50);
    now += S / 20 + 2;
    cr_expect_eq(p2i_rate_wait(&rate, now), 0);
}

Test(rate, holds_over_time_and_saves_no_more_than_a_burst)
{
    struct p2i_rate rate;
    uint64_t now = 0;
    uint64_t sent = 0;
    p2i_rate_init(&rate, 1000000, 10000, now);
    while (now < 10 * S) {
        uint64_t wait = p2i_rate_wait(&rate, now);
        if (wait == 0) {
            p2i_rate_take(&rate, 1400);
            sent += 1400;
        }
        now += wait;
    }
    cr_expect(sent > 9900000 && sent < 10020000, "%lu", (unsigned long)sent);
    now += 100 * S;
    for (sent = 0; p2i_rate_wait(&rate, now) == 0; sent += 1000) {
        p2i_rate_take(&rate, 1000);
    }
    cr_expect_leq(sent, 11000);
}

Test(pace, follows_the_capture)
{
    struct p2i_pace pace = {.speed = 2};
    cr_expect_eq(p2i_pace_due_ns(&pace, 1000, 7 * S), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, 1000, 7 * S), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, 1010, 7 * S), 12 * S);
    cr_expect_eq(p2i_pace_due_ns(&pace, 1010, 7 * S), 0);
    /* Late, and back in time: at once. */
    cr_expect_eq(p2i_pace_due_ns(&pace, 1012, 20 * S), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, 900, 20 * S), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, 1100, 20 * S), 57 * S);
}

Test(pace, restarts_when_time_goes_back)
{
    struct p2i_pace pace = {.speed = 2};
    cr_expect_eq(p2i_pace_due_ns(&pace, 9000, 7 * S), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, 9010, 7 * S), 12 * S);
    cr_expect_eq(p2i_pace_due_ns(&pace, 1000, 12 * S), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, 1010, 12 * S), 17 * S);
}

Test(pace, none)
{
    struct p2i_pace pace = {.speed = 0};
    cr_expect_eq(p2i_pace_due_ns(&pace, 1, 0), 0);
    cr_expect_eq(p2i_pace_due_ns(&pace, UINT32_MAX, 0), 0);
}
