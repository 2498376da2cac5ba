/* SPDX-License-Identifier: MIT */
/* How fast records leave: bytes a second, and the rhythm of the capture. Pure: the time is given.
 */
#ifndef P2I_TRANSPORT_THROTTLE_H
#define P2I_TRANSPORT_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

/* A bucket that fills with `per_s` bytes a second and holds `burst`. */
struct p2i_rate {
    uint64_t per_s; /* 0: no limit */
    uint64_t burst;
    double held; /* bytes; under 0 when more was taken than it held */
    uint64_t filled_ns;
};

void p2i_rate_init(struct p2i_rate *rate, uint64_t per_s, uint64_t burst, uint64_t now_ns);
/* Nanoseconds until something may be sent; 0: now. */
uint64_t p2i_rate_wait(struct p2i_rate *rate, uint64_t now_ns);
/* What was sent. */
void p2i_rate_take(struct p2i_rate *rate, uint64_t bytes);

/* Records leave at the capture's rhythm. Start with `speed` (0: at once) and nothing else. */
struct p2i_pace {
    double speed;
    bool begun;
    uint32_t first_s, last_s; /* capture time */
    uint64_t first_ns;
};

/* When a record of capture second `time_s` may leave; 0: at once, as when time goes back. */
uint64_t p2i_pace_due_ns(struct p2i_pace *pace, uint32_t time_s, uint64_t now_ns);

#endif
