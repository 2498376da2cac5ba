/* SPDX-License-Identifier: MIT */
#include "transport/throttle.h"

static const double ns_per_s = 1e9;

enum {
    SET_BACK_S = 300
}; /* time that goes back by more belongs to another capture, whose pace begins again */

void p2i_rate_init(struct p2i_rate *rate, uint64_t per_s, uint64_t burst, uint64_t now_ns)
{
    *rate = (struct p2i_rate){
        .per_s = per_s, .burst = burst, .held = (double)burst, .filled_ns = now_ns};
}

uint64_t p2i_rate_wait(struct p2i_rate *rate, uint64_t now_ns)
{
    if (rate->per_s == 0) {
        return 0;
    }
    rate->held += (double)(now_ns - rate->filled_ns) * (double)rate->per_s / ns_per_s;
    rate->filled_ns = now_ns;
    if (rate->held > (double)rate->burst) {
        rate->held = (double)rate->burst;
    }
    return rate->held >= 0 ? 0 : (uint64_t)(-rate->held * ns_per_s / (double)rate->per_s) + 1;
}

void p2i_rate_take(struct p2i_rate *rate, uint64_t bytes)
{
    rate->held -= (double)bytes;
}

uint64_t p2i_pace_due_ns(struct p2i_pace *pace, uint32_t time_s, uint64_t now_ns)
{
    bool is_set_back = pace->begun && time_s < pace->last_s && pace->last_s - time_s > SET_BACK_S;
    if (pace->speed <= 0 || (pace->begun && time_s <= pace->last_s && !is_set_back)) {
        return 0;
    }
    if (!pace->begun || is_set_back) {
        pace->begun = true;
        pace->first_s = time_s;
        pace->first_ns = now_ns;
    }
    pace->last_s = time_s;
    uint64_t due =
        pace->first_ns + (uint64_t)((double)(time_s - pace->first_s) * ns_per_s / pace->speed);
    return due > now_ns ? due : 0;
}
