/* SPDX-License-Identifier: MIT */
/* Mixing of 64-bit words. What the output depends on begins with a constant, so that the same
 * capture gives the same output; places in tables begin with a secret, so that nobody can make
 * captures in which all keys have the same place. */
#ifndef P2I_BASE_HASH_H
#define P2I_BASE_HASH_H

#include <stdint.h>

/* One word into the state. The finaliser of splitmix64 (Vigna), which passes every bit on. */
static inline uint64_t p2i_mix(uint64_t state, uint64_t word)
{
    uint64_t x = state ^ word;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (x ^ (x >> 31)) + UINT64_C(0x9e3779b97f4a7c15);
}

#endif
