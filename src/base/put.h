/* SPDX-License-Identifier: MIT */
/* Writes numbers in network byte order. Each function returns the address of the next byte; the
 * caller has made sure that there is room. */
#ifndef P2I_BASE_PUT_H
#define P2I_BASE_PUT_H

#include <stdint.h>

static inline uint8_t *p2i_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static inline uint8_t *p2i_put32(uint8_t *at, uint32_t value)
{
    return p2i_put16(p2i_put16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

static inline uint8_t *p2i_put64(uint8_t *at, uint64_t value)
{
    return p2i_put32(p2i_put32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

#endif
