/* SPDX-License-Identifier: MIT */
/* Hands single packets to the workers of a run, as the first station does with blocks of them. */
#ifndef TEST_DELIVER_H
#define TEST_DELIVER_H

#include <criterion/criterion.h>

#include "session/dispatch.h"

struct delivery {
    struct p2i_dispatch dispatch;
    struct p2i_arrivals arrivals; /* of the last packet */
};

static inline void delivery_begin(struct delivery *delivery, unsigned worker_count, bool flows)
{
    p2i_dispatch_init(&delivery->dispatch, worker_count, 0, 1, flows);
    delivery->arrivals = (struct p2i_arrivals){0};
    cr_assert(p2i_arrivals_reserve(&delivery->arrivals, 1));
}

static inline void delivery_end(struct delivery *delivery)
{
    p2i_dispatch_free(&delivery->dispatch);
    p2i_arrivals_free(&delivery->arrivals);
}

/* Delivers packet `number` of the run; `workers` has as many elements as there are workers. */
static inline void deliver(struct delivery *delivery, struct p2i_sessions *const *workers,
                           const struct p2i_packet *packet, uint64_t number)
{
    struct p2i_arrivals *arrivals = &delivery->arrivals;
    p2i_arrivals_clear(arrivals);
    arrivals->list[0].packet = *packet;
    p2i_dispatch_packet(&delivery->dispatch, arrivals, number);
    p2i_dispatch_group(&delivery->dispatch, arrivals);
    cr_assert(!arrivals->out_of_memory);
    for (unsigned i = 0; i < delivery->dispatch.worker_count; i++) {
        p2i_sessions_handle(workers[i], arrivals, i);
    }
}

#endif
