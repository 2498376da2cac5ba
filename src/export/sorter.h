/* SPDX-License-Identifier: MIT */
/* Records of any number in a canonical order: in memory, and in temporary files where that is not
 * enough. One thread. */
#ifndef P2I_EXPORT_SORTER_H
#define P2I_EXPORT_SORTER_H

#include "base/error.h"
#include "base/view.h"

/* Compared from the first member to the last; records with equal keys stay as they were added. */
struct p2i_sort_key {
    uint64_t time_s;
    uint64_t session_id;
    uint32_t domain;
};

struct p2i_sorted {
    struct p2i_sort_key key;
    uint32_t tag;          /* as it was added */
    struct p2i_view bytes; /* until the next call */
};

struct p2i_sorter;

/* Keeps about `memory_bytes` in memory; the temporary files have no names and are in `folder`,
 * which must live as long as the sorter and its errors. NULL: out of memory. */
struct p2i_sorter *p2i_sorter_new(uint64_t memory_bytes, const char *folder);
/* A copy of `bytes` is kept. P2I_OUTPUT: of a temporary file; P2I_INTERNAL. */
enum p2i_result p2i_sorter_add(struct p2i_sorter *sorter, const struct p2i_sort_key *key,
                               uint32_t tag, struct p2i_view bytes, struct p2i_error *error);
/* From the first on; nothing can be added any more. P2I_END behind the last. */
enum p2i_result p2i_sorter_next(struct p2i_sorter *sorter, struct p2i_sorted *sorted,
                                struct p2i_error *error);
void p2i_sorter_free(struct p2i_sorter *sorter); /* NULL is fine */

#endif
