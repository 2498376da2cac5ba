/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "pcap2ipfix/utf8.h"

/* Cleans a heap copy of `in`, so that a read past its end is caught, into a block of `limit`. */
static void expect(struct p2i_view in, size_t limit, struct p2i_view wanted, bool escaped, bool cut)
{
    uint8_t *copy = malloc(in.size > 0 ? in.size : 1);
    uint8_t *out = malloc(limit > 0 ? limit : 1);
    if (in.size > 0) {
        memcpy(copy, in.data, in.size);
    }
    bool was_escaped = !escaped;
    bool was_cut = !cut;
    size_t size = p2i_utf8_clean(p2i_view_of(copy, in.size), out, limit, &was_escaped, &was_cut);
    cr_assert(p2i_view_equals(p2i_view_of(out, size), wanted), "%.*s at most %zu became %.*s",
              (int)in.size, (const char *)in.data, limit, (int)size, (const char *)out);
    cr_assert_eq(was_escaped, escaped);
    cr_assert_eq(was_cut, cut);
    free(copy);
    free(out);
}

#define KEEPS(literal)                                                                             \
    expect(P2I_VIEW(literal), sizeof(literal) - 1, P2I_VIEW(literal), false, false)
#define BECOMES(in, wanted) expect(P2I_VIEW(in), 1000, P2I_VIEW(wanted), true, false)

Test(utf8, valid_strings_stay)
{
    KEEPS("");
    KEEPS("a");
    KEEPS("twelve bytes and some more, all of them ASCII");
    KEEPS("\x01\x1f\x7f and \0 inside");
    KEEPS("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf");
    KEEPS("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf");
    KEEPS("1234567\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 12345678 \xe2\x82\xac");
}

Test(utf8, bad_bytes_are_escaped)
{
    BECOMES("\x80", "\\x80");
    BECOMES("a\xff"
            "b",
            "a\\xffb");
    BECOMES("\xc0\xaf", "\\xc0\\xaf");                   /* overlong '/' */
    BECOMES("\xc1\xbf", "\\xc1\\xbf");                   /* overlong, two bytes */
    BECOMES("\xe0\x9f\xbf", "\\xe0\\x9f\\xbf");          /* overlong, three bytes */
    BECOMES("\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"); /* overlong, four bytes */
    BECOMES("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* first surrogate */
    BECOMES("\xed\xbf\xbf", "\\xed\\xbf\\xbf");          /* last surrogate */
    BECOMES("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* U+110000 */
    BECOMES("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
    BECOMES("\xc3(", "\\xc3(");        /* cut by ASCII */
    BECOMES("\xe2\x82", "\\xe2\\x82"); /* cut by the end */
    BECOMES("\xf0\x9f\x98", "\\xf0\\x9f\\x98");
    BECOMES("\xe2\x82\xe2\x82\xac", "\\xe2\\x82\xe2\x82\xac"); /* cut by another */
    BECOMES("12345678abcdefg\xfe"
            "12345678",
            "12345678abcdefg\\xfe12345678");
}

Test(utf8, cuts_between_characters)
{
    struct p2i_view in = P2I_VIEW("ab\xff\xe2\x82\xac\xf0\x9f\x98\x80z");
    struct p2i_view whole = P2I_VIEW("ab\\xff\xe2\x82\xac\xf0\x9f\x98\x80z");
    const size_t borders[] = {0, 1, 2, 6, 9, 13, 14};
    size_t border = 0;
    for (size_t limit = 0; limit <= whole.size + 3; limit++) {
        if (border + 1 < sizeof borders / sizeof borders[0] && borders[border + 1] <= limit) {
            border++;
        }
        struct p2i_view wanted = p2i_view_first(whole, borders[border]);
        expect(in, limit, wanted, borders[border] >= 6, wanted.size < whole.size);
    }
}

Test(utf8, cuts_ascii_at_the_limit)
{
    struct p2i_view in = P2I_VIEW("0123456789abcdefghijklmnopqrstuvwxyz");
    for (size_t limit = 0; limit < in.size; limit++) {
        expect(in, limit, p2i_view_first(in, limit), false, true);
    }
    expect(in, in.size, in, false, false);
}

/* By the letter of RFC 3629: what the number of a sequence is, and whether it had to be so long. */
static size_t sequence_by_decoding(const uint8_t *data, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = data[0] < 0x80             ? 1
                    : (data[0] & 0xe0) == 0xc0 ? 2
                    : (data[0] & 0xf0) == 0xe0 ? 3
                    : (data[0] & 0xf8) == 0xf0 ? 4
                                               : 0;
    if (length <= 1 || length > size) {
        return length > size ? 0 : length;
    }
    uint32_t number = data[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((data[i] & 0xc0) != 0x80) {
            return 0;
        }
        number = number << 6 | (data[i] & 0x3fU);
    }
    bool good =
        number >= least[length] && number <= 0x10ffff && (number < 0xd800 || number > 0xdfff);
    return good ? length : 0;
}

Test(utf8, sequences_agree_with_their_decoding)
{
    static const uint8_t thirds[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    for (unsigned head = 0; head < 0x10000; head++) {
        for (size_t i = 0; i < sizeof thirds; i++) {
            uint8_t bytes[4] = {(uint8_t)(head >> 8), (uint8_t)head, thirds[i], 0x80};
            for (size_t size = 1; size <= sizeof bytes; size++) {
                size_t found = p2i_utf8_sequence(p2i_view_of(bytes, size));
                cr_assert_eq(found, sequence_by_decoding(bytes, size), "%02x %02x %02x 80, %zu",
                             bytes[0], bytes[1], bytes[2], size);
            }
        }
    }
    cr_assert_eq(p2i_utf8_sequence((struct p2i_view){0}), 0);
}

Test(utf8, what_a_terminal_may_obey)
{
    static const struct {
        const char *text;
        size_t size; /* of the character; 0: it is harmless */
    } cases[] = {
        {"\x1b[31m", 1},     {"\t", 1},           {"\x7f", 1},         {"a", 0},
        {"\xc2\x9b", 2},     {"\xc2\xa0", 0},     {"\xd8\x9c", 2},     {"\xd8\x9b", 0},
        {"\xe2\x80\x8d", 0}, {"\xe2\x80\x8e", 3}, {"\xe2\x80\x8f", 3}, {"\xe2\x80\x90", 0},
        {"\xe2\x80\xa7", 0}, {"\xe2\x80\xa8", 3}, {"\xe2\x80\xa9", 3}, {"\xe2\x80\xaa", 3},
        {"\xe2\x80\xae", 3}, {"\xe2\x80\xaf", 0}, {"\xe2\x81\xa5", 0}, {"\xe2\x81\xa6", 3},
        {"\xe2\x81\xa9", 3}, {"\xe2\x81\xaa", 0}, {"\xe2\x82\xac", 0}, {"\xf0\x9f\x92\xa9", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_view view = p2i_view_of(cases[i].text, strlen(cases[i].text));
        cr_expect_eq(p2i_utf8_control(view), cases[i].size, "case %zu", i);
    }
}
