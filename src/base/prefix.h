/* SPDX-License-Identifier: MIT */
/* Prefixes of IP addresses: their text form, and whether one covers another or an address. Pure
 * functions. */
#ifndef P2I_BASE_PREFIX_H
#define P2I_BASE_PREFIX_H

#include <stdbool.h>

#include "base/address.h"
#include "base/view.h"

/* The bits behind `length` are 0. The functions here leave `value` alone: it belongs to the user of
 * the prefix. */
struct p2i_prefix {
    struct p2i_address address;
    uint32_t value;
    uint8_t length; /* bits */
    uint8_t ip_version;
};

/* Reads `address` or `address/length`, IPv4 or IPv6, and clears the bits behind the length. Returns
 * NULL, or a static text that says what is wrong. */
const char *p2i_prefix_parse(struct p2i_view text, struct p2i_prefix *prefix);

/* Clears the bits behind `length`. */
void p2i_prefix_mask(struct p2i_address *address, unsigned length);

/* Compares two prefixes by address, length and IP version. */
bool p2i_prefix_equals(const struct p2i_prefix *a, const struct p2i_prefix *b);

/* True when every address of `inner` is in `outer`. */
bool p2i_prefix_holds(const struct p2i_prefix *outer, const struct p2i_prefix *inner);

/* True when the address, 4 or 16 bytes in network order, is in the prefix; false for any other
 * size. */
bool p2i_prefix_holds_bytes(const struct p2i_prefix *prefix, struct p2i_view address);

#endif
