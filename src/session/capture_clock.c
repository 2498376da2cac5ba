/* SPDX-License-Identifier: MIT */
#include "session/capture_clock.h"

static void go_on(struct p2i_capture_clock *clock, uint32_t to_s)
{
    uint32_t seconds = to_s - clock->now_s;
    clock->passed_s += seconds < P2I_CLOCK_LEAP_S ? seconds : P2I_CLOCK_LEAP_S;
    clock->now_s = to_s;
}

/* Handles a stamp too far from the clock. */
static enum p2i_clock_move note_odd(struct p2i_capture_clock *clock, uint32_t stamp_s, int8_t odd)
{
    int64_t apart = (int64_t)stamp_s - clock->odd_s;
    bool again = clock->odd == odd;
    bool agrees = apart <= P2I_CLOCK_AGREE_S && apart >= -P2I_CLOCK_AGREE_S;
    if (again && odd < 0) {
        clock->odd = 0;
        clock->now_s = stamp_s;
        return P2I_CLOCK_SET_BACK;
    }
    if (again && agrees) {
        clock->odd = 0;
        go_on(clock, apart > 0 ? stamp_s : clock->odd_s);
        return P2I_CLOCK_LEAPS;
    }
    clock->odd = odd;
    clock->odd_s = stamp_s;
    return P2I_CLOCK_STANDS;
}

static enum p2i_clock_move move(struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    if (!clock->started) {
        clock->started = true;
        clock->now_s = stamp_s;
        return P2I_CLOCK_GOES_ON;
    }
    if (p2i_clock_is_ahead(clock, stamp_s)) {
        return note_odd(clock, stamp_s, 1);
    }
    if (p2i_clock_is_behind(clock, stamp_s)) {
        return note_odd(clock, stamp_s, -1);
    }
    clock->odd = 0;
    if (stamp_s <= clock->now_s) {
        return P2I_CLOCK_STANDS;
    }
    go_on(clock, stamp_s);
    return P2I_CLOCK_GOES_ON;
}

enum p2i_clock_move p2i_clock_note(struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    enum p2i_clock_move done = move(clock, stamp_s);
    clock->steady = clock->odd == 0;
    return done;
}
