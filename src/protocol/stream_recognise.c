/* SPDX-License-Identifier: MIT */
/* Which protocol a stream speaks. */
#include "protocol/recognise/recognise.h"
#include "protocol/stream_internal.h"

enum p2i_match p2i_stream_probe(struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                                enum p2i_direction direction, struct p2i_view bytes)
{
    enum p2i_match match = P2I_MATCH_NO;
    const struct p2i_ends *ends = &stream->ends;
    for (const struct p2i_protocol *const *at = worker->protocols; *at != NULL; at++) {
        if (!(*at)->over[ends->transport]) {
            continue;
        }
        enum p2i_match answer = (*at)->probe(ends, direction, bytes);
        if (answer == P2I_MATCH_YES) {
            return p2i_stream_attach(stream, worker, *at) ? P2I_MATCH_YES : P2I_MATCH_NO;
        }
        if (answer == P2I_MATCH_MORE) {
            match = P2I_MATCH_MORE;
        }
    }
    return match;
}

bool p2i_stream_probe_cut(struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                          enum p2i_direction direction, struct p2i_view bytes)
{
    const struct p2i_ends *ends = &stream->ends;
    for (const struct p2i_protocol *const *at = worker->protocols; *at != NULL; at++) {
        if ((*at)->over[ends->transport] && (*at)->probe_cut != NULL &&
            (*at)->probe(ends, direction, bytes) == P2I_MATCH_MORE &&
            (*at)->probe_cut(ends, direction, bytes)) {
            return p2i_stream_attach(stream, worker, *at);
        }
    }
    return false;
}

void p2i_stream_drop_opening(const struct p2i_stream *stream,
                             const struct p2i_stream_worker *worker, struct p2i_stream_half *half)
{
    p2i_pool_put(worker->pool, stream->account, half->opening, sizeof *half->opening);
    half->opening = NULL;
}

/* Adds the new ones of `bytes`, the first of which is at half->offset, to the opening of the
 * direction. False: there is a hole between it and them, or out of memory. */
static bool add_to_opening(const struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                           struct p2i_stream_half *half, struct p2i_view bytes)
{
    struct p2i_stream_opening *opening = half->opening;
    if (opening == NULL) {
        opening = p2i_pool_get(worker->pool, stream->account, sizeof *opening, NULL);
        if (opening == NULL) {
            return false;
        }
        opening->size = 0;
        opening->end = half->offset;
        half->opening = opening;
    }
    if (opening->end < half->offset || opening->end - half->offset > bytes.size) {
        return false;
    }
    struct p2i_view fresh =
        p2i_view_first(p2i_view_from(bytes, (size_t)(opening->end - half->offset)),
                       P2I_RECOGNISE_BYTES - opening->size);
    if (fresh.size > 0) {
        memcpy(opening->bytes + opening->size, fresh.data, fresh.size);
    }
    opening->size += (uint32_t)fresh.size;
    opening->end += fresh.size;
    return true;
}

/* Asks the recognisers of protocols that are known by name alone. */
static enum p2i_match ask_recognisers(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                                      enum p2i_direction direction, struct p2i_view bytes)
{
    const struct p2i_recogniser *found = NULL;
    enum p2i_match match =
        p2i_recognise(&stream->ends, direction, bytes, &stream->half[direction].note, &found);
    if (match == P2I_MATCH_YES) {
        stream->id = found->id;
        if (found->opaque) {
            p2i_stream_finish(stream, worker);
        }
    }
    return match;
}

void p2i_stream_recognise_name(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                               enum p2i_direction direction, struct p2i_view bytes)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (stream->id != P2I_ID_UNKNOWN || half->probes >= P2I_RECOGNISE_SEGMENTS) {
        return;
    }
    if (stream->hint != P2I_ID_UNKNOWN) {
        stream->id = stream->hint;
        p2i_stream_finish(stream, worker);
        return;
    }
    if (half->opening != NULL) {
        enum p2i_match match = P2I_MATCH_NO;
        if (add_to_opening(stream, worker, half, bytes)) {
            match = ask_recognisers(stream, worker, direction,
                                    p2i_view_of(half->opening->bytes, half->opening->size));
        }
        if (match == P2I_MATCH_YES ||
            (match == P2I_MATCH_MORE && half->opening->size < P2I_RECOGNISE_BYTES)) {
            return;
        }
        p2i_stream_drop_opening(stream, worker, half);
    }
    if (ask_recognisers(stream, worker, direction, bytes) == P2I_MATCH_MORE &&
        bytes.size < P2I_RECOGNISE_BYTES && stream->ends.transport == P2I_OVER_TCP) {
        (void)add_to_opening(stream, worker, half, bytes);
    }
}

bool p2i_stream_recognise(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                          enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    enum p2i_match match = P2I_MATCH_NO;
    if (half->probes < P2I_PROBE_SEGMENTS) {
        match = p2i_stream_probe(stream, worker, direction,
                                 p2i_view_first(buffer->bytes, P2I_HEAD_MAX));
    }
    if (match == P2I_MATCH_NO) {
        p2i_stream_recognise_name(stream, worker, direction, buffer->bytes);
        if (stream->finished) {
            return false;
        }
    }
    if (match == P2I_MATCH_YES) {
        p2i_stream_report_missed(stream, worker, !direction);
        return true;
    }
    if (match == P2I_MATCH_MORE && buffer->bytes.size < P2I_HEAD_MAX) {
        return false;
    }
    half->midway = true;
    if (buffer->fresh > 0 && buffer->fresh < buffer->bytes.size) {
        /* No message begins with the held bytes (of a keep-alive, say); one may with the new. */
        p2i_stream_buffer_ignore(worker, half, buffer, buffer->fresh);
        return true;
    }
    p2i_stream_buffer_ignore(worker, half, buffer, buffer->bytes.size);
    if (half->probes < P2I_PROBE_SEGMENTS) {
        half->probes++;
    }
    if (half->probes == P2I_PROBE_SEGMENTS &&
        stream->half[!direction].probes == P2I_PROBE_SEGMENTS) {
        p2i_stream_finish(stream, worker);
    }
    return false;
}

void p2i_stream_report_missed(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                              enum p2i_direction direction)
{
    const struct p2i_protocol *protocol = stream->protocol;
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->held_size > 0 &&
        protocol->probe(&stream->ends, direction, p2i_stream_held(half)) == P2I_MATCH_NO) {
        p2i_stream_ignore_held(stream, worker, half);
    }
    if (half->offset > 0) {
        struct p2i_stream_segment nothing = p2i_stream_held_segment(stream, direction);
        nothing.bytes = (struct p2i_view){0};
        nothing.fresh = 0;
        p2i_stream_report_gap(stream, worker, &nothing, 0);
    }
}
