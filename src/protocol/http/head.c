/* SPDX-License-Identifier: MIT */
#include "protocol/http/head.h"

#include "base/ascii.h"
#include "protocol/http/headers.h"

static struct p2i_view part(struct p2i_view bytes, struct p2i_http_span span)
{
    return p2i_view_first(p2i_view_from(bytes, span.at), span.size);
}

/* Guesses the header by the length of its name: all but four differ in length. */
static enum p2i_http_field field_like(struct p2i_view name)
{
    switch (name.size) {
    case 4:
        return P2I_HTTP_HOST;
    case 6:
        return p2i_lower(name.data[0]) == 'e' ? P2I_HTTP_EXPECT : P2I_HTTP_COOKIE;
    case 7:
        return p2i_lower(name.data[0]) == 'u' ? P2I_HTTP_UPGRADE : P2I_HTTP_REFERER;
    case 8:
        return P2I_HTTP_LOCATION;
    case 10:
        return P2I_HTTP_USER_AGENT;
    case 12:
        return P2I_HTTP_CONTENT_TYPE;
    case 14:
        return P2I_HTTP_CONTENT_LENGTH;
    case 17:
        return P2I_HTTP_TRANSFER_ENCODING;
    default:
        return P2I_HTTP_OTHER;
    }
}

/* Reads the name of a header line. P2I_HTTP_OTHER: of no interest; else `text` is set to
 * everything behind the colon, blanks included. */
static enum p2i_http_field read_field(struct p2i_view line, struct p2i_view *text)
{
    static const struct p2i_view names[] = {
        [P2I_HTTP_HOST] = {(const uint8_t *)"host", 4},
        [P2I_HTTP_REFERER] = {(const uint8_t *)"referer", 7},
        [P2I_HTTP_USER_AGENT] = {(const uint8_t *)"user-agent", 10},
        [P2I_HTTP_COOKIE] = {(const uint8_t *)"cookie", 6},
        [P2I_HTTP_CONTENT_TYPE] = {(const uint8_t *)"content-type", 12},
        [P2I_HTTP_LOCATION] = {(const uint8_t *)"location", 8},
        [P2I_HTTP_CONTENT_LENGTH] = {(const uint8_t *)"content-length", 14},
        [P2I_HTTP_TRANSFER_ENCODING] = {(const uint8_t *)"transfer-encoding", 17},
        [P2I_HTTP_UPGRADE] = {(const uint8_t *)"upgrade", 7},
        [P2I_HTTP_EXPECT] = {(const uint8_t *)"expect", 6},
    };
    size_t colon = p2i_view_find(line, ':');
    if (colon == line.size) {
        return P2I_HTTP_OTHER;
    }
    struct p2i_view name = p2i_view_trim(p2i_view_first(line, colon));
    enum p2i_http_field field = field_like(name);
    if (field == P2I_HTTP_OTHER || !p2i_view_equals_nocase(name, names[field])) {
        return P2I_HTTP_OTHER;
    }
    *text = p2i_view_from(line, colon + 1);
    return field;
}

/* ---- the end of the message (RFC 9112 6.3) ---- */

/* The value exactly as RFC 9110 5.5 defines it: without blanks and the CR of the line end.
 * Servers disagree about other bytes to strip, and attackers use that (request smuggling). */
static struct p2i_view strict_value(struct p2i_view text)
{
    text.size -= text.size > 0 && text.data[text.size - 1] == '\r';
    return p2i_view_trim_blanks(text);
}

static void refuse_length(struct p2i_http_head *head)
{
    head->has_length = false;
    head->bad_length = true;
    head->content_length = 0;
}

static bool take_number(struct p2i_http_head *head, struct p2i_view text)
{
    uint64_t number = 0;
    if (!p2i_read_decimal(text, &number) || number == UINT64_MAX ||
        (head->has_length && number != head->content_length)) {
        return false;
    }
    head->has_length = true;
    head->content_length = number;
    return true;
}

/* Takes a Content-Length: one number, or the same one several times. A folded line (`folded`)
 * counts only if the line before had no value. */
static void take_length(struct p2i_http_head *head, struct p2i_view value, bool folded)
{
    bool first = folded ? head->empty_length : !head->has_length && !head->bad_length;
    head->empty_length = first && value.size == 0;
    if (!first && (folded || head->bad_length)) {
        refuse_length(head);
        return;
    }
    head->bad_length = false;
    for (;;) {
        size_t comma = p2i_view_find(value, ',');
        if (!take_number(head, p2i_view_trim_blanks(p2i_view_first(value, comma)))) {
            refuse_length(head);
            return;
        }
        if (comma == value.size) {
            return;
        }
        value = p2i_view_from(value, comma + 1);
    }
}

/* Takes a Transfer-Encoding: the last coding decides; "identity" is no coding. */
static void take_coding(struct p2i_http_head *head, struct p2i_view value, bool folded)
{
    bool goes_on = folded && !head->open_coding; /* the last word of the line before continues */
    head->open_coding = value.size == 0 || value.data[value.size - 1] == ',';
    if (goes_on && p2i_view_find(value, ',') == value.size) {
        head->coded = true;
        head->chunked = false;
        return;
    }
    while (value.size > 0) {
        size_t at = value.size;
        while (at > 0 && value.data[at - 1] != ',') {
            at--;
        }
        struct p2i_view coding = p2i_view_trim_blanks(p2i_view_from(value, at));
        if (coding.size > 0 && !p2i_view_equals_nocase(coding, P2I_VIEW("identity"))) {
            head->coded = true;
            head->chunked = p2i_view_equals_nocase(coding, P2I_VIEW("chunked"));
            return;
        }
        value.size = at > 0 ? at - 1 : 0;
    }
}

static void take_framing(struct p2i_http_head *head, enum p2i_http_field field,
                         struct p2i_view text, bool folded)
{
    struct p2i_view value = strict_value(text);
    if (field == P2I_HTTP_CONTENT_LENGTH) {
        take_length(head, value, folded);
    } else if (field == P2I_HTTP_TRANSFER_ENCODING) {
        take_coding(head, value, folded);
    } else if (field == P2I_HTTP_UPGRADE) {
        head->websocket = p2i_view_equals_nocase(value, P2I_VIEW("websocket"));
    } else if (field == P2I_HTTP_EXPECT) {
        head->expects = p2i_view_equals_nocase(value, P2I_VIEW("100-continue"));
    }
}

/* Takes a Content-Length, Transfer-Encoding, Upgrade or Expect line; `text` is everything behind
 * its colon. */
static void take_framing_line(struct p2i_http_head *head, enum p2i_http_field field,
                              struct p2i_view line, struct p2i_view text)
{
    size_t colon = p2i_view_find(line, ':');
    if (field == P2I_HTTP_CONTENT_LENGTH || field == P2I_HTTP_TRANSFER_ENCODING) {
        head->spaced = head->spaced || !p2i_is_token_char(line.data[colon - 1]);
    }
    take_framing(head, field, text, false);
}

bool p2i_http_is_framed(const struct p2i_http_head *head)
{
    return !head->spaced && (head->coded ? head->chunked : !head->bad_length);
}

/* ---- lines ---- */

/* Takes a line that continues the header before it (obs-fold, RFC 9112 section 5.2). None can
 * follow the first line (2.2). Nothing is ever joined to Host. */
static void take_folded(struct p2i_http_head *head, struct p2i_view bytes, struct p2i_view line)
{
    struct p2i_view more = p2i_view_trim(line);
    if (more.size == 0 || head->last_field == P2I_HTTP_HOST) {
        return;
    }
    if (head->last_field >= P2I_HTTP_KEPT) {
        take_framing(head, (enum p2i_http_field)head->last_field, line, true);
        return;
    }
    struct p2i_http_span *span = &head->field[head->last_field];
    if (span->size == 0) {
        *span = p2i_http_span_of(bytes, more);
    } else {
        head->rough |= (uint8_t)(1u << head->last_field);
    }
}

/* Takes a header that is kept as text; of Host only the first one. */
static void take_text(struct p2i_http_head *head, struct p2i_view bytes, enum p2i_http_field field,
                      struct p2i_view text)
{
    if (field == P2I_HTTP_HOST && head->has_host) {
        return;
    }
    head->has_host = head->has_host || field == P2I_HTTP_HOST;
    if (head->field[field].size == 0) {
        head->field[field] = p2i_http_span_of(bytes, p2i_view_trim(text));
    } else {
        head->rough |= (uint8_t)(1u << field);
    }
}

static void take_line(struct p2i_http_head *head, struct p2i_view bytes, struct p2i_view line)
{
    if (p2i_is_blank(line.data[0])) {
        take_folded(head, bytes, line);
        return;
    }
    struct p2i_view text = {0};
    enum p2i_http_field field = read_field(line, &text);
    head->last_field = (uint8_t)field;
    if (field < P2I_HTTP_KEPT) {
        take_text(head, bytes, field, text);
    } else if (field != P2I_HTTP_OTHER) {
        take_framing_line(head, field, line, text);
    }
}

bool p2i_http_headers(struct p2i_http_head *head, struct p2i_view bytes)
{
    for (;;) {
        size_t end = p2i_http_line_end(head, bytes);
        if (end >= bytes.size) {
            return false;
        }
        struct p2i_view line = p2i_view_from(p2i_view_first(bytes, end), head->line);
        bool ended = p2i_line_ends_head(line);
        if (!ended) {
            take_line(head, bytes, line);
        }
        head->line = head->scanned = (uint32_t)(end + 1);
        if (ended) {
            return true;
        }
    }
}

void p2i_http_headers_cut(struct p2i_http_head *head, struct p2i_view bytes)
{
    struct p2i_view line = p2i_view_from(bytes, head->line);
    struct p2i_view text = {0};
    if (p2i_line_ends_head(line)) {
        /* No byte of it is there. */
    } else if (p2i_is_blank(line.data[0])) {
        if (head->last_field < P2I_HTTP_KEPT) {
            take_folded(head, bytes, line);
        }
    } else {
        enum p2i_http_field field = read_field(line, &text);
        if (field < P2I_HTTP_KEPT && field != P2I_HTTP_HOST) {
            take_text(head, bytes, field, text);
        }
    }
    head->line = head->scanned = (uint32_t)bytes.size;
}

void p2i_http_framing(struct p2i_http_head *head, struct p2i_view line)
{
    if (line.size > 0 && p2i_is_blank(line.data[0])) {
        if (head->last_field >= P2I_HTTP_KEPT) {
            take_folded(head, line, line);
        }
        return;
    }
    struct p2i_view text = {0};
    enum p2i_http_field field = read_field(line, &text);
    head->last_field = (uint8_t)field;
    if (field >= P2I_HTTP_KEPT && field != P2I_HTTP_OTHER) {
        take_framing_line(head, field, line, text);
    }
}

static void append(uint8_t **end, struct p2i_view text)
{
    if (text.size > 0) {
        memcpy(*end, text.data, text.size);
        *end += text.size;
    }
}

/* Joins all values of a header. A separator is never longer than the bytes it replaces: a line
 * end and a blank, or a line end, a name and a colon. */
static struct p2i_view gather(struct p2i_view lines, enum p2i_http_field wanted, uint8_t **scratch)
{
    uint8_t *const begin = *scratch;
    struct p2i_view between = wanted == P2I_HTTP_COOKIE ? P2I_VIEW("; ") : P2I_VIEW(", ");
    enum p2i_http_field field = P2I_HTTP_OTHER;
    bool begun = false; /* bytes of this value were added */
    while (lines.size > 0) {
        struct p2i_view line = p2i_view_first(lines, p2i_view_find(lines, '\n'));
        lines = p2i_view_from(lines, line.size + 1);
        struct p2i_view value = p2i_view_trim(line);
        if (line.size == 0 || !p2i_is_blank(line.data[0])) {
            struct p2i_view text = {0};
            field = read_field(line, &text);
            value = p2i_view_trim(text);
            begun = false;
        }
        if (field == wanted && value.size > 0) {
            if (*scratch > begin) {
                append(scratch, begun ? P2I_VIEW(" ") : between);
            }
            append(scratch, value);
            begun = true;
        }
    }
    return p2i_view_of(begin, (size_t)(*scratch - begin));
}

struct p2i_view p2i_http_value(const struct p2i_http_head *head, struct p2i_view bytes,
                               enum p2i_http_field field, uint8_t **scratch)
{
    if ((head->rough >> field & 1u) == 0 || scratch == NULL) {
        return part(bytes, head->field[field]);
    }
    return gather(p2i_view_from(p2i_view_first(bytes, head->line), head->headers), field, scratch);
}

struct p2i_view p2i_http_target(const struct p2i_http_head *head, struct p2i_view bytes)
{
    return part(bytes, head->target);
}

/* The scheme of an absolute target ("http" of "http://a/b"); empty for every other form. */
static struct p2i_view scheme_of(struct p2i_view target)
{
    size_t size = 0;
    while (size < target.size &&
           (p2i_is_letter(target.data[size]) || p2i_is_digit(target.data[size]))) {
        size++;
    }
    if (!p2i_view_starts(p2i_view_from(target, size), P2I_VIEW("://"))) {
        size = 0;
    }
    return p2i_view_first(target, size);
}

/* Host and port of an absolute target, without the user (RFC 3986 section 3.2). Empty if they
 * may continue behind the end of the target. */
static struct p2i_view authority_of(struct p2i_view target, size_t scheme_size, bool target_cut)
{
    struct p2i_view rest = p2i_view_from(target, scheme_size + 3);
    size_t size = 0;
    while (size < rest.size && rest.data[size] != '/' && rest.data[size] != '?' &&
           rest.data[size] != '#') {
        size++;
    }
    if (size == rest.size && target_cut) {
        return (struct p2i_view){0};
    }
    struct p2i_view authority = p2i_view_first(rest, size);
    for (size_t at = 0; (at = p2i_view_find(authority, '@')) < authority.size;) {
        authority = p2i_view_from(authority, at + 1);
    }
    return authority;
}

/* Strips ":" and `port`, or a ":" at the end. Leaves a bare IPv6 address alone. */
static struct p2i_view without_port(struct p2i_view host, uint32_t port)
{
    size_t digits = 0;
    uint32_t number = 0;
    uint32_t weight = 1;
    while (digits < host.size && digits < 5 && p2i_is_digit(host.data[host.size - 1 - digits])) {
        number += weight * (uint32_t)(host.data[host.size - 1 - digits] - '0');
        weight *= 10;
        digits++;
    }
    if (digits == host.size || host.data[host.size - 1 - digits] != ':' ||
        (digits > 0 && number != port)) {
        return host;
    }
    struct p2i_view name = p2i_view_first(host, host.size - 1 - digits);
    bool bracketed = name.size > 0 && name.data[name.size - 1] == ']';
    return bracketed || p2i_view_find(name, ':') == name.size ? name : host;
}

struct p2i_view p2i_http_host(enum p2i_method method, struct p2i_view target, bool target_cut,
                              struct p2i_view host)
{
    struct p2i_view scheme = scheme_of(target);
    if (host.size == 0 && method == P2I_METHOD_CONNECT) {
        host = p2i_view_first(target, target_cut ? 0 : target.size);
    } else if (host.size == 0 && scheme.size > 0) {
        host = authority_of(target, scheme.size, target_cut);
    }
    bool secure = method == P2I_METHOD_CONNECT || p2i_view_equals_nocase(scheme, P2I_VIEW("https"));
    bool plain = scheme.size == 0 || p2i_view_equals_nocase(scheme, P2I_VIEW("http"));
    if (!secure && !plain) {
        return host;
    }
    return without_port(host, secure ? 443 : 80);
}
