/* SPDX-License-Identifier: MIT */
/* ASCII, whatever the locale: classes of characters, upper and lower case, blanks at the ends,
 * decimal and hexadecimal numbers. Bytes from 0x80 on belong to no class and have no case. */
#ifndef P2I_BASE_ASCII_H
#define P2I_BASE_ASCII_H

#include "base/scan.h"
#include "pcap2ipfix/view.h"

/* ---- Classes ---- */

static inline bool p2i_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool p2i_is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* A space or a tab. */
static inline bool p2i_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* A space, tab, line feed, vertical tab, form feed or carriage return. */
static inline bool p2i_is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* ---- Case ---- */

/* Lower case; a byte that is no letter stays. */
static inline uint8_t p2i_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

/* Equal except for the case of letters. */
static inline bool p2i_view_equals_nocase(struct p2i_view a, struct p2i_view b)
{
    return a.size == b.size && p2i_scan_equals_nocase(a.data, b.data, a.size);
}

static inline bool p2i_view_starts_nocase(struct p2i_view view, struct p2i_view prefix)
{
    return p2i_view_equals_nocase(p2i_view_first(view, prefix.size), prefix);
}

/* Four characters as one number, for `switch`. */
#define P2I_WORD(a, b, c, d)                                                                       \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* A name of three letters (the fourth is then 0) or four, in upper case, as P2I_WORD(); 0 for one
 * of another size. No other byte becomes a letter. */
static inline uint32_t p2i_word_of(struct p2i_view name)
{
    if (name.size != 3 && name.size != 4) {
        return 0;
    }
    uint8_t fourth = name.size == 4 ? name.data[3] : 0;
    return P2I_WORD(name.data[0], name.data[1], name.data[2], fourth) & UINT32_C(0xdfdfdfdf);
}

/* ---- Blanks at the ends ---- */

/* The view without p2i_is_space() bytes at both ends. */
static inline struct p2i_view p2i_view_trim(struct p2i_view view)
{
    while (view.size > 0 && p2i_is_space(view.data[0])) {
        view.data++;
        view.size--;
    }
    while (view.size > 0 && p2i_is_space(view.data[view.size - 1])) {
        view.size--;
    }
    return view;
}

/* The view without spaces and tabs at both ends; line ends stay. */
static inline struct p2i_view p2i_view_trim_blanks(struct p2i_view view)
{
    while (view.size > 0 && p2i_is_blank(view.data[0])) {
        view.data++;
        view.size--;
    }
    while (view.size > 0 && p2i_is_blank(view.data[view.size - 1])) {
        view.size--;
    }
    return view;
}

/* ---- Numbers ---- */

/* Number of decimal digits at the start. */
static inline size_t p2i_digits(struct p2i_view text)
{
    size_t count = 0;
    while (count < text.size && p2i_is_digit(text.data[count])) {
        count++;
    }
    return count;
}

/* Reads the decimal number at the start of `text` and returns the number of its digits. Returns 0,
 * and leaves `*number` as it was, when there is no digit or the number is above `most`. */
static inline size_t p2i_take_decimal(struct p2i_view text, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    size_t count = 0;
    for (; count < text.size && p2i_is_digit(text.data[count]); count++) {
        unsigned digit = text.data[count] - (unsigned)'0';
        if (digit > most || value > (most - digit) / 10) {
            return 0;
        }
        value = value * 10 + digit;
    }
    if (count > 0) {
        *number = value;
    }
    return count;
}

/* Reads `text` as one decimal number. Returns false, and leaves `*number` as it was, when it is
 * empty, has another byte than digits, or is above `most`. */
static inline bool p2i_parse_decimal(struct p2i_view text, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    if (text.size == 0 || p2i_take_decimal(text, most, &value) != text.size) {
        return false;
    }
    *number = value;
    return true;
}

/* Value of a hexadecimal digit of either case; -1 for any other byte. */
static inline int p2i_hex_value(uint8_t byte)
{
    uint8_t lower = p2i_lower(byte);
    if (p2i_is_digit(byte)) {
        return byte - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Hexadecimal digit, in lower case, of the low four bits. */
static inline uint8_t p2i_hex_digit(unsigned value)
{
    return (uint8_t) "0123456789abcdef"[value & 15];
}

/* Writes the two hexadecimal digits of a byte; returns the place behind them. */
static inline uint8_t *p2i_put_hex(uint8_t *at, uint8_t byte)
{
    at[0] = p2i_hex_digit(byte >> 4U);
    at[1] = p2i_hex_digit(byte);
    return at + 2;
}

/* Writes a byte as `\xHH`; returns the place behind it. */
static inline uint8_t *p2i_put_hex_escape(uint8_t *at, uint8_t byte)
{
    at[0] = '\\';
    at[1] = 'x';
    return p2i_put_hex(at + 2, byte);
}

#endif
