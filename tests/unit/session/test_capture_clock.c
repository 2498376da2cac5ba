/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "session/capture_clock.h"

enum { NOW = 1700000000 };
static const uint32_t far_ahead = 4000000000U; /* in the year 2096 */

static struct p2i_capture_clock capture_clock;

static void begin(void)
{
    capture_clock = (struct p2i_capture_clock){0};
    cr_assert_eq(p2i_clock_note(&capture_clock, NOW), P2I_CLOCK_GOES_ON);
}

static void note(uint32_t stamp_s, enum p2i_clock_move move, uint32_t now_s, uint32_t passed_s)
{
    enum p2i_clock_move moved = p2i_clock_note(&capture_clock, stamp_s);
    cr_expect_eq(moved, move, "stamp %u: move %d instead of %d", stamp_s, moved, move);
    cr_expect_eq(capture_clock.now_s, now_s, "stamp %u: now %u instead of %u", stamp_s,
                 capture_clock.now_s, now_s);
    cr_expect_eq(capture_clock.passed_s, passed_s, "stamp %u: passed %u instead of %u", stamp_s,
                 capture_clock.passed_s, passed_s);
}

Test(clock, advances_with_the_packets, .init = begin)
{
    cr_expect(p2i_clock_is_at(&capture_clock, NOW));
    note(NOW, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW + 1, P2I_CLOCK_GOES_ON, NOW + 1, 1);
    note(NOW + 301, P2I_CLOCK_GOES_ON, NOW + 301, 301);
    cr_expect(!p2i_clock_is_at(&capture_clock, NOW));
}

Test(clock, reordering_does_not_move_it, .init = begin)
{
    note(NOW + 200, P2I_CLOCK_GOES_ON, NOW + 200, 200);
    note(NOW - 100, P2I_CLOCK_STANDS, NOW + 200, 200);
    note(NOW - 100, P2I_CLOCK_STANDS, NOW + 200, 200);
    note(NOW + 201, P2I_CLOCK_GOES_ON, NOW + 201, 201);
}

Test(clock, one_stamp_far_ahead_does_not_move_it, .init = begin)
{
    note(far_ahead, P2I_CLOCK_STANDS, NOW, 0);
    cr_expect(p2i_clock_is_ahead(&capture_clock, far_ahead));
    cr_expect(!p2i_clock_is_at(&capture_clock, NOW), "it has to be noted that it is alone");
    note(NOW, P2I_CLOCK_STANDS, NOW, 0);
    note(far_ahead, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW + 1, P2I_CLOCK_GOES_ON, NOW + 1, 1);
}

Test(clock, two_stamps_that_agree_move_it, .init = begin)
{
    note(NOW + 3600, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW + 3601, P2I_CLOCK_LEAPS, NOW + 3601, P2I_CLOCK_LEAP_S);
    note(NOW + 3602, P2I_CLOCK_GOES_ON, NOW + 3602, P2I_CLOCK_LEAP_S + 1);
    cr_expect(!p2i_clock_is_ahead(&capture_clock, NOW + 3602));
}

Test(clock, a_leap_just_over_the_time_out_keeps_its_length, .init = begin)
{
    note(NOW + 302, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW + 301, P2I_CLOCK_LEAPS, NOW + 302, 302);
}

Test(clock, two_stamps_that_differ_do_not_move_it, .init = begin)
{
    note(NOW + 3600, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW + 3600 + 301, P2I_CLOCK_STANDS, NOW, 0);
    note(far_ahead, P2I_CLOCK_STANDS, NOW, 0);
    note(far_ahead - 300, P2I_CLOCK_LEAPS, far_ahead, P2I_CLOCK_LEAP_S);
}

Test(clock, two_older_stamps_in_a_row_set_it_back, .init = begin)
{
    note(NOW - 301, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW - 301, P2I_CLOCK_STANDS, NOW, 0);
    cr_expect(p2i_clock_is_behind(&capture_clock, NOW - 301));
    note(NOW - 7200, P2I_CLOCK_SET_BACK, NOW - 7200, 0);
    cr_expect(!p2i_clock_is_behind(&capture_clock, NOW - 7200));
    note(NOW - 7100, P2I_CLOCK_GOES_ON, NOW - 7100, 100);
}

Test(clock, one_stamp_ahead_and_one_behind_do_not_move_it, .init = begin)
{
    note(far_ahead, P2I_CLOCK_STANDS, NOW, 0);
    note(5, P2I_CLOCK_STANDS, NOW, 0);
    note(far_ahead, P2I_CLOCK_STANDS, NOW, 0);
    note(5, P2I_CLOCK_STANDS, NOW, 0);
    note(NOW, P2I_CLOCK_STANDS, NOW, 0);
}

/* 0 and 2^32 - 1 are ordinary stamps. */
Test(clock, ends_of_time)
{
    capture_clock = (struct p2i_capture_clock){0};
    cr_expect(!p2i_clock_is_at(&capture_clock, 0), "it has not started");
    note(0, P2I_CLOCK_GOES_ON, 0, 0);
    note(0, P2I_CLOCK_STANDS, 0, 0);
    note(1, P2I_CLOCK_GOES_ON, 1, 1);
    note(UINT32_MAX, P2I_CLOCK_STANDS, 1, 1);
    note(UINT32_MAX, P2I_CLOCK_LEAPS, UINT32_MAX, 1 + P2I_CLOCK_LEAP_S);
    note(0, P2I_CLOCK_STANDS, UINT32_MAX, 1 + P2I_CLOCK_LEAP_S);
    note(0, P2I_CLOCK_SET_BACK, 0, 1 + P2I_CLOCK_LEAP_S);
}

/* The first packet may have the odd stamp. */
Test(clock, a_start_in_the_future_is_corrected)
{
    capture_clock = (struct p2i_capture_clock){0};
    note(far_ahead, P2I_CLOCK_GOES_ON, far_ahead, 0);
    note(NOW, P2I_CLOCK_STANDS, far_ahead, 0);
    note(NOW + 1, P2I_CLOCK_SET_BACK, NOW + 1, 0);
}

/* The time of a packet whose stamp may be wrong is that of the clock. */
Test(clock, corrects_odd_times, .init = begin)
{
    const uint64_t second = UINT64_C(1000000000);
    note(NOW + 10, P2I_CLOCK_GOES_ON, NOW + 10, 10);
    const uint64_t now_ns = (NOW + 10) * second;
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, now_ns + 5), now_ns + 5);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, now_ns + 300 * second + 7),
                 now_ns + 300 * second + 7);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, now_ns - 300 * second), now_ns - 300 * second);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, now_ns + 301 * second + 7), now_ns);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, now_ns - 301 * second), now_ns);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, 0), now_ns);
    note(far_ahead, P2I_CLOCK_STANDS, NOW + 10, 10);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, far_ahead * second + 5), now_ns,
                 "not confirmed");
    note(far_ahead, P2I_CLOCK_LEAPS, far_ahead, 10 + P2I_CLOCK_LEAP_S);
    cr_expect_eq(p2i_clock_time_ns(&capture_clock, far_ahead * second + 5), far_ahead * second + 5);
}
