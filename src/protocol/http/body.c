/* SPDX-License-Identifier: MIT */
/* Finds the end of bodies (RFC 9112 sections 6.3 and 7). */
#include "base/ascii.h"
#include "protocol/http/headers.h"
#include "protocol/http/internal.h"

enum {
    /* Limit of a chunk-size line with extensions, and of a trailer or header line. */
    CHUNK_LINE_MAX = 4096,
};

static void begin_body(struct p2i_http_half *half, const struct p2i_stream_segment *segment,
                       uint64_t at, uint64_t size)
{
    half->body =
        (struct p2i_http_body){.data_at = at, .data_size = size, .lost_before = segment->lost};
}

uint64_t p2i_http_body_seen(const struct p2i_http_body *body, uint64_t offset, uint64_t lost)
{
    uint64_t run = offset > body->data_at ? offset - body->data_at : 0;
    uint64_t seen = body->counted + (run < body->data_size ? run : body->data_size);
    uint64_t missing = lost - body->lost_before;
    return seen > missing ? seen - missing : 0;
}

/* Consumes `size` bytes, and skips the `data` body bytes behind them if they are certain to
 * come. Sets the phase that follows them. */
static struct p2i_step step_over(struct p2i_http_half *half, size_t size, uint64_t data)
{
    if (half->expectation == P2I_HTTP_SETTLED || data == 0) {
        return p2i_consume_and_skip(size, data);
    }
    half->left = data;
    half->behind_data = half->phase;
    half->phase = P2I_HTTP_IN_DATA;
    return p2i_consume(size);
}

struct p2i_step p2i_http_enter_body(struct p2i_http_half *half,
                                    const struct p2i_stream_segment *segment, size_t size)
{
    const struct p2i_http_head *head = &half->head;
    if (head->chunked) {
        begin_body(half, segment, segment->offset + size, 0);
        half->phase = P2I_HTTP_IN_CHUNKS;
        return p2i_consume(size);
    }
    if (head->has_length && !head->coded) {
        uint64_t length = head->content_length;
        uint8_t expectation = length > 0 ? half->expectation : P2I_HTTP_SETTLED;
        p2i_http_expect_head(half);
        half->expectation = expectation;
        return step_over(half, size, length);
    }
    begin_body(half, segment, segment->offset + size, UINT64_MAX);
    half->phase = P2I_HTTP_IN_REST;
    return p2i_consume(UINT64_MAX);
}

size_t p2i_http_skim_lines(struct p2i_http_half *half, struct p2i_view bytes, bool *ended)
{
    size_t at = 0;
    *ended = false;
    while (at < bytes.size && !*ended) {
        struct p2i_view rest = p2i_view_from(bytes, at);
        struct p2i_view line = p2i_view_first(rest, p2i_view_find(rest, '\n'));
        if (line.size == rest.size) {
            half->mid_line = half->mid_line || line.size > CHUNK_LINE_MAX;
            return half->mid_line ? bytes.size : at;
        }
        if (!half->mid_line && line.size <= CHUNK_LINE_MAX) {
            *ended = p2i_line_ends_head(line);
            if (half->phase == P2I_HTTP_IN_LONG_HEAD) {
                p2i_http_framing(&half->head, line);
            }
        }
        half->mid_line = false;
        at += line.size + 1;
    }
    return at;
}

/* Emits the waiting reply: its body has ended, or cannot be followed further. */
static void emit_seen(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                      const struct p2i_http_half *half, enum p2i_completeness completeness)
{
    bool whole = p2i_http_body_is_whole(&half->body, segment->lost);
    p2i_http_emit_waiting(parser, segment->direction,
                          p2i_http_body_seen(&half->body, segment->offset, segment->lost),
                          whole ? completeness : P2I_CUT);
}

struct p2i_step p2i_http_in_trailer(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment,
                                    struct p2i_http_half *half)
{
    bool ended;
    size_t size = p2i_http_skim_lines(half, segment->bytes, &ended);
    if (ended) {
        emit_seen(parser, segment, half, P2I_WHOLE);
        p2i_http_expect_head(half);
    }
    return p2i_consume(size);
}

/* Enters the phase behind `size` bytes of the body. */
static void pass_data(struct p2i_http_half *half, uint64_t size)
{
    half->left -= size;
    if (half->left == 0) {
        half->phase = half->behind_data;
        half->expectation = half->phase == P2I_HTTP_IN_HEAD ? P2I_HTTP_SETTLED : half->expectation;
    }
}

size_t p2i_http_pass_line_ends(struct p2i_http_half *half, struct p2i_view bytes)
{
    size_t size = 0;
    if (half->phase == P2I_HTTP_IN_DATA) {
        size = p2i_line_ends(half->left < bytes.size ? p2i_view_first(bytes, (size_t)half->left)
                                                     : bytes);
        pass_data(half, size);
    } else if (half->phase == P2I_HTTP_IN_CHUNKS) {
        size = p2i_line_ends(p2i_view_first(bytes, 2));
    }
    return size;
}

/* Only a whole request line with a method in use and a target counts as a request. */
bool p2i_http_settle(struct p2i_http_half *half, struct p2i_view bytes)
{
    struct p2i_view line = p2i_view_first(bytes, P2I_LINE_MAX);
    struct p2i_http_head head = {0};
    enum p2i_match match = p2i_http_start(&head, line);
    if (match == P2I_MATCH_MORE && line.size < P2I_LINE_MAX) {
        return false;
    }
    if (match == P2I_MATCH_YES && head.known && head.target.size > 0 &&
        p2i_http_is_target((enum p2i_method)head.method, p2i_view_from(line, head.target.at))) {
        p2i_http_expect_head(half);
    }
    half->expectation = P2I_HTTP_SETTLED;
    return true;
}

void p2i_http_lose_data(struct p2i_http_half *half, uint64_t size)
{
    if (size > half->left) {
        p2i_http_get_lost(half, false);
    } else {
        pass_data(half, size);
    }
}

struct p2i_step p2i_http_in_data(const struct p2i_stream_segment *segment,
                                 struct p2i_http_half *half)
{
    uint64_t size = half->left;
    if (half->expectation != P2I_HTTP_SETTLED && segment->bytes.size < size) {
        size = segment->bytes.size;
    }
    pass_data(half, size);
    return p2i_consume(size);
}

/* The number at the start of a chunk-size line (RFC 9112 section 7.1); false if there is none, or
 * one that is too large. */
static bool read_chunk_size(struct p2i_view line, uint64_t *size)
{
    uint64_t number = 0;
    size_t at = 0;
    for (; at < line.size; at++) {
        int digit = p2i_hex_value(line.data[at]);
        if (digit < 0) {
            break;
        }
        if (number >> 60 != 0) {
            return false;
        }
        number = number << 4 | (unsigned)digit;
    }
    *size = number;
    bool ends_well = at == line.size || line.data[at] == ';' || p2i_is_blank(line.data[at]) ||
                     line.data[at] == '\r';
    return at > 0 && ends_well;
}

/* A chunk-size line. */
struct chunk_line {
    size_t size;   /* bytes of it, with those of the line end behind the previous chunk */
    uint64_t data; /* bytes of the chunk */
};

/* Reads the chunk-size line at the start. NO: it is too long, or, with `chunk->size` set, is none
 * or too large. */
static enum p2i_match read_chunk_line(struct p2i_view bytes, struct chunk_line *chunk)
{
    /* The line end behind the previous chunk was not seen: it was skipped with the data. */
    size_t blanks = p2i_line_ends(p2i_view_first(bytes, 2));
    struct p2i_view rest = p2i_view_first(p2i_view_from(bytes, blanks), CHUNK_LINE_MAX);
    struct p2i_view line = p2i_view_first(rest, p2i_view_find(rest, '\n'));
    if (line.size == rest.size) {
        return rest.size < CHUNK_LINE_MAX ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    chunk->size = blanks + line.size + 1;
    return read_chunk_size(line, &chunk->data) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* Counts a chunk whose data begins at `at` in the stream. */
static void count_chunk(struct p2i_http_body *body, uint64_t at, uint64_t size)
{
    body->counted += body->data_size;
    body->data_at = at;
    body->data_size = size;
}

/* Passes over the chunks at the front that are followed by other bytes; returns their size. */
static size_t pass_chunks(const struct p2i_stream_segment *segment, struct p2i_http_half *half)
{
    size_t at = 0;
    struct chunk_line chunk;
    while (half->expectation == P2I_HTTP_SETTLED) {
        struct p2i_view rest = p2i_view_from(segment->bytes, at);
        if (read_chunk_line(rest, &chunk) != P2I_MATCH_YES || chunk.data == 0 ||
            chunk.data >= rest.size - chunk.size) {
            break;
        }
        count_chunk(&half->body, segment->offset + at + chunk.size, chunk.data);
        at += chunk.size + (size_t)chunk.data;
    }
    return at;
}

struct p2i_step p2i_http_in_chunks(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment,
                                   struct p2i_http_half *half)
{
    size_t passed = pass_chunks(segment, half);
    if (passed > 0) {
        return p2i_consume(passed);
    }
    struct chunk_line chunk = {0};
    enum p2i_match match = read_chunk_line(segment->bytes, &chunk);
    if (match == P2I_MATCH_MORE && !segment->full) {
        return p2i_keep();
    }
    if (match != P2I_MATCH_YES) {
        emit_seen(parser, segment, half, chunk.size == 0 ? P2I_LIMITED : P2I_WHOLE);
        p2i_report_broken(parser);
        p2i_http_lose_framing(half);
        return p2i_keep();
    }
    count_chunk(&half->body, segment->offset + chunk.size, chunk.data);
    if (chunk.data == 0) {
        half->phase = P2I_HTTP_IN_TRAILER;
        half->mid_line = false;
    }
    return step_over(half, chunk.size, chunk.data);
}
