/* SPDX-License-Identifier: MIT */
#include "rewrite/text.h"

#include "base/ascii.h"

struct p2i_bytes p2i_line_of(struct p2i_bytes span)
{
    size_t size = 0;
    while (size < span.size && span.data[size] != '\n' && span.data[size] != 0) {
        size++;
    }
    if (size < span.size && span.data[size] == '\n') {
        return p2i_span_first(span, size + 1);
    }
    while (size < span.size && span.data[size] == 0) {
        size++;
    }
    return p2i_span_first(span, size);
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

bool p2i_is_listed(struct p2i_bytes word, const char *list)
{
    struct p2i_view view = p2i_span_view(word);
    while (*list != '\0' && word.size > 0) {
        size_t size = strcspn(list, " ");
        if (size == view.size && p2i_view_equals_nocase(view, p2i_view_of(list, size))) {
            return true;
        }
        list += size + (list[size] == ' ');
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
        if (end > at && p2i_is_listed(p2i_span_of(span.data + at, end - at), kept)) {
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

/* Reads a number of the list from *at on, and moves *at behind it and its comma. Returns its
 * digits; 0: there is none. */
static size_t take_number(struct p2i_bytes span, size_t *at, uint8_t *number)
{
    enum { DIGITS_MAX = 3 };
    uint64_t value = 0;
    struct p2i_view rest = p2i_view_from(p2i_span_view(span), *at);
    size_t digits = p2i_take_decimal(rest, UINT8_MAX, &value);
    if (digits == 0 || digits > DIGITS_MAX) {
        return 0;
    }
    *number = (uint8_t)value;
    *at += digits;
    if (*at < span.size && span.data[*at] == ',') {
        do {
            ++*at;
        } while (*at < span.size && p2i_is_blank(span.data[*at]));
    }
    return digits;
}

void p2i_write_numbers(struct p2i_writing *writing, struct p2i_bytes span, size_t first)
{
    enum { BEHIND = 5 }; /* the size of a port, and its bytes */
    uint8_t address[4] = {0};
    struct p2i_bytes places[4] = {0};
    size_t number = 0;
    size_t at = 0;
    while (number < first + 4 + BEHIND) {
        uint8_t value;
        size_t begin = at;
        size_t digits = take_number(span, &at, &value);
        if (digits == 0) {
            break;
        }
        if (number >= first && number < first + 4) {
            address[number - first] = value;
            places[number - first] = p2i_span_of(span.data + begin, digits);
        }
        number++;
    }
    if (number < first + 4 || number == first + 4 + BEHIND || writing->words == NULL) {
        p2i_write_text(writing, span); /* none, or of IPv6 */
        return;
    }
    p2i_substitute_ipv4(writing->words, address);
    for (size_t i = 0; i < 4; i++) {
        put_decimal(places[i].data, places[i].size, address[i]);
    }
    p2i_write_text(writing, p2i_span_from(span, at));
}

/* "audio 4000/2 RTP/AVP 0 8": the port stays, and the types of payload (RFC 3551 section 6). */
static void write_sdp_media(struct p2i_writing *writing, struct p2i_bytes value)
{
    enum { PORT_DIGITS = 5, TYPE_DIGITS = 3 };
    size_t number = 0;
    while (value.size > 0) {
        struct p2i_bytes word = p2i_first_word(value);
        size_t digits = p2i_digits(p2i_span_view(word));
        bool stays = number == 1 ? digits <= PORT_DIGITS : number > 2 && digits <= TYPE_DIGITS;
        if (!stays || digits < word.size) {
            p2i_write_text_but(writing, word,
                               "audio video text image message application rtp/avp rtp/savp "
                               "rtp/avpf rtp/savpf udp/tls/rtp/savpf udp/tls/rtp/savp tcp/tls "
                               "tcp/rtp/avp udptl udp tcp t38");
        }
        number += word.size > 0;
        value = p2i_span_from(value, word.size + 1);
    }
}

void p2i_write_sdp_line(struct p2i_writing *writing, struct p2i_bytes line)
{
    uint8_t type = line.size > 1 && line.data[1] == '=' ? line.data[0] : 0;
    struct p2i_bytes value = p2i_line_content(p2i_span_from(line, 2));
    switch (type) {
    case 'm':
        write_sdp_media(writing, value);
        break;
    case 'c':
    case 'o':
        p2i_write_text_but(writing, value, "in ip4 ip6");
        break;
    case 'k':
        p2i_write_secret(writing, value);
        break;
    case 'a':
        p2i_write_text_but(writing, value,
                           "sendrecv sendonly recvonly inactive rtcp-mux in ip4 ip6 udp tcp");
        break;
    case 0:
        p2i_write_text(writing, p2i_line_content(line));
        break;
    default: /* the letter says what the line is */
        if (type != 'v' || !p2i_is_listed(value, "0")) {
            p2i_write_text(writing, value);
        }
        break;
    }
}
