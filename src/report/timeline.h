/* SPDX-License-Identifier: MIT */
/* Records over time by kind, whatever the range of time is, in bounded memory. One thread. */
#ifndef P2I_REPORT_TIMELINE_H
#define P2I_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    P2I_REPORT_KINDS = 12, /* of our records, and those of others */
    P2I_TIMELINE_PERIODS = 4096,
    P2I_TIMELINE_BARS = 120,
};

struct p2i_period {
    uint64_t number; /* time in seconds / width */
    uint64_t counts[P2I_REPORT_KINDS];
};

/* Start with {0}. Periods are sorted by number. When there are too many, their width doubles. */
struct p2i_timeline {
    struct p2i_period *periods;
    size_t count;
    size_t latest; /* index of the period that was used last */
    uint64_t width_s;
};

/* False: out of memory. */
bool p2i_timeline_add(struct p2i_timeline *timeline, uint64_t time_s, size_t kind);
void p2i_timeline_free(struct p2i_timeline *timeline);

/* Bars of a chart: at most P2I_TIMELINE_BARS, of a width that people use. */
struct p2i_bars {
    uint64_t begin_s, width_s;
    size_t count;
    uint64_t counts[P2I_TIMELINE_BARS][P2I_REPORT_KINDS];
    uint64_t outside; /* records so far away that they would make all bars one */
};
void p2i_timeline_bars(const struct p2i_timeline *timeline, struct p2i_bars *bars);

#endif
