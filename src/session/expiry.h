/* SPDX-License-Identifier: MIT */
/* When sessions end by themselves. Sessions are kept by shard, and in a shard by the second at
 * which they are to be looked at; a packet only notes the time, so that it touches no list. What
 * happens to a session depends on its own shard alone, hence not on the number of workers. */
#ifndef P2I_SESSION_EXPIRY_H
#define P2I_SESSION_EXPIRY_H

#include "session/table.h"

enum { P2I_WHEEL_SECONDS = 1024 }; /* more than the longest time-out */

struct p2i_shard {
    struct p2i_account account;              /* memory of its sessions */
    uint64_t filled[P2I_WHEEL_SECONDS / 64]; /* bit per bucket: has sessions */
    uint32_t bucket[P2I_WHEEL_SECONDS];      /* first session due in that second (modulo) */
    uint32_t last[P2I_WHEEL_SECONDS];        /* and the last */
};

struct p2i_expiry {
    struct p2i_table *table;
    struct p2i_shard *shards; /* P2I_SHARDS */
    uint32_t clock_s;         /* newest second seen */
    bool started;
    uint32_t *due; /* indices of sessions found to be over, or silent; reused */
    size_t due_count, due_capacity;
};

bool p2i_expiry_init(struct p2i_expiry *expiry, struct p2i_table *table);
void p2i_expiry_free(struct p2i_expiry *expiry);

/* Adds a session; its phase and seen_s are set. */
void p2i_expiry_add(struct p2i_expiry *expiry, struct p2i_session *session);
void p2i_expiry_remove(struct p2i_expiry *expiry, struct p2i_session *session);
/* It is to be looked at earlier: its phase has changed, or it has a conversation now. */
void p2i_expiry_sooner(struct p2i_expiry *expiry, struct p2i_session *session);

/* Moves the clock to `now_s` and fills `due`, ordered by last packet, with the sessions that are
 * over and no longer in the wheel, and with those whose conversation has been silent for a while,
 * which stay (rest_tried is set). False: memory is out (some stay till later). */
bool p2i_expiry_advance(struct p2i_expiry *expiry, uint32_t now_s);
/* True of a session in `due` that is over. */
bool p2i_expiry_is_over(const struct p2i_expiry *expiry, const struct p2i_session *session);
/* All sessions, as if they were over. */
bool p2i_expiry_all(struct p2i_expiry *expiry);

/* The session of a shard that is due first, or NULL. It stays in the wheel. */
struct p2i_session *p2i_expiry_oldest(struct p2i_expiry *expiry, struct p2i_shard *shard);

#endif
