/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/utf8.h"

#include "base/ascii.h"

enum { WORD = 8, ESCAPE_SIZE = 4 };

size_t p2i_utf8_sequence(struct p2i_view view)
{
    if (view.size == 0) {
        return 0;
    }
    uint8_t lead = view.data[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (view.size < size) {
        return 0;
    }
    /* The second byte is where overlong forms, surrogates and too large numbers show. */
    uint8_t least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (view.data[1] < least || view.data[1] > most) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if ((view.data[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

/* Copies one word if it is ASCII. */
static bool copy_ascii_word(const uint8_t *in, uint8_t *out)
{
    uint64_t word;
    memcpy(&word, in, WORD);
    if ((word & UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    memcpy(out, &word, WORD);
    return true;
}

/* Copies ASCII from `in`; stops in front of a word, or a byte of the last few, that has something
 * else. Returns how much. */
static size_t copy_ascii(struct p2i_view in, uint8_t *out, size_t room)
{
    size_t size = in.size < room ? in.size : room;
    size_t at = 0;
    while (size - at >= WORD && copy_ascii_word(in.data + at, out + at)) {
        at += WORD;
    }
    if (size - at >= WORD) {
        return at;
    }
    if (at > 0 && copy_ascii_word(in.data + size - WORD, out + size - WORD)) {
        return size; /* the last word overlaps the one before */
    }
    for (; at < size && in.data[at] < 0x80; at++) {
        out[at] = in.data[at];
    }
    return at;
}

size_t p2i_utf8_clean(struct p2i_view in, uint8_t *out, size_t limit, bool *escaped, bool *cut)
{
    size_t written = 0;
    *escaped = false;
    while (in.size > 0) {
        size_t ascii = copy_ascii(in, out + written, limit - written);
        written += ascii;
        in = p2i_view_from(in, ascii);
        /* One word that is not all ASCII, or the last few bytes: character by character. */
        for (size_t end = in.size > WORD ? in.size - WORD : 0; in.size > end;) {
            size_t size = p2i_utf8_sequence(in);
            size_t wanted = size > 0 ? size : ESCAPE_SIZE;
            if (wanted > limit - written) {
                *cut = true;
                return written;
            }
            if (size > 0) {
                memcpy(out + written, in.data, size);
            } else {
                p2i_put_hex_escape(out + written, in.data[0]);
                *escaped = true;
                size = 1;
            }
            written += wanted;
            in = p2i_view_from(in, size);
        }
    }
    *cut = false;
    return written;
}

size_t p2i_utf8_control(struct p2i_view view)
{
    uint8_t first = view.data[0];
    uint8_t second = view.size > 1 ? view.data[1] : 0;
    uint8_t third = view.size > 2 ? view.data[2] : 0;
    if (first < 0x80) {
        return first < 0x20 || first == 0x7f;
    }
    if (first < 0xe0) {
        bool c1 = first == 0xc2 && second < 0xa0;
        bool arabic_mark = first == 0xd8 && second == 0x9c;
        return c1 || arabic_mark ? 2 : 0;
    }
    if (first != 0xe2) {
        return 0;
    }
    bool mark = second == 0x80 && (third == 0x8e || third == 0x8f);
    bool separator_or_embedding = second == 0x80 && third >= 0xa8 && third <= 0xae;
    bool isolate = second == 0x81 && third >= 0xa6 && third <= 0xa9;
    return mark || separator_or_embedding || isolate ? 3 : 0;
}
