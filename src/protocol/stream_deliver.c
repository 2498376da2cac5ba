/* SPDX-License-Identifier: MIT */
/* Bytes of a stream on their way to its parser. */
#include <stddef.h>

#include "protocol/stream_internal.h"

struct p2i_stream_segment p2i_stream_segment_of(const struct p2i_stream *stream,
                                                enum p2i_direction direction,
                                                const struct p2i_stream_buffer *buffer)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    return (struct p2i_stream_segment){
        .direction = direction,
        .bytes = p2i_view_first(buffer->bytes, P2I_HEAD_MAX),
        .info = buffer->fresh > 0 ? &buffer->held->info : buffer->last,
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
    struct p2i_stream_buffer buffer = {.last = &nowhere};
    if (half->held != NULL) {
        buffer = (struct p2i_stream_buffer){
            .bytes = p2i_stream_held(half),
            .fresh = half->held_size,
            .held = half->held,
            .last = &half->held->info,
        };
    }
    return p2i_stream_segment_of(stream, direction, &buffer);
}

void p2i_stream_report_gap(const struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                           const struct p2i_stream_segment *segment, uint64_t missing)
{
    if (stream->protocol != NULL && stream->protocol->gap != NULL) {
        struct p2i_parser parser = p2i_stream_parser(stream, worker);
        stream->protocol->gap(&parser, segment, missing);
    }
}

/* ---- one buffer ---- */

static void skip_bytes(struct p2i_stream_worker *worker, struct p2i_stream_half *half,
                       struct p2i_stream_buffer *buffer)
{
    size_t size = buffer->bytes.size;
    if (half->skip < size) {
        size = (size_t)half->skip;
    }
    if (half->skip != UINT64_MAX) {
        half->skip -= size;
    }
    worker->counts.parsed_bytes += size;
    p2i_stream_buffer_advance(half, buffer, size);
}

/* The parser needs more bytes than can be held: they are lost to it. */
static void overfill(const struct p2i_stream *stream, struct p2i_stream_worker *worker,
                     const struct p2i_stream_segment *segment, struct p2i_stream_buffer *buffer,
                     struct p2i_stream_half *half)
{
    worker->counts.overfull_count++;
    p2i_stream_report_gap(stream, worker, segment, 0);
    p2i_stream_buffer_ignore(worker, half, buffer, segment->bytes.size);
    half->need = 0;
}

/* Calls the parser once. False: it needs more bytes, or the stream has finished. */
static bool parse_once(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                       enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    struct p2i_stream_segment segment = p2i_stream_segment_of(stream, direction, buffer);
    struct p2i_parser parser = p2i_stream_parser(stream, worker);
    struct p2i_step step = stream->protocol->data(&parser, &segment);
    if (step.consumed > segment.bytes.size) {
        half->skip = step.consumed == UINT64_MAX ? UINT64_MAX : step.consumed - segment.bytes.size;
        step.consumed = segment.bytes.size;
    }
    worker->counts.parsed_bytes += step.consumed;
    worker->counts.joined_count += buffer->fresh > 0 && step.consumed > buffer->fresh;
    p2i_stream_buffer_advance(half, buffer, (size_t)step.consumed);
    half->need = (uint32_t)(step.need < P2I_HEAD_MAX ? step.need : P2I_HEAD_MAX);
    if (step.verdict == P2I_FINISHED) {
        p2i_stream_finish(stream, worker);
        return false;
    }
    if (step.verdict == P2I_RESTART) {
        worker->counts.change_count++;
        p2i_stream_restart(stream, worker, step.next);
        return !stream->finished;
    }
    if (step.consumed == 0 && segment.full && half->skip == 0) {
        overfill(stream, worker, &segment, buffer, half);
        return true;
    }
    return step.consumed > 0 && buffer->bytes.size >= half->need;
}

/* Delivers a buffer until it is empty or more bytes are needed. */
static void deliver(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                    enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    bool go_on = true;
    while (go_on && buffer->bytes.size > 0 && !stream->finished) {
        if (half->skip > 0) {
            skip_bytes(worker, half, buffer);
        } else if (stream->protocol == NULL) {
            go_on = p2i_stream_recognise(stream, worker, direction, buffer);
        } else {
            go_on = parse_once(stream, worker, direction, buffer);
        }
    }
    if (stream->finished) {
        p2i_stream_buffer_ignore(worker, half, buffer, buffer->bytes.size);
    }
}

/* ---- held bytes ---- */

/* Makes `held` large enough for `size` bytes; keeps its content. False: out of memory. */
static bool grow_held(const struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                      struct p2i_stream_half *half, size_t size)
{
    enum { HEADER = offsetof(struct p2i_held_bytes, bytes) };
    size_t start = half->held != NULL ? half->held->start : 0;
    if (half->held != NULL && HEADER + start + size <= half->held_capacity) {
        return true;
    }
    if (start > 0) {
        memmove(half->held->bytes, half->held->bytes + start, half->held_size);
        half->held->start = 0;
        return grow_held(stream, worker, half, size);
    }
    size_t capacity = half->held_capacity;
    size_t used = half->held != NULL ? HEADER + half->held_size : 0;
    struct p2i_held_bytes *held =
        p2i_pool_grow(worker->pool, stream->account, half->held, used, HEADER + size, &capacity);
    if (held == NULL) {
        return false;
    }
    held->start = 0;
    half->held = held;
    half->held_capacity = (uint32_t)capacity;
    return true;
}

/* Out of memory for `size` more bytes: finishes the stream. */
static void fail_to_hold(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                         struct p2i_stream_half *half, size_t size)
{
    worker->counts.overfull_count++;
    p2i_stream_finish(stream, worker);
    worker->counts.ignored_bytes += size;
    half->offset += size;
}

/* Holds the rest of a buffer until more bytes come. A long rest stays where it is: a sender of
 * single bytes, each of which lets one be consumed, would have it moved each time. */
static void hold(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                 enum p2i_direction direction, const struct p2i_stream_buffer *buffer)
{
    enum { MOVED_AT_ONCE = 512 };
    struct p2i_stream_half *half = &stream->half[direction];
    size_t size = buffer->bytes.size;
    if (buffer->held != NULL) {
        half->held = buffer->held;
        half->held_capacity = buffer->capacity;
        half->held->start = (uint32_t)(buffer->bytes.data - half->held->bytes);
        if (half->held->start > 0 && size <= MOVED_AT_ONCE) {
            memmove(half->held->bytes, buffer->bytes.data, size);
            half->held->start = 0;
        }
    } else if (grow_held(stream, worker, half, size)) {
        memcpy(half->held->bytes, buffer->bytes.data, size);
    } else {
        fail_to_hold(stream, worker, half, size);
        return;
    }
    if (buffer->fresh == 0) {
        half->held->info = *buffer->last;
    }
    half->held_size = (uint32_t)size;
}

static void deliver_and_hold(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                             enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    deliver(stream, worker, direction, buffer);
    if (buffer->bytes.size > 0) {
        hold(stream, worker, direction, buffer);
    } else {
        p2i_pool_put(worker->pool, stream->account, buffer->held, buffer->capacity);
    }
}

/* Moves the held bytes of a direction into a buffer. */
static struct p2i_stream_buffer take_held(struct p2i_stream_half *half)
{
    struct p2i_stream_buffer buffer = {
        .bytes = p2i_stream_held(half),
        .fresh = half->held_size,
        .held = half->held,
        .capacity = half->held_capacity,
    };
    half->held = NULL;
    half->held_size = half->held_capacity = 0;
    return buffer;
}

/* Delivers the held bytes of a direction once more: they may have waited for the other one. */
static void deliver_held(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                         enum p2i_direction direction)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (stream->finished || half->held_size == 0 || half->need > half->held_size) {
        return;
    }
    struct p2i_stream_buffer buffer = take_held(half);
    struct p2i_packet_info info = buffer.held->info;
    buffer.last = &info;
    deliver_and_hold(stream, worker, direction, &buffer);
}

/* ---- input ---- */

/* Delivers new bytes behind the held ones, once there are as many as the parser needs. False: they
 * are still too few, or the stream has finished for lack of memory. */
static bool deliver_behind_held(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                                enum p2i_direction direction, struct p2i_view bytes,
                                const struct p2i_packet_info *info)
{
    struct p2i_stream_half *half = &stream->half[direction];
    uint32_t before = half->held_size;
    if (!grow_held(stream, worker, half, before + bytes.size)) {
        fail_to_hold(stream, worker, half, bytes.size);
        return false;
    }
    memcpy(half->held->bytes + half->held->start + before, bytes.data, bytes.size);
    half->held_size += (uint32_t)bytes.size;
    if (half->need > half->held_size) {
        return false;
    }
    struct p2i_stream_buffer buffer = take_held(half);
    buffer.fresh = before;
    buffer.last = info;
    deliver_and_hold(stream, worker, direction, &buffer);
    return true;
}

void p2i_stream_data(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                     enum p2i_direction direction, struct p2i_view bytes,
                     const struct p2i_packet_info *info)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (bytes.size == 0) {
        return;
    }
    half->seen = true;
    if (half->closed && !stream->finished) {
        p2i_stream_restart(stream, worker, NULL);
    }
    if (half->held_size == 0) {
        struct p2i_stream_buffer buffer = {.bytes = bytes, .last = info};
        deliver_and_hold(stream, worker, direction, &buffer);
    } else if (!deliver_behind_held(stream, worker, direction, bytes, info)) {
        return;
    }
    deliver_held(stream, worker, !direction);
}

/* No byte follows the held ones, and no protocol is recognised. True: a parser was attached that
 * can begin with a cut message, and got them. */
static bool begin_cut(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                      enum p2i_direction direction)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    if (stream->protocol != NULL || half->held_size == 0) {
        return false;
    }
    struct p2i_view held = p2i_stream_held(half);
    if (!half->midway && p2i_stream_probe_cut(stream, worker, direction, held)) {
        p2i_stream_report_missed(stream, worker, !direction);
        deliver_held(stream, worker, direction);
        return true;
    }
    p2i_stream_recognise_name(stream, worker, direction, held);
    return false;
}

void p2i_stream_gap(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                    enum p2i_direction direction, uint64_t missing)
{
    struct p2i_stream_half *half = &stream->half[direction];
    bool begun = missing > half->skip && begin_cut(stream, worker, direction);
    worker->counts.lost_bytes += missing;
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
    worker->counts.early_gap_count += stream->protocol == NULL && stream->id == P2I_ID_UNKNOWN &&
                                      half->offset < P2I_RECOGNISE_BYTES;
    if (!stream->finished) {
        struct p2i_stream_segment segment = p2i_stream_held_segment(stream, direction);
        p2i_stream_report_gap(stream, worker, &segment, missing);
        p2i_stream_ignore_held(stream, worker, half);
    }
    half->midway = true;
    half->offset += missing;
    if (begun) {
        deliver_held(stream, worker, !direction);
    }
}

void p2i_stream_close(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                      enum p2i_direction direction, bool ended)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->closed || stream->finished || stream->ends.transport != P2I_OVER_TCP) {
        return;
    }
    bool begun = begin_cut(stream, worker, direction);
    half->closed = true;
    if (stream->protocol != NULL && stream->protocol->close != NULL) {
        struct p2i_stream_segment segment = p2i_stream_held_segment(stream, direction);
        segment.ended = ended;
        struct p2i_parser parser = p2i_stream_parser(stream, worker);
        stream->protocol->close(&parser, &segment);
    }
    p2i_stream_ignore_held(stream, worker, half);
    if (begun) {
        deliver_held(stream, worker, !direction);
    }
}

/* Recognises the protocol of a datagram. False: no parser takes it. */
static bool recognise_datagram(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                               enum p2i_direction direction, struct p2i_view bytes,
                               uint64_t missing)
{
    if (p2i_stream_blind_to(stream, direction)) {
        return false;
    }
    enum p2i_match match = p2i_stream_probe(stream, worker, direction, bytes);
    if (match == P2I_MATCH_YES || (match == P2I_MATCH_MORE && missing > 0 &&
                                   p2i_stream_probe_cut(stream, worker, direction, bytes))) {
        return true;
    }
    p2i_stream_recognise_name(stream, worker, direction, bytes);
    stream->half[direction].probes++;
    return false;
}

void p2i_stream_datagram(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                         enum p2i_direction direction, struct p2i_view bytes, uint64_t missing,
                         const struct p2i_packet_info *info)
{
    struct p2i_stream_half *half = &stream->half[direction];
    half->seen = true;
    bool known =
        stream->protocol != NULL || recognise_datagram(stream, worker, direction, bytes, missing);
    if (!known || stream->finished) {
        worker->counts.ignored_bytes += bytes.size;
    } else {
        struct p2i_stream_buffer buffer = {.bytes = bytes, .last = info};
        struct p2i_stream_segment segment = p2i_stream_segment_of(stream, direction, &buffer);
        segment.bytes = bytes;
        segment.missing = missing;
        worker->counts.parsed_bytes += bytes.size;
        struct p2i_parser parser = p2i_stream_parser(stream, worker);
        if (stream->protocol->datagram(&parser, &segment) == P2I_FINISHED) {
            p2i_stream_finish(stream, worker);
        }
    }
    half->offset += bytes.size;
    const struct p2i_stream_half *other = &stream->half[!direction];
    if (!known && !stream->finished && half->probes == P2I_PROBE_SEGMENTS &&
        (!other->seen || other->probes == P2I_PROBE_SEGMENTS)) {
        p2i_stream_finish(stream, worker);
    }
}
