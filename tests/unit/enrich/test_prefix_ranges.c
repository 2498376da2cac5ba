/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "enrich/prefix_ranges.h"
#include "enrich/prefix_sort.h"

static struct p2i_view view(const char *text)
{
    return p2i_view_of(text, strlen(text));
}

static struct p2i_prefix prefix_of(const char *text, uint32_t value)
{
    struct p2i_prefix prefix = {.value = value};
    const char *wrong = p2i_prefix_parse(view(text), &prefix);
    cr_assert_null(wrong, "%s: %s", text, wrong);
    return prefix;
}

Test(prefix, reads_both_versions)
{
    struct p2i_prefix prefix = prefix_of("192.0.2.77/26", 0);
    cr_assert_eq(prefix.ip_version, 4);
    cr_assert_eq(prefix.length, 26);
    cr_assert_arr_eq(prefix.address.bytes, ((uint8_t[16]){192, 0, 2, 64}), 16);
    prefix = prefix_of("255.0.1.9", 0);
    cr_assert_eq(prefix.length, 32);
    cr_assert_arr_eq(prefix.address.bytes, ((uint8_t[16]){255, 0, 1, 9}), 16);
    prefix = prefix_of("2001:db8:ffff::1/33", 0);
    cr_assert_eq(prefix.ip_version, 6);
    cr_assert_eq(prefix.length, 33);
    cr_assert_arr_eq(prefix.address.bytes, ((uint8_t[16]){0x20, 1, 0xd, 0xb8, 0x80}), 16);
    prefix = prefix_of("::/0", 0);
    cr_assert_eq(prefix.length, 0);
    prefix = prefix_of("2001:db8::7", 0);
    cr_assert_eq(prefix.length, 128);
}

Test(prefix, refuses_malformed_prefixes)
{
    static const char *const texts[] = {
        "",
        "/",
        "192.0.2",
        "192.0.2.1.1",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1/",
        "192.0.2.1/33",
        "192.0.2.1/-1",
        "192.0.2.1/+8",
        "192.0.2.1/8 ",
        "1.2.3.4/0024",
        "192.0.2.",
        ".192.0.2.1",
        "192.0..1",
        "::/129",
        "::/",
        "2001:db8:::",
        "g::",
        "a.b.c.d",
        "192.0.2.1/2a",
        "1:2:3:4:5:6:7:8:9",
        "login",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct p2i_prefix prefix;
        cr_assert_not_null(p2i_prefix_parse(view(texts[i]), &prefix), "'%s'", texts[i]);
    }
    struct p2i_prefix prefix;
    cr_assert_not_null(p2i_prefix_parse(p2i_view_of("::1\0/64", 7), &prefix));
}

static void build(struct p2i_prefix_ranges *ranges, struct p2i_prefix *prefixes, size_t count)
{
    *ranges = (struct p2i_prefix_ranges){0};
    cr_assert(p2i_prefix_sort(prefixes, count));
    cr_assert(p2i_prefix_ranges_build(ranges, prefixes, count));
}

static uint32_t find(const struct p2i_prefix_ranges *ranges, const char *address)
{
    struct p2i_prefix prefix = prefix_of(address, 0);
    return p2i_prefix_ranges_find(ranges, &prefix.address, prefix.ip_version);
}

Test(prefix_ranges, longest_first)
{
    struct p2i_prefix prefixes[] = {
        prefix_of("192.0.2.128/25", 3), prefix_of("192.0.2.0/24", 2),  prefix_of("192.0.2.129", 4),
        prefix_of("2001:db8::/32", 5),  prefix_of("2001:db8::1", 6),   prefix_of("0.0.0.0/0", 1),
        prefix_of("192.0.2.255", 7),    prefix_of("2001:db8::/64", 8),
    };
    struct p2i_prefix_ranges ranges;
    build(&ranges, prefixes, sizeof prefixes / sizeof *prefixes);
    cr_assert_eq(find(&ranges, "192.0.3.0"), 1);
    cr_assert_eq(find(&ranges, "192.0.1.255"), 1);
    cr_assert_eq(find(&ranges, "255.255.255.255"), 1);
    cr_assert_eq(find(&ranges, "192.0.2.0"), 2);
    cr_assert_eq(find(&ranges, "192.0.2.127"), 2);
    cr_assert_eq(find(&ranges, "192.0.2.128"), 3);
    cr_assert_eq(find(&ranges, "192.0.2.129"), 4);
    cr_assert_eq(find(&ranges, "192.0.2.130"), 3);
    cr_assert_eq(find(&ranges, "192.0.2.255"), 7);
    cr_assert_eq(find(&ranges, "2001:db8::1"), 6);
    cr_assert_eq(find(&ranges, "2001:db8::2"), 8);
    cr_assert_eq(find(&ranges, "2001:db8:0:1::2"), 5);
    cr_assert_eq(find(&ranges, "2001:db9::"), 0, "no prefix of IPv6 holds it");
    p2i_prefix_ranges_free(&ranges);
}

Test(prefix_ranges, empty)
{
    struct p2i_prefix_ranges ranges;
    build(&ranges, NULL, 0);
    cr_assert_eq(find(&ranges, "192.0.2.1"), 0);
    cr_assert_eq(find(&ranges, "::"), 0);
    p2i_prefix_ranges_free(&ranges);
}

static uint32_t state = 12345;

static uint32_t roll(uint32_t limit)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % limit;
}

/* Few different bytes, so that prefixes hold each other and addresses hit them. */
static struct p2i_prefix random_prefix(uint32_t value)
{
    static const uint8_t bytes[] = {0, 1, 10, 127, 128, 254, 255};
    struct p2i_prefix prefix = {.value = value, .ip_version = roll(2) != 0 ? 4 : 6};
    unsigned most = prefix.ip_version == 4 ? 32 : 128;
    for (unsigned i = 0; i < most / 8; i++) {
        prefix.address.bytes[i] = i < 8 || roll(4) == 0 ? bytes[roll(sizeof bytes)] : 0;
    }
    prefix.length = (uint8_t)(roll(8) == 0 ? most : roll(most + 1));
    p2i_prefix_mask(&prefix.address, prefix.length);
    return prefix;
}

static uint32_t search(const struct p2i_prefix *prefixes, size_t count,
                       const struct p2i_prefix *address)
{
    int longest = -1;
    uint32_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (prefixes[i].length >= longest && p2i_prefix_holds(&prefixes[i], address)) {
            longest = prefixes[i].length;
            value = prefixes[i].value;
        }
    }
    return value;
}

/* Against a search through all, also for what lies at the borders of prefixes. */
Test(prefix_ranges, random_prefixes)
{
    enum { COUNT = 600, ROUNDS = 8 };
    static struct p2i_prefix prefixes[COUNT];
    unsigned found = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = round == 0 ? 3 : COUNT;
        for (size_t i = 0; i < count; i++) {
            prefixes[i] = random_prefix((uint32_t)i + 1);
        }
        struct p2i_prefix_ranges ranges;
        build(&ranges, prefixes, count);
        for (unsigned i = 0; i < 4000; i++) {
            struct p2i_prefix address = random_prefix(0);
            if (roll(2) == 0) {
                address = prefixes[roll((uint32_t)count)];
                unsigned bits = address.ip_version == 4 ? 32 : 128;
                unsigned flipped = roll(bits);
                address.address.bytes[flipped / 8] ^= (uint8_t)(0x80 >> flipped % 8);
            }
            address.length = address.ip_version == 4 ? 32 : 128;
            uint32_t expected = search(prefixes, count, &address);
            cr_assert_eq(p2i_prefix_ranges_find(&ranges, &address.address, address.ip_version),
                         expected);
            found += expected != 0;
        }
        p2i_prefix_ranges_free(&ranges);
    }
    cr_assert_gt(found, 1000U, "the test hits prefixes");
}

/* As a plain sort that keeps the order of equals would. */
Test(prefix, sorts)
{
    enum { COUNT = 3000 };
    static struct p2i_prefix prefixes[COUNT];
    for (unsigned round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            prefixes[i] = random_prefix(i);
            if (round == 1) { /* IPv6 prefixes that differ behind the first 64 bits alone */
                memset(prefixes[i].address.bytes, 7, 8);
                prefixes[i].ip_version = 6;
            }
        }
        cr_assert(p2i_prefix_sort(prefixes, round == 2 ? 1 : COUNT));
        bool seen[COUNT] = {false};
        for (size_t i = 0; i < COUNT; i++) {
            seen[prefixes[i].value] = true;
            if (i == 0 || round == 2) {
                continue;
            }
            const struct p2i_prefix *a = &prefixes[i - 1];
            const struct p2i_prefix *b = &prefixes[i];
            int order = (int)a->ip_version - (int)b->ip_version;
            order = order != 0 ? order : memcmp(a->address.bytes, b->address.bytes, 16);
            order = order != 0 ? order : (int)a->length - (int)b->length;
            cr_assert_leq(order, 0);
            cr_assert(order < 0 || a->value < b->value, "equal ones keep their order");
        }
        for (size_t i = 0; i < COUNT; i++) {
            cr_assert(seen[i]);
        }
    }
}
