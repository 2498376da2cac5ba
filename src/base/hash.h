/* SPDX-License-Identifier: MIT */
/* Mixes 64-bit words into a hash. Hashes that reach the output start from a constant, so that the
 * same capture gives the same output. Positions in hash tables start from a secret, so that no
 * capture can be made whose keys all collide. */
#ifndef P2I_BASE_HASH_H
#define P2I_BASE_HASH_H

#include "pcap2ipfix/view.h"

/* Mixes one word into the state with the finaliser of splitmix64 (Vigna), in which every input bit
 * affects every output bit. */
static inline uint64_t p2i_mix(uint64_t state, uint64_t word)
{
    uint64_t x = state ^ word;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (x ^ (x >> 31)) + UINT64_C(0x9e3779b97f4a7c15);
}

/* Mixes any number of bytes into the state, as this machine orders them in words; not their number.
 */
static inline uint64_t p2i_mix_words(uint64_t state, struct p2i_view bytes)
{
    for (; bytes.size > 0; bytes = p2i_view_from(bytes, 8)) {
        uint64_t word = 0;
        memcpy(&word, bytes.data, bytes.size < 8 ? bytes.size : 8);
        state = p2i_mix(state, word);
    }
    return state;
}

/* Hashes any number of bytes. */
static inline uint64_t p2i_hash_bytes(struct p2i_view bytes)
{
    return p2i_mix_words(bytes.size, bytes);
}

/* The same from a state: a secret, or the hash of what stands before. */
static inline uint64_t p2i_mix_bytes(uint64_t state, struct p2i_view bytes)
{
    return p2i_mix_words(p2i_mix(state, bytes.size), bytes);
}

__extension__ typedef unsigned __int128 p2i_uint128;

/* Both halves of a product, folded. Cheaper than p2i_mix(), and as good where an operand has a
 * secret in it; without, anybody can find inputs that collide. */
static inline uint64_t p2i_multiply_fold(uint64_t a, uint64_t b)
{
    p2i_uint128 product = (p2i_uint128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
