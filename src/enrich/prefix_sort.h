/* SPDX-License-Identifier: MIT */
/* Puts prefixes in the order that p2i_prefix_ranges_build() needs. */
#ifndef P2I_ENRICH_PREFIX_SORT_H
#define P2I_ENRICH_PREFIX_SORT_H

#include <stddef.h>

#include "base/prefix.h"

/* Sorts by IP version, address, length, so that a prefix stands behind every prefix that covers it.
 * Equal prefixes keep their order. Takes time linear in `count`: files have millions. False: out of
 * memory. */
bool p2i_prefix_sort(struct p2i_prefix *prefixes, size_t count);

#endif
