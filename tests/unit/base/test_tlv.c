/* SPDX-License-Identifier: MIT */
#include "base/tlv.h"

#include <criterion/criterion.h>

Test(tlv, entries_to_the_end)
{
    struct p2i_cursor cursor = p2i_cursor_of(P2I_VIEW("\x01\x05one\x02\x02"));
    struct p2i_tlv entry;
    cr_assert(p2i_tlv_next(&cursor, &entry));
    cr_assert(entry.type == 1 && entry.missing == 0);
    cr_assert(p2i_view_equals(entry.value, P2I_VIEW("one")));
    cr_assert(p2i_tlv_next(&cursor, &entry));
    cr_assert(entry.type == 2 && entry.value.size == 0);
    cr_assert_not(p2i_tlv_next(&cursor, &entry));
    cr_assert_not(cursor.failed);
}

Test(tlv, a_cut_value_is_counted)
{
    struct p2i_cursor cursor = p2i_cursor_of(P2I_VIEW("\x01\x09one"));
    struct p2i_tlv entry;
    cr_assert(p2i_tlv_next(&cursor, &entry));
    cr_assert(p2i_view_equals(entry.value, P2I_VIEW("one")));
    cr_assert_eq(entry.missing, 4);
    cr_assert_not(p2i_tlv_next(&cursor, &entry));
}

Test(tlv, bad_lengths_fail)
{
    static const struct p2i_view lists[] = {{(const uint8_t *)"\x01", 1},
                                            {(const uint8_t *)"\x01\x00", 2},
                                            {(const uint8_t *)"\x01\x01", 2}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct p2i_cursor cursor = p2i_cursor_of(lists[i]);
        struct p2i_tlv entry;
        cr_expect_not(p2i_tlv_next(&cursor, &entry), "%zu", i);
        cr_expect(cursor.failed, "%zu", i);
    }
}
