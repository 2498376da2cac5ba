/* SPDX-License-Identifier: MIT */
#include "enrich/prefix.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/pages.h"

enum { IPV4_BITS = 32, IPV6_BITS = 128 };

static bool parse_length(struct p2i_view text, unsigned most, uint8_t *length)
{
    enum { DIGITS_MAX = 3 };
    uint64_t value;
    if (text.size > DIGITS_MAX || !p2i_parse_decimal(text, most, &value)) {
        return false;
    }
    *length = (uint8_t)value;
    return true;
}

/* Four numbers as inet_pton() has them, in a fraction of its time: files have many. */
static bool parse_ipv4(struct p2i_view text, uint8_t *bytes)
{
    unsigned value = 0;
    size_t digits = 0;
    size_t parts = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && p2i_is_digit(text.data[i])) {
            if (digits > 0 && value == 0) {
                return false; /* a leading zero: octal for some */
            }
            value = value * 10 + (text.data[i] - (unsigned)'0');
            if (value > UINT8_MAX) {
                return false;
            }
            digits++;
            continue;
        }
        if (digits == 0 || parts == 4 || (i < text.size && text.data[i] != '.')) {
            return false;
        }
        bytes[parts++] = (uint8_t)value;
        value = 0;
        digits = 0;
    }
    return parts == 4;
}

static bool parse_ipv6(struct p2i_view text, uint8_t *bytes)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.size >= sizeof copy || p2i_view_find(text, '\0') != text.size) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return inet_pton(AF_INET6, copy, bytes) == 1;
}

/* The first bits of a word as it stands in memory. */
static uint64_t first_bits(unsigned count)
{
    return htobe64(count >= 64 ? UINT64_MAX : ~(UINT64_MAX >> count));
}

void p2i_prefix_mask(struct p2i_address *address, unsigned length)
{
    address->words[0] &= first_bits(length);
    address->words[1] &= first_bits(length > 64 ? length - 64 : 0);
}

const char *p2i_prefix_parse(struct p2i_view text, struct p2i_prefix *prefix)
{
    size_t slash = p2i_view_find(text, '/');
    struct p2i_view host = p2i_view_first(text, slash);
    bool is_ipv6 = p2i_view_find(host, ':') < host.size;
    unsigned most = is_ipv6 ? IPV6_BITS : IPV4_BITS;
    memset(&prefix->address, 0, sizeof prefix->address);
    prefix->ip_version = is_ipv6 ? 6 : 4;
    prefix->length = (uint8_t)most;
    if (is_ipv6 ? !parse_ipv6(host, prefix->address.bytes)
                : !parse_ipv4(host, prefix->address.bytes)) {
        return "not an address";
    }
    if (slash < text.size && !parse_length(p2i_view_from(text, slash + 1), most, &prefix->length)) {
        return is_ipv6 ? "its length is not 0 to 128" : "its length is not 0 to 32";
    }
    p2i_prefix_mask(&prefix->address, prefix->length);
    return NULL;
}

bool p2i_prefix_equals(const struct p2i_prefix *a, const struct p2i_prefix *b)
{
    return a->ip_version == b->ip_version && a->length == b->length &&
           memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes) == 0;
}

bool p2i_prefix_holds(const struct p2i_prefix *outer, const struct p2i_prefix *inner)
{
    if (outer->ip_version != inner->ip_version || outer->length > inner->length) {
        return false;
    }
    struct p2i_address cut = inner->address;
    p2i_prefix_mask(&cut, outer->length);
    return memcmp(cut.bytes, outer->address.bytes, sizeof cut.bytes) == 0;
}

static int compare(const struct p2i_prefix *a, const struct p2i_prefix *b)
{
    if (a->ip_version != b->ip_version) {
        return a->ip_version < b->ip_version ? -1 : 1;
    }
    int order = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
    return order != 0 ? order : (int)a->length - (int)b->length;
}

/* A prefix on its way to its place: most of its order in one number. */
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

/* Radix sort, from the last digit on; a digit that is the same everywhere needs no pass. Returns
 * which of the two arrays has the result. */
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

/* What the keys do not tell: IPv6 prefixes whose first 64 bits are equal. */
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

/* All of one version. `copy` and `keys` have room for count and twice count. */
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

/* Puts IPv4 in front; returns how many there are. */
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
