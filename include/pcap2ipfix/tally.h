/* SPDX-License-Identifier: MIT */
/* Counts how often keys come, in bounded memory: also sums, and how many different values came with
 * each key.
 *
 *     struct p2i_tally_settings settings = {
 *         .struct_size = sizeof settings, .memory_bytes = 32 << 20, .distinct_count = 1};
 *     struct p2i_tally *tally = p2i_tally_new(&settings);
 *     struct p2i_tally_entry *entry = p2i_tally_of(tally, host);
 *     entry->count++;
 *     p2i_tally_add_value(tally, entry, 0, client);
 *     size_t count;
 *     struct p2i_tally_entry **entries = p2i_tally_entries(tally, P2I_TALLY_BY_COUNTS, &count);
 *     for (size_t i = 0; i < count; i++) {
 *         use(entries[i]->key, entries[i]->count, p2i_tally_values(entries[i], 0));
 *     }
 *     p2i_tally_free(tally);
 *
 * Beyond its memory, different values are counted approximately; then the keys that come rarely are
 * dropped. What is counted depends on the calls alone. A tally belongs to one thread at a time. */
#ifndef PCAP2IPFIX_TALLY_H
#define PCAP2IPFIX_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_tally_settings {
    size_t struct_size; /* sizeof(struct p2i_tally_settings) */
    size_t memory_bytes;
    size_t distinct_count; /* numbers of different values that each key has */
    bool by_sum;           /* keys of small sums[0] are dropped first, not those of small counts */
};

/* A key with its numbers, which the caller increases. The tally makes and owns it: new members come
 * at the end. */
struct p2i_tally_entry {
    struct p2i_view key;
    uint64_t count;
    uint64_t sums[2];
    bool summed; /* for the caller: the sums mean something */
};

/* What is missing for want of memory. Never changes. */
struct p2i_tally_loss {
    uint64_t dropped; /* keys */
    uint64_t low_by;  /* a count (by_sum: sums[0]) may be too small by so much at most */
    bool approximate; /* numbers of different values above 384 may be wrong by about 2 % */
};

/* By the most, then by key. */
enum p2i_tally_order {
    P2I_TALLY_UNORDERED,
    P2I_TALLY_BY_COUNTS,
    P2I_TALLY_BY_SUMS, /* sums[0], then the count */
};

struct p2i_tally;

/* NULL: out of memory. */
struct p2i_tally *p2i_tally_new(const struct p2i_tally_settings *settings);
/* The entry of a key, which is made if there is none; lives until the next call. NULL: out of
 * memory. */
struct p2i_tally_entry *p2i_tally_of(struct p2i_tally *tally, struct p2i_view key);
/* Adds a value to the different ones of a key; `index` is below distinct_count. False: out of
 * memory. */
bool p2i_tally_add_value(struct p2i_tally *tally, struct p2i_tally_entry *entry, size_t index,
                         struct p2i_view value);
/* How many different values there were. */
uint64_t p2i_tally_values(const struct p2i_tally_entry *entry, size_t index);
/* Adds the numbers and values of another entry to one; the other stays as it is. False: out of
 * memory. */
bool p2i_tally_merge(const struct p2i_tally *tally, struct p2i_tally_entry *entry,
                     const struct p2i_tally_entry *other);
/* All entries, which live until the next call of p2i_tally_of(), p2i_tally_entries() or
 * p2i_tally_free(). NULL: out of memory. */
struct p2i_tally_entry **p2i_tally_entries(struct p2i_tally *tally, enum p2i_tally_order order,
                                           size_t *count);
size_t p2i_tally_key_count(const struct p2i_tally *tally);
struct p2i_tally_loss p2i_tally_lost(const struct p2i_tally *tally);
/* NULL is fine. */
void p2i_tally_free(struct p2i_tally *tally);

#ifdef __cplusplus
}
#endif
#endif
