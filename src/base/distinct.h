/* SPDX-License-Identifier: MIT */
/* Counts distinct values by their hashes: exactly, or in 4 KiB with an error of 2 % (HyperLogLog).
 */
#ifndef P2I_BASE_DISTINCT_H
#define P2I_BASE_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with the seed set. */
struct p2i_distinct {
    uint64_t seed;    /* of places in the table; a secret */
    uint64_t *hashes; /* a table, 0: free; NULL when approximate */
    size_t capacity, count;
    uint8_t *registers; /* NULL while exact */
};

/* Adds a value by a hash of 64 good bits, which is the same in all runs. False: out of memory. */
bool p2i_distinct_add(struct p2i_distinct *distinct, uint64_t hash);
uint64_t p2i_distinct_count(const struct p2i_distinct *distinct);
/* Bytes in use. */
size_t p2i_distinct_memory(const struct p2i_distinct *distinct);
/* Makes a counter of more than 4 KiB approximate; the others stay as they are. False: out of
 * memory. */
bool p2i_distinct_shrink(struct p2i_distinct *distinct);
/* Adds all values of another counter. False: out of memory. */
bool p2i_distinct_merge(struct p2i_distinct *distinct, const struct p2i_distinct *other);
void p2i_distinct_free(struct p2i_distinct *distinct);

#endif
