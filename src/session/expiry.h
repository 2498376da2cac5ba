/* SPDX-License-Identifier: MIT */
/* When sessions end by themselves. Sessions are kept by shard, and in a shard by the second at
 * which they are to be looked at; a packet only notes the time, so that it touches no list. What
 * happens to a session depends on its own shard alone, hence not on the number of workers.
 *
 * The seconds are those of the wheel itself, which only go on (see passed_s of clock.h): where
 * capture time is set back, no session has to be touched. */
#ifndef P2I_SESSION_EXPIRY_H
#define P2I_SESSION_EXPIRY_H

#include "session/capture_clock.h"
#include "session/idle_sessions.h"
#include "session/table.h"

enum { P2I_WHEEL_SECONDS = 1024 }; /* more than the longest time-out */

struct p2i_shard {
    struct p2i_account account;              /* memory of its sessions */
    struct p2i_idle_session *idle;           /* its sessions at some time, by their last packets */
    size_t idle_next, idle_count;            /* of these, those that were not looked at yet */
    size_t idle_capacity;                    /* and as much again to sort in */
    uint64_t filled[P2I_WHEEL_SECONDS / 64]; /* bit per bucket: has sessions */
    uint32_t bucket[P2I_WHEEL_SECONDS];      /* first session due in that second (modulo) */
    uint32_t last[P2I_WHEEL_SECONDS];        /* and the last */
};

struct p2i_expiry {
    struct p2i_table *table;
    struct p2i_shard *shards; /* P2I_SHARDS */
    uint32_t wheel_s;         /* the wheel's second; modulo 2^32 */
    uint32_t *expired;        /* indices of sessions found to be over, or silent; reused */
    size_t expired_count, expired_capacity;
};

bool p2i_expiry_init(struct p2i_expiry *expiry, struct p2i_table *table);
void p2i_expiry_free(struct p2i_expiry *expiry);

/* Adds a session; its phase and seen_s are set, the latter to the second of the wheel at its last
 * packet. */
void p2i_expiry_add(struct p2i_expiry *expiry, struct p2i_session *session);
void p2i_expiry_remove(struct p2i_expiry *expiry, struct p2i_session *session);
/* It is to be looked at earlier: its phase has changed, or it has a session now. */
void p2i_expiry_reschedule(struct p2i_expiry *expiry, struct p2i_session *session);

/* Moves the wheel to `wheel_s` and fills `due`, ordered by last packet, with the sessions that are
 * over and no longer in the wheel, and with those whose session has been silent for a while,
 * which stay (dormancy_tried is set). False: out of memory (some stay till later). */
bool p2i_expiry_advance(struct p2i_expiry *expiry, uint32_t wheel_s);
/* True when a packet comes so soon after the session's last one, by their stamps, that no time-out
 * lies between them: nearly always. */
static inline bool p2i_expiry_is_soon(const struct p2i_session *session, uint32_t stamp_s)
{
    enum { LEAST_TIMEOUT_S = 10 };
    return stamp_s - session->stamp_s <= LEAST_TIMEOUT_S;
}
/* True when it comes later than the time-out after it. */
bool p2i_expiry_is_late(const struct p2i_session *session, uint32_t stamp_s);
/* Notes the stamp of a packet, which the clock has noted, in its session. */
void p2i_expiry_note_stamp(struct p2i_session *session, const struct p2i_capture_clock *clock,
                           uint32_t stamp_s);
/* True of a session in `due` that is over. */
bool p2i_expiry_is_over(const struct p2i_expiry *expiry, const struct p2i_session *session);
/* All sessions, as if they were over. */
bool p2i_expiry_all(struct p2i_expiry *expiry);

/* The session of a shard whose last packet is the oldest; NULL: there is none, or out of memory. It
 * stays in the wheel. Costs nothing until it is asked, then little: see expiry.c. */
struct p2i_session *p2i_expiry_longest_idle(struct p2i_expiry *expiry, struct p2i_shard *shard);

#endif
