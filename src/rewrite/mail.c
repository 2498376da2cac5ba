/* SPDX-License-Identifier: MIT */
/* Messages (RFC 5322, 2045, 2046): header fields by their table, the structure of MIME stays, and
 * bodies become letters. */
#include "base/ascii.h"
#include "rewrite/text.h"

enum { DEPTH = 16, BOUNDARY_LINE_MAX = 256 };

/* The boundaries of the open multiparts, as they are after the rewrite. */
struct boundaries {
    struct p2i_bytes list[DEPTH];
    size_t count;
    bool unknown; /* that of the outermost one is not known */
};

/* True when the line separates or ends parts, by what follows it. */
static bool is_like_boundary(struct p2i_bytes content, struct p2i_bytes next)
{
    size_t colon = p2i_view_find(p2i_span_view(p2i_line_of(next)), ':');
    struct p2i_bytes name = p2i_span_first(next, colon);
    bool closes = content.size > 6 && memcmp(content.data + content.size - 2, "--", 2) == 0;
    return closes || p2i_span_starts_nocase(name, P2I_VIEW("Content-")) ||
           p2i_span_starts_nocase(name, P2I_VIEW("MIME-Version"));
}

/* Rewrites a line that may be a boundary. False: it is none, and is unchanged. */
static bool write_boundary(struct p2i_writing *writing, struct p2i_bytes line,
                           struct p2i_bytes next, const struct boundaries *boundaries)
{
    uint8_t copy[BOUNDARY_LINE_MAX];
    struct p2i_bytes content = p2i_line_content(line);
    if (!p2i_span_starts(content, P2I_VIEW("--")) || content.size > sizeof copy) {
        return false;
    }
    memcpy(copy, content.data, content.size);
    struct p2i_bytes changed = p2i_span_of(copy + 2, content.size - 2);
    p2i_write_text(writing, changed);
    if (boundaries->unknown && is_like_boundary(content, next)) {
        memcpy(content.data, copy, content.size);
        return true;
    }
    for (size_t i = 0; i < boundaries->count; i++) {
        if (boundaries->list[i].size > 0 &&
            p2i_span_starts(changed, p2i_span_view(boundaries->list[i]))) {
            memcpy(content.data, copy, content.size);
            return true;
        }
    }
    return false;
}

/* Rewrites a header, and those of the messages in it. Returns their size. */
static size_t write_header(struct p2i_writing *writing, struct p2i_bytes span,
                           struct boundaries *boundaries)
{
    struct p2i_fields fields = {.message = true};
    size_t at = 0;
    while (fields.message && at < span.size) {
        at += p2i_write_fields(writing, p2i_span_from(span, at), true, &fields);
        if (fields.multipart && fields.boundary.size > 0 && boundaries->count < DEPTH) {
            boundaries->list[boundaries->count++] = fields.boundary;
        }
    }
    return at;
}

static void write_parts(struct p2i_writing *writing, struct p2i_bytes span,
                        struct boundaries *boundaries)
{
    size_t at = 0;
    while (at < span.size) {
        struct p2i_bytes line = p2i_line_of(p2i_span_from(span, at));
        at += line.size;
        if (!write_boundary(writing, line, p2i_span_from(span, at), boundaries)) {
            p2i_write_lines(writing, line);
            continue;
        }
        struct p2i_bytes content = p2i_line_content(line);
        bool closes = content.size > 4 &&
                      p2i_span_starts(p2i_span_from(content, content.size - 2), P2I_VIEW("--"));
        if (!closes) {
            at += write_header(writing, p2i_span_from(span, at), boundaries);
        }
    }
}

void p2i_write_mail(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct boundaries boundaries = {.count = 0};
    size_t at = write_header(writing, span, &boundaries);
    write_parts(writing, p2i_span_from(span, at), &boundaries);
}

void p2i_write_mail_body(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct boundaries boundaries = {.unknown = true};
    write_parts(writing, span, &boundaries);
}
