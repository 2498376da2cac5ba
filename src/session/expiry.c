/* SPDX-License-Identifier: MIT */
#include "session/expiry.h"

#include <stdlib.h>

/* Idle time-outs by phase. */
static const uint16_t timeouts_s[] = {
    [P2I_PHASE_OPENING] = 60,
    [P2I_PHASE_OPEN] = 300,
    [P2I_PHASE_CLOSED] = 10,
    [P2I_PHASE_DATAGRAMS] = 60,
};

bool p2i_expiry_init(struct p2i_expiry *expiry, struct p2i_session_table *table)
{
    *expiry = (struct p2i_expiry){.table = table};
    expiry->shards = calloc(P2I_SHARDS, sizeof *expiry->shards);
    if (expiry->shards == NULL) {
        return false;
    }
    for (unsigned i = 0; i < P2I_SHARDS; i++) {
        memset(expiry->shards[i].bucket, 0xff, sizeof expiry->shards[i].bucket);
        memset(expiry->shards[i].last, 0xff, sizeof expiry->shards[i].last);
    }
    return true;
}

void p2i_expiry_free(struct p2i_expiry *expiry)
{
    for (unsigned i = 0; expiry->shards != NULL && i < P2I_SHARDS; i++) {
        free(expiry->shards[i].idle);
    }
    free(expiry->shards);
    free(expiry->expired);
}

/* A session idle for this long may become dormant. Most sessions with payload never end with a FIN,
 * and their streams would use most of the memory. */
enum { DORMANT_AFTER_S = 20 };

/* Wheel seconds are compared modulo 2^16; those of live sessions are close to the wheel's own. */
static int16_t distance(uint32_t a, uint32_t b)
{
    return (int16_t)(uint16_t)(a - b);
}

bool p2i_expiry_is_late(const struct p2i_session *session, uint32_t stamp_s)
{
    return (int64_t)stamp_s - session->stamp_s > timeouts_s[session->phase];
}

/* An older stamp (reordering, or an odd stamp far behind) does not replace the last one. A stamp
 * far ahead is replaced by the next packet that disagrees with it. */
void p2i_expiry_note_stamp(struct p2i_session *session, const struct p2i_capture_clock *clock,
                           uint32_t stamp_s)
{
    bool was_odd = (int64_t)session->stamp_s - stamp_s > P2I_CLOCK_AGREE_S &&
                   !p2i_clock_is_behind(clock, stamp_s);
    if (stamp_s > session->stamp_s || was_odd) {
        session->stamp_s = stamp_s;
    }
}

static uint32_t expires_at(const struct p2i_session *session)
{
    return session->seen_s + timeouts_s[session->phase] + 1U;
}

/* The second at which the wheel looks at the session. */
static uint32_t timer_of(const struct p2i_session *session)
{
    bool may_go_dormant = session->stream != NULL && !session->dormancy_tried;
    return may_go_dormant && timeouts_s[session->phase] > DORMANT_AFTER_S
               ? session->seen_s + DORMANT_AFTER_S + 1U
               : expires_at(session);
}

static struct p2i_shard *shard_of(const struct p2i_expiry *expiry,
                                  const struct p2i_session *session)
{
    return &expiry->shards[session->shard];
}

static void link_last(struct p2i_expiry *expiry, struct p2i_session *session)
{
    struct p2i_shard *shard = shard_of(expiry, session);
    uint32_t at = session->timer_s % P2I_WHEEL_SECONDS;
    session->bucket_next = P2I_NO_SESSION;
    session->bucket_previous = shard->last[at];
    if (shard->last[at] == P2I_NO_SESSION) {
        shard->bucket[at] = session->index;
    } else {
        p2i_session_table_at(expiry->table, shard->last[at])->bucket_next = session->index;
    }
    shard->last[at] = session->index;
    shard->filled[at / 64] |= UINT64_C(1) << at % 64;
}

void p2i_expiry_add(struct p2i_expiry *expiry, struct p2i_session *session)
{
    uint32_t timer_s = timer_of(session);
    uint32_t soonest_s = expiry->wheel_s + 1; /* earlier buckets are not visited any more */
    session->timer_s = (uint16_t)(distance(timer_s, soonest_s) < 0 ? soonest_s : timer_s);
    link_last(expiry, session);
}

void p2i_expiry_remove(struct p2i_expiry *expiry, struct p2i_session *session)
{
    struct p2i_shard *shard = shard_of(expiry, session);
    uint32_t at = session->timer_s % P2I_WHEEL_SECONDS;
    if (session->bucket_previous == P2I_NO_SESSION) {
        shard->bucket[at] = session->bucket_next;
    } else {
        p2i_session_table_at(expiry->table, session->bucket_previous)->bucket_next =
            session->bucket_next;
    }
    if (session->bucket_next == P2I_NO_SESSION) {
        shard->last[at] = session->bucket_previous;
    } else {
        p2i_session_table_at(expiry->table, session->bucket_next)->bucket_previous =
            session->bucket_previous;
    }
    if (shard->bucket[at] == P2I_NO_SESSION) {
        shard->filled[at / 64] &= ~(UINT64_C(1) << at % 64);
    }
}

void p2i_expiry_reschedule(struct p2i_expiry *expiry, struct p2i_session *session)
{
    if (distance(timer_of(session), session->timer_s) < 0) {
        p2i_expiry_remove(expiry, session);
        p2i_expiry_add(expiry, session);
    }
}

static bool note_expired(struct p2i_expiry *expiry, uint32_t index)
{
    if (expiry->expired_count == expiry->expired_capacity) {
        size_t capacity = expiry->expired_capacity > 0 ? expiry->expired_capacity * 2 : 256;
        uint32_t *expired = realloc(expiry->expired, capacity * sizeof *expired);
        if (expired == NULL) {
            return false;
        }
        expiry->expired = expired;
        expiry->expired_capacity = capacity;
    }
    expiry->expired[expiry->expired_count++] = index;
    return true;
}

/* Takes an expired session out of the wheel; reschedules an idle one. */
static bool look_at_session(struct p2i_expiry *expiry, struct p2i_session *session, bool all)
{
    if (all || p2i_expiry_is_over(expiry, session)) {
        if (!note_expired(expiry, session->index)) {
            return false;
        }
        p2i_expiry_remove(expiry, session);
        return true;
    }
    p2i_expiry_remove(expiry, session);
    if (distance(timer_of(session), expiry->wheel_s) <= 0) {
        session->dormancy_tried = note_expired(expiry, session->index);
    }
    p2i_expiry_add(expiry, session);
    return true;
}

/* Looks at the sessions of a bucket whose second has come. All of them are due, because timers
 * never exceed the length of the wheel. The lists of all shards are walked in parallel, because a
 * single list would wait for memory at every step. */
static bool look_at_bucket(struct p2i_expiry *expiry, uint32_t at, bool all)
{
    struct p2i_session *next[P2I_SHARDS];
    size_t count = 0;
    for (unsigned i = 0; i < P2I_SHARDS; i++) {
        if (expiry->shards[i].bucket[at] != P2I_NO_SESSION) {
            next[count] = p2i_session_table_at(expiry->table, expiry->shards[i].bucket[at]);
            __builtin_prefetch(next[count++]);
        }
    }
    while (count > 0) {
        for (size_t i = 0; i < count;) {
            struct p2i_session *session = next[i];
            if (session->bucket_next == P2I_NO_SESSION) {
                next[i] = next[--count];
            } else {
                next[i] = p2i_session_table_at(expiry->table, session->bucket_next);
                __builtin_prefetch(next[i++]);
            }
            if (!look_at_session(expiry, session, all)) {
                return false;
            }
        }
    }
    return true;
}

static bool sort_expired(struct p2i_expiry *expiry)
{
    if (expiry->expired_count < 2) {
        return true;
    }
    struct p2i_idle_session *order = malloc(2 * expiry->expired_count * sizeof *order);
    if (order == NULL) {
        return false;
    }
    for (size_t i = 0; i < expiry->expired_count; i++) {
        uint32_t index = expiry->expired[i];
        order[i] = (struct p2i_idle_session){
            p2i_session_table_at(expiry->table, index)->last_number, index};
    }
    p2i_idle_sessions_sort(order, order + expiry->expired_count, expiry->expired_count);
    for (size_t i = 0; i < expiry->expired_count; i++) {
        expiry->expired[i] = order[i].index;
    }
    free(order);
    return true;
}

/* Bitmap of 64 buckets: those that have sessions in any shard. */
static uint64_t filled_of(const struct p2i_expiry *expiry, uint32_t word)
{
    uint64_t filled = 0;
    for (unsigned i = 0; i < P2I_SHARDS; i++) {
        filled |= expiry->shards[i].filled[word];
    }
    return filled;
}

/* Looks at the buckets of the last `steps` seconds. Empty buckets cost nothing, so time may jump.
 */
static bool look_at_buckets(struct p2i_expiry *expiry, uint32_t steps, bool all)
{
    uint32_t wheel_s = expiry->wheel_s;
    for (uint32_t word = 0; word < P2I_WHEEL_SECONDS / 64 && word * 64 <= steps + 64; word++) {
        uint32_t near = (wheel_s / 64 - word) % (P2I_WHEEL_SECONDS / 64);
        for (uint64_t bits = filled_of(expiry, near); bits != 0; bits &= bits - 1) {
            uint32_t at = near * 64 + (uint32_t)__builtin_ctzll(bits);
            if ((wheel_s - at) % P2I_WHEEL_SECONDS < steps && !look_at_bucket(expiry, at, all)) {
                return false;
            }
        }
    }
    return true;
}

/* Fills `expired`. */
static bool look(struct p2i_expiry *expiry, uint32_t steps, bool all)
{
    expiry->expired_count = 0;
    bool done = look_at_buckets(expiry, steps, all);
    return sort_expired(expiry) && done;
}

bool p2i_expiry_advance(struct p2i_expiry *expiry, uint32_t wheel_s)
{
    uint32_t steps = wheel_s - expiry->wheel_s;
    expiry->wheel_s = wheel_s;
    return look(expiry, steps < P2I_WHEEL_SECONDS ? steps : P2I_WHEEL_SECONDS, false);
}

bool p2i_expiry_is_over(const struct p2i_expiry *expiry, const struct p2i_session *session)
{
    return distance(expires_at(session), expiry->wheel_s) <= 0;
}

bool p2i_expiry_all(struct p2i_expiry *expiry)
{
    return look(expiry, P2I_WHEEL_SECONDS, true);
}

static bool list_idle(struct p2i_shard *shard, const struct p2i_session *session)
{
    if (shard->idle_count == shard->idle_capacity) {
        size_t capacity = shard->idle_capacity > 0 ? shard->idle_capacity * 2 : 64;
        struct p2i_idle_session *idle = realloc(shard->idle, 2 * capacity * sizeof *idle);
        if (idle == NULL) {
            return false;
        }
        shard->idle = idle;
        shard->idle_capacity = capacity;
    }
    shard->idle[shard->idle_count++] =
        (struct p2i_idle_session){session->last_number, session->index};
    return true;
}

static const struct p2i_session *fetch_listed(const struct p2i_expiry *expiry, uint32_t index)
{
    const struct p2i_session *session = p2i_session_table_at(expiry->table, index);
    __builtin_prefetch(&session->last_number);
    return session;
}

/* The first sessions of all buckets of a shard. Returns their number. */
static size_t first_of_buckets(const struct p2i_expiry *expiry, const struct p2i_shard *shard,
                               const struct p2i_session **first)
{
    size_t count = 0;
    for (uint32_t word = 0; word < P2I_WHEEL_SECONDS / 64; word++) {
        for (uint64_t bits = shard->filled[word]; bits != 0; bits &= bits - 1) {
            uint32_t at = word * 64 + (uint32_t)__builtin_ctzll(bits);
            first[count++] = fetch_listed(expiry, shard->bucket[at]);
        }
    }
    return count;
}

/* Lists all sessions of a shard by last packet. The buckets are walked in parallel, because one
 * list would wait for memory at every step. */
static bool list_all_idle(struct p2i_expiry *expiry, struct p2i_shard *shard)
{
    const struct p2i_session *next[P2I_WHEEL_SECONDS];
    size_t count = first_of_buckets(expiry, shard, next);
    shard->idle_next = shard->idle_count = 0;
    while (count > 0) {
        for (size_t i = 0; i < count;) {
            if (!list_idle(shard, next[i])) {
                shard->idle_count = 0;
                return false;
            }
            if (next[i]->bucket_next == P2I_NO_SESSION) {
                next[i] = next[--count];
            } else {
                next[i] = fetch_listed(expiry, next[i]->bucket_next);
                i++;
            }
        }
    }
    if (shard->idle_count > 0) {
        p2i_idle_sessions_sort(shard->idle, shard->idle + shard->idle_count, shard->idle_count);
    }
    return true;
}

/* Prefetches what ending the next sessions of the list touches: the sessions, then their places in
 * the table and their neighbours in the wheel. */
static void fetch_idle(const struct p2i_expiry *expiry, const struct p2i_shard *shard)
{
    if (shard->idle_next + 2 < shard->idle_count) {
        const struct p2i_session *session =
            p2i_session_table_at(expiry->table, shard->idle[shard->idle_next + 2].index);
        __builtin_prefetch(session);
        __builtin_prefetch((const char *)session + 64);
    }
    if (shard->idle_next + 1 < shard->idle_count) {
        const struct p2i_session *session =
            p2i_session_table_at(expiry->table, shard->idle[shard->idle_next + 1].index);
        p2i_session_table_prefetch_slot(expiry->table, session->tag);
        if (session->bucket_previous != P2I_NO_SESSION) {
            __builtin_prefetch(
                &p2i_session_table_at(expiry->table, session->bucket_previous)->bucket_next);
        }
        if (session->bucket_next != P2I_NO_SESSION) {
            __builtin_prefetch(
                &p2i_session_table_at(expiry->table, session->bucket_next)->bucket_next);
        }
    }
}

/* Sessions that were touched or began after the list was made are younger than all untouched ones
 * in it. So the next untouched session of the list is the longest idle one, and the list stays
 * valid until it is used up. Each entry is paid for by the end of a session or by the packet that
 * touched it. */
struct p2i_session *p2i_expiry_longest_idle(struct p2i_expiry *expiry, struct p2i_shard *shard)
{
    for (unsigned lists = 0; lists < 2; lists++) {
        for (; shard->idle_next < shard->idle_count; shard->idle_next++) {
            const struct p2i_idle_session *idle = &shard->idle[shard->idle_next];
            struct p2i_session *session = p2i_session_table_at(expiry->table, idle->index);
            if (session->last_number == idle->last_number) {
                fetch_idle(expiry, shard);
                return session;
            }
        }
        if (!list_all_idle(expiry, shard)) {
            return NULL;
        }
    }
    return NULL;
}
