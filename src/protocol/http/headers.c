/* SPDX-License-Identifier: MIT */
#include "protocol/http/headers.h"

#include "base/ascii.h"

size_t p2i_line_ends(struct p2i_view bytes)
{
    size_t count = 0;
    while (count < bytes.size && (bytes.data[count] == '\r' || bytes.data[count] == '\n')) {
        count++;
    }
    return count;
}

size_t p2i_line_before(struct p2i_view bytes, size_t at)
{
    size_t from = at > P2I_LINE_MAX ? at - P2I_LINE_MAX : 0;
    const uint8_t *end = at > from ? memrchr(bytes.data + from, '\n', at - from) : NULL;
    return end != NULL ? (size_t)(end - bytes.data) + 1 : from;
}

enum p2i_match p2i_match_header(struct p2i_view bytes)
{
    enum { NAME_MAX = 64 };
    size_t size = 0;
    while (size < bytes.size && size < NAME_MAX && p2i_is_token_char(bytes.data[size])) {
        size++;
    }
    if (size == bytes.size) {
        return P2I_MATCH_MORE;
    }
    return size > 0 && bytes.data[size] == ':' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

enum p2i_match p2i_match_line_end(struct p2i_view bytes)
{
    /* Limited, because this runs again for every segment until the line ends. */
    enum { BLANKS_MAX = 64 };
    size_t size = 0;
    while (size < bytes.size && size < BLANKS_MAX &&
           (p2i_is_blank(bytes.data[size]) || bytes.data[size] == '\r')) {
        size++;
    }
    if (size == BLANKS_MAX) {
        return P2I_MATCH_NO;
    }
    if (size == bytes.size) {
        return P2I_MATCH_MORE;
    }
    return bytes.data[size] == '\n' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

enum p2i_match p2i_match_status(struct p2i_view rest, bool whole, uint16_t *status)
{
    size_t blanks = 0;
    while (blanks < rest.size && p2i_is_blank(rest.data[blanks])) {
        blanks++;
    }
    struct p2i_view code = p2i_view_first(p2i_view_from(rest, blanks), 4);
    unsigned number = 0;
    for (size_t i = 0; i < 3 && i < code.size; i++) {
        if (blanks == 0 || !p2i_is_digit(code.data[i])) {
            return P2I_MATCH_NO;
        }
        number = number * 10 + (unsigned)(code.data[i] - '0');
    }
    if (code.size == 4 && !p2i_is_blank(code.data[3]) && code.data[3] != '\r') {
        return P2I_MATCH_NO;
    }
    if (!whole) {
        return P2I_MATCH_MORE;
    }
    if (code.size < 3 || number < 100) {
        return P2I_MATCH_NO;
    }
    *status = (uint16_t)number;
    return P2I_MATCH_YES;
}

/* Bytes of the header at the start of `lines`, last line end included; sets `first` to those of
 * its first line. 0: not complete. */
static size_t header_size(struct p2i_view lines, size_t *first)
{
    size_t size = 0;
    do {
        struct p2i_view rest = p2i_view_from(lines, size);
        size_t end = p2i_view_find(rest, '\n');
        if (end == rest.size) {
            break;
        }
        size += end + 1;
        *first = *first > 0 ? *first : size;
    } while (size < lines.size && p2i_is_blank(lines.data[size]));
    return size;
}

bool p2i_next_header(struct p2i_view *lines, struct p2i_header *header)
{
    for (;;) {
        size_t first = 0;
        size_t size = header_size(*lines, &first);
        if (size == 0 || p2i_line_ends_head(p2i_view_first(*lines, first - 1))) {
            return false;
        }
        struct p2i_view whole = p2i_view_first(*lines, size);
        *lines = p2i_view_from(*lines, size);
        size_t colon = p2i_view_find(p2i_view_first(whole, first), ':');
        if (colon < first) {
            header->name = p2i_view_trim(p2i_view_first(whole, colon));
            header->value = p2i_view_trim(p2i_view_from(whole, colon + 1));
            return true;
        }
    }
}

struct p2i_view p2i_unfold(struct p2i_view value, uint8_t **scratch)
{
    size_t end = p2i_view_find(value, '\n');
    if (end == value.size || scratch == NULL) {
        return p2i_view_trim(p2i_view_first(value, end));
    }
    uint8_t *const begin = *scratch;
    while (value.size > 0) {
        end = p2i_view_find(value, '\n');
        struct p2i_view line = p2i_view_trim(p2i_view_first(value, end));
        value = p2i_view_from(value, end + 1);
        if (line.size > 0) {
            if (*scratch > begin) {
                *(*scratch)++ = ' ';
            }
            memcpy(*scratch, line.data, line.size);
            *scratch += line.size;
        }
    }
    return p2i_view_of(begin, (size_t)(*scratch - begin));
}

bool p2i_read_decimal(struct p2i_view text, uint64_t *number)
{
    if (text.size == 0 || p2i_digits(text) < text.size) {
        return false;
    }
    if (!p2i_parse_decimal(text, UINT64_MAX, number)) {
        *number = UINT64_MAX;
    }
    return true;
}
