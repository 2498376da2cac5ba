/* SPDX-License-Identifier: MIT */
/* The longest prefix that holds an address. Prefixes that hold each other cut the addresses into
 * ranges, each with one answer; a search finds the range, within those of the same first two
 * bytes. */
#ifndef P2I_ENRICH_PREFIX_RANGES_H
#define P2I_ENRICH_PREFIX_RANGES_H

#include "base/prefix.h"

struct p2i_address_key {
    uint64_t high, low; /* IPv4: in front, zeros behind */
};

/* One IP version. Each range ends where the next begins; in front of the first nobody is. */
struct p2i_range_list {
    struct p2i_address_key *begins;
    uint32_t *values; /* 0: no prefix */
    uint32_t *first;  /* by the first two bytes: of the ranges that begin there or behind */
    size_t count;
};

/* Begin with {0}; any number of threads may ask. */
struct p2i_prefix_ranges {
    struct p2i_range_list lists[2]; /* IPv4, IPv6 */
};

/* Of prefixes as p2i_prefix_sort() leaves them, fewer than 2^31, with values from 1 on; of equal
 * ones the last counts. False: out of memory; p2i_prefix_ranges_free() in any case. */
bool p2i_prefix_ranges_build(struct p2i_prefix_ranges *ranges, const struct p2i_prefix *prefixes,
                             size_t count);
void p2i_prefix_ranges_free(struct p2i_prefix_ranges *ranges);

/* The value of the longest prefix that holds the address; 0: there is none. */
uint32_t p2i_prefix_ranges_find(const struct p2i_prefix_ranges *ranges,
                                const struct p2i_address *address, uint8_t ip_version);

#endif
