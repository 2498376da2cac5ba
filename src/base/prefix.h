/* SPDX-License-Identifier: MIT */
/* Prefixes of IP addresses beside the public part: comparing and masking. Pure functions. */
#ifndef P2I_BASE_PREFIX_H
#define P2I_BASE_PREFIX_H

#include "pcap2ipfix/address.h"

/* Clears the bits behind `length`. */
void p2i_prefix_mask(struct p2i_address *address, unsigned length);

/* Compares two prefixes by address, length and IP version. */
bool p2i_prefix_equals(const struct p2i_prefix *a, const struct p2i_prefix *b);

/* True when every address of `inner` is in `outer`. */
bool p2i_prefix_holds(const struct p2i_prefix *outer, const struct p2i_prefix *inner);

#endif
