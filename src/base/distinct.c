/* SPDX-License-Identifier: MIT */
#include "base/distinct.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

enum {
    INDEX_BITS = 12,
    REGISTERS = 1 << INDEX_BITS,
    CAPACITY_LEAST = 4,
};

#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

/* The place of a hash in the table, or the free one where it belongs. */
static size_t place_of(const struct p2i_distinct *distinct, uint64_t hash)
{
    size_t at = (size_t)p2i_multiply_fold(hash ^ distinct->seed, SPREAD) & (distinct->capacity - 1);
    while (distinct->hashes[at] != 0 && distinct->hashes[at] != hash) {
        at = (at + 1) & (distinct->capacity - 1);
    }
    return at;
}

static bool grow(struct p2i_distinct *distinct)
{
    struct p2i_distinct grown = {.seed = distinct->seed,
                                 .capacity = distinct->capacity > 0 ? 2 * distinct->capacity
                                                                    : CAPACITY_LEAST};
    grown.hashes = calloc(grown.capacity, sizeof *grown.hashes);
    if (grown.hashes == NULL) {
        return false;
    }
    for (size_t i = 0; i < distinct->capacity; i++) {
        if (distinct->hashes[i] != 0) {
            grown.hashes[place_of(&grown, distinct->hashes[i])] = distinct->hashes[i];
        }
    }
    free(distinct->hashes);
    distinct->hashes = grown.hashes;
    distinct->capacity = grown.capacity;
    return true;
}

/* A register keeps the longest row of zeros behind the index, plus 1. */
static void add_to_registers(uint8_t *registers, uint64_t hash)
{
    uint64_t rest = hash << INDEX_BITS | 1U << (INDEX_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *at = &registers[hash >> (64 - INDEX_BITS)];
    *at = rank > *at ? rank : *at;
}

bool p2i_distinct_add(struct p2i_distinct *distinct, uint64_t hash)
{
    hash = hash != 0 ? hash : 1;
    if (distinct->registers != NULL) {
        add_to_registers(distinct->registers, hash);
        return true;
    }
    if (4 * (distinct->count + 1) > 3 * distinct->capacity && !grow(distinct)) {
        return false;
    }
    uint64_t *place = &distinct->hashes[place_of(distinct, hash)];
    distinct->count += *place == 0;
    *place = hash;
    return true;
}

uint64_t p2i_distinct_count(const struct p2i_distinct *distinct)
{
    if (distinct->registers == NULL) {
        return distinct->count;
    }
    double sum = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < REGISTERS; i++) {
        sum += ldexp(1.0, -distinct->registers[i]);
        zeros += distinct->registers[i] == 0;
    }
    const double size = REGISTERS;
    double estimate = 0.7213 / (1 + 1.079 / size) * size * size / sum;
    if (estimate <= 2.5 * size && zeros > 0) { /* linear counting is better for few values */
        estimate = size * log(size / zeros);
    }
    return (uint64_t)llround(estimate);
}

size_t p2i_distinct_memory(const struct p2i_distinct *distinct)
{
    return distinct->registers != NULL ? REGISTERS : distinct->capacity * sizeof *distinct->hashes;
}

static bool make_approximate(struct p2i_distinct *distinct)
{
    uint8_t *registers = calloc(REGISTERS, 1);
    if (registers == NULL) {
        return false;
    }
    for (size_t i = 0; i < distinct->capacity; i++) {
        if (distinct->hashes[i] != 0) {
            add_to_registers(registers, distinct->hashes[i]);
        }
    }
    p2i_distinct_free(distinct);
    distinct->registers = registers;
    return true;
}

bool p2i_distinct_shrink(struct p2i_distinct *distinct)
{
    return p2i_distinct_memory(distinct) <= REGISTERS || make_approximate(distinct);
}

bool p2i_distinct_merge(struct p2i_distinct *distinct, const struct p2i_distinct *other)
{
    bool done =
        other->registers == NULL || distinct->registers != NULL || make_approximate(distinct);
    for (size_t i = 0; done && i < other->capacity; i++) {
        done = other->hashes[i] == 0 || p2i_distinct_add(distinct, other->hashes[i]);
    }
    for (size_t i = 0; done && other->registers != NULL && i < REGISTERS; i++) {
        uint8_t *at = &distinct->registers[i];
        *at = other->registers[i] > *at ? other->registers[i] : *at;
    }
    return done;
}

void p2i_distinct_free(struct p2i_distinct *distinct)
{
    free(distinct->hashes);
    free(distinct->registers);
    *distinct = (struct p2i_distinct){.seed = distinct->seed};
}
