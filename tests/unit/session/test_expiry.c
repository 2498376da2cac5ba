/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "session/expiry.h"

enum { SESSIONS = 500 };

static struct p2i_session_table *table;
static struct p2i_expiry expiry;
static struct p2i_session *live[SESSIONS];
static uint64_t number;

static void begin(void)
{
    table = p2i_session_table_new();
    cr_assert(p2i_expiry_init(&expiry, table));
}

static void end(void)
{
    p2i_expiry_free(&expiry);
    p2i_session_table_free(table);
}

static void add(unsigned i)
{
    struct p2i_session_key key = {.port = {(uint16_t)i, (uint16_t)(number >> 16)},
                                  .scope = (uint32_t)number};
    live[i] = p2i_session_table_add(table, p2i_place_hash(&key, 1), &key);
    live[i]->shard = 3;
    live[i]->phase = P2I_PHASE_DATAGRAMS;
    live[i]->last_number = ++number;
    live[i]->seen_s = (uint16_t)expiry.wheel_s;
    p2i_expiry_add(&expiry, live[i]);
}

static void drop(unsigned i)
{
    p2i_expiry_remove(&expiry, live[i]);
    p2i_session_table_remove(table, live[i]);
    live[i] = NULL;
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

static unsigned oldest(void)
{
    unsigned found = SESSIONS;
    for (unsigned i = 0; i < SESSIONS; i++) {
        if (live[i] != NULL &&
            (found == SESSIONS || live[i]->last_number < live[found]->last_number)) {
            found = i;
        }
    }
    return found;
}

/* Sessions begin, are touched and end; in between the longest idle one is requested, and mostly
 * removed. */
Test(expiry, longest_idle_is_the_one_with_the_oldest_packet, .init = begin, .fini = end)
{
    uint64_t state = 7;
    for (unsigned step = 0; step < 50000; step++) {
        unsigned i = next_random(&state) % SESSIONS;
        if (live[i] == NULL) {
            add(i);
        } else if (next_random(&state) % 16 == 0) {
            drop(i);
        } else {
            live[i]->last_number = ++number;
        }
        if (next_random(&state) % (1 + step / 1000) == 0) {
            unsigned expected = oldest();
            struct p2i_session *found = p2i_expiry_longest_idle(&expiry, &expiry.shards[3]);
            cr_assert_eq(found, expected < SESSIONS ? live[expected] : NULL, "step %u", step);
            if (found != NULL && next_random(&state) % 8 != 0) {
                drop(expected);
            }
        }
    }
    cr_expect_null(p2i_expiry_longest_idle(&expiry, &expiry.shards[4]), "another shard");
}

/* The timer of a session with a stream is earlier; the idle order must not depend on it. */
Test(expiry, a_stream_does_not_change_the_idle_order, .init = begin, .fini = end)
{
    static char stream; /* never dereferenced */
    add(0);
    add(1);
    p2i_expiry_remove(&expiry, live[1]);
    live[1]->stream = (struct p2i_stream_state *)(void *)&stream;
    live[1]->phase = P2I_PHASE_OPEN;
    p2i_expiry_add(&expiry, live[1]);
    cr_expect_eq(p2i_expiry_longest_idle(&expiry, &expiry.shards[3]), live[0]);
}

/* Wheel seconds are kept modulo 2^16 in sessions, and modulo 2^32 elsewhere. */
Test(expiry, time_outs_hold_where_seconds_wrap, .init = begin, .fini = end)
{
    static const uint32_t starts[] = {0, 65530, 131000, UINT32_MAX - 30};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        expiry.wheel_s = starts[i];
        add(0);
        for (uint32_t second = 1; second <= 60; second++) {
            cr_expect(p2i_expiry_advance(&expiry, starts[i] + second));
            cr_expect_eq(expiry.expired_count, 0, "from %u, second %u", starts[i], second);
        }
        cr_expect(p2i_expiry_advance(&expiry, starts[i] + 61));
        cr_expect_eq(expiry.expired_count, 1, "from %u", starts[i]);
        p2i_session_table_remove(table, live[0]);
    }
}
