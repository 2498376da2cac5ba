/* SPDX-License-Identifier: MIT */
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

enum {
    FAR = 10,   /* a range so many times smaller is worth leaving records out */
    FEW = 1000, /* of so many records one may be left out at each end */
};

void p2i_timeline_free(struct p2i_timeline *timeline)
{
    free(timeline->periods);
    *timeline = (struct p2i_timeline){0};
}

/* The index of the first period with this number or a greater one. */
static size_t find(const struct p2i_timeline *timeline, uint64_t number)
{
    size_t low = 0;
    size_t high = timeline->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = timeline->periods[middle].number < number;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

static void add_counts(struct p2i_period *to, const struct p2i_period *from)
{
    for (size_t kind = 0; kind < P2I_REPORT_KINDS; kind++) {
        to->counts[kind] += from->counts[kind];
    }
}

/* Doubles the width until there is room for another period. */
static void widen(struct p2i_timeline *timeline)
{
    while (timeline->count == P2I_TIMELINE_PERIODS) {
        size_t count = 0;
        timeline->width_s *= 2;
        for (size_t i = 0; i < timeline->count; i++) {
            struct p2i_period period = timeline->periods[i];
            period.number /= 2;
            if (count > 0 && timeline->periods[count - 1].number == period.number) {
                add_counts(&timeline->periods[count - 1], &period);
            } else {
                timeline->periods[count++] = period;
            }
        }
        timeline->count = count;
    }
}

bool p2i_timeline_add(struct p2i_timeline *timeline, uint64_t time_s, size_t kind)
{
    if (timeline->periods == NULL) {
        timeline->width_s = 1;
        timeline->periods = calloc(P2I_TIMELINE_PERIODS, sizeof *timeline->periods);
        if (timeline->periods == NULL) {
            return false;
        }
    }
    uint64_t number = time_s / timeline->width_s;
    size_t at = timeline->latest;
    if (at >= timeline->count || timeline->periods[at].number != number) {
        at = find(timeline, number);
    }
    if (at == timeline->count || timeline->periods[at].number != number) {
        widen(timeline);
        number = time_s / timeline->width_s;
        at = find(timeline, number);
    }
    if (at == timeline->count || timeline->periods[at].number != number) {
        struct p2i_period *place = &timeline->periods[at];
        memmove(place + 1, place, (timeline->count - at) * sizeof *place);
        *place = (struct p2i_period){.number = number};
        timeline->count++;
    }
    timeline->periods[at].counts[kind]++;
    timeline->latest = at;
    return true;
}

/* ---- Bars ---- */

static uint64_t total(const struct p2i_period *period)
{
    uint64_t sum = 0;
    for (size_t kind = 0; kind < P2I_REPORT_KINDS; kind++) {
        sum += period->counts[kind];
    }
    return sum;
}

/* A range of periods. */
struct range {
    size_t first, last;
    uint64_t outside;
};

static uint64_t span(const struct p2i_timeline *timeline, const struct range *range)
{
    return timeline->periods[range->last].number - timeline->periods[range->first].number + 1;
}

/* Leaves out the few records at both ends, if the rest then takes a much shorter time: one packet
 * with a wrong clock does not make the chart useless. */
static struct range choose(const struct p2i_timeline *timeline)
{
    struct range all = {.first = 0, .last = timeline->count - 1};
    struct range most = all;
    uint64_t records = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        records += total(&timeline->periods[i]);
    }
    uint64_t left = 0;
    while (most.first < most.last &&
           (left + total(&timeline->periods[most.first])) * FEW <= records) {
        left += total(&timeline->periods[most.first++]);
    }
    uint64_t right = 0;
    while (most.last > most.first &&
           (right + total(&timeline->periods[most.last])) * FEW <= records) {
        right += total(&timeline->periods[most.last--]);
    }
    most.outside = left + right;
    return span(timeline, &most) * FAR <= span(timeline, &all) ? most : all;
}

/* The least width that people use, and that needs no more bars than there may be. */
static uint64_t usual_width(uint64_t begin_s, uint64_t end_s, uint64_t least_s)
{
    static const uint32_t usual[] = {1,      2,      5,       10,      15,      30,
                                     60,     120,    300,     600,     900,     1800,
                                     3600,   7200,   10800,   21600,   43200,   86400,
                                     172800, 604800, 1209600, 2592000, 7776000, 31536000};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        uint64_t bars = end_s / usual[i] - begin_s / usual[i] + 1;
        if (bars <= P2I_TIMELINE_BARS && usual[i] >= least_s) {
            return usual[i];
        }
    }
    return (end_s - begin_s) / (P2I_TIMELINE_BARS - 1) + 1;
}

void p2i_timeline_bars(const struct p2i_timeline *timeline, struct p2i_bars *bars)
{
    *bars = (struct p2i_bars){0};
    if (timeline->count == 0) {
        return;
    }
    struct range range = choose(timeline);
    uint64_t begin_s = timeline->periods[range.first].number * timeline->width_s;
    uint64_t end_s = timeline->periods[range.last].number * timeline->width_s;
    bars->width_s = usual_width(begin_s, end_s, timeline->width_s);
    bars->begin_s = begin_s / bars->width_s * bars->width_s;
    bars->outside = range.outside;
    for (size_t i = range.first; i <= range.last; i++) {
        uint64_t at =
            (timeline->periods[i].number * timeline->width_s - bars->begin_s) / bars->width_s;
        if (at < P2I_TIMELINE_BARS) {
            for (size_t kind = 0; kind < P2I_REPORT_KINDS; kind++) {
                bars->counts[at][kind] += timeline->periods[i].counts[kind];
            }
            bars->count = at + 1;
        }
    }
}
