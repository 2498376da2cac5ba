/* SPDX-License-Identifier: MIT */
/* Header fields of HTTP, SIP and mail: one table says what of a value stays. All other fields are
 * texts that are substituted. */
#include "base/ascii.h"
#include "rewrite/text.h"

enum manner {
    TEXT,     /* substituted */
    KEPT,     /* says how the message is to be read */
    MEDIA,    /* a media type or disposition: values of parameters are substituted */
    VIA,      /* protocol and transport stay */
    SECRET,   /* credentials behind a scheme */
    RECEIVED, /* mail: its keywords stay */
};

static const struct {
    const char *name;
    uint8_t manner; /* enum manner */
} fields_known[] = {
    {"content-length", KEPT},
    {"l", KEPT},
    {"transfer-encoding", KEPT},
    {"connection", KEPT},
    {"proxy-connection", KEPT},
    {"upgrade", KEPT},
    {"te", KEPT},
    {"content-encoding", KEPT},
    {"accept-encoding", KEPT},
    {"content-range", KEPT},
    {"content-transfer-encoding", KEPT},
    {"mime-version", KEPT},
    {"sec-websocket-version", KEPT},
    {"sec-websocket-extensions", KEPT},
    {"cseq", KEPT},
    {"max-forwards", KEPT},
    {"content-type", MEDIA},
    {"c", MEDIA},
    {"content-disposition", MEDIA},
    {"via", VIA},
    {"v", VIA},
    {"authorization", SECRET},
    {"proxy-authorization", SECRET},
    {"received", RECEIVED},
};

static enum manner manner_of(struct p2i_view name)
{
    for (size_t i = 0; i < sizeof fields_known / sizeof *fields_known; i++) {
        const char *known = fields_known[i].name;
        if (p2i_view_equals_nocase(name, p2i_view_of(known, strlen(known)))) {
            return (enum manner)fields_known[i].manner;
        }
    }
    return TEXT;
}

/* ---- Values ---- */

/* Bytes up to `byte`, quoted strings passed over. */
static size_t find_outside_quotes(struct p2i_bytes span, uint8_t byte)
{
    bool quoted = false;
    for (size_t i = 0; i < span.size; i++) {
        if (quoted && span.data[i] == '\\') {
            i++;
        } else if (span.data[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && span.data[i] == byte) {
            return i;
        }
    }
    return span.size;
}

static struct p2i_bytes trim(struct p2i_bytes span)
{
    while (span.size > 0 && p2i_is_space(span.data[0])) {
        span = p2i_span_from(span, 1);
    }
    while (span.size > 0 && p2i_is_space(span.data[span.size - 1])) {
        span.size--;
    }
    return span;
}

static struct p2i_bytes without_quotes(struct p2i_bytes value)
{
    if (value.size >= 2 && value.data[0] == '"') {
        size_t end = p2i_view_find(p2i_view_from(p2i_span_view(value), 1), '"');
        return p2i_span_first(p2i_span_from(value, 1), end);
    }
    return value;
}

/* A media type with parameters (RFC 2045 section 5.1). The charset stays; a boundary changes as the
 * lines do that it stands in. */
static void write_media(struct p2i_writing *writing, struct p2i_bytes value,
                        struct p2i_fields *fields)
{
    struct p2i_bytes type = trim(p2i_span_first(value, find_outside_quotes(value, ';')));
    bool disposition = p2i_view_find(p2i_span_view(type), '/') == type.size;
    if (!disposition) {
        fields->multipart = p2i_span_starts_nocase(type, P2I_VIEW("multipart/"));
        fields->message = p2i_span_starts_nocase(type, P2I_VIEW("message/rfc822"));
        fields->sdp = p2i_span_starts_nocase(type, P2I_VIEW("application/sdp"));
    }
    value = p2i_span_from(value, find_outside_quotes(value, ';'));
    while (value.size > 0) {
        value = p2i_span_from(value, 1);
        size_t end = find_outside_quotes(value, ';');
        struct p2i_bytes parameter = p2i_span_first(value, end);
        size_t equals = p2i_view_find(p2i_span_view(parameter), '=');
        struct p2i_bytes name = trim(p2i_span_first(parameter, equals));
        struct p2i_bytes given = trim(p2i_span_from(parameter, equals + 1));
        if (!p2i_view_equals_nocase(p2i_span_view(name), P2I_VIEW("charset")) &&
            !p2i_view_equals_nocase(p2i_span_view(name), P2I_VIEW("format"))) {
            p2i_write_encoded(writing, given);
        }
        if (p2i_view_equals_nocase(p2i_span_view(name), P2I_VIEW("boundary"))) {
            fields->boundary = without_quotes(given);
        }
        value = p2i_span_from(value, end);
    }
}

/* SIP/2.0/UDP host, or HTTP's 1.1 host. */
static void write_via(struct p2i_writing *writing, struct p2i_bytes value)
{
    while (value.size > 0) {
        size_t end = find_outside_quotes(value, ',');
        struct p2i_bytes entry = trim(p2i_span_first(value, end));
        size_t at = 0;
        unsigned slashes = 0;
        while (at < entry.size && !(slashes == 2 && p2i_is_space(entry.data[at]) &&
                                    p2i_is_letter(entry.data[at - 1]))) {
            slashes += entry.data[at] == '/';
            at++;
        }
        if (slashes < 2) {
            at = p2i_first_word(entry).size;
        }
        p2i_write_text(writing, p2i_span_from(entry, at));
        value = p2i_span_from(value, end + 1);
    }
}

static void note(struct p2i_fields *fields, struct p2i_view name, struct p2i_bytes value)
{
    uint64_t number;
    value = trim(value);
    if (p2i_view_equals_nocase(name, P2I_VIEW("content-length")) ||
        p2i_view_equals_nocase(name, P2I_VIEW("l"))) {
        if (p2i_parse_decimal(p2i_span_view(value), UINT64_MAX / 2, &number)) {
            fields->content_length = number;
        }
    } else if (p2i_view_equals_nocase(name, P2I_VIEW("transfer-encoding"))) {
        size_t size = sizeof "chunked" - 1;
        fields->chunked =
            value.size >= size &&
            p2i_span_starts_nocase(p2i_span_from(value, value.size - size), P2I_VIEW("chunked"));
    } else if (p2i_view_equals_nocase(name, P2I_VIEW("upgrade"))) {
        fields->websocket = p2i_span_starts_nocase(value, P2I_VIEW("websocket"));
    }
}

static void write_value(struct p2i_writing *writing, struct p2i_view name, struct p2i_bytes value,
                        bool mail, struct p2i_fields *fields)
{
    switch (manner_of(name)) {
    case KEPT:
        note(fields, name, value);
        break;
    case MEDIA:
        write_media(writing, value, fields);
        break;
    case VIA:
        write_via(writing, value);
        break;
    case SECRET: {
        struct p2i_bytes given = trim(value);
        p2i_write_secret(writing, p2i_span_from(given, p2i_first_word(given).size + 1));
        break;
    }
    case RECEIVED:
        p2i_write_text_but(writing, value, " from by with for id via smtp esmtp esmtps lmtp ");
        break;
    default:
        if (mail) {
            p2i_write_encoded(writing, value);
        } else {
            p2i_write_text(writing, value);
        }
        break;
    }
}

/* The field at the start of `span`, with its folded lines. */
static struct p2i_bytes field_of(struct p2i_bytes span)
{
    size_t size = p2i_line_of(span).size;
    while (size < span.size && p2i_is_blank(span.data[size])) {
        size += p2i_line_of(p2i_span_from(span, size)).size;
    }
    return p2i_span_first(span, size);
}

size_t p2i_write_fields(struct p2i_writing *writing, struct p2i_bytes span, bool mail,
                        struct p2i_fields *fields)
{
    *fields = (struct p2i_fields){.content_length = UINT64_MAX};
    size_t at = 0;
    while (at < span.size) {
        struct p2i_bytes rest = p2i_span_from(span, at);
        struct p2i_bytes line = p2i_line_of(rest);
        fields->cut = line.data[line.size - 1] == 0;
        if (p2i_line_content(line).size == 0) {
            return at + line.size;
        }
        struct p2i_bytes field = fields->cut ? line : field_of(rest);
        size_t colon = p2i_view_find(p2i_view_first(p2i_span_view(field), line.size), ':');
        if (colon >= line.size) {
            p2i_write_text(writing, field);
        } else {
            struct p2i_bytes name = trim(p2i_span_first(field, colon));
            write_value(writing, p2i_span_view(name), p2i_span_from(field, colon + 1), mail,
                        fields);
        }
        at += field.size;
        if (fields->cut) {
            break;
        }
    }
    return at;
}
