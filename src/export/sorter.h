/* SPDX-License-Identifier: MIT */
/* Sorts any number of records into a canonical order, in memory and, beyond a limit, in temporary
 * files. One thread. */
#ifndef P2I_EXPORT_SORTER_H
#define P2I_EXPORT_SORTER_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

/* Members are compared in this order; records with equal keys keep the order of p2i_sorter_add().
 */
struct p2i_sort_key {
    uint64_t time_s;
    uint64_t session_id;
    uint32_t domain;
};

struct p2i_sorted {
    struct p2i_sort_key key;
    uint32_t tag;          /* the caller's, as it was added */
    struct p2i_view bytes; /* lives until the next call */
};

struct p2i_sorter;

/* Uses about `memory_bytes` of memory. Temporary files have no names and lie in `folder`, which
 * must outlive the sorter and its errors. NULL: out of memory. */
struct p2i_sorter *p2i_sorter_new(uint64_t memory_bytes, const char *folder);
/* Copies `bytes`. P2I_OK; P2I_OUTPUT: a temporary file failed; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_sorter_add(struct p2i_sorter *sorter, const struct p2i_sort_key *key,
                               uint32_t tag, struct p2i_view bytes, struct p2i_error *error);
/* Returns the records in order; nothing can be added after the first call. P2I_OK; P2I_END: no more
 * records; P2I_OUTPUT: a temporary file failed; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_sorter_next(struct p2i_sorter *sorter, struct p2i_sorted *sorted,
                                struct p2i_error *error);
void p2i_sorter_free(struct p2i_sorter *sorter); /* NULL is fine */

#endif
