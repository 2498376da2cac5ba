/* SPDX-License-Identifier: MIT */
/* Helpers of recognisers. Over TCP a probe judges only the first P2I_RECOGNISE_BYTES bytes, so
 * that its answer does not depend on how the stream was cut. */
#ifndef P2I_PROTOCOL_RECOGNISE_BYTES_H
#define P2I_PROTOCOL_RECOGNISE_BYTES_H

#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "protocol/protocol.h"
#include "protocol/stream.h"

/* The answer when the bytes fit but are too few. */
static inline enum p2i_match p2i_want_more(struct p2i_view bytes)
{
    return bytes.size < P2I_RECOGNISE_BYTES ? P2I_MATCH_MORE : P2I_MATCH_NO;
}

/* YES when the bytes begin with `head`, MORE when they may once more have come. */
static inline enum p2i_match p2i_begins(struct p2i_view bytes, struct p2i_view head)
{
    size_t size = bytes.size < head.size ? bytes.size : head.size;
    bool may = size == 0 || bytes.data[0] == head.data[0]; /* decides most cases without a call */
    if (!may || (size > 0 && memcmp(bytes.data, head.data, size) != 0)) {
        return P2I_MATCH_NO;
    }
    return size == head.size ? P2I_MATCH_YES : P2I_MATCH_MORE;
}

/* Returns the better of two answers. */
static inline enum p2i_match p2i_either(enum p2i_match a, enum p2i_match b)
{
    return a > b ? a : b;
}

/* Reads the first line without its end (LF or CR LF). MORE or NO if it does not end in time. */
static inline enum p2i_match p2i_first_line(struct p2i_view bytes, struct p2i_view *line)
{
    *line = p2i_view_first(bytes, P2I_RECOGNISE_BYTES);
    size_t end = p2i_view_find(*line, '\n');
    if (end == line->size) {
        return p2i_want_more(bytes);
    }
    *line = p2i_view_first(*line, end);
    if (end > 0 && line->data[end - 1] == '\r') {
        line->size--;
    }
    return P2I_MATCH_YES;
}

/* True when `word` is anywhere in `text`, ignoring case. */
static inline bool p2i_has_word(struct p2i_view text, struct p2i_view word)
{
    for (; text.size >= word.size; text = p2i_view_from(text, 1)) {
        if (p2i_view_starts_nocase(text, word)) {
            return true;
        }
    }
    return false;
}

/* True when `byte` is in the string constant `set`. */
static inline bool p2i_is_one_of(uint8_t byte, const char *set)
{
    for (; *set != '\0'; set++) {
        if (byte == (uint8_t)*set) {
            return true;
        }
    }
    return false;
}

/* True when all bytes are printable ASCII. */
static inline bool p2i_is_printable(struct p2i_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

/* True when the bytes are, as far as they go, a NetBIOS name in its first-level encoding (RFC
 * 1001 section 14.1): 32 letters from A to P behind their number. */
static inline bool p2i_is_netbios_name(struct p2i_view bytes)
{
    for (size_t i = 0; i < bytes.size && i < 33; i++) {
        if (i == 0 ? bytes.data[i] != 32 : (bytes.data[i] < 'A' || bytes.data[i] > 'P')) {
            return false;
        }
    }
    return true;
}

#endif
