/* SPDX-License-Identifier: MIT */
#include "base/tally.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"

enum {
    SLOTS_LEAST = 256,
    BLOCK_HEAD = 16, /* what an allocation takes beside its bytes */
};

void p2i_tally_begin(struct p2i_tally *tally, size_t limit_bytes)
{
    *tally = (struct p2i_tally){.limit = limit_bytes};
    if (getrandom(&tally->seed, sizeof tally->seed, GRND_NONBLOCK) != (ssize_t)sizeof tally->seed) {
        tally->seed = (uint64_t)(uintptr_t)tally;
    }
}

void p2i_tally_free(struct p2i_tally *tally)
{
    for (size_t i = 0; i < tally->entry_count; i++) {
        free(tally->entries[i].key);
    }
    free(tally->entries);
    free(tally->slots);
    free(tally->pairs);
    *tally = (struct p2i_tally){0};
}

static uint64_t hash_of(uint64_t seed, struct p2i_view bytes)
{
    uint64_t hash = p2i_mix(seed, bytes.size);
    for (; bytes.size > 0; bytes = p2i_view_from(bytes, 8)) {
        uint64_t word = 0;
        memcpy(&word, bytes.data, bytes.size < 8 ? bytes.size : 8);
        hash = p2i_mix(hash, word);
    }
    return hash;
}

/* ---- Keys ---- */

static void put_slot(struct p2i_tally *tally, size_t entry)
{
    size_t at = tally->entries[entry].hash & (tally->slot_count - 1);
    while (tally->slots[at] != 0) {
        at = (at + 1) & (tally->slot_count - 1);
    }
    tally->slots[at] = (uint32_t)(entry + 1);
}

static void fill_slots(struct p2i_tally *tally)
{
    memset(tally->slots, 0, tally->slot_count * sizeof *tally->slots);
    for (size_t i = 0; i < tally->entry_count; i++) {
        put_slot(tally, i);
    }
}

/* Room for one more entry; at most half of the slots are used. */
static bool reserve(struct p2i_tally *tally)
{
    if (tally->entry_count == tally->entry_capacity) {
        size_t capacity = tally->entry_capacity > 0 ? 2 * tally->entry_capacity : SLOTS_LEAST / 2;
        struct p2i_tally_entry *entries =
            realloc(tally->entries, capacity * sizeof *tally->entries);
        if (entries == NULL) {
            return false;
        }
        tally->entries = entries;
        tally->entry_capacity = capacity;
    }
    if (2 * (tally->entry_count + 1) <= tally->slot_count) {
        return true;
    }
    size_t count = tally->slot_count > 0 ? 2 * tally->slot_count : SLOTS_LEAST;
    uint32_t *slots = realloc(tally->slots, count * sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    tally->slots = slots;
    tally->slot_count = count;
    fill_slots(tally);
    return true;
}

static size_t cost_of(const struct p2i_tally_entry *entry)
{
    return sizeof *entry + 2 * sizeof(uint32_t) + entry->key_size + BLOCK_HEAD;
}

static int compare_keys(const struct p2i_tally_entry *a, const struct p2i_tally_entry *b)
{
    size_t size = a->key_size < b->key_size ? a->key_size : b->key_size;
    int order = size > 0 ? memcmp(a->key, b->key, size) : 0;
    return order != 0 ? order : (a->key_size > b->key_size) - (a->key_size < b->key_size);
}

static int by_count(const void *left, const void *right)
{
    const struct p2i_tally_entry *a = left;
    const struct p2i_tally_entry *b = right;
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : compare_keys(a, b);
}

static int by_sum(const void *left, const void *right)
{
    const struct p2i_tally_entry *a = left;
    const struct p2i_tally_entry *b = right;
    return a->sum != b->sum ? (a->sum < b->sum ? 1 : -1) : by_count(left, right);
}

/* Forgets the rarer half. */
static void forget(struct p2i_tally *tally)
{
    size_t kept = tally->entry_count / 2;
    qsort(tally->entries, tally->entry_count, sizeof *tally->entries, by_count);
    uint64_t most = kept < tally->entry_count ? tally->entries[kept].count : 0;
    tally->lost += most;
    tally->others_lost = tally->others_lost || tally->pair_count > 0;
    while (tally->entry_count > kept) {
        struct p2i_tally_entry *entry = &tally->entries[--tally->entry_count];
        tally->bytes -= cost_of(entry);
        free(entry->key);
    }
    fill_slots(tally);
}

static struct p2i_tally_entry *find(const struct p2i_tally *tally, uint64_t hash,
                                    struct p2i_view key)
{
    if (tally->slot_count == 0) {
        return NULL;
    }
    size_t at = hash & (tally->slot_count - 1);
    for (; tally->slots[at] != 0; at = (at + 1) & (tally->slot_count - 1)) {
        struct p2i_tally_entry *entry = &tally->entries[tally->slots[at] - 1];
        if (entry->hash == hash && p2i_view_equals(key, p2i_view_of(entry->key, entry->key_size))) {
            return entry;
        }
    }
    return NULL;
}

static struct p2i_tally_entry *add_key(struct p2i_tally *tally, uint64_t hash, struct p2i_view key)
{
    if (tally->bytes > tally->limit) {
        forget(tally);
    }
    uint8_t *copy = malloc(key.size + 1);
    if (copy == NULL || !reserve(tally)) {
        free(copy);
        return NULL;
    }
    if (key.size > 0) {
        memcpy(copy, key.data, key.size);
    }
    struct p2i_tally_entry *entry = &tally->entries[tally->entry_count];
    *entry = (struct p2i_tally_entry){.key = copy, .key_size = (uint32_t)key.size, .hash = hash};
    put_slot(tally, tally->entry_count++);
    tally->bytes += cost_of(entry);
    return entry;
}

/* ---- Others ---- */

/* The place of a pair, or the free one where it belongs. */
static uint64_t *place_of(const struct p2i_tally *tally, uint64_t pair)
{
    size_t at = pair & (tally->pair_capacity - 1);
    while (tally->pairs[at] != 0 && tally->pairs[at] != pair) {
        at = (at + 1) & (tally->pair_capacity - 1);
    }
    return &tally->pairs[at];
}

static bool grow_pairs(struct p2i_tally *tally)
{
    struct p2i_tally larger = {.pair_capacity = tally->pair_capacity > 0 ? 2 * tally->pair_capacity
                                                                         : SLOTS_LEAST};
    larger.pairs = calloc(larger.pair_capacity, sizeof *larger.pairs);
    if (larger.pairs == NULL) {
        return false;
    }
    for (size_t i = 0; i < tally->pair_capacity; i++) {
        if (tally->pairs[i] != 0) {
            *place_of(&larger, tally->pairs[i]) = tally->pairs[i];
        }
    }
    free(tally->pairs);
    tally->pairs = larger.pairs;
    tally->pair_capacity = larger.pair_capacity;
    return true;
}

static bool add_other(struct p2i_tally *tally, struct p2i_tally_entry *entry, struct p2i_view other)
{
    bool full = 2 * (tally->pair_count + 1) > tally->pair_capacity;
    bool may_grow = 2 * tally->pair_capacity * sizeof *tally->pairs <= tally->limit ||
                    tally->pair_capacity == 0;
    if (full && may_grow && !grow_pairs(tally)) {
        return false;
    }
    uint64_t pair = p2i_mix(entry->hash, hash_of(tally->seed, other));
    pair = pair != 0 ? pair : 1;
    uint64_t *place = place_of(tally, pair);
    if (*place == pair) {
        return true;
    }
    if (full && !may_grow) {
        tally->others_lost = true;
        return true;
    }
    *place = pair;
    tally->pair_count++;
    entry->others++;
    return true;
}

bool p2i_tally_add(struct p2i_tally *tally, struct p2i_view key, const struct p2i_tally_step *step)
{
    uint64_t hash = hash_of(tally->seed, key);
    struct p2i_tally_entry *entry = find(tally, hash, key);
    if (entry == NULL) {
        entry = add_key(tally, hash, key);
    }
    if (entry == NULL) {
        return false;
    }
    entry->count += step->count;
    entry->sum += step->sum;
    return step->other.size == 0 || add_other(tally, entry, step->other);
}

size_t p2i_tally_sort(struct p2i_tally *tally, bool sum)
{
    if (tally->entry_count > 0) {
        qsort(tally->entries, tally->entry_count, sizeof *tally->entries, sum ? by_sum : by_count);
    }
    return tally->entry_count;
}
