/* SPDX-License-Identifier: MIT */
/* Counts records by keys: rows of values. Memory is bounded: beyond it, distinct values are counted
 * approximately, then rare keys are dropped. */
#ifndef P2I_CLI_IPFIXTOOL_COUNTS_H
#define P2I_CLI_IPFIXTOOL_COUNTS_H

#include "cli/ipfixtool/distinct.h"
#include "pcap2ipfix/view.h"

/* What is summed for a key. */
struct p2i_count {
    uint64_t records;
    uint64_t bytes, packets;       /* of flow records */
    bool has_bytes;                /* there was a flow record */
    uint64_t hash;                 /* of the key */
    struct p2i_distinct *distinct; /* one for each counter */
    uint32_t key_size;
    uint8_t key[];
};

/* Start with the first members set. */
struct p2i_counts {
    size_t distinct_count; /* counters of distinct values of each key */
    size_t memory_max;
    bool by_bytes;            /* keys of few bytes are dropped first, not those of few records */
    struct p2i_count **slots; /* NULL: free */
    size_t capacity, count;
    size_t memory;
    bool approximate; /* some distinct values are counted approximately */
    uint64_t dropped; /* keys */
    uint64_t low_by;  /* at most so much is missing in any count */
};

/* The count of a key, which is made if there is none; lives until the next call. NULL: out of
 * memory. */
struct p2i_count *p2i_counts_of(struct p2i_counts *counts, struct p2i_view key);
/* Adds a value to counter `index` of a count. False: out of memory. */
bool p2i_counts_distinct(struct p2i_counts *counts, struct p2i_count *count, size_t index,
                         struct p2i_view value);
/* Adds another count to one, with its distinct values. False: out of memory. */
bool p2i_counts_merge(const struct p2i_counts *counts, struct p2i_count *count,
                      const struct p2i_count *other);
void p2i_counts_free(struct p2i_counts *counts);

#endif
