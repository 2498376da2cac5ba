/* SPDX-License-Identifier: MIT */
/* Prefixes of addresses as text, and in order. */
#ifndef P2I_ENRICH_PREFIX_H
#define P2I_ENRICH_PREFIX_H

#include "packet/packet.h"

/* The bits behind `length` are 0. `value` is whatever belongs to the prefix. */
struct p2i_prefix {
    struct p2i_address address;
    uint32_t value;
    uint8_t length; /* bits */
    uint8_t ip_version;
};

/* Reads `address` or `address/length`, IPv4 or IPv6; bits behind the length are cleared, the value
 * is left as it is. NULL, or what is wrong (static). */
const char *p2i_prefix_parse(struct p2i_view text, struct p2i_prefix *prefix);

/* Clears the bits behind `length`. */
void p2i_prefix_mask(struct p2i_address *address, unsigned length);

/* Does `outer` hold all of `inner`? */
bool p2i_prefix_holds(const struct p2i_prefix *outer, const struct p2i_prefix *inner);
bool p2i_prefix_equals(const struct p2i_prefix *a, const struct p2i_prefix *b);

/* By IP version, address, length; equal ones keep their order. So what holds a prefix stands in
 * front of it. False: out of memory. */
bool p2i_prefix_sort(struct p2i_prefix *prefixes, size_t count);

#endif
