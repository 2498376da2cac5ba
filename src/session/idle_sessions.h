/* SPDX-License-Identifier: MIT */
/* Sorts sessions by their last packets. */
#ifndef P2I_SESSION_IDLE_SESSIONS_H
#define P2I_SESSION_IDLE_SESSIONS_H

#include <stddef.h>
#include <stdint.h>

struct p2i_idle_session {
    uint64_t last_number; /* packet number of its last packet when it was listed */
    uint32_t index;       /* index in the table of sessions */
};

/* Sorts list[0..count) by last_number; `spare` has room for `count` elements. */
void p2i_idle_sessions_sort(struct p2i_idle_session *list, struct p2i_idle_session *spare,
                            size_t count);

#endif
