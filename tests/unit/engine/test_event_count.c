/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>

#include "engine/event_count.h"

static struct p2i_event_count event;

/* A change between the look and the sleep is not missed: this test would not end. */
Test(event_count, does_not_sleep_after_a_change)
{
    uint32_t seen = p2i_event_prepare(&event);
    cr_expect_eq(event.sleepers, 1);
    p2i_event_notify(&event);
    p2i_event_sleep(&event, seen);
    cr_expect_eq(event.sleepers, 0);
}

Test(event_count, cancel)
{
    uint32_t seen = p2i_event_prepare(&event);
    p2i_event_cancel(&event);
    cr_expect_eq(event.sleepers, 0);
    cr_expect_eq(p2i_event_prepare(&event), seen, "nothing has changed");
    p2i_event_cancel(&event);
    p2i_event_notify(&event);
    cr_expect_neq(p2i_event_prepare(&event), seen);
    p2i_event_cancel(&event);
}

static _Atomic bool changed;
static _Atomic unsigned awake;

static void *wait_for_change(void *unused)
{
    (void)unused;
    for (;;) {
        uint32_t seen = p2i_event_prepare(&event);
        if (changed) {
            p2i_event_cancel(&event);
            awake++;
            return NULL;
        }
        p2i_event_sleep(&event, seen);
    }
}

/* One notification wakes all who sleep. */
Test(event_count, wakes_all)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, wait_for_change, NULL), 0);
    }
    while (event.sleepers < THREADS) {
        sched_yield();
    }
    cr_expect_eq(awake, 0);
    changed = true;
    p2i_event_notify(&event);
    for (unsigned i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }
    cr_expect_eq(awake, THREADS);
    cr_expect_eq(event.sleepers, 0);
}

enum { ROUNDS = 20000 };
static _Atomic unsigned turn; /* even: the first player's */

static void wait_for_turn(unsigned mine)
{
    for (;;) {
        uint32_t seen = p2i_event_prepare(&event);
        if (turn == mine) {
            p2i_event_cancel(&event);
            return;
        }
        p2i_event_sleep(&event, seen);
    }
}

static void *play(void *first)
{
    for (unsigned i = first != NULL ? 0 : 1; i < 2 * ROUNDS; i += 2) {
        wait_for_turn(i);
        turn = i + 1;
        p2i_event_notify(&event);
    }
    return NULL;
}

/* Two threads in turn, with nothing but the event between them: a lost notification would stop both
 * for ever. */
Test(event_count, loses_no_notification)
{
    static int first;
    pthread_t threads[2];
    cr_assert_eq(pthread_create(&threads[0], NULL, play, &first), 0);
    cr_assert_eq(pthread_create(&threads[1], NULL, play, NULL), 0);
    cr_assert_eq(pthread_join(threads[0], NULL), 0);
    cr_assert_eq(pthread_join(threads[1], NULL), 0);
    cr_expect_eq(turn, 2 * ROUNDS);
    cr_expect_eq(event.sleepers, 0);
}
