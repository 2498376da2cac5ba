/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259): structure and literals stay, and listed names of members and commands. Strings
 * and numbers are substituted, strings with their escapes decoded. Anything else is no JSON, and is
 * overwritten. */
#include <stdlib.h>

#include "base/ascii.h"
#include "pcap2ipfix/utf8.h"
#include "rewrite/text.h"

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

/* Size of the other escape at `at`; what is behind the backslash is overwritten if it is none. */
static size_t write_short_escape(struct p2i_writing *writing, struct p2i_bytes text, size_t at)
{
    struct p2i_bytes letter = p2i_span_first(p2i_span_from(text, at + 1), 1);
    if (letter.size > 0 && memchr("\"\\/bfnrtu", letter.data[0], 9) == NULL) {
        p2i_write_letters(writing, letter);
    }
    return 1 + letter.size;
}

/* A run without escapes. Control characters are wrong in it, and stay wrong. */
static void write_run(struct p2i_writing *writing, struct p2i_bytes run)
{
    p2i_write_text(writing, run);
    for (size_t i = 0; writing->words != NULL && i < run.size; i++) {
        run.data[i] = run.data[i] < ' ' ? 0x1f : run.data[i];
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
        write_run(writing, p2i_span_of(text.data + at, end - at));
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
        at += count > 0 ? 6 * count : at < text.size ? write_short_escape(writing, text, at) : 0;
    }
    free(points);
}

/* Names of members that stay, and their values where these say what a message is. */
static void write_name(struct p2i_writing *writing, struct p2i_bytes name)
{
    if (!p2i_is_listed(
            name, "command type codec seq success error username password auth_token "
                  "refresh_token channel channels status users_online from for text message_id "
                  "stream_id packet_duration codec_header images_supported texting_supported "
                  "locations_supported id code version event data message")) {
        write_escaped(writing, name);
    }
}

static void write_string(struct p2i_writing *writing, struct p2i_bytes name, struct p2i_bytes text)
{
    if (p2i_is_listed(name, "password auth_token refresh_token") && writing->redacts) {
        p2i_write_secret(writing, text);
        return;
    }
    bool stays = p2i_is_listed(name, "command type codec") &&
                 p2i_is_listed(text, "logon send_text_message on_text_message on_channel_status "
                                     "on_stream_start on_stream_stop start_stream stop_stream "
                                     "send_image on_image send_location on_location on_error audio "
                                     "opus text message");
    if (!stays) {
        write_escaped(writing, text);
    }
}

/* Digits become digits, and no zero in front of others. Returns the size of the number. */
static size_t write_number(struct p2i_writing *writing, struct p2i_bytes span)
{
    size_t at = span.data[0] == '-';
    while (at < span.size) {
        size_t digits = p2i_digits(p2i_view_from(p2i_span_view(span), at));
        if (digits > 0) {
            bool zero = span.data[at] == '0';
            p2i_write_text(writing, p2i_span_of(span.data + at, digits));
            if (!zero && span.data[at] == '0') {
                span.data[at] = '1';
            }
            at += digits;
        } else if (at + 1 < span.size && memchr(".eE", span.data[at], 3) != NULL &&
                   (p2i_is_digit(span.data[at + 1]) || span.data[at + 1] == '-' ||
                    span.data[at + 1] == '+')) {
            at += span.data[at] == '.' || p2i_is_digit(span.data[at + 1]) ? 1 : 2;
        } else {
            break;
        }
    }
    return at;
}

/* What is outside of strings. Returns the size of what was handled. */
static size_t write_other(struct p2i_writing *writing, struct p2i_bytes span)
{
    static const char *const literals[] = {"true", "false", "null"};
    uint8_t byte = span.data[0];
    if (p2i_is_space(byte) || memchr("{}[]:,", byte, 6) != NULL) {
        return 1;
    }
    if (p2i_is_digit(byte) || byte == '-') {
        return write_number(writing, span);
    }
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        if (p2i_span_starts(span, p2i_view_of(literals[i], strlen(literals[i])))) {
            return strlen(literals[i]);
        }
    }
    p2i_write_letters(writing, p2i_span_first(span, 1));
    return 1;
}

void p2i_write_json(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_bytes name = {0};
    size_t at = 0;
    while (at < span.size) {
        if (span.data[at] != '"') {
            at += write_other(writing, p2i_span_from(span, at));
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
            name = text;
            write_name(writing, text);
        } else {
            write_string(writing, name, text);
        }
        at = behind;
    }
}
