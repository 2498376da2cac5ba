/* SPDX-License-Identifier: MIT */
/* A clock for tests of collectors: waiting takes no time where nothing happens. */
#ifndef TEST_HELPERS_FAKE_CLOCK_H
#define TEST_HELPERS_FAKE_CLOCK_H

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pcap2ipfix/collector.h"

enum { FAKE_TEXTS = 128 };

struct fake_clock {
    uint64_t now_ns;
    uint64_t step_ns;        /* that each look at the clock takes */
    void (*waiting)(void *); /* called while somebody waits; NULL: nothing is */
    void *context;
    size_t text_count;
    char texts[FAKE_TEXTS][256]; /* that were logged */
    uint64_t told_ns[FAKE_TEXTS];
    bool stopped;
};

static inline uint64_t fake_now(void *context)
{
    struct fake_clock *clock = context;
    clock->now_ns += clock->step_ns;
    return clock->now_ns;
}

static inline uint64_t fake_wall(void *context)
{
    (void)context;
    return UINT64_C(1900000000123456);
}

static inline void fake_wait(void *context, int descriptor, bool for_writing, uint64_t timeout_ns)
{
    struct fake_clock *clock = context;
    struct pollfd ready = {.fd = descriptor,
                           .events = (short)(for_writing ? POLLIN | POLLOUT : POLLIN)};
    if (clock->waiting != NULL) {
        clock->waiting(clock->context);
    }
    if (poll(&ready, 1, 1) <= 0) {
        clock->now_ns += timeout_ns;
    }
}

static inline void fake_report(void *context, bool usual, const char *text)
{
    struct fake_clock *clock = context;
    (void)usual;
    if (clock->text_count < FAKE_TEXTS) {
        clock->told_ns[clock->text_count] = clock->now_ns;
        (void)snprintf(clock->texts[clock->text_count++], sizeof clock->texts[0], "%s", text);
    }
}

static inline void fake_log(void *context, bool usual, const struct p2i_log_line *line)
{
    char text[sizeof((struct fake_clock *)context)->texts[0]];
    (void)snprintf(text, sizeof text, "[%s][%lu] %s %s%s", line->level,
                   (unsigned long)line->time_us, line->text, line->url, usual ? "" : " !");
    fake_report(context, usual, text);
}

static inline bool fake_stopped(void *context)
{
    return ((struct fake_clock *)context)->stopped;
}

/* Whether a message with these words was logged. */
static inline bool fake_was_told(const struct fake_clock *clock, const char *words)
{
    for (size_t i = 0; i < clock->text_count; i++) {
        if (strstr(clock->texts[i], words) != NULL) {
            return true;
        }
    }
    return false;
}

#endif
