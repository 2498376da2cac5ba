/* SPDX-License-Identifier: MIT */
/* What few streams need: segments that are not part of the stream yet, and urgent bytes. */
#ifndef P2I_SESSION_STRAY_SEGMENTS_H
#define P2I_SESSION_STRAY_SEGMENTS_H

#include "session/held_segments.h"

/* By direction. From the pool. */
struct p2i_stray_segments {
    struct p2i_held_list held[2];   /* segments inside the window that came early, or doubtful */
    struct p2i_held_list island[2]; /* consecutive segments outside the window */
    uint32_t urgent[2];             /* sequence number of the urgent byte */
    bool has_urgent[2];             /* it is still ahead */
};

/* Returns *strays, after making it unless it is there. NULL: out of memory. */
struct p2i_stray_segments *p2i_strays_get(struct p2i_stray_segments **strays,
                                          struct p2i_held_memory memory);

/* True when it can be freed without losing anything. */
bool p2i_strays_are_over(const struct p2i_stray_segments *strays);

/* Frees *strays, which becomes NULL. NULL is fine. Returns the captured bytes dropped. */
size_t p2i_strays_free(struct p2i_stray_segments **strays, struct p2i_held_memory memory);

#endif
