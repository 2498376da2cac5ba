/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "extract/number_map.h"

Test(number_map, is_empty_when_zeroed)
{
    struct p2i_number_map map = {0};
    cr_expect_null(p2i_number_map_find(&map, 0));
    cr_expect_null(p2i_number_map_find(&map, 1));
    p2i_number_map_clear(&map);
    p2i_number_map_free(&map);
}

Test(number_map, keeps_each_key_while_it_grows)
{
    enum { COUNT = 5000 };
    struct p2i_number_map map = {0};
    for (uint64_t i = 0; i < COUNT; i++) {
        cr_assert(p2i_number_map_put(&map, i << 40 | i, (uint32_t)i));
    }
    cr_expect_eq(map.count, COUNT);
    for (uint64_t i = 0; i < COUNT; i++) {
        const uint32_t *value = p2i_number_map_find(&map, i << 40 | i);
        cr_assert_not_null(value);
        cr_expect_eq(*value, i);
        cr_expect_null(p2i_number_map_find(&map, (i + 1) << 40 | i));
    }
    p2i_number_map_free(&map);
}

Test(number_map, a_key_is_there_once)
{
    struct p2i_number_map map = {0};
    cr_assert(p2i_number_map_put(&map, 7, 1));
    cr_assert(p2i_number_map_put(&map, 7, 2));
    cr_expect_eq(map.count, 1);
    cr_expect_eq(*p2i_number_map_find(&map, 7), 2);
    p2i_number_map_clear(&map);
    cr_expect_eq(map.count, 0);
    cr_expect_null(p2i_number_map_find(&map, 7));
    p2i_number_map_free(&map);
}
