/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <time.h>

#include "base/clock.h"

enum { NS_PER_S = 1000000000, NS_PER_US = 1000, US_PER_S = 1000000 };

static uint64_t now_ns(void *context)
{
    struct timespec now;
    (void)context;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t wall_us(void *context)
{
    struct timespec now;
    (void)context;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / NS_PER_US;
}

static void wait_for(void *context, int descriptor, bool for_writing, uint64_t timeout_ns)
{
    struct pollfd ready = {.fd = descriptor,
                           .events = (short)(for_writing ? POLLIN | POLLOUT : POLLIN)};
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / NS_PER_S),
                               .tv_nsec = (long)(timeout_ns % NS_PER_S)};
    (void)context;
    (void)ppoll(&ready, 1, &timeout, NULL);
}

const struct p2i_clock p2i_system_clock = {now_ns, wall_us, wait_for, NULL};
