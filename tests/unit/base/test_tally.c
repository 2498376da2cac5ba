/* SPDX-License-Identifier: MIT */
#include "base/tally.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void add(struct p2i_tally *tally, const char *key, uint64_t sum, const char *other)
{
    struct p2i_tally_step step = {
        .count = 1, .sum = sum, .other = p2i_view_of(other, strlen(other))};
    cr_assert(p2i_tally_add(tally, p2i_view_of(key, strlen(key)), &step));
}

static void expect_entry(const struct p2i_tally *tally, size_t index, const char *key,
                         uint64_t count, uint64_t sum, uint64_t others)
{
    const struct p2i_tally_entry *entry = &tally->entries[index];
    cr_expect(
        p2i_view_equals(p2i_view_of(entry->key, entry->key_size), p2i_view_of(key, strlen(key))),
        "entry %zu is %.*s", index, (int)entry->key_size, (const char *)entry->key);
    cr_expect_eq(entry->count, count);
    cr_expect_eq(entry->sum, sum);
    cr_expect_eq(entry->others, others);
}

Test(tally, counts_sums_and_different_others)
{
    struct p2i_tally tally;
    p2i_tally_begin(&tally, 1 << 20);
    add(&tally, "b", 1, "x");
    add(&tally, "a", 9, "x");
    add(&tally, "b", 1, "y");
    add(&tally, "b", 1, "x");
    add(&tally, "", 0, "");
    cr_expect_eq(p2i_tally_sort(&tally, false), 3);
    expect_entry(&tally, 0, "b", 3, 3, 2);
    expect_entry(&tally, 1, "", 1, 0, 0);
    expect_entry(&tally, 2, "a", 1, 9, 1);
    cr_expect_eq(p2i_tally_sort(&tally, true), 3);
    expect_entry(&tally, 0, "a", 1, 9, 1);
    cr_expect_eq(tally.lost, 0);
    cr_expect_not(tally.others_lost);
    p2i_tally_free(&tally);
}

Test(tally, nothing_was_added)
{
    struct p2i_tally tally;
    p2i_tally_begin(&tally, 0);
    cr_expect_eq(p2i_tally_sort(&tally, false), 0);
    p2i_tally_free(&tally);
}

/* One key comes every second time; the others once each. */
Test(tally, in_little_memory_the_frequent_keys_stay_and_the_loss_is_bounded)
{
    enum { KEYS = 200000, LIMIT = 256 << 10 };
    struct p2i_tally tally;
    char key[16];
    p2i_tally_begin(&tally, LIMIT);
    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        add(&tally, key, 0, key);
        add(&tally, "often", 0, key);
        cr_assert_leq(tally.bytes, LIMIT + 1024);
    }
    size_t count = p2i_tally_sort(&tally, false);
    cr_expect_gt(count, 1000);
    expect_entry(&tally, 0, "often", KEYS, 0, tally.entries[0].others);
    cr_expect_gt(tally.lost, 0);
    cr_expect_lt(tally.lost, 200);
    cr_expect(tally.others_lost);
    cr_expect_leq(tally.entries[0].others, KEYS);
    p2i_tally_free(&tally);
}
