/* SPDX-License-Identifier: MIT */
/* The clock of code that waits for a peer or a disk. */
#ifndef P2I_BASE_CLOCK_H
#define P2I_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* A source of time, and a way to wait. The caller owns it, and keeps it as long as the object that
 * it was given to. Called from the thread that calls that object. */
struct p2i_clock {
    uint64_t (*now_ns)(void *context);  /* monotonic, nanoseconds */
    uint64_t (*wall_us)(void *context); /* Unix time, microseconds */
    /* Waits until the descriptor (-1: none) is readable, or with `for_writing` also writable, at
     * most `timeout_ns`. May return early. */
    void (*wait)(void *context, int descriptor, bool for_writing, uint64_t timeout_ns);
    void *context;
};

/* CLOCK_MONOTONIC, CLOCK_REALTIME and poll(); any thread may use it. */
extern const struct p2i_clock p2i_system_clock;

#endif
