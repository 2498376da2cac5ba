/* SPDX-License-Identifier: MIT */
/* Expires idle sessions with a timer wheel for each shard: a session is in the bucket of the second
 * at which it has to be looked at. A packet only notes the time and touches no list. Expiry of a
 * session depends on its own shard only, and so not on the number of workers.
 *
 * The wheel counts elapsed seconds, which never go back (passed_s in capture_clock.h): no session
 * has to move when capture time is set back. */
#ifndef P2I_SESSION_EXPIRY_H
#define P2I_SESSION_EXPIRY_H

#include "session/capture_clock.h"
#include "session/idle_sessions.h"
#include "session/table.h"

enum { P2I_WHEEL_SECONDS = 1024 }; /* longer than the longest time-out */

struct p2i_shard {
    struct p2i_account account;              /* memory charged to its sessions */
    struct p2i_idle_session *idle;           /* its sessions at some time, sorted by last packet */
    size_t idle_next, idle_count;            /* list entries not used yet */
    size_t idle_capacity;                    /* the array has twice as many, for sorting */
    uint64_t filled[P2I_WHEEL_SECONDS / 64]; /* bitmap of buckets with sessions */
    uint32_t bucket[P2I_WHEEL_SECONDS]; /* first session of the bucket of each second (modulo) */
    uint32_t last[P2I_WHEEL_SECONDS];   /* last session of that bucket */
};

struct p2i_expiry {
    struct p2i_session_table *table;
    struct p2i_shard *shards; /* P2I_SHARDS elements */
    uint32_t wheel_s;         /* current second of the wheel; modulo 2^32 */
    uint32_t *expired;        /* indices of sessions that expired or became idle; reused */
    size_t expired_count, expired_capacity;
};

bool p2i_expiry_init(struct p2i_expiry *expiry, struct p2i_session_table *table);
void p2i_expiry_free(struct p2i_expiry *expiry);

/* Adds a session to the wheel. Its phase and seen_s (wheel second of its last packet) must be set.
 */
void p2i_expiry_add(struct p2i_expiry *expiry, struct p2i_session *session);
void p2i_expiry_remove(struct p2i_expiry *expiry, struct p2i_session *session);
/* Moves the session to an earlier bucket if its phase or its new stream requires that. */
void p2i_expiry_reschedule(struct p2i_expiry *expiry, struct p2i_session *session);

/* Moves the wheel to `wheel_s`. Fills `expired`, ordered by last packet, with the sessions that
 * timed out (removed from the wheel) and with those that may become dormant (still in the wheel,
 * dormancy_tried set). False: out of memory; the missing sessions are found at a later call. */
bool p2i_expiry_advance(struct p2i_expiry *expiry, uint32_t wheel_s);
/* True when the packet follows the session's last one so closely that no time-out can lie between:
 * nearly always. */
static inline bool p2i_expiry_is_soon(const struct p2i_session *session, uint32_t stamp_s)
{
    enum { LEAST_TIMEOUT_S = 10 };
    return stamp_s - session->stamp_s <= LEAST_TIMEOUT_S;
}
/* True when the packet comes after the session's time-out. */
bool p2i_expiry_is_late(const struct p2i_session *session, uint32_t stamp_s);
/* Notes the stamp of a packet in its session; the clock has noted it before. */
void p2i_expiry_note_stamp(struct p2i_session *session, const struct p2i_capture_clock *clock,
                           uint32_t stamp_s);
/* True when a session of `expired` has timed out. */
bool p2i_expiry_is_over(const struct p2i_expiry *expiry, const struct p2i_session *session);
/* Fills `expired` with all sessions, as if they had timed out. False: out of memory. */
bool p2i_expiry_all(struct p2i_expiry *expiry);

/* Returns the session of a shard that has been idle longest; it stays in the wheel. NULL: none, or
 * out of memory. Needs no bookkeeping before the first call, and little after it: see expiry.c. */
struct p2i_session *p2i_expiry_longest_idle(struct p2i_expiry *expiry, struct p2i_shard *shard);

#endif
