/* SPDX-License-Identifier: MIT */
#include "extract/number_map.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"

/* The entry of a key, or the free one where it belongs. */
static struct p2i_number_entry *entry_of(const struct p2i_number_map *map, uint64_t key)
{
    size_t at = p2i_mix(map->seed, key) & (map->capacity - 1);
    while (map->entries[at].used && map->entries[at].key != key) {
        at = (at + 1) & (map->capacity - 1);
    }
    return &map->entries[at];
}

uint32_t *p2i_number_map_find(const struct p2i_number_map *map, uint64_t key)
{
    if (map->count == 0) {
        return NULL;
    }
    struct p2i_number_entry *entry = entry_of(map, key);
    return entry->used ? &entry->value : NULL;
}

/* At most half of the entries are used. */
static bool grow(struct p2i_number_map *map)
{
    if (2 * (map->count + 1) <= map->capacity) {
        return true;
    }
    struct p2i_number_map larger = {
        .count = map->count,
        .capacity = map->capacity > 0 ? 2 * map->capacity : 64,
        .seed = map->capacity > 0 ? map->seed : p2i_hash_secret(),
    };
    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (larger.entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->entries[i].used) {
            *entry_of(&larger, map->entries[i].key) = map->entries[i];
        }
    }
    free(map->entries);
    *map = larger;
    return true;
}

bool p2i_number_map_put(struct p2i_number_map *map, uint64_t key, uint32_t value)
{
    if (!grow(map)) {
        return false;
    }
    struct p2i_number_entry *entry = entry_of(map, key);
    map->count += !entry->used;
    *entry = (struct p2i_number_entry){key, value, true};
    return true;
}

void p2i_number_map_clear(struct p2i_number_map *map)
{
    for (size_t i = 0; i < map->capacity; i++) {
        map->entries[i].used = false;
    }
    map->count = 0;
}

void p2i_number_map_free(struct p2i_number_map *map)
{
    free(map->entries);
    *map = (struct p2i_number_map){0};
}
