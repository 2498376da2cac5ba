/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/tally.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct p2i_tally *new_tally(size_t memory_bytes, bool by_sum)
{
    struct p2i_tally_settings settings = {.struct_size = sizeof settings,
                                          .memory_bytes = memory_bytes,
                                          .distinct_count = 1,
                                          .by_sum = by_sum};
    struct p2i_tally *tally = p2i_tally_new(&settings);
    cr_assert_not_null(tally);
    return tally;
}

static void add(struct p2i_tally *tally, const char *key, uint64_t sum, const char *value)
{
    struct p2i_tally_entry *entry = p2i_tally_of(tally, p2i_view_of(key, strlen(key)));
    cr_assert_not_null(entry);
    entry->count++;
    entry->sums[0] += sum;
    if (value[0] != '\0') {
        cr_assert(p2i_tally_add_value(tally, entry, 0, p2i_view_of(value, strlen(value))));
    }
}

static void expect_entry(const struct p2i_tally_entry *entry, const char *key, uint64_t count,
                         uint64_t sum, uint64_t values)
{
    cr_expect(p2i_view_equals(entry->key, p2i_view_of(key, strlen(key))), "entry is %.*s, not %s",
              (int)entry->key.size, (const char *)entry->key.data, key);
    cr_expect_eq(entry->count, count);
    cr_expect_eq(entry->sums[0], sum);
    cr_expect_eq(p2i_tally_values(entry, 0), values);
}

Test(tally, counts_sums_and_different_values)
{
    size_t count;
    struct p2i_tally *tally = new_tally(1 << 20, false);
    add(tally, "b", 1, "x");
    add(tally, "a", 9, "x");
    add(tally, "b", 1, "y");
    add(tally, "b", 1, "x");
    add(tally, "", 0, "");
    struct p2i_tally_entry **entries = p2i_tally_entries(tally, P2I_TALLY_BY_COUNTS, &count);
    cr_assert_eq(count, 3);
    cr_expect_eq(p2i_tally_key_count(tally), 3);
    expect_entry(entries[0], "b", 3, 3, 2);
    expect_entry(entries[1], "", 1, 0, 0);
    expect_entry(entries[2], "a", 1, 9, 1);
    entries = p2i_tally_entries(tally, P2I_TALLY_BY_SUMS, &count);
    cr_assert_eq(count, 3);
    expect_entry(entries[0], "a", 1, 9, 1);
    cr_expect_eq(p2i_tally_lost(tally).dropped, 0);
    cr_expect_not(p2i_tally_lost(tally).approximate);
    p2i_tally_free(tally);
}

Test(tally, nothing_was_added)
{
    size_t count = 1;
    struct p2i_tally *tally = new_tally(0, false);
    cr_expect_not_null(p2i_tally_entries(tally, P2I_TALLY_BY_COUNTS, &count));
    cr_expect_eq(count, 0);
    p2i_tally_free(tally);
    p2i_tally_free(NULL);
}

Test(tally, entries_merge_with_their_values)
{
    struct p2i_tally *tally = new_tally(1 << 20, false);
    add(tally, "a", 1, "x");
    add(tally, "a", 1, "y");
    add(tally, "b", 5, "y");
    add(tally, "b", 5, "z");
    struct p2i_tally_entry *a = p2i_tally_of(tally, P2I_VIEW("a"));
    struct p2i_tally_entry *b = p2i_tally_of(tally, P2I_VIEW("b"));
    a->sums[1] = 2;
    b->sums[1] = 3;
    b->summed = true;
    cr_expect(p2i_tally_merge(tally, a, b));
    expect_entry(a, "a", 4, 12, 3);
    expect_entry(b, "b", 2, 10, 2);
    cr_expect_eq(a->sums[1], 5);
    cr_expect(a->summed);
    p2i_tally_free(tally);
}

/* One key comes every second time, each time with another value; the others once each. */
Test(tally, in_little_memory_the_frequent_keys_stay_and_the_loss_is_bounded)
{
    enum { KEYS = 200000, LIMIT = 256 << 10 };
    struct p2i_tally *tally = new_tally(LIMIT, false);
    char key[16];
    size_t count;
    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        add(tally, key, 0, "");
        add(tally, "often", 0, key);
        cr_assert_leq(p2i_tally_key_count(tally), LIMIT / 100);
    }
    struct p2i_tally_entry **entries = p2i_tally_entries(tally, P2I_TALLY_BY_COUNTS, &count);
    struct p2i_tally_loss loss = p2i_tally_lost(tally);
    cr_expect_eq(entries[0]->count, KEYS);
    uint64_t values = p2i_tally_values(entries[0], 0);
    cr_expect(values > KEYS / 100 * 93 && values < KEYS / 100 * 107, "%d are shown as %d", KEYS,
              (int)values);
    cr_expect_eq(loss.dropped + count, KEYS + 1);
    cr_expect(loss.low_by > 0 && loss.low_by < KEYS / 100, "%d", (int)loss.low_by);
    cr_expect(loss.approximate);
    p2i_tally_free(tally);
}

/* A key of one large sum outlives those that come often. */
Test(tally, the_keys_of_small_sums_are_dropped_first_if_sums_are_wanted)
{
    enum { KEYS = 20000, LIMIT = 256 << 10, LARGE = 1000000 };
    struct p2i_tally *tally = new_tally(LIMIT, true);
    char key[16];
    size_t count;
    add(tally, "large", LARGE, "");
    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        add(tally, key, 1, "");
        add(tally, key, 1, "");
    }
    struct p2i_tally_entry **entries = p2i_tally_entries(tally, P2I_TALLY_BY_SUMS, &count);
    expect_entry(entries[0], "large", 1, LARGE, 0);
    cr_expect_gt(p2i_tally_lost(tally).dropped, 0);
    p2i_tally_free(tally);
}
