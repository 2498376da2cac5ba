/* SPDX-License-Identifier: MIT */
#include "engine/event_count.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All operations are sequentially consistent: either the sleeper sees the new count, or the
 * notifier sees the sleeper. */

void p2i_event_notify(struct p2i_event_count *event)
{
    atomic_fetch_add(&event->count, 1);
    if (atomic_load(&event->sleepers) > 0) {
        (void)syscall(SYS_futex, &event->count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
}

void p2i_event_note(struct p2i_event_count *event)
{
    atomic_fetch_add(&event->count, 1);
}

uint32_t p2i_event_prepare(struct p2i_event_count *event)
{
    atomic_fetch_add(&event->sleepers, 1);
    return atomic_load(&event->count);
}

void p2i_event_cancel(struct p2i_event_count *event)
{
    atomic_fetch_sub(&event->sleepers, 1);
}

void p2i_event_sleep(struct p2i_event_count *event, uint32_t count)
{
    (void)syscall(SYS_futex, &event->count, FUTEX_WAIT_PRIVATE, count, NULL, NULL, 0);
    atomic_fetch_sub(&event->sleepers, 1);
}
