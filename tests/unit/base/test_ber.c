/* SPDX-License-Identifier: MIT */
#include "base/ber.h"

#include <criterion/criterion.h>

Test(ber, lengths)
{
    static const struct {
        const char *bytes;
        size_t size;
        uint32_t length;
        bool good;
        bool failed; /* cut */
    } rows[] = {
        {"\x00", 1, 0, true, false},
        {"\x7f", 1, 127, true, false},
        {"\x81\x80", 2, 128, true, false},
        {"\x82\x01\x02", 3, 0x102, true, false},
        {"\x84\xff\xff\xff\xff", 5, UINT32_MAX, true, false},
        {"\x80", 1, 0, false, false},                     /* indefinite */
        {"\x85\x00\x00\x00\x00\x01", 6, 0, false, false}, /* more than four bytes */
        {"", 0, 0, true, true},
        {"\x82\x01", 2, 0x100, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(rows[i].bytes, rows[i].size));
        uint32_t length;
        cr_expect_eq(p2i_ber_length(&cursor, &length), rows[i].good, "%zu", i);
        cr_expect_eq(length, rows[i].length, "%zu", i);
        cr_expect_eq(cursor.failed, rows[i].failed, "%zu", i);
    }
}

Test(ber, elements)
{
    struct p2i_cursor cursor = p2i_cursor_of(P2I_VIEW("\x02\x01\x07\x30\x05\x01\x02"));
    struct p2i_ber_element element;
    cr_assert(p2i_ber_next(&cursor, &element));
    cr_assert(element.tag == 2 && !element.cut);
    cr_assert(p2i_view_equals(element.value, P2I_VIEW("\x07")));
    cr_assert(p2i_ber_next(&cursor, &element));
    cr_assert(element.tag == 0x30 && element.cut);
    cr_assert(p2i_view_equals(element.value, P2I_VIEW("\x01\x02")));
    cr_assert_not(p2i_ber_next(&cursor, &element));
    cr_assert(cursor.failed);
}

Test(ber, tags_of_several_bytes_are_refused)
{
    struct p2i_cursor cursor = p2i_cursor_of(P2I_VIEW("\x1f\x81\x01\x00"));
    struct p2i_ber_element element;
    cr_assert_not(p2i_ber_next(&cursor, &element));
}
