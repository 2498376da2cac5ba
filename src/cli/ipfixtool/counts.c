/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/counts.h"

#include <stdlib.h>

enum { CAPACITY_LEAST = 1024 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t product = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
    return product ^ product >> 32;
}

/* Eight bytes at a time. */
static uint64_t hash_of(struct p2i_view bytes)
{
    uint64_t hash = UINT64_C(0x2545f4914f6cdd1d) ^ bytes.size;
    size_t at = 0;
    for (; at + sizeof hash <= bytes.size; at += sizeof hash) {
        uint64_t word;
        memcpy(&word, bytes.data + at, sizeof word);
        hash = mix(hash, word);
    }
    uint64_t rest = 0;
    for (; at < bytes.size; at++) {
        rest = rest << 8 | bytes.data[at];
    }
    return mix(mix(hash, rest), UINT64_C(0xd6e8feb86659fd93));
}

static size_t memory_of(const struct p2i_counts *counts, const struct p2i_count *count)
{
    size_t memory = sizeof *count + count->key_size + 32; /* with what malloc() adds */
    for (size_t i = 0; i < counts->distinct_count; i++) {
        memory += sizeof *count->distinct + p2i_distinct_memory(&count->distinct[i]);
    }
    return memory;
}

static void free_count(const struct p2i_counts *counts, struct p2i_count *count)
{
    for (size_t i = 0; count->distinct != NULL && i < counts->distinct_count; i++) {
        p2i_distinct_free(&count->distinct[i]);
    }
    free(count->distinct);
    free(count);
}

static bool is_key(const struct p2i_count *count, uint64_t hash, struct p2i_view key)
{
    return count->hash == hash && count->key_size == key.size &&
           (key.size == 0 || memcmp(count->key, key.data, key.size) == 0);
}

static size_t place_of(const struct p2i_counts *counts, uint64_t hash, struct p2i_view key)
{
    size_t at = (size_t)hash & (counts->capacity - 1);
    while (counts->slots[at] != NULL && !is_key(counts->slots[at], hash, key)) {
        at = (at + 1) & (counts->capacity - 1);
    }
    return at;
}

/* Makes a table of another capacity of the counts that are not NULL. False: out of memory. */
static bool rebuild(struct p2i_counts *counts, size_t capacity)
{
    struct p2i_count **old = counts->slots;
    size_t old_capacity = counts->capacity;
    struct p2i_count **slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    counts->slots = slots;
    counts->capacity = capacity;
    counts->memory = capacity * sizeof *slots;
    counts->count = 0;
    for (size_t i = 0; i < old_capacity; i++) {
        struct p2i_count *count = old[i];
        if (count != NULL) {
            slots[place_of(counts, count->hash, p2i_view_of(count->key, count->key_size))] = count;
            counts->memory += memory_of(counts, count);
            counts->count++;
        }
    }
    free(old);
    return true;
}

static bool shrink_distinct(struct p2i_counts *counts)
{
    bool done = true;
    for (size_t i = 0; done && i < counts->capacity; i++) {
        for (size_t j = 0; done && counts->slots[i] != NULL && j < counts->distinct_count; j++) {
            done = p2i_distinct_shrink(&counts->slots[i]->distinct[j]);
        }
    }
    counts->approximate = counts->distinct_count > 0;
    return done && rebuild(counts, counts->capacity);
}

static uint64_t weight_of(const struct p2i_counts *counts, const struct p2i_count *count)
{
    return counts->by_bytes ? count->bytes : count->records;
}

static int compare_numbers(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* The weight that half of the counts do not exceed. False: out of memory. */
static bool find_median(const struct p2i_counts *counts, uint64_t *median)
{
    size_t size = 0;
    uint64_t *weights = malloc((counts->count + 1) * sizeof *weights);
    for (size_t i = 0; weights != NULL && i < counts->capacity; i++) {
        if (counts->slots[i] != NULL) {
            weights[size++] = weight_of(counts, counts->slots[i]);
        }
    }
    if (weights != NULL && size > 0) {
        qsort(weights, size, sizeof *weights, compare_numbers);
        *median = weights[size / 2];
    }
    bool done = weights != NULL;
    free(weights);
    return done;
}

/* Drops at least half of the keys, those of least weight. A key that comes again afterwards lacks
 * at most the weight that was dropped. */
static bool drop_rare(struct p2i_counts *counts)
{
    uint64_t median = 0;
    if (!find_median(counts, &median)) {
        return false;
    }
    for (size_t i = 0; i < counts->capacity; i++) {
        struct p2i_count *count = counts->slots[i];
        if (count != NULL && weight_of(counts, count) <= median) {
            free_count(counts, count);
            counts->slots[i] = NULL;
            counts->dropped++;
            counts->count--;
        }
    }
    counts->low_by += median;
    size_t capacity = CAPACITY_LEAST;
    while (capacity < 2 * counts->count) {
        capacity *= 2;
    }
    return rebuild(counts, capacity);
}

static bool relieve(struct p2i_counts *counts)
{
    size_t enough = counts->memory_max / 4 * 3;
    if (counts->distinct_count > 0 && !shrink_distinct(counts)) {
        return false;
    }
    return counts->memory <= enough || drop_rare(counts);
}

static struct p2i_count *new_count(struct p2i_counts *counts, uint64_t hash, struct p2i_view key)
{
    struct p2i_count *count = calloc(1, sizeof *count + key.size);
    if (count == NULL) {
        return NULL;
    }
    count->hash = hash;
    count->key_size = (uint32_t)key.size;
    if (key.size > 0) {
        memcpy(count->key, key.data, key.size);
    }
    count->distinct =
        counts->distinct_count > 0 ? calloc(counts->distinct_count, sizeof *count->distinct) : NULL;
    if (counts->distinct_count > 0 && count->distinct == NULL) {
        free(count);
        return NULL;
    }
    return count;
}

struct p2i_count *p2i_counts_of(struct p2i_counts *counts, struct p2i_view key)
{
    uint64_t hash = hash_of(key);
    if (counts->capacity == 0 && !rebuild(counts, CAPACITY_LEAST)) {
        return NULL;
    }
    bool room = counts->memory <= counts->memory_max || relieve(counts);
    size_t at = room ? place_of(counts, hash, key) : 0;
    if (!room || counts->slots[at] != NULL) {
        return room ? counts->slots[at] : NULL;
    }
    if (4 * (counts->count + 1) > 3 * counts->capacity) {
        room = rebuild(counts, 2 * counts->capacity);
    }
    struct p2i_count *count = room ? new_count(counts, hash, key) : NULL;
    if (count != NULL) {
        counts->slots[place_of(counts, hash, key)] = count;
        counts->memory += memory_of(counts, count);
        counts->count++;
    }
    return count;
}

bool p2i_counts_distinct(struct p2i_counts *counts, struct p2i_count *count, size_t index,
                         struct p2i_view value)
{
    struct p2i_distinct *distinct = &count->distinct[index];
    size_t before = p2i_distinct_memory(distinct);
    bool done = p2i_distinct_add(distinct, hash_of(value));
    counts->memory += p2i_distinct_memory(distinct) - before;
    return done;
}

bool p2i_counts_merge(const struct p2i_counts *counts, struct p2i_count *count,
                      const struct p2i_count *other)
{
    bool done = true;
    count->records += other->records;
    count->bytes += other->bytes;
    count->packets += other->packets;
    count->has_bytes = count->has_bytes || other->has_bytes;
    for (size_t i = 0; done && i < counts->distinct_count; i++) {
        done = p2i_distinct_merge(&count->distinct[i], &other->distinct[i]);
    }
    return done;
}

void p2i_counts_free(struct p2i_counts *counts)
{
    for (size_t i = 0; i < counts->capacity; i++) {
        if (counts->slots[i] != NULL) {
            free_count(counts, counts->slots[i]);
        }
    }
    free(counts->slots);
    counts->slots = NULL;
    counts->capacity = counts->count = 0;
}
