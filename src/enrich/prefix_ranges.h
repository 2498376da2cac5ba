/* SPDX-License-Identifier: MIT */
/* Finds the longest prefix that covers an address. Nested prefixes divide the addresses into ranges
 * with one answer each; a binary search finds the range, among those with the same first two
 * bytes. */
#ifndef P2I_ENRICH_PREFIX_RANGES_H
#define P2I_ENRICH_PREFIX_RANGES_H

#include "base/prefix.h"

struct p2i_address_key {
    uint64_t high, low; /* host order; IPv4 in the first 32 bits, then zeros */
};

/* The ranges of one IP version. Each ends where the next begins; no prefix covers the addresses
 * before the first. */
struct p2i_range_list {
    struct p2i_address_key *begins;
    uint32_t *values; /* 0: no prefix */
    uint32_t
        *first; /* by the first two bytes: index of the first range that begins there or later */
    size_t count;
};

/* Start with {0}. Constant after p2i_prefix_ranges_build(): any thread may query it. */
struct p2i_prefix_ranges {
    struct p2i_range_list lists[2]; /* IPv4, IPv6 */
};

/* Builds the ranges from prefixes sorted by p2i_prefix_sort(), fewer than 2^31, with values other
 * than 0; of equal prefixes the last counts. False: out of memory. Call p2i_prefix_ranges_free() in
 * any case. */
bool p2i_prefix_ranges_build(struct p2i_prefix_ranges *ranges, const struct p2i_prefix *prefixes,
                             size_t count);
void p2i_prefix_ranges_free(struct p2i_prefix_ranges *ranges);

/* The value of the longest prefix that covers the address; 0: none. */
uint32_t p2i_prefix_ranges_find(const struct p2i_prefix_ranges *ranges,
                                const struct p2i_address *address, uint8_t ip_version);

#endif
