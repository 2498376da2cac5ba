/* SPDX-License-Identifier: MIT */
/* Counts how often keys come, in bounded memory. One thread.
 *
 *     struct p2i_tally tally;
 *     p2i_tally_begin(&tally, 32 << 20);
 *     p2i_tally_add(&tally, key, &(struct p2i_tally_step){.count = 1, .other = client});
 *     size_t count = p2i_tally_sort(&tally, false);
 *     for (size_t i = 0; i < count; i++) {
 *         use(&tally.entries[i]);
 *     }
 *     p2i_tally_free(&tally);
 *
 * When the keys need more memory, the rarer half is forgotten, and `lost` is the most that any of
 * those had: a key that comes again starts from 0, so its count is too small by `lost` at most.
 * Different others are counted by their hashes in a memory of the same size; when that is full,
 * more are not counted. Counts depend on the steps alone. */
#ifndef P2I_BASE_TALLY_H
#define P2I_BASE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/view.h"

struct p2i_tally_entry {
    uint8_t *key;
    uint32_t key_size;
    uint64_t hash;
    uint64_t count;
    uint64_t sum;    /* of a second number: bytes, failures */
    uint64_t others; /* different ones that came with the key */
};

struct p2i_tally {
    struct p2i_tally_entry *entries;
    size_t entry_count, entry_capacity;
    uint32_t *slots; /* numbers of entries + 1, by hash */
    size_t slot_count;
    uint64_t *pairs; /* hashes of keys with their others; 0: free */
    size_t pair_count, pair_capacity;
    size_t bytes, limit; /* of entries, keys and slots */
    uint64_t lost;       /* see above; 0: all counts are right */
    bool others_lost;    /* the numbers of others are too small */
    uint64_t seed;
};

struct p2i_tally_step {
    uint64_t count, sum;
    struct p2i_view other; /* empty: there is none */
};

void p2i_tally_begin(struct p2i_tally *tally, size_t limit_bytes);
/* False: out of memory. */
bool p2i_tally_add(struct p2i_tally *tally, struct p2i_view key, const struct p2i_tally_step *step);
/* Sorts the entries, most first: by sum, or by count; then by key. Returns their number. Nothing
 * may be added afterwards. */
size_t p2i_tally_sort(struct p2i_tally *tally, bool by_sum);
void p2i_tally_free(struct p2i_tally *tally);

#endif
