/* SPDX-License-Identifier: MIT */
/* The clock of whoever waits for something outside: a collector, a disk. */
#ifndef PCAP2IPFIX_CLOCK_H
#define PCAP2IPFIX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Time, and waiting for it. The library has no clock of its own: the caller gives it one. */
struct p2i_clock {
    uint64_t (*now_ns)(void *context);  /* never goes back */
    uint64_t (*wall_us)(void *context); /* Unix time */
    /* Until the descriptor (-1: none) can be read, with `for_writing` also until it can be written
     * to, or `timeout_ns` have passed; may return early. */
    void (*wait)(void *context, int descriptor, bool for_writing, uint64_t timeout_ns);
    void *context;
};

/* CLOCK_MONOTONIC, CLOCK_REALTIME and poll(). */
extern const struct p2i_clock p2i_system_clock;

#ifdef __cplusplus
}
#endif
#endif
