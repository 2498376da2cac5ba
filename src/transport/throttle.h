/* SPDX-License-Identifier: MIT */
/* Limits the speed of export: bytes per second, and the pace of the capture. Pure functions on the
 * structs: the caller passes the time. */
#ifndef P2I_TRANSPORT_THROTTLE_H
#define P2I_TRANSPORT_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

/* A token bucket, filled with `per_s` bytes per second up to `burst`. */
struct p2i_rate {
    uint64_t per_s; /* 0: no limit */
    uint64_t burst;
    double held; /* bytes in the bucket; negative after a larger message */
    uint64_t filled_ns;
};

void p2i_rate_init(struct p2i_rate *rate, uint64_t per_s, uint64_t burst, uint64_t now_ns);
/* Nanoseconds until the next message may be sent; 0: now. */
uint64_t p2i_rate_wait(struct p2i_rate *rate, uint64_t now_ns);
/* Takes the bytes of a message that was sent. */
void p2i_rate_take(struct p2i_rate *rate, uint64_t bytes);

/* Paces records like the capture. Start with {.speed = ...}; 0: no delay. */
struct p2i_pace {
    double speed;
    bool begun;
    uint32_t first_s, last_s; /* capture time */
    uint64_t first_ns;
};

/* The time at which a record of capture second `time_s` may leave; 0: now, also when the capture
 * time goes back. */
uint64_t p2i_pace_due_ns(struct p2i_pace *pace, uint32_t time_s, uint64_t now_ns);

#endif
