/* SPDX-License-Identifier: MIT */
#include "rewrite/text.h"

#include "base/ascii.h"

struct p2i_bytes p2i_line_of(struct p2i_bytes span)
{
    struct p2i_view view = p2i_span_view(span);
    size_t end = p2i_view_find(view, '\n');
    size_t hole = p2i_view_find(p2i_view_first(view, end), 0);
    if (hole < end) {
        while (hole < end && span.data[hole] == 0) {
            hole++;
        }
        return p2i_span_first(span, hole);
    }
    return p2i_span_first(span, end + (end < span.size));
}

struct p2i_bytes p2i_line_content(struct p2i_bytes line)
{
    while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r' ||
                             line.data[line.size - 1] == 0)) {
        line.size--;
    }
    return line;
}

struct p2i_bytes p2i_first_word(struct p2i_bytes line)
{
    size_t end = 0;
    while (end < line.size && !p2i_is_space(line.data[end])) {
        end++;
    }
    return p2i_span_first(line, end);
}

bool p2i_span_starts_nocase(struct p2i_bytes span, struct p2i_view prefix)
{
    return p2i_view_starts_nocase(p2i_span_view(span), prefix);
}

static bool ends_word(uint8_t byte)
{
    return p2i_is_space(byte) || memchr("()<>[]{},;\"", byte, 11) != NULL;
}

/* True when `kept` has the word, with blanks around it. */
static bool is_kept(struct p2i_bytes word, const char *kept)
{
    struct p2i_view view = p2i_span_view(word);
    for (const char *at = kept; *at != '\0'; at++) {
        struct p2i_view rest = p2i_view_of(at + 1, strlen(at + 1));
        if (*at == ' ' && p2i_view_starts_nocase(rest, view) && rest.size > view.size &&
            rest.data[view.size] == ' ') {
            return true;
        }
    }
    return false;
}

void p2i_write_text_but(struct p2i_writing *writing, struct p2i_bytes span, const char *kept)
{
    size_t from = 0;
    size_t at = 0;
    while (at < span.size) {
        size_t end = at;
        while (end < span.size && !ends_word(span.data[end])) {
            end++;
        }
        if (end > at && is_kept(p2i_span_of(span.data + at, end - at), kept)) {
            p2i_write_text(writing, p2i_span_of(span.data + from, at - from));
            from = end;
        }
        at = end > at ? end : at + 1;
    }
    p2i_write_text(writing, p2i_span_from(span, from));
}

/* Writes a number over as many digits. */
static void put_decimal(uint8_t *at, size_t size, unsigned number)
{
    for (size_t i = size; i-- > 0; number /= 10) {
        at[i] = (uint8_t)('0' + number % 10);
    }
}

void p2i_write_numbers(struct p2i_writing *writing, struct p2i_bytes span, size_t first)
{
    uint8_t address[4] = {0};
    struct p2i_bytes places[4] = {0};
    size_t number = 0;
    size_t at = 0;
    while (at < span.size && number < first + 4) {
        struct p2i_bytes rest = p2i_span_from(span, at);
        uint64_t value;
        size_t digits = p2i_take_decimal(p2i_span_view(rest), UINT8_MAX, &value);
        if (digits == 0) {
            return;
        }
        if (number >= first) {
            address[number - first] = (uint8_t)value;
            places[number - first] = p2i_span_first(rest, digits);
        }
        number++;
        at += digits;
        at += at < span.size && span.data[at] == ',';
    }
    if (number < first + 4 || writing->words == NULL) {
        return;
    }
    p2i_substitute_ipv4(writing->words, address);
    for (size_t i = 0; i < 4; i++) {
        put_decimal(places[i].data, places[i].size, address[i]);
    }
}

void p2i_write_sdp_line(struct p2i_writing *writing, struct p2i_bytes line)
{
    uint8_t type = line.size > 1 && line.data[1] == '=' ? line.data[0] : 0;
    struct p2i_bytes value = p2i_line_content(p2i_span_from(line, 2));
    switch (type) {
    case 'v':
    case 't':
    case 'm':
    case 'b':
    case 'r':
        break;
    case 'c':
    case 'o':
        p2i_write_text_but(writing, value, " in ip4 ip6 ");
        break;
    case 'k':
        p2i_write_secret(writing, value);
        break;
    case 'a': {
        size_t colon = p2i_view_find(p2i_span_view(value), ':');
        bool codec = p2i_span_starts(value, P2I_VIEW("rtpmap:")) ||
                     p2i_span_starts(value, P2I_VIEW("fmtp:")) ||
                     p2i_span_starts(value, P2I_VIEW("ptime:"));
        if (!codec) {
            p2i_write_text_but(writing, p2i_span_from(value, colon + 1), " in ip4 ip6 udp tcp ");
        }
        break;
    }
    default:
        p2i_write_text(writing, p2i_line_content(line));
        break;
    }
}
