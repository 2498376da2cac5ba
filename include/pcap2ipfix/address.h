/* SPDX-License-Identifier: MIT */
/* IP addresses and prefixes of either version: whether an address is in a network. Pure functions.
 */
#ifndef PCAP2IPFIX_ADDRESS_H
#define PCAP2IPFIX_ADDRESS_H

#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An address in network order: IPv4 in bytes[0..3] with zeros behind it, IPv6 in all 16. Never
 * changes. */
struct p2i_address {
    union {
        uint8_t bytes[16];
        uint64_t words[2];
    };
};

/* The bits behind `length` are 0. The functions here leave `value` alone: it belongs to the user of
 * the prefix. Never changes. */
struct p2i_prefix {
    struct p2i_address address;
    uint32_t value;
    uint8_t length; /* bits */
    uint8_t ip_version;
};

/* Reads `address` or `address/length`, IPv4 or IPv6, and clears the bits behind the length. Returns
 * NULL, or a static text that says what is wrong. */
const char *p2i_prefix_parse(struct p2i_view text, struct p2i_prefix *prefix);

/* True when the address, 4 or 16 bytes in network order, is in the prefix; false for any other
 * size. */
bool p2i_prefix_holds_bytes(const struct p2i_prefix *prefix, struct p2i_view address);

#ifdef __cplusplus
}
#endif
#endif
