/* SPDX-License-Identifier: MIT */
/* What time it is, by the packets of a capture. One packet may have a wrong stamp, so the time is
 * what packets agree on: two in succession have to say so before it moves by more than the longest
 * time-out of a session. Depends on the sequence of stamps alone. Units: Unix seconds of capture
 * time. */
#ifndef P2I_SESSION_CAPTURE_CLOCK_H
#define P2I_SESSION_CAPTURE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    P2I_CLOCK_AGREE_S = 300, /* stamps that differ by no more agree; the longest time-out */
    P2I_CLOCK_LEAP_S = 512,  /* a longer silence passes for one of this length: all is over then */
};

/* Start with {0}. */
struct p2i_capture_clock {
    uint32_t now_s;    /* the time that packets agree on */
    uint32_t passed_s; /* seconds that have passed so far; never goes back; modulo 2^32 */
    uint32_t odd_s; /* stamp of the packet before, when `odd`; stays when the clock leaps to it */
    int8_t odd;     /* it was too far ahead (1) or behind (-1) to be believed alone; 0: neither */
    bool started;
    bool steady; /* started, and nothing is odd */
};

/* How a packet moves the clock. */
enum p2i_clock_move {
    P2I_CLOCK_STANDS,
    P2I_CLOCK_GOES_ON,  /* by no more than P2I_CLOCK_AGREE_S */
    P2I_CLOCK_LEAPS,    /* to the odd stamp of the packet before, with which this one agrees */
    P2I_CLOCK_SET_BACK, /* `passed_s` stands: what was silent for a time still is */
};

/* Notes the stamp of the next packet. The first one starts the clock: it goes on. */
enum p2i_clock_move p2i_clock_note(struct p2i_capture_clock *clock, uint32_t stamp_s);

/* Whether noting the stamp would change nothing. */
static inline bool p2i_clock_is_at(const struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    return stamp_s == clock->now_s && clock->steady;
}

/* More than the longest time-out ahead of the common time, so nobody has confirmed the stamp. */
static inline bool p2i_clock_is_ahead(const struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    return (int64_t)stamp_s - clock->now_s > P2I_CLOCK_AGREE_S;
}

static inline bool p2i_clock_is_behind(const struct p2i_capture_clock *clock, uint32_t stamp_s)
{
    return (int64_t)clock->now_s - stamp_s > P2I_CLOCK_AGREE_S;
}

#endif
