/* SPDX-License-Identifier: MIT */
/* The clock of a run, driven by packet stamps. A single stamp may be wrong, so the clock moves by
 * more than the longest session time-out only when two packets in a row agree. The clock depends on
 * nothing but the sequence of stamps. Unit: Unix seconds of capture time. */
#ifndef P2I_SESSION_CAPTURE_CLOCK_H
#define P2I_SESSION_CAPTURE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    P2I_CLOCK_AGREE_S = 300, /* stamps this close agree; also the longest session time-out */
    P2I_CLOCK_LEAP_S = 512, /* longer silences count as this long, which ends all sessions anyway */
};

/* Start zeroed. */
struct p2i_capture_clock {
    uint32_t now_s;    /* current time */
    uint32_t passed_s; /* elapsed time: seconds that have passed; never goes back; modulo 2^32 */
    uint32_t odd_s; /* stamp of the previous packet when `odd`; kept when the clock leaps to it */
    int8_t odd;     /* the previous stamp was too far ahead (1) or behind (-1); 0: plausible */
    bool started;
    bool steady; /* started, and the previous stamp was plausible */
};

/* Effect of a packet on the clock. */
enum p2i_clock_move {
    P2I_CLOCK_STANDS,
    P2I_CLOCK_GOES_ON,  /* at most P2I_CLOCK_AGREE_S */
    P2I_CLOCK_LEAPS,    /* the packet confirms the odd stamp of the previous one */
    P2I_CLOCK_SET_BACK, /* `passed_s` does not change, so idle times stay as they are */
};

/* Notes the stamp of the next packet. The first stamp starts the clock (P2I_CLOCK_GOES_ON). */
enum p2i_clock_move p2i_clock_note(struct p2i_capture_clock *clock, uint32_t stamp_s);

/* True when noting this stamp would change nothing. */
static inline bool p2i_clock_is_at(const struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    return stamp_s == clock->now_s && clock->steady;
}

/* True for a stamp that is ahead of the clock by more than the longest time-out, and so needs
 * confirmation by a second packet; is_behind() likewise. */
static inline bool p2i_clock_is_ahead(const struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    return (int64_t)stamp_s - clock->now_s > P2I_CLOCK_AGREE_S;
}

static inline bool p2i_clock_is_behind(const struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    return (int64_t)clock->now_s - stamp_s > P2I_CLOCK_AGREE_S;
}

/* Corrects a packet time: returns the clock's time if the second of `time_ns` is so far off that it
 * may be wrong, else `time_ns`. */
static inline uint64_t p2i_clock_time_ns(const struct p2i_capture_clock *clock, uint64_t time_ns)
{
    uint32_t stamp_s = (uint32_t)(time_ns / 1000000000);
    bool is_odd = p2i_clock_is_ahead(clock, stamp_s) || p2i_clock_is_behind(clock, stamp_s);
    return is_odd ? clock->now_s * UINT64_C(1000000000) : time_ns;
}

#endif
