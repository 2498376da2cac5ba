/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "pcap2ipfix/cursor.h"

Test(cursor, reads_numbers_in_network_order)
{
    struct p2i_cursor at = p2i_cursor_of(
        P2I_VIEW("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\xf2"));
    cr_assert_eq(p2i_u8(&at), 0x01);
    cr_assert_eq(p2i_be16(&at), 0x0203);
    cr_assert_eq(p2i_be24(&at), 0x040506);
    cr_assert_eq(p2i_be32(&at), 0x0708090a);
    cr_assert_eq(p2i_be64(&at), UINT64_C(0x0b0c0d0e0f1011f2));
    cr_assert_eq(at.rest.size, 0);
    cr_assert_not(at.failed);
}

Test(cursor, loads_both_byte_orders)
{
    const uint8_t bytes[] = {0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8};
    cr_assert_eq(p2i_load_be16(bytes), 0xf1f2);
    cr_assert_eq(p2i_load_le16(bytes), 0xf2f1);
    cr_assert_eq(p2i_load_be32(bytes), 0xf1f2f3f4);
    cr_assert_eq(p2i_load_le32(bytes), 0xf4f3f2f1);
    cr_assert_eq(p2i_load_be64(bytes), UINT64_C(0xf1f2f3f4f5f6f7f8));
}

Test(cursor, reading_past_the_end_gives_zero_and_sticks)
{
    struct p2i_cursor at = p2i_cursor_of(P2I_VIEW("\xff\xff\xff"));
    cr_assert_eq(p2i_be32(&at), 0);
    cr_assert(at.failed);
    cr_assert_eq(p2i_u8(&at), 0, "three bytes are left, but the cursor has failed");
    cr_assert_eq(p2i_be16(&at), 0);
    cr_assert_eq(p2i_be24(&at), 0);
    cr_assert_eq(p2i_be64(&at), 0);
    cr_assert_eq(p2i_take(&at, 0).size, 0);
    cr_assert(at.failed);
}

Test(cursor, empty_views_are_fine)
{
    struct p2i_cursor at = p2i_cursor_of((struct p2i_view){0});
    p2i_skip(&at, 0);
    cr_assert_not(at.failed);
    cr_assert_eq(p2i_u8(&at), 0);
    cr_assert(at.failed);
}

Test(cursor, take_and_skip_move)
{
    struct p2i_cursor at = p2i_cursor_of(P2I_VIEW("abcdef"));
    p2i_skip(&at, 2);
    cr_assert(p2i_view_equals(p2i_take(&at, 3), P2I_VIEW("cde")));
    cr_assert(p2i_view_equals(at.rest, P2I_VIEW("f")));
    cr_assert_eq(p2i_take(&at, SIZE_MAX).size, 0);
    cr_assert(at.failed);
}

Test(cursor, sub_cursors_end_with_their_block)
{
    struct p2i_cursor at = p2i_cursor_of(P2I_VIEW("abcdef"));
    struct p2i_cursor block = p2i_sub(&at, 2);
    cr_assert(p2i_view_equals(block.rest, P2I_VIEW("ab")));
    cr_assert_eq(p2i_be24(&block), 0);
    cr_assert(block.failed);
    cr_assert_not(at.failed, "the block's trouble is not the outer cursor's");
    cr_assert_eq(p2i_u8(&at), 'c');

    struct p2i_cursor missing = p2i_sub(&at, 4);
    cr_assert(missing.failed);
    cr_assert(at.failed);
}

Test(view, parts)
{
    struct p2i_view view = P2I_VIEW("abc");
    cr_assert(p2i_view_equals(p2i_view_from(view, 1), P2I_VIEW("bc")));
    cr_assert_eq(p2i_view_from(view, 3).size, 0);
    cr_assert_eq(p2i_view_from(view, SIZE_MAX).size, 0);
    cr_assert(p2i_view_equals(p2i_view_first(view, 2), P2I_VIEW("ab")));
    cr_assert_eq(p2i_view_first(view, 9).size, 3);
    cr_assert_eq(p2i_view_find(view, 'c'), 2);
    cr_assert_eq(p2i_view_find(view, 'x'), 3);
    cr_assert_eq(p2i_view_find((struct p2i_view){0}, 'x'), 0);
}

Test(view, comparisons)
{
    struct p2i_view nothing = {0};
    cr_assert(p2i_view_equals(nothing, P2I_VIEW("")));
    cr_assert_not(p2i_view_equals(P2I_VIEW("ab"), P2I_VIEW("abc")));
    cr_assert_not(p2i_view_equals(P2I_VIEW("abd"), P2I_VIEW("abc")));
    cr_assert(p2i_view_starts(P2I_VIEW("abc"), P2I_VIEW("ab")));
    cr_assert(p2i_view_starts(P2I_VIEW("abc"), nothing));
    cr_assert_not(p2i_view_starts(P2I_VIEW("a"), P2I_VIEW("ab")));
}
