/* SPDX-License-Identifier: MIT */
#include "base/ascii.h"

#include <criterion/criterion.h>

Test(ascii, classes)
{
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        uint8_t byte = (uint8_t)i;
        const char *digits = "0123456789";
        const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        cr_expect_eq(p2i_is_digit(byte), memchr(digits, byte, 10) != NULL, "%u", i);
        cr_expect_eq(p2i_is_letter(byte), memchr(letters, byte, 52) != NULL, "%u", i);
        cr_expect_eq(p2i_is_blank(byte), memchr(" \t", byte, 2) != NULL, "%u", i);
        cr_expect_eq(p2i_is_space(byte), memchr(" \t\n\v\f\r", byte, 6) != NULL, "%u", i);
    }
}

Test(ascii, case_is_that_of_letters_alone)
{
    cr_expect(p2i_view_equals_nocase(P2I_VIEW("Content-LENGTH"), P2I_VIEW("content-length")));
    cr_expect_not(p2i_view_equals_nocase(P2I_VIEW("@"), P2I_VIEW("`")));
    cr_expect_not(p2i_view_equals_nocase(P2I_VIEW("[\\]^"), P2I_VIEW("{|}~")));
    cr_expect_not(p2i_view_equals_nocase(P2I_VIEW("ab"), P2I_VIEW("abc")));
    cr_expect(p2i_view_starts_nocase(P2I_VIEW("HELO x"), P2I_VIEW("helo")));
    cr_expect_not(p2i_view_starts_nocase(P2I_VIEW("HEL"), P2I_VIEW("helo")));
}

Test(ascii, trim)
{
    cr_expect(p2i_view_equals(p2i_view_trim(P2I_VIEW("\t a b\r\n")), P2I_VIEW("a b")));
    cr_expect_eq(p2i_view_trim(P2I_VIEW(" \v\f ")).size, 0);
    cr_expect_eq(p2i_view_trim((struct p2i_view){0}).size, 0);
    cr_expect(p2i_view_equals(p2i_view_trim_blanks(P2I_VIEW("\t a b \r")), P2I_VIEW("a b \r")));
    cr_expect_eq(p2i_view_trim_blanks(P2I_VIEW(" \t")).size, 0);
}

Test(ascii, decimal_numbers)
{
    static const struct {
        const char *text;
        uint64_t most;
        size_t taken; /* digits of the number at the start; 0 none, or above `most` */
        uint64_t number;
    } rows[] = {
        {"", UINT64_MAX, 0, 0},
        {"x1", UINT64_MAX, 0, 0},
        {"-1", UINT64_MAX, 0, 0},
        {"0", 0, 1, 0},
        {"007", 7, 3, 7},
        {"255", 255, 3, 255},
        {"256", 255, 0, 0},
        {"9", 8, 0, 0},
        {"12a", 99, 2, 12},
        {"18446744073709551615", UINT64_MAX, 20, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, 0, 0},
        {"99999999999999999999999", UINT64_MAX, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct p2i_view text = p2i_view_of(rows[i].text, strlen(rows[i].text));
        uint64_t number = 0;
        cr_expect_eq(p2i_take_decimal(text, rows[i].most, &number), rows[i].taken, "%s",
                     rows[i].text);
        cr_expect_eq(number, rows[i].number, "%s", rows[i].text);
        uint64_t whole = 77;
        bool is_whole = rows[i].taken > 0 && rows[i].taken == text.size;
        cr_expect_eq(p2i_parse_decimal(text, rows[i].most, &whole), is_whole, "%s", rows[i].text);
        cr_expect_eq(whole, is_whole ? rows[i].number : 77, "%s", rows[i].text);
    }
    cr_expect_eq(p2i_digits(P2I_VIEW("2026-11")), 4);
}

Test(ascii, hexadecimal)
{
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        uint8_t text[4];
        cr_expect_eq(p2i_put_hex_escape(text, (uint8_t)i), text + 4);
        cr_expect(text[0] == '\\' && text[1] == 'x');
        cr_expect_eq(p2i_hex_value(text[2]) * 16 + p2i_hex_value(text[3]), (int)i);
    }
    cr_expect_eq(p2i_hex_value('F'), 15);
    cr_expect_eq(p2i_hex_value('g'), -1);
    cr_expect_eq(p2i_hex_value('/'), -1);
    cr_expect_eq(p2i_hex_value('`'), -1);
}
