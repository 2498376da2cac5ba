/* SPDX-License-Identifier: MIT */
/* Whether two sides group records into sessions alike: their SESSION_IDs differ, but those of the
 * same records belong together. One thread. */
#ifndef P2I_COMPARE_SESSIONS_H
#define P2I_COMPARE_SESSIONS_H

#include "export/sorter.h"

/* Start with the sorter set; it is borrowed. */
struct p2i_session_pairs {
    struct p2i_sorter *sorter;
    uint64_t split[2]; /* sessions of a side that are several on the other */
};

/* Adds the sessions of a record that both sides have. Results as p2i_sorter_add(). */
enum p2i_result p2i_session_pairs_add(struct p2i_session_pairs *pairs, uint64_t a, uint64_t b,
                                      struct p2i_error *error);
/* Counts split sessions; called once. Results as p2i_sorter_next(), but for P2I_END. */
enum p2i_result p2i_session_pairs_count(struct p2i_session_pairs *pairs, struct p2i_error *error);

#endif
