/* SPDX-License-Identifier: MIT */
#include "protocol/stream.h"

#include "protocol/mail/charsets.h"
#include "protocol/stream_internal.h"

bool p2i_stream_setting_open(struct p2i_stream_setting *setting)
{
    setting->pool = p2i_pool_new();
    setting->charsets = p2i_charsets_new();
    return setting->pool != NULL && setting->charsets != NULL;
}

void p2i_stream_setting_close(struct p2i_stream_setting *setting)
{
    p2i_pool_free(setting->pool);
    p2i_charsets_free(setting->charsets);
}

void p2i_stream_start(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                      struct p2i_ends ends, const struct p2i_sink *sink,
                      struct p2i_account *account)
{
    stream->parser.ends = ends;
    stream->parser.settings = setting->settings;
    stream->parser.sink = sink;
    stream->parser.pool = setting->pool;
    stream->parser.account = account;
    stream->parser.charsets = setting->charsets;
}

static void drop_held(struct p2i_stream *stream, struct p2i_stream_half *half)
{
    const struct p2i_parser *parser = &stream->parser;
    p2i_pool_put(parser->pool, parser->account, half->held, half->held_capacity);
    p2i_pool_put(parser->pool, parser->account, half->held_info, sizeof *half->held_info);
    half->held = NULL;
    half->held_info = NULL;
    half->held_size = half->held_capacity = half->need = 0;
}

void p2i_stream_ignore_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                            struct p2i_stream_half *half)
{
    setting->counts.ignored_bytes += half->held_size;
    half->offset += half->held_size;
    drop_held(stream, half);
}

static struct p2i_stream_segment piece_of(const struct p2i_stream *stream,
                                          enum p2i_direction direction,
                                          const struct p2i_stream_buffer *buffer)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    return (struct p2i_stream_segment){
        .direction = direction,
        .bytes = p2i_view_first(buffer->bytes, P2I_HEAD_MAX),
        .info = buffer->fresh > 0 ? buffer->held_info : buffer->last,
        .last = buffer->last,
        .fresh = buffer->fresh,
        .offset = half->offset,
        .lost = half->lost,
        .full = buffer->bytes.size >= P2I_HEAD_MAX,
        .peer_seen = stream->half[!direction].seen,
    };
}

struct p2i_stream_segment p2i_stream_held_segment(const struct p2i_stream *stream,
                                                  enum p2i_direction direction)
{
    static const struct p2i_packet_info nowhere;
    const struct p2i_stream_half *half = &stream->half[direction];
    struct p2i_stream_buffer buffer = {
        .bytes = p2i_view_of(half->held, half->held_size),
        .fresh = half->held_size,
        .held_info = half->held_info,
        .last = half->held_info != NULL ? half->held_info : &nowhere,
    };
    return piece_of(stream, direction, &buffer);
}

static void free_parser(struct p2i_stream *stream)
{
    struct p2i_parser *parser = &stream->parser;
    if (parser->protocol == NULL) {
        return;
    }
    if (parser->protocol->free != NULL) {
        parser->protocol->free(parser);
    }
    p2i_pool_put(parser->pool, parser->account, parser->state, parser->protocol->state_size);
    parser->state = NULL;
    parser->protocol = NULL;
}

void p2i_stream_finish(struct p2i_stream *stream, struct p2i_stream_setting *setting)
{
    free_parser(stream);
    stream->finished = true;
    for (int direction = 0; direction < 2; direction++) {
        p2i_stream_ignore_held(stream, setting, &stream->half[direction]);
        p2i_stream_drop_opening(stream, &stream->half[direction]);
    }
}

bool p2i_stream_attach(struct p2i_stream *stream, const struct p2i_protocol *protocol)
{
    struct p2i_parser *parser = &stream->parser;
    if (protocol->state_size > 0) {
        parser->state = p2i_pool_get(parser->pool, parser->account, protocol->state_size, NULL);
        if (parser->state == NULL) {
            return false;
        }
        memset(parser->state, 0, protocol->state_size);
    }
    parser->protocol = protocol;
    if (stream->id == P2I_ID_UNKNOWN) {
        stream->id = protocol->id;
    }
    return true;
}

/* The parser has ended in the middle of the session: look at what follows again. */
static void restart(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                    const struct p2i_protocol *next)
{
    free_parser(stream);
    for (int direction = 0; direction < 2; direction++) {
        struct p2i_stream_half *half = &stream->half[direction];
        half->probes = 0;
        half->skip = 0;
        half->need = 0;
        half->closed = false;
        half->midway = false;
    }
    if (next != NULL && !p2i_stream_attach(stream, next)) {
        p2i_stream_finish(stream, setting);
    }
}

static void skip_buffered(struct p2i_stream_setting *setting, struct p2i_stream_half *half,
                          struct p2i_stream_buffer *buffer)
{
    size_t size = buffer->bytes.size;
    if (half->skip < size) {
        size = (size_t)half->skip;
    }
    if (half->skip != UINT64_MAX) {
        half->skip -= size;
    }
    setting->counts.parsed_bytes += size;
    p2i_stream_buffer_advance(half, buffer, size);
}

/* One call of the parser. False: it wants more bytes, or the stream has finished. */
static bool parse_once(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                       enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    struct p2i_stream_segment segment = piece_of(stream, direction, buffer);
    struct p2i_step step = stream->parser.protocol->data(&stream->parser, &segment);
    if (step.consumed > segment.bytes.size) {
        half->skip = step.consumed == UINT64_MAX ? UINT64_MAX : step.consumed - segment.bytes.size;
        step.consumed = segment.bytes.size;
    }
    setting->counts.parsed_bytes += step.consumed;
    p2i_stream_buffer_advance(half, buffer, (size_t)step.consumed);
    half->need = (uint32_t)(step.need < P2I_HEAD_MAX ? step.need : P2I_HEAD_MAX);
    if (step.verdict == P2I_FINISHED) {
        p2i_stream_finish(stream, setting);
        return false;
    }
    if (step.verdict == P2I_RESTART) {
        restart(stream, setting, step.next);
        return !stream->finished;
    }
    if (step.consumed == 0 && segment.full && half->skip == 0) {
        /* More than can be held, and the parser can't do with less. */
        setting->counts.overfull_count++;
        setting->counts.ignored_bytes += segment.bytes.size;
        if (stream->parser.protocol->gap != NULL) {
            stream->parser.protocol->gap(&stream->parser, &segment, 0);
        }
        p2i_stream_buffer_advance(half, buffer, segment.bytes.size);
        half->need = 0;
        return true;
    }
    return step.consumed > 0 && buffer->bytes.size >= half->need;
}

/* Works through an offer until it is empty or more is needed. */
static void work(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    bool go_on = true;
    while (go_on && buffer->bytes.size > 0 && !stream->finished) {
        if (half->skip > 0) {
            skip_buffered(setting, half, buffer);
        } else if (stream->parser.protocol == NULL) {
            go_on = p2i_stream_recognise(stream, setting, direction, buffer);
        } else {
            go_on = parse_once(stream, setting, direction, buffer);
        }
    }
    if (stream->finished) {
        setting->counts.ignored_bytes += buffer->bytes.size;
        p2i_stream_buffer_advance(half, buffer, buffer->bytes.size);
    }
}

/* Makes `held` hold at least `size` bytes, keeping what it has. */
static bool grow_held(struct p2i_stream *stream, struct p2i_stream_half *half, size_t size)
{
    const struct p2i_parser *parser = &stream->parser;
    if (half->held_info == NULL) {
        half->held_info =
            p2i_pool_get(parser->pool, parser->account, sizeof *half->held_info, NULL);
        if (half->held_info == NULL) {
            return false;
        }
    }
    if (size <= half->held_capacity) {
        return true;
    }
    size_t capacity = 0;
    uint8_t *held = p2i_pool_get(parser->pool, parser->account, size, &capacity);
    if (held == NULL) {
        return false;
    }
    if (half->held_size > 0) {
        memcpy(held, half->held, half->held_size);
    }
    p2i_pool_put(parser->pool, parser->account, half->held, half->held_capacity);
    half->held = held;
    half->held_capacity = (uint32_t)capacity;
    return true;
}

/* No memory to hold `size` more bytes: the session is given up. */
static void lose_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      struct p2i_stream_half *half, size_t size)
{
    setting->counts.overfull_count++;
    p2i_stream_finish(stream, setting);
    setting->counts.ignored_bytes += size;
    half->offset += size;
}

/* Keeps what is left of an offer for the next call. */
static void hold(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 enum p2i_direction direction, const struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    size_t size = buffer->bytes.size;
    if (buffer->buffer != NULL) {
        half->held = buffer->buffer;
        half->held_capacity = buffer->capacity;
        half->held_info = buffer->held_info;
        if (buffer->bytes.data != half->held) {
            memmove(half->held, buffer->bytes.data, size);
        }
    } else if (grow_held(stream, half, size)) {
        memcpy(half->held, buffer->bytes.data, size);
    } else {
        lose_held(stream, setting, half, size);
        return;
    }
    if (buffer->fresh == 0) {
        *half->held_info = *buffer->last;
    }
    half->held_size = (uint32_t)size;
}

/* Works through what was held and what is new. */
static void work_and_hold(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                          enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    const struct p2i_parser *parser = &stream->parser;
    work(stream, setting, direction, buffer);
    if (buffer->bytes.size > 0) {
        hold(stream, setting, direction, buffer);
    } else if (buffer->buffer != NULL) {
        p2i_pool_put(parser->pool, parser->account, buffer->buffer, buffer->capacity);
        p2i_pool_put(parser->pool, parser->account, buffer->held_info, sizeof *buffer->held_info);
    }
}

/* Moves what a direction holds into an offer. */
static struct p2i_stream_buffer take_held(struct p2i_stream_half *half)
{
    struct p2i_stream_buffer buffer = {
        .bytes = p2i_view_of(half->held, half->held_size),
        .fresh = half->held_size,
        .held_info = half->held_info,
        .buffer = half->held,
        .capacity = half->held_capacity,
    };
    half->held = NULL;
    half->held_info = NULL;
    half->held_size = half->held_capacity = 0;
    return buffer;
}

/* Bytes of the other direction that waited for what this one had to say. */
static void buffer_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                        enum p2i_direction direction)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (stream->finished || half->held_size == 0 || half->need > half->held_size) {
        return;
    }
    struct p2i_stream_buffer buffer = take_held(half);
    struct p2i_packet_info info = *buffer.held_info;
    buffer.last = &info;
    work_and_hold(stream, setting, direction, &buffer);
}

void p2i_stream_data(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                     enum p2i_direction direction, struct p2i_view bytes,
                     const struct p2i_packet_info *info)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (bytes.size == 0) {
        return;
    }
    half->seen = true;
    if (half->closed && !stream->finished) {
        restart(stream, setting, NULL);
    }
    if (half->held_size == 0) {
        struct p2i_stream_buffer buffer = {.bytes = bytes, .last = info};
        work_and_hold(stream, setting, direction, &buffer);
    } else {
        uint32_t before = half->held_size;
        if (!grow_held(stream, half, before + bytes.size)) {
            lose_held(stream, setting, half, bytes.size);
            return;
        }
        memcpy(half->held + before, bytes.data, bytes.size);
        half->held_size += (uint32_t)bytes.size;
        if (half->need > half->held_size) {
            return;
        }
        struct p2i_stream_buffer buffer = take_held(half);
        buffer.fresh = before;
        buffer.last = info;
        work_and_hold(stream, setting, direction, &buffer);
    }
    buffer_held(stream, setting, !direction);
}

bool p2i_stream_keeps_urgent(const struct p2i_stream *stream)
{
    enum { FTP = 21, TELNET = 23 };
    if (stream->parser.protocol != NULL) {
        return stream->parser.protocol->urgent_inline;
    }
    return stream->id == P2I_ID_TELNET || p2i_ends_use(&stream->parser.ends, FTP) ||
           p2i_ends_use(&stream->parser.ends, TELNET);
}

/* What a direction holds while nothing is recognised ends here. True: a parser was attached that
 * can begin with a cut message, and has been offered it. */
static bool begin_cut(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      enum p2i_direction direction)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    if (stream->parser.protocol != NULL || half->held_size == 0) {
        return false;
    }
    struct p2i_view held = p2i_view_of(half->held, half->held_size);
    if (!half->midway && p2i_stream_probe_cut(stream, setting, direction, held)) {
        p2i_stream_tell_missed(stream, setting, !direction);
        buffer_held(stream, setting, direction);
        return true;
    }
    p2i_stream_recognise_name(stream, setting, direction, held);
    return false;
}

void p2i_stream_gap(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                    enum p2i_direction direction, uint64_t missing)
{
    struct p2i_stream_half *half = &stream->half[direction];
    bool begun = missing > half->skip && begin_cut(stream, setting, direction);
    setting->counts.lost_bytes += missing;
    half->lost += missing;
    half->seen = true;
    uint64_t skipped = missing < half->skip ? missing : half->skip;
    if (half->skip != UINT64_MAX) {
        half->skip -= skipped;
    }
    half->offset += skipped;
    missing -= skipped;
    if (missing == 0) {
        return;
    }
    if (!stream->finished) {
        if (stream->parser.protocol != NULL && stream->parser.protocol->gap != NULL) {
            struct p2i_stream_segment segment = p2i_stream_held_segment(stream, direction);
            stream->parser.protocol->gap(&stream->parser, &segment, missing);
        }
        p2i_stream_ignore_held(stream, setting, half);
    }
    half->midway = true;
    half->offset += missing;
    if (begun) {
        buffer_held(stream, setting, !direction);
    }
}

void p2i_stream_close(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      enum p2i_direction direction, bool ended)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->closed || stream->finished || stream->parser.ends.transport != P2I_OVER_TCP) {
        return;
    }
    bool begun = begin_cut(stream, setting, direction);
    half->closed = true;
    if (stream->parser.protocol != NULL && stream->parser.protocol->close != NULL) {
        struct p2i_stream_segment segment = p2i_stream_held_segment(stream, direction);
        segment.ended = ended;
        stream->parser.protocol->close(&stream->parser, &segment);
    }
    p2i_stream_ignore_held(stream, setting, half);
    if (begun) {
        buffer_held(stream, setting, !direction);
    }
}

void p2i_stream_datagram(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                         enum p2i_direction direction, struct p2i_view bytes, uint64_t missing,
                         const struct p2i_packet_info *info)
{
    struct p2i_stream_half *half = &stream->half[direction];
    half->seen = true;
    struct p2i_stream_buffer buffer = {.bytes = bytes, .last = info};
    bool known = stream->parser.protocol != NULL;
    if (!known && !p2i_stream_blind_to(stream, direction)) {
        enum p2i_match match = p2i_stream_probe(stream, setting, direction, bytes);
        known = match == P2I_MATCH_YES || (match == P2I_MATCH_MORE && missing > 0 &&
                                           p2i_stream_probe_cut(stream, setting, direction, bytes));
        if (!known) {
            p2i_stream_recognise_name(stream, setting, direction, bytes);
            half->probes++;
        }
    }
    if (!known || stream->finished) {
        setting->counts.ignored_bytes += bytes.size;
    } else {
        struct p2i_stream_segment segment = piece_of(stream, direction, &buffer);
        segment.bytes = bytes;
        segment.missing = missing;
        setting->counts.parsed_bytes += bytes.size;
        if (stream->parser.protocol->datagram(&stream->parser, &segment) == P2I_FINISHED) {
            p2i_stream_finish(stream, setting);
        }
    }
    half->offset += bytes.size;
    const struct p2i_stream_half *other = &stream->half[!direction];
    if (!known && !stream->finished && half->probes == P2I_PROBE_SEGMENTS &&
        (!other->seen || other->probes == P2I_PROBE_SEGMENTS)) {
        p2i_stream_finish(stream, setting);
    }
}

bool p2i_stream_is_dormant(const struct p2i_stream *stream)
{
    for (int direction = 0; direction < 2; direction++) {
        const struct p2i_stream_half *half = &stream->half[direction];
        if (half->held_size > 0 || half->skip > 0 || half->closed) {
            return false;
        }
    }
    const struct p2i_protocol *protocol = stream->parser.protocol;
    if (protocol == NULL || protocol->state_size == 0) {
        return true;
    }
    return protocol->is_dormant != NULL && protocol->is_dormant(&stream->parser);
}

void p2i_stream_forget(struct p2i_stream *stream, struct p2i_stream_setting *setting)
{
    p2i_stream_finish(stream, setting);
}

void p2i_stream_end(struct p2i_stream *stream, struct p2i_stream_setting *setting)
{
    p2i_stream_close(stream, setting, P2I_FROM_INITIATOR, false);
    p2i_stream_close(stream, setting, P2I_FROM_RESPONDER, false);
    if (stream->id == P2I_ID_UNKNOWN) {
        stream->id = stream->hint; /* nothing was captured that says otherwise */
    }
    if (!stream->finished) {
        p2i_stream_finish(stream, setting);
    }
}
