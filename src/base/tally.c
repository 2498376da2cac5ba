/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/tally.h"

#include <stdlib.h>

#include "base/distinct.h"
#include "base/hash.h"
#include "base/hash_secret.h"

enum {
    CAPACITY_LEAST = 1024,
    BLOCK_HEAD = 32, /* what malloc() takes beside the bytes, of two allocations */
};

/* An entry and what belongs to it. */
struct counted {
    struct p2i_tally_entry entry;
    uint64_t hash;                 /* of the key */
    struct p2i_distinct *distinct; /* one for each counter */
    uint8_t key[];
};

struct p2i_tally {
    struct p2i_tally_settings settings;
    uint64_t seed;
    struct counted **slots; /* NULL: free */
    size_t capacity, count;
    size_t memory;
    struct p2i_tally_loss loss;
    struct p2i_tally_entry **entries;
};

struct p2i_tally *p2i_tally_new(const struct p2i_tally_settings *settings)
{
    struct p2i_tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) {
        return NULL;
    }
    memcpy(&tally->settings, settings,
           settings->struct_size < sizeof tally->settings ? settings->struct_size
                                                          : sizeof tally->settings);
    tally->seed = p2i_hash_secret();
    return tally;
}

static size_t memory_of(const struct p2i_tally *tally, const struct counted *count)
{
    size_t memory = sizeof *count + count->entry.key.size + BLOCK_HEAD;
    for (size_t i = 0; i < tally->settings.distinct_count; i++) {
        memory += sizeof *count->distinct + p2i_distinct_memory(&count->distinct[i]);
    }
    return memory;
}

static void free_count(const struct p2i_tally *tally, struct counted *count)
{
    for (size_t i = 0; count->distinct != NULL && i < tally->settings.distinct_count; i++) {
        p2i_distinct_free(&count->distinct[i]);
    }
    free(count->distinct);
    free(count);
}

static bool is_key(const struct counted *count, uint64_t hash, struct p2i_view key)
{
    return count->hash == hash && p2i_view_equals(count->entry.key, key);
}

static size_t place_of(const struct p2i_tally *tally, uint64_t hash, struct p2i_view key)
{
    size_t at = (size_t)hash & (tally->capacity - 1);
    while (tally->slots[at] != NULL && !is_key(tally->slots[at], hash, key)) {
        at = (at + 1) & (tally->capacity - 1);
    }
    return at;
}

/* Makes a table of another capacity of the counts that are not NULL. False: out of memory. */
static bool rebuild(struct p2i_tally *tally, size_t capacity)
{
    struct counted **old = tally->slots;
    size_t old_capacity = tally->capacity;
    struct counted **slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    tally->slots = slots;
    tally->capacity = capacity;
    tally->memory = capacity * sizeof *slots;
    tally->count = 0;
    for (size_t i = 0; i < old_capacity; i++) {
        struct counted *count = old[i];
        if (count != NULL) {
            slots[place_of(tally, count->hash, count->entry.key)] = count;
            tally->memory += memory_of(tally, count);
            tally->count++;
        }
    }
    free(old);
    return true;
}

static bool shrink_distinct(struct p2i_tally *tally)
{
    bool done = true;
    for (size_t i = 0; done && i < tally->capacity; i++) {
        for (size_t j = 0; done && tally->slots[i] != NULL && j < tally->settings.distinct_count;
             j++) {
            done = p2i_distinct_shrink(&tally->slots[i]->distinct[j]);
        }
    }
    tally->loss.approximate = tally->settings.distinct_count > 0;
    return done && rebuild(tally, tally->capacity);
}

static uint64_t weight_of(const struct p2i_tally *tally, const struct counted *count)
{
    return tally->settings.by_sum ? count->entry.sums[0] : count->entry.count;
}

static int compare_numbers(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* The weight that half of the counts do not exceed. False: out of memory. */
static bool find_median(const struct p2i_tally *tally, uint64_t *median)
{
    size_t size = 0;
    uint64_t *weights = malloc((tally->count + 1) * sizeof *weights);
    for (size_t i = 0; weights != NULL && i < tally->capacity; i++) {
        if (tally->slots[i] != NULL) {
            weights[size++] = weight_of(tally, tally->slots[i]);
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
static bool drop_rare(struct p2i_tally *tally)
{
    uint64_t median = 0;
    if (!find_median(tally, &median)) {
        return false;
    }
    for (size_t i = 0; i < tally->capacity; i++) {
        struct counted *count = tally->slots[i];
        if (count != NULL && weight_of(tally, count) <= median) {
            free_count(tally, count);
            tally->slots[i] = NULL;
            tally->loss.dropped++;
            tally->count--;
        }
    }
    tally->loss.low_by += median;
    size_t capacity = CAPACITY_LEAST;
    while (capacity < 2 * tally->count) {
        capacity *= 2;
    }
    return rebuild(tally, capacity);
}

static bool relieve(struct p2i_tally *tally)
{
    size_t enough = tally->settings.memory_bytes / 4 * 3;
    if (tally->settings.distinct_count > 0 && !shrink_distinct(tally)) {
        return false;
    }
    return tally->memory <= enough || drop_rare(tally);
}

static struct counted *new_count(const struct p2i_tally *tally, uint64_t hash, struct p2i_view key)
{
    size_t distinct = tally->settings.distinct_count;
    struct counted *count = calloc(1, sizeof *count + key.size);
    if (count == NULL) {
        return NULL;
    }
    count->hash = hash;
    if (key.size > 0) {
        memcpy(count->key, key.data, key.size);
    }
    count->entry.key = p2i_view_of(count->key, key.size);
    count->distinct = distinct > 0 ? calloc(distinct, sizeof *count->distinct) : NULL;
    if (distinct > 0 && count->distinct == NULL) {
        free(count);
        return NULL;
    }
    for (size_t i = 0; i < distinct; i++) {
        count->distinct[i].seed = tally->seed;
    }
    return count;
}

struct p2i_tally_entry *p2i_tally_of(struct p2i_tally *tally, struct p2i_view key)
{
    uint64_t hash = p2i_mix_bytes(tally->seed, key);
    if (tally->capacity == 0 && !rebuild(tally, CAPACITY_LEAST)) {
        return NULL;
    }
    if (tally->memory > tally->settings.memory_bytes && !relieve(tally)) {
        return NULL;
    }
    size_t at = place_of(tally, hash, key);
    if (tally->slots[at] != NULL) {
        return &tally->slots[at]->entry;
    }
    if (4 * (tally->count + 1) > 3 * tally->capacity && !rebuild(tally, 2 * tally->capacity)) {
        return NULL;
    }
    struct counted *count = new_count(tally, hash, key);
    if (count == NULL) {
        return NULL;
    }
    tally->slots[place_of(tally, hash, key)] = count;
    tally->memory += memory_of(tally, count);
    tally->count++;
    return &count->entry;
}

bool p2i_tally_add_value(struct p2i_tally *tally, struct p2i_tally_entry *entry, size_t index,
                         struct p2i_view value)
{
    struct p2i_distinct *distinct = &((struct counted *)entry)->distinct[index];
    size_t before = p2i_distinct_memory(distinct);
    bool done = p2i_distinct_add(distinct, p2i_hash_bytes(value));
    tally->memory += p2i_distinct_memory(distinct) - before;
    return done;
}

uint64_t p2i_tally_values(const struct p2i_tally_entry *entry, size_t index)
{
    return p2i_distinct_count(&((const struct counted *)entry)->distinct[index]);
}

bool p2i_tally_merge(const struct p2i_tally *tally, struct p2i_tally_entry *entry,
                     const struct p2i_tally_entry *other)
{
    struct p2i_distinct *distinct = ((struct counted *)entry)->distinct;
    const struct p2i_distinct *others = ((const struct counted *)other)->distinct;
    bool done = true;
    entry->count += other->count;
    entry->sums[0] += other->sums[0];
    entry->sums[1] += other->sums[1];
    entry->summed = entry->summed || other->summed;
    for (size_t i = 0; done && i < tally->settings.distinct_count; i++) {
        done = p2i_distinct_merge(&distinct[i], &others[i]);
    }
    return done;
}

static int compare_keys(struct p2i_view a, struct p2i_view b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_count(const void *left, const void *right)
{
    const struct p2i_tally_entry *a = *(struct p2i_tally_entry *const *)left;
    const struct p2i_tally_entry *b = *(struct p2i_tally_entry *const *)right;
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : compare_keys(a->key, b->key);
}

static int by_sum(const void *left, const void *right)
{
    const struct p2i_tally_entry *a = *(struct p2i_tally_entry *const *)left;
    const struct p2i_tally_entry *b = *(struct p2i_tally_entry *const *)right;
    return a->sums[0] != b->sums[0] ? (a->sums[0] < b->sums[0] ? 1 : -1) : by_count(left, right);
}

struct p2i_tally_entry **p2i_tally_entries(struct p2i_tally *tally, enum p2i_tally_order order,
                                           size_t *count)
{
    struct p2i_tally_entry **entries =
        realloc(tally->entries, (tally->count + 1) * sizeof(struct p2i_tally_entry *));
    *count = 0;
    if (entries == NULL) {
        return NULL;
    }
    tally->entries = entries;
    for (size_t i = 0; i < tally->capacity; i++) {
        if (tally->slots[i] != NULL) {
            entries[(*count)++] = &tally->slots[i]->entry;
        }
    }
    if (order != P2I_TALLY_UNORDERED) {
        qsort(entries, *count, sizeof *entries, order == P2I_TALLY_BY_SUMS ? by_sum : by_count);
    }
    return entries;
}

size_t p2i_tally_key_count(const struct p2i_tally *tally)
{
    return tally->count;
}

struct p2i_tally_loss p2i_tally_lost(const struct p2i_tally *tally)
{
    return tally->loss;
}

void p2i_tally_free(struct p2i_tally *tally)
{
    if (tally == NULL) {
        return;
    }
    for (size_t i = 0; i < tally->capacity; i++) {
        if (tally->slots[i] != NULL) {
            free_count(tally, tally->slots[i]);
        }
    }
    free(tally->slots);
    free(tally->entries);
    free(tally);
}
