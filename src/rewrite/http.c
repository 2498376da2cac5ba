/* SPDX-License-Identifier: MIT */
/* HTTP/1.x (RFC 9112) and what follows CONNECT and Upgrade; SIP (RFC 3261), whose messages have the
 * same form. */
#include "base/ascii.h"
#include "protocol/http/head.h"
#include "protocol/sip/head.h"
#include "rewrite/text.h"

enum {
    VERSION_SIZE = sizeof "HTTP/1.1" - 1,
    CHUNK_DIGITS = 7,  /* of the size of a chunk, behind zeros */
    MESSAGES_MAX = 16, /* attempts to find a message within one line */
};

/* What the first line of a message says. */
struct first_line {
    unsigned status; /* 0: a request */
    bool known;
};

static bool is_method(struct p2i_bytes word)
{
    size_t size = 0;
    while (size < word.size && ((word.data[size] >= 'A' && word.data[size] <= 'Z') ||
                                word.data[size] == '-' || word.data[size] == '_')) {
        size++;
    }
    return size >= 3 && size == word.size;
}

/* Bytes in front of a version, or of the part of one that a cut line ends with. */
static size_t target_size(struct p2i_bytes rest, struct p2i_view name)
{
    size_t at = rest.size;
    while (at > 0 && rest.data[at - 1] != ' ') {
        at--;
    }
    struct p2i_view last = p2i_view_from(p2i_span_view(rest), at);
    bool version =
        p2i_view_equals(p2i_view_first(last, name.size), p2i_view_first(name, last.size)) &&
        last.size <= name.size + 1 &&
        (last.size <= name.size || p2i_is_digit(last.data[name.size]));
    return version ? at : rest.size;
}

/* Behind the version: a status of three digits, and words. */
static struct first_line write_status(struct p2i_writing *writing, struct p2i_bytes rest)
{
    struct first_line first = {0};
    while (rest.size > 0 && p2i_is_blank(rest.data[0])) {
        rest = p2i_span_from(rest, 1);
    }
    struct p2i_bytes code = p2i_first_word(rest);
    uint64_t status;
    first.known = code.size == 3 && p2i_parse_decimal(p2i_span_view(code), 999, &status);
    if (first.known) {
        first.status = (unsigned)status;
        p2i_write_text(writing, p2i_span_from(rest, code.size));
    }
    return first;
}

/* A method in use stays, also at the end of other bytes: a body without a line end, say, in front
 * of the message. */
static void write_method(struct p2i_writing *writing, struct p2i_bytes word)
{
    enum { LONGEST = 15 };
    size_t begin = word.size > LONGEST ? word.size - LONGEST : 0;
    struct p2i_view view = p2i_span_view(word);
    while (begin < word.size && !p2i_http_is_method(p2i_view_from(view, begin)) &&
           !p2i_sip_is_method(p2i_view_from(view, begin))) {
        begin++;
    }
    p2i_write_text(writing, p2i_span_first(word, begin));
}

/* "HTTP/1." or "SIP/2." and a digit. */
static bool is_version(struct p2i_bytes word, struct p2i_view name)
{
    return p2i_span_starts_nocase(word, name) && word.size == name.size + 1 &&
           p2i_is_digit(word.data[name.size]);
}

/* Rewrites "METHOD target VERSION" or "VERSION status reason"; `name` is "HTTP/1." or "SIP/2.".
 * Nothing is changed where neither is found. */
static struct first_line write_first_line(struct p2i_writing *writing, struct p2i_bytes line,
                                          struct p2i_view name)
{
    struct first_line first = {0};
    struct p2i_bytes content = p2i_line_content(line);
    while (content.size > 0 && p2i_is_blank(content.data[content.size - 1])) {
        content.size--;
    }
    struct p2i_bytes word = p2i_first_word(content);
    struct p2i_bytes rest = p2i_span_from(content, word.size + 1);
    if (is_version(word, name)) {
        return write_status(writing, rest);
    }
    bool ends = line.size > 0 && line.data[line.size - 1] == '\n';
    size_t target = 0;
    if (!ends && is_method(word) && rest.size > 0) {
        first.known = true; /* cut */
        target = target_size(rest, name);
    } else if (rest.size > name.size + 1) {
        target = rest.size - name.size - 1;
        first.known =
            is_version(p2i_span_from(rest, target), name) && p2i_is_blank(rest.data[target - 1]);
    }
    if (first.known) {
        write_method(writing, word);
        p2i_write_text(writing, p2i_span_first(rest, target));
    }
    return first;
}

/* RFC 9112 section 7.1. Returns the size of the body. */
static size_t write_chunks(struct p2i_writing *writing, struct p2i_bytes span)
{
    size_t at = 0;
    while (at < span.size) {
        struct p2i_bytes line = p2i_line_of(p2i_span_from(span, at));
        uint64_t size = 0;
        size_t digits = 0;
        while (digits < line.size && line.data[digits] == '0') {
            digits++;
        }
        size_t most = digits + CHUNK_DIGITS;
        while (digits < line.size && digits < most && p2i_hex_value(line.data[digits]) >= 0) {
            size = size * 16 + (uint64_t)p2i_hex_value(line.data[digits++]);
        }
        p2i_write_text(writing, p2i_line_content(p2i_span_from(line, digits)));
        at += line.size;
        if (digits == 0) {
            return at;
        }
        if (size == 0) {
            struct p2i_fields trailers;
            return at + p2i_write_fields(writing, p2i_span_from(span, at), false, &trailers);
        }
        size_t here = size < span.size - at ? (size_t)size : span.size - at;
        p2i_write_letters(writing, p2i_span_of(span.data + at, here));
        at += here;
        at += at < span.size && span.data[at] == '\r';
        at += at < span.size && span.data[at] == '\n';
    }
    return span.size;
}

static bool begins_http(struct p2i_bytes span)
{
    return p2i_span_starts(span, P2I_VIEW("HTTP/1."));
}

/* Rewrites the body of a message, which no record depends on. Returns its size. */
static size_t write_body(struct p2i_writing *writing, struct p2i_bytes span,
                         const struct first_line *first, const struct p2i_fields *fields)
{
    bool bare = (first->status >= 100 && first->status < 200) || first->status == 204 ||
                first->status == 304;
    if (bare || fields->cut || span.size == 0) {
        return 0;
    }
    if (first->status != 0 && begins_http(span)) {
        return 0; /* the reply to HEAD */
    }
    if (fields->chunked) {
        return write_chunks(writing, span);
    }
    uint64_t size = fields->content_length;
    if (size == UINT64_MAX) {
        size = first->status == 0 || p2i_begins_tls(span) ? 0 : span.size;
    }
    struct p2i_bytes body = p2i_span_first(span, size < span.size ? (size_t)size : span.size);
    p2i_write_letters(writing, body);
    return body.size;
}

/* Rewrites the message at the start of `span`. Returns its size; 0: there is none. */
static size_t write_message(struct p2i_writing *writing, struct p2i_bytes span, bool *websocket)
{
    struct p2i_bytes line = p2i_line_of(span);
    struct first_line first = write_first_line(writing, line, P2I_VIEW("HTTP/1."));
    if (!first.known) {
        return 0;
    }
    struct p2i_fields fields;
    size_t at = line.size;
    if (line.data[at - 1] != '\n') {
        return at; /* the rest is missing */
    }
    at += p2i_write_fields(writing, p2i_span_from(span, at), false, &fields);
    *websocket = fields.websocket && (first.status == 0 || first.status == 101);
    if (*websocket) {
        return at;
    }
    return at + write_body(writing, p2i_span_from(span, at), &first, &fields);
}

/* True for two bytes that begin a WebSocket frame (RFC 6455 section 5.2), and no HTTP message. */
static bool begins_frame(struct p2i_bytes span)
{
    return span.size >= 2 && (span.data[0] & 0x30) == 0 && (span.data[0] & 0x0f) <= 10 &&
           !p2i_is_letter(span.data[0]);
}

/* Where a message begins in a line behind other bytes, whose own beginning is not known; the size
 * of the line: nowhere. */
static size_t find_message(struct p2i_bytes line)
{
    for (size_t i = 1; i < line.size; i++) {
        struct p2i_bytes rest = p2i_span_from(line, i);
        if (begins_http(rest) && rest.size > VERSION_SIZE && rest.data[VERSION_SIZE] == ' ') {
            return i;
        }
        bool target = line.data[i] == ' ' && i + 1 < line.size && line.data[i + 1] == '/';
        size_t begin = i;
        while (target && begin > 1 && line.data[begin - 1] >= 'A' && line.data[begin - 1] <= 'Z') {
            begin--;
        }
        if (i - begin >= 3) {
            return begin;
        }
    }
    return line.size;
}

/* A line that begins no message: letters, up to a message in it. Returns their size. A line is
 * searched a few times only: each time costs all of it. */
static size_t write_unknown(struct p2i_writing *writing, struct p2i_bytes span, unsigned *attempts,
                            size_t (*find)(struct p2i_bytes line))
{
    struct p2i_bytes line = p2i_line_of(span);
    size_t size = (*attempts)++ < MESSAGES_MAX ? find(line) : line.size;
    *attempts = size == line.size ? 0 : *attempts;
    p2i_write_letters(writing, p2i_line_content(p2i_span_first(line, size)));
    return size;
}

void p2i_write_http(struct p2i_writing *writing, struct p2i_bytes span)
{
    unsigned attempts = 0;
    while (span.size > 0) {
        bool websocket = false;
        if (span.data[0] == '\r' || span.data[0] == '\n') {
            span = p2i_span_from(span, 1);
            continue;
        }
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        size_t size = write_message(writing, span, &websocket);
        size = size > 0 ? size : write_unknown(writing, span, &attempts, find_message);
        span = p2i_span_from(span, size);
        if (websocket && begins_frame(span)) {
            p2i_write_websocket(writing, span);
            return;
        }
    }
}

/* ---- SIP ---- */

/* SDP line by line, also in a multipart; other bodies become letters. */
static void write_sip_body(struct p2i_writing *writing, struct p2i_bytes body,
                           const struct p2i_fields *fields)
{
    bool described = fields->sdp;
    while (body.size > 0) {
        struct p2i_bytes line = p2i_line_of(body);
        body = p2i_span_from(body, line.size);
        if (fields->multipart && p2i_span_starts(line, P2I_VIEW("--"))) {
            struct p2i_fields part;
            p2i_write_text(writing, p2i_line_content(line));
            body = p2i_span_from(body, p2i_write_fields(writing, body, false, &part));
            described = part.sdp;
        } else if (described) {
            p2i_write_sdp_line(writing, line);
        } else {
            p2i_write_letters(writing, p2i_line_content(line));
        }
    }
}

/* Where a response begins in a line behind other bytes; the size of the line: nowhere. */
static size_t find_response(struct p2i_bytes line)
{
    size_t at = 1;
    while (at < line.size && !p2i_span_starts(p2i_span_from(line, at), P2I_VIEW("SIP/2.0 "))) {
        at++;
    }
    return at < line.size ? at : line.size;
}

/* Over TCP a message without a length has no body (RFC 3261 section 18.3). */
static void write_sip(struct p2i_writing *writing, struct p2i_bytes span, bool stream)
{
    unsigned attempts = 0;
    while (span.size > 0) {
        struct p2i_bytes line = p2i_line_of(span);
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        if (p2i_line_content(line).size == 0) {
            span = p2i_span_from(span, line.size);
            continue;
        }
        struct first_line first = write_first_line(writing, line, P2I_VIEW("SIP/2."));
        if (!first.known) {
            size_t size = write_unknown(writing, span, &attempts, find_response);
            span = p2i_span_from(span, size);
            continue;
        }
        struct p2i_fields fields;
        size_t at = line.size;
        at += p2i_write_fields(writing, p2i_span_from(span, at), false, &fields);
        span = p2i_span_from(span, at);
        uint64_t size = fields.content_length;
        size = stream && size == UINT64_MAX ? 0 : size;
        struct p2i_bytes body = p2i_span_first(span, size < span.size ? (size_t)size : span.size);
        write_sip_body(writing, body, &fields);
        span = p2i_span_from(span, body.size);
    }
}

void p2i_write_sip(struct p2i_writing *writing, struct p2i_bytes span)
{
    write_sip(writing, span, false);
}

void p2i_write_sip_stream(struct p2i_writing *writing, struct p2i_bytes span)
{
    write_sip(writing, span, true);
}
