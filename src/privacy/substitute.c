/* SPDX-License-Identifier: MIT */
#include "privacy/substitute.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "pcap2ipfix/utf8.h"
#include "privacy/substitute_internal.h"

struct p2i_substitution *p2i_substitution_new(const uint8_t key[P2I_CRYPTO_PAN_KEY])
{
    struct p2i_substitution *substitution = calloc(1, sizeof *substitution);
    if (substitution == NULL) {
        return NULL;
    }
    substitution->pan = p2i_crypto_pan_new(key);
    if (substitution->pan == NULL) {
        free(substitution);
        return NULL;
    }
    return substitution;
}

void p2i_substitution_free(struct p2i_substitution *substitution)
{
    if (substitution != NULL) {
        p2i_crypto_pan_free(substitution->pan);
        free(substitution->points.list);
        free(substitution);
    }
}

bool p2i_substitution_failed(const struct p2i_substitution *substitution)
{
    return substitution->failed;
}

uint64_t p2i_substitution_number(struct p2i_substitution *substitution, uint64_t number)
{
    uint64_t mapped = 0;
    if (!p2i_crypto_pan_number(substitution->pan, number, &mapped)) {
        substitution->failed = true;
    }
    return mapped;
}

/* ---- Classes of characters ---- */

/* Characters that replace each other: `count` of them from `first` on. */
struct letters {
    uint32_t first, count;
};

/* Ranges whose characters exist in all charsets that have one of them, apart from the blocks of 64
 * code points that class_of() falls back to. */
static const struct letters classes[] = {
    {'0', 10},   {'A', 26},   {'a', 26},       {0xc0, 23},      {0xd8, 7},
    {0xdf, 24},  {0xf8, 8},   {0x391, 17},     {0x3b1, 17},     {0x410, 32},
    {0x430, 32}, {0x5d0, 27}, {0x4e00, 20902}, {0xac00, 11172}, {P2I_POINT_INVALID, 256},
};

static struct letters class_of(uint32_t point)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (point - classes[i].first < classes[i].count) {
            return classes[i];
        }
    }
    return (struct letters){point & ~UINT32_C(63), 64};
}

/* Letters in pairs of cases count from the same number. */
static uint32_t kind_of(struct letters letters)
{
    return letters.first == 'A' ? 'a' : letters.first == 0x410 ? 0x430 : letters.first;
}

/* Moves each character within its class by a number that depends on those before it, so that a
 * change of one changes all that follow. */
static void shift(struct p2i_substitution *substitution, uint64_t state, uint32_t *points,
                  size_t count, bool backward)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t *point = &points[backward ? count - 1 - i : i];
        struct letters letters = class_of(*point);
        uint32_t value = *point - letters.first;
        *point = letters.first + (uint32_t)((value + state % letters.count) % letters.count);
        state = p2i_substitution_number(substitution, p2i_mix(state, value));
    }
}

/* Both ways: then each character depends on all of them, and the map still is one-to-one among
 * words of the same form. */
static void substitute_word(struct p2i_substitution *substitution, uint32_t *points, size_t count)
{
    uint64_t form = count;
    for (size_t i = 0; i < count; i++) {
        form = p2i_mix(form, kind_of(class_of(points[i])));
    }
    form = p2i_substitution_number(substitution, form);
    shift(substitution, form, points, count, false);
    shift(substitution, ~form, points, count, true);
}

/* ---- Words that stay ---- */

static bool equals(const uint32_t *points, size_t count, const char *word)
{
    size_t i = 0;
    for (; i < count && word[i] != '\0'; i++) {
        if (points[i] >= 0x80 || p2i_lower((uint8_t)points[i]) != (uint8_t)word[i]) {
            return false;
        }
    }
    return i == count && word[i] == '\0';
}

static bool is_scheme(const uint32_t *points, size_t count)
{
    static const char *const schemes[] = {"http", "https", "ftp",  "ftps", "sip",  "sips",
                                          "tel",  "ws",    "wss",  "urn",  "xmpp", "mailto",
                                          "im",   "pres",  "rtsp", "rtmp"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (equals(points, count, schemes[i])) {
            return true;
        }
    }
    return false;
}

/* True when a host name with a dot, or an address, ends in front of `end`. */
static bool ends_host(const uint32_t *points, size_t end)
{
    enum { SIZE_MAX_OF_HOST = 255 };
    size_t least = end > SIZE_MAX_OF_HOST ? end - SIZE_MAX_OF_HOST : 0;
    size_t at = end;
    bool dotted = end > 0 && points[end - 1] == ']';
    while (at > least && (p2i_is_word_point(points[at - 1]) || points[at - 1] == '-' ||
                          (points[at - 1] == '.' && at < end))) {
        at--;
        dotted = dotted || points[at] == '.';
    }
    return dotted;
}

/* Digits behind a host and a colon, which end there. Behind a user and a colon there is a password,
 * and behind other words anything. */
static bool is_port(const uint32_t *points, size_t count, size_t begin, size_t end)
{
    enum { DIGITS = 5, PORT_MAX = 65535 };
    if (begin < 2 || end - begin > DIGITS || points[begin - 1] != ':' ||
        !ends_host(points, begin - 1)) {
        return false;
    }
    uint32_t number = 0;
    for (size_t i = begin; i < end; i++) {
        if (points[i] < '0' || points[i] > '9') {
            return false;
        }
        number = number * 10 + (points[i] - '0');
    }
    return number <= PORT_MAX &&
           (end == count || (points[end] != '@' && points[end] != ':' && points[end] != '.'));
}

void p2i_substitute_points(struct p2i_substitution *substitution, uint32_t *points, size_t count)
{
    size_t at = 0;
    while (at < count) {
        size_t behind = p2i_substitute_literal(substitution, points, count, at);
        if (behind > at) {
            at = behind;
            continue;
        }
        size_t end = at;
        while (end < count && p2i_is_word_point(points[end])) {
            end++;
        }
        bool stays = (end < count && points[end] == ':' && is_scheme(points + at, end - at)) ||
                     is_port(points, count, at, end);
        if (end > at && !stays) {
            substitute_word(substitution, points + at, end - at);
        }
        at = end > at ? end : at + 1;
    }
}

/* ---- UTF-8 ---- */

static bool reserve(struct p2i_substitution *substitution, size_t count)
{
    struct p2i_points *points = &substitution->points;
    if (count > points->capacity) {
        uint32_t *list = realloc(points->list, count * sizeof *list);
        if (list == NULL) {
            substitution->failed = true;
            return false;
        }
        points->list = list;
        points->capacity = count;
    }
    return true;
}

/* Bytes of the character at `text`, and its code point. */
static size_t read_point(struct p2i_view text, uint32_t *point)
{
    uint8_t first = text.data[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 1 || size > text.size || p2i_utf8_sequence(text) != size) {
        *point = first < 0x80 ? first : (uint32_t)P2I_POINT_INVALID + first;
        return 1;
    }
    *point = first & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        *point = *point << 6 | (text.data[i] & 0x3f);
    }
    return size;
}

static size_t size_of_point(uint32_t point)
{
    return point < 0x80 || point >= P2I_POINT_INVALID ? 1
           : point < 0x800                            ? 2
           : point < 0x10000                          ? 3
                                                      : 4;
}

static void write_point(uint8_t *text, uint32_t point)
{
    if (point >= P2I_POINT_INVALID) {
        *text = (uint8_t)(0xf8 | point); /* never part of UTF-8 */
        return;
    }
    size_t size = size_of_point(point);
    for (size_t i = size; i-- > 1; point >>= 6) {
        text[i] = (uint8_t)(0x80 | (point & 0x3f));
    }
    text[0] = (uint8_t)(size == 1 ? point : (0xf00U >> size & 0xff) | point);
}

void p2i_substitute_text(struct p2i_substitution *substitution, uint8_t *text, size_t size)
{
    if (!reserve(substitution, size)) {
        return;
    }
    uint32_t *points = substitution->points.list;
    size_t count = 0;
    for (struct p2i_view rest = p2i_view_of(text, size); rest.size > 0; count++) {
        rest = p2i_view_from(rest, read_point(rest, &points[count]));
    }
    p2i_substitute_points(substitution, points, count);
    for (size_t i = 0; i < count; i++) {
        write_point(text, points[i]);
        text += size_of_point(points[i]);
    }
}

/* ---- Filler ---- */

static void fill(struct p2i_substitution *substitution, uint64_t salt, uint8_t *bytes, size_t size,
                 bool letters)
{
    if (size == 0) {
        return;
    }
    uint64_t seed = p2i_substitution_number(substitution, salt);
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++) {
        word = i % 8 == 0 ? p2i_mix(seed, i / 8) : word >> 8;
        bytes[i] = letters ? (uint8_t)('a' + (word & 0xff) % 26) : (uint8_t)(0xc0 | word);
    }
}

void p2i_fill_binary(struct p2i_substitution *substitution, uint64_t salt, uint8_t *bytes,
                     size_t size)
{
    fill(substitution, salt, bytes, size, false);
}

void p2i_fill_letters(struct p2i_substitution *substitution, uint64_t salt, uint8_t *bytes,
                      size_t size)
{
    fill(substitution, salt, bytes, size, true);
}
