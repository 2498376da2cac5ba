/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/utf8.h"

#include "base/ascii.h"
#include "base/scan.h"

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

size_t p2i_utf8_clean(struct p2i_view in, uint8_t *out, size_t limit, bool *escaped, bool *cut)
{
    size_t written = 0;
    *escaped = false;
    while (in.size > 0) {
        size_t ascii = p2i_scan_copy_ascii(p2i_view_first(in, limit - written), out + written);
        written += ascii;
        in = p2i_view_from(in, ascii);
        /* Other characters seldom stand alone: some bytes are taken one by one. */
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
