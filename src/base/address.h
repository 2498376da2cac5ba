/* SPDX-License-Identifier: MIT */
/* An IP address of either version. */
#ifndef P2I_BASE_ADDRESS_H
#define P2I_BASE_ADDRESS_H

#include <stdint.h>

/* An address in network order: IPv4 in bytes[0..3] with zeros behind it, IPv6 in all 16. */
struct p2i_address {
    union {
        uint8_t bytes[16];
        uint64_t words[2];
    };
};

#endif
