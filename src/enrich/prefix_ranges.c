/* SPDX-License-Identifier: MIT */
#include "enrich/prefix_ranges.h"

#include <stdlib.h>

#include "base/pages.h"
#include "pcap2ipfix/cursor.h"

enum { FIRST_BITS = 16, FIRSTS = 1 << FIRST_BITS, NESTED_MAX = 129 };

static struct p2i_address_key key_of(const struct p2i_address *address, uint8_t ip_version)
{
    if (ip_version == 4) {
        return (struct p2i_address_key){(uint64_t)p2i_load_be32(address->bytes) << 32, 0};
    }
    return (struct p2i_address_key){p2i_load_be64(address->bytes),
                                    p2i_load_be64(address->bytes + 8)};
}

/* Computes the first address behind a prefix. False: the prefix has the last address. */
static bool key_behind(struct p2i_address_key begin, unsigned length,
                       struct p2i_address_key *behind)
{
    *behind = begin;
    if (length == 0) {
        return false;
    }
    if (length <= 64) {
        behind->high += UINT64_C(1) << (64 - length);
        return behind->high != 0;
    }
    behind->low += UINT64_C(1) << (128 - length);
    behind->high += behind->low == 0;
    return behind->low != 0 || behind->high != 0;
}

static bool is_before(struct p2i_address_key a, struct p2i_address_key b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

/* A prefix that covers the current one. */
struct open {
    struct p2i_address_key behind;
    uint32_t value;
    bool ends; /* there are addresses behind it */
};

static void begin(struct p2i_range_list *list, struct p2i_address_key key, uint32_t value)
{
    const struct p2i_address_key *last = &list->begins[list->count - (list->count > 0)];
    bool again = list->count > 0 && !is_before(*last, key);
    list->count += !again;
    list->begins[list->count - 1] = key;
    list->values[list->count - 1] = value;
}

/* Ends the prefixes that end before `key`; NULL: all of them. Behind each, the prefix that covers
 * it continues. Returns how many are left. */
static size_t end(struct p2i_range_list *list, const struct open *open, size_t count,
                  const struct p2i_address_key *key)
{
    while (count > 0 && open[count - 1].ends &&
           (key == NULL || !is_before(*key, open[count - 1].behind))) {
        count--;
        begin(list, open[count].behind, count > 0 ? open[count - 1].value : 0);
    }
    return count;
}

/* Prefixes are sorted, so that a prefix comes before those that it covers. */
static void cut(struct p2i_range_list *list, const struct p2i_prefix *prefixes, size_t count)
{
    struct open open[NESTED_MAX];
    size_t open_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct p2i_prefix *prefix = &prefixes[i];
        struct p2i_address_key key = key_of(&prefix->address, prefix->ip_version);
        bool again = i > 0 && p2i_prefix_equals(prefix, prefix - 1);
        open_count = again ? open_count - 1 : end(list, open, open_count, &key);
        struct open *opened = &open[open_count++];
        opened->value = prefix->value;
        opened->ends = key_behind(key, prefix->length, &opened->behind);
        begin(list, key, prefix->value);
    }
    (void)end(list, open, open_count, NULL);
}

static void count_firsts(struct p2i_range_list *list)
{
    size_t at = 0;
    for (size_t i = 0; i <= FIRSTS; i++) {
        while (at < list->count && list->begins[at].high >> (64 - FIRST_BITS) < i) {
            at++;
        }
        list->first[i] = (uint32_t)at;
    }
}

static bool build_list(struct p2i_range_list *list, const struct p2i_prefix *prefixes, size_t count)
{
    if (count == 0) {
        return true;
    }
    list->begins = p2i_pages_get(2 * count * sizeof *list->begins);
    list->values = p2i_pages_get(2 * count * sizeof *list->values);
    list->first = malloc((FIRSTS + 1) * sizeof *list->first);
    if (list->begins == NULL || list->values == NULL || list->first == NULL) {
        return false;
    }
    cut(list, prefixes, count);
    count_firsts(list);
    return true;
}

bool p2i_prefix_ranges_build(struct p2i_prefix_ranges *ranges, const struct p2i_prefix *prefixes,
                             size_t count)
{
    size_t ipv4 = 0;
    if (count == 0) {
        return true;
    }
    while (ipv4 < count && prefixes[ipv4].ip_version == 4) {
        ipv4++;
    }
    return build_list(&ranges->lists[0], prefixes, ipv4) &&
           build_list(&ranges->lists[1], prefixes + ipv4, count - ipv4);
}

void p2i_prefix_ranges_free(struct p2i_prefix_ranges *ranges)
{
    for (unsigned i = 0; i < 2; i++) {
        p2i_pages_put(ranges->lists[i].begins);
        p2i_pages_put(ranges->lists[i].values);
        free(ranges->lists[i].first);
    }
    *ranges = (struct p2i_prefix_ranges){0};
}

uint32_t p2i_prefix_ranges_find(const struct p2i_prefix_ranges *ranges,
                                const struct p2i_address *address, uint8_t ip_version)
{
    const struct p2i_range_list *list = &ranges->lists[ip_version == 6];
    if (list->count == 0) {
        return 0;
    }
    struct p2i_address_key key = key_of(address, ip_version);
    const uint32_t *first = &list->first[key.high >> (64 - FIRST_BITS)];
    size_t low = first[0];
    size_t high = first[1];
    while (low < high) { /* the first range that begins behind the address */
        size_t middle = low + (high - low) / 2;
        if (is_before(key, list->begins[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low > 0 ? list->values[low - 1] : 0;
}
