/* SPDX-License-Identifier: MIT */
/* A table from 64-bit numbers to small ones. One thread. */
#ifndef P2I_EXTRACT_NUMBER_MAP_H
#define P2I_EXTRACT_NUMBER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct p2i_number_entry {
    uint64_t key;
    uint32_t value;
    bool used;
};

/* Start zeroed. */
struct p2i_number_map {
    struct p2i_number_entry *entries;
    size_t count, capacity; /* capacity: a power of two, or 0 */
    uint64_t seed;          /* of the places: session ids come from captures */
};

/* The value of a key; it lives until the next p2i_number_map_put(). NULL: there is none. */
uint32_t *p2i_number_map_find(const struct p2i_number_map *map, uint64_t key);
/* Sets the value of a key. False: out of memory. */
bool p2i_number_map_put(struct p2i_number_map *map, uint64_t key, uint32_t value);
/* Removes all keys, and keeps the memory. */
void p2i_number_map_clear(struct p2i_number_map *map);
void p2i_number_map_free(struct p2i_number_map *map);

#endif
