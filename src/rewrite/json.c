/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259): names of members, numbers and literals stay, strings are substituted, with their
 * escapes decoded. Values that name commands stay. */
#include <stdlib.h>

#include "base/ascii.h"
#include "pcap2ipfix/utf8.h"
#include "rewrite/internal.h"

/* Size of the string at the start of `span`, without quotes. */
static size_t string_size(struct p2i_bytes span)
{
    size_t at = 0;
    while (at < span.size && span.data[at] != '"') {
        at += span.data[at] == '\\' ? 2 : 1;
    }
    return at < span.size ? at : span.size;
}

/* "\uXXXX" at `at`; -1: none. */
static int32_t read_escape(struct p2i_bytes text, size_t at)
{
    uint32_t point = 0;
    if (at + 6 > text.size || text.data[at] != '\\' || text.data[at + 1] != 'u') {
        return -1;
    }
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = p2i_hex_value(text.data[i]);
        if (digit < 0) {
            return -1;
        }
        point = point * 16 + (uint32_t)digit;
    }
    return (int32_t)point;
}

static void put_escape(uint8_t *at, uint32_t point)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 4; i++) {
        at[2 + i] = (uint8_t)digits[point >> (12 - 4 * i) & 15];
    }
}

/* Substitutes the runs between escapes, and escaped characters as words of their own run. */
static void write_escaped(struct p2i_writing *writing, struct p2i_bytes text)
{
    uint32_t *points = calloc(text.size + 1, sizeof *points);
    if (points == NULL) {
        writing->out_of_memory = true;
        return;
    }
    size_t at = 0;
    while (at < text.size) {
        size_t end = at;
        while (end < text.size && text.data[end] != '\\') {
            end++;
        }
        p2i_write_text(writing, p2i_span_of(text.data + at, end - at));
        at = end;
        size_t count = 0;
        for (int32_t point = read_escape(text, at); point >= 0;
             point = read_escape(text, at + 6 * count)) {
            points[count++] = (uint32_t)point;
        }
        if (count > 0 && writing->words != NULL) {
            p2i_substitute_points(writing->words, points, count);
            for (size_t i = 0; i < count; i++) {
                put_escape(text.data + at + 6 * i, points[i] & 0xffff);
            }
        }
        at += count > 0 ? 6 * count : at < text.size ? 2 : 0;
    }
    free(points);
}

static bool is_kept(struct p2i_view name)
{
    return p2i_view_equals(name, P2I_VIEW("command")) || p2i_view_equals(name, P2I_VIEW("type")) ||
           p2i_view_equals(name, P2I_VIEW("codec"));
}

void p2i_write_json(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_view name = {0};
    size_t at = 0;
    while (at < span.size) {
        if (span.data[at] != '"') {
            at++;
            continue;
        }
        struct p2i_bytes text = p2i_span_from(span, at + 1);
        text = p2i_span_first(text, string_size(text));
        size_t behind = at + 1 + text.size + 1;
        size_t next = behind;
        while (next < span.size && p2i_is_space(span.data[next])) {
            next++;
        }
        if (next < span.size && span.data[next] == ':') {
            name = p2i_span_view(text);
        } else if (writing->redacts && p2i_view_equals(name, P2I_VIEW("password"))) {
            p2i_write_secret(writing, text);
        } else if (!is_kept(name)) {
            write_escaped(writing, text);
        }
        at = behind;
    }
}
