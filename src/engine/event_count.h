/* SPDX-License-Identifier: MIT */
/* Lets threads sleep until something has changed, without a lock: a thread reads the count, looks
 * whether there is anything to do, and if not sleeps until the count differs. */
#ifndef P2I_ENGINE_EVENT_COUNT_H
#define P2I_ENGINE_EVENT_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

/* Start zeroed. Any thread may use it. */
struct p2i_event_count {
    _Atomic uint32_t count;
    _Atomic uint32_t sleepers;
};

/* Says that something has changed; wakes all sleeping threads. */
void p2i_event_notify(struct p2i_event_count *event);
/* Says it to threads that are awake only: no sleeping one has anything to do yet. */
void p2i_event_note(struct p2i_event_count *event);

/* To be called before the last look for something to do. Returns the count for p2i_event_sleep(),
 * which must follow, or p2i_event_cancel(). */
uint32_t p2i_event_prepare(struct p2i_event_count *event);
void p2i_event_cancel(struct p2i_event_count *event);
/* Sleeps unless p2i_event_notify() was called since. May return early. */
void p2i_event_sleep(struct p2i_event_count *event, uint32_t count);

#endif
