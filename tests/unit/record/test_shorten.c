/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "pcap2ipfix/fields.h"
#include "record/shorten.h"

/* A number, two texts, octets. */
static const struct p2i_wire_field fields[] = {
    {.length = 4},
    {.length = P2I_VARIABLE, .text = true},
    {.length = P2I_VARIABLE, .text = true},
    {.length = P2I_VARIABLE},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static uint8_t record[200000];
static uint8_t out[200000];

static size_t put(size_t at, uint8_t byte, size_t size)
{
    if (size < 255) {
        record[at++] = (uint8_t)size;
    } else {
        record[at++] = 255;
        record[at++] = (uint8_t)(size >> 8);
        record[at++] = (uint8_t)size;
    }
    memset(record + at, byte, size);
    return at + size;
}

static struct p2i_view make(size_t first, size_t second, size_t third)
{
    memcpy(record, "\1\2\3\4", 4);
    size_t size = put(put(put(4, 'a', first), 'b', second), 'c', third);
    return p2i_view_of(record, size);
}

/* The length of a value in `out`; `at` goes behind it. */
static size_t length_at(size_t *at)
{
    size_t size = out[(*at)++];
    if (size == 255) {
        size = (size_t)out[*at] << 8 | out[*at + 1];
        *at += 2;
    }
    *at += size;
    return size;
}

static void expect_lengths(struct p2i_view view, size_t limit, size_t first, size_t second,
                           size_t third)
{
    size_t size = p2i_shorten(fields, FIELDS, view, limit, out);
    size_t at = 4;
    cr_assert_gt(size, 0);
    cr_expect_leq(size, limit);
    cr_expect_eq(memcmp(out, "\1\2\3\4", 4), 0);
    cr_expect_eq(length_at(&at), first);
    cr_expect_eq(length_at(&at), second);
    cr_expect_eq(length_at(&at), third);
    cr_expect_eq(at, size);
}

Test(shorten, the_longest_first)
{
    /* 13 bytes are for the number and the lengths. */
    expect_lengths(make(10, 20, 3000), 513, 10, 20, 470);
    expect_lengths(make(10, 2000, 3000), 513, 10, 245, 245);
    expect_lengths(make(9000, 2000, 3000), 613, 200, 200, 200);
    expect_lengths(make(0, 0, 60000), 113, 0, 0, 100);
}

Test(shorten, records_that_fit_stay)
{
    struct p2i_view view = make(10, 254, 300);
    cr_expect_eq(p2i_shorten(fields, FIELDS, view, 1000, out), view.size);
    cr_expect_eq(memcmp(out, view.data, view.size), 0);
}

Test(shorten, texts_end_between_characters)
{
    struct p2i_view view = make(300, 0, 0);
    for (size_t i = 0; i + 2 < 300; i += 3) {
        memcpy(record + 7 + i, "\xe2\x82\xac", 3);
    }
    for (size_t limit = 14; limit < 320; limit++) {
        size_t at = 4;
        size_t size = p2i_shorten(fields, FIELDS, view, limit, out);
        cr_assert_gt(size, 0);
        cr_assert_leq(size, limit);
        cr_assert_eq(length_at(&at) % 3, 0, "limit %zu", limit);
    }
}

Test(shorten, impossible_limits)
{
    struct p2i_view view = make(10, 20, 300);
    struct p2i_wire_field rigid[FIELDS];
    memcpy(rigid, fields, sizeof fields);
    rigid[3].rigid = true;
    cr_expect_eq(p2i_shorten(rigid, FIELDS, view, 200, out), 0);
    cr_expect_eq(p2i_shorten(rigid, FIELDS, view, 330, out), 4 + 9 + 9 + 303);
    cr_expect_eq(p2i_shorten(fields, FIELDS, view, 12, out), 0);
    for (size_t size = 0; size < view.size; size++) {
        cr_expect_eq(p2i_shorten(fields, FIELDS, p2i_view_first(view, size), 200, out), 0);
    }
    static struct p2i_wire_field many[P2I_SHORTEN_MAX + 1];
    cr_expect_eq(p2i_shorten(many, P2I_SHORTEN_MAX + 1, view, 200, out), 0);
}

Test(shorten, any_limit_holds)
{
    for (size_t seed = 0; seed < 4000; seed++) {
        size_t limit = 13 + seed * 7 % 900;
        struct p2i_view view =
            make(seed * 31 % 700, seed * 17 % 400, seed % 5 == 0 ? 0 : seed * 13 % 1000);
        size_t size = p2i_shorten(fields, FIELDS, view, limit, out);
        cr_assert(size > 0 && size <= limit && size <= view.size, "seed %zu", seed);
        /* No room is wasted but for what lengths and shares round. */
        cr_assert(size == view.size || size + 10 >= limit, "seed %zu: %zu of %zu", seed, size,
                  limit);
    }
}
