/* SPDX-License-Identifier: MIT */
#include "enrich/prefix_sort.h"

#include <stdlib.h>

#include "base/pages.h"
#include "pcap2ipfix/cursor.h"

static int compare(const struct p2i_prefix *a, const struct p2i_prefix *b)
{
    if (a->ip_version != b->ip_version) {
        return a->ip_version < b->ip_version ? -1 : 1;
    }
    int order = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
    return order != 0 ? order : (int)a->length - (int)b->length;
}

/* A prefix being sorted: most of its order in one number. */
struct sorted {
    uint64_t key;
    uint32_t at; /* in the array as given */
};

static uint64_t key_of(const struct p2i_prefix *prefix)
{
    return prefix->ip_version == 4
               ? (uint64_t)p2i_load_be32(prefix->address.bytes) << 8 | prefix->length
               : p2i_load_be64(prefix->address.bytes);
}

enum { DIGIT_BITS = 11, DIGITS = 6, DIGIT_VALUES = 1 << DIGIT_BITS };

static unsigned digit_of(uint64_t key, unsigned digit)
{
    return (unsigned)(key >> (digit * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}

/* Radix sort, from the last digit on; skips digits that are the same everywhere. Returns the array
 * with the result. */
static struct sorted *sort_keys(struct sorted *from, struct sorted *to, size_t count)
{
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint32_t places[DIGIT_VALUES] = {0};
        for (size_t i = 0; i < count; i++) {
            places[digit_of(from[i].key, digit)]++;
        }
        if (places[digit_of(from[0].key, digit)] == count) {
            continue;
        }
        uint32_t place = 0;
        for (unsigned value = 0; value < DIGIT_VALUES; value++) {
            uint32_t here = places[value];
            places[value] = place;
            place += here;
        }
        for (size_t i = 0; i < count; i++) {
            to[places[digit_of(from[i].key, digit)]++] = from[i];
        }
        struct sorted *other = from;
        from = to;
        to = other;
    }
    return from;
}

struct ranked {
    struct p2i_prefix prefix;
    uint32_t rank; /* among equal ones */
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    int order = compare(&left->prefix, &right->prefix);
    return order != 0 ? order : left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* Sorts a run of equal keys: IPv6 prefixes with the same first 64 bits. */
static bool sort_run(struct p2i_prefix *run, size_t count)
{
    struct ranked *ranked = malloc(count * sizeof *ranked);
    if (ranked == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){run[i], (uint32_t)i};
    }
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < count; i++) {
        run[i] = ranked[i].prefix;
    }
    free(ranked);
    return true;
}

static bool sort_runs(struct p2i_prefix *prefixes, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        bool ordered = true;
        while (end < count && key_of(&prefixes[end]) == key_of(&prefixes[i])) {
            ordered &= compare(&prefixes[end - 1], &prefixes[end]) <= 0;
            end++;
        }
        if (!ordered && !sort_run(&prefixes[i], end - i)) {
            return false;
        }
        i = end;
    }
    return true;
}

/* Sorts prefixes of one IP version. `copy` and `keys` have room for `count` and twice `count`. */
static bool sort_version(struct p2i_prefix *prefixes, size_t count, struct p2i_prefix *copy,
                         struct sorted *keys)
{
    for (size_t i = 0; i < count; i++) {
        copy[i] = prefixes[i];
        keys[i] = (struct sorted){key_of(&prefixes[i]), (uint32_t)i};
    }
    const struct sorted *sorted = sort_keys(keys, keys + count, count);
    for (size_t i = 0; i < count; i++) {
        prefixes[i] = copy[sorted[i].at];
    }
    return sort_runs(prefixes, count);
}

static bool is_sorted(const struct p2i_prefix *prefixes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (compare(&prefixes[i - 1], &prefixes[i]) > 0) {
            return false;
        }
    }
    return true;
}

/* Moves IPv4 prefixes to the front; returns how many there are. */
static size_t split(struct p2i_prefix *prefixes, size_t count, struct p2i_prefix *copy)
{
    size_t ipv4 = 0;
    size_t ipv6 = 0;
    for (size_t i = 0; i < count; i++) {
        if (prefixes[i].ip_version == 4) {
            prefixes[ipv4++] = prefixes[i];
        } else {
            copy[ipv6++] = prefixes[i];
        }
    }
    if (ipv6 > 0) {
        memcpy(prefixes + ipv4, copy, ipv6 * sizeof *copy);
    }
    return ipv4;
}

bool p2i_prefix_sort(struct p2i_prefix *prefixes, size_t count)
{
    if (is_sorted(prefixes, count)) {
        return true;
    }
    struct p2i_prefix *copy = p2i_pages_get(count * sizeof *copy);
    struct sorted *keys = p2i_pages_get(2 * count * sizeof *keys);
    bool done = copy != NULL && keys != NULL;
    if (done) {
        size_t ipv4 = split(prefixes, count, copy);
        done = (ipv4 == 0 || sort_version(prefixes, ipv4, copy, keys)) &&
               (ipv4 == count || sort_version(prefixes + ipv4, count - ipv4, copy, keys));
    }
    p2i_pages_put(keys);
    p2i_pages_put(copy);
    return done;
}
