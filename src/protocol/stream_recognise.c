/* SPDX-License-Identifier: MIT */
/* Which protocol a stream speaks. */
#include "protocol/recognise/recognise.h"
#include "protocol/stream_internal.h"

void p2i_stream_tell_missed(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                            enum p2i_direction direction)
{
    const struct p2i_protocol *protocol = stream->parser.protocol;
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->held_size > 0 &&
        protocol->probe(&stream->parser.ends, direction,
                        p2i_view_of(half->held, half->held_size)) == P2I_MATCH_NO) {
        p2i_stream_ignore_held(stream, setting, half);
    }
    if (half->offset > 0 && protocol->gap != NULL) {
        struct p2i_stream_segment nothing = p2i_stream_held_segment(stream, direction);
        nothing.bytes = (struct p2i_view){0};
        nothing.fresh = 0;
        protocol->gap(&stream->parser, &nothing, 0);
    }
}

enum p2i_match p2i_stream_probe(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                                enum p2i_direction direction, struct p2i_view bytes)
{
    enum p2i_match match = P2I_MATCH_NO;
    const struct p2i_ends *ends = &stream->parser.ends;
    for (const struct p2i_protocol *const *at = setting->protocols; *at != NULL; at++) {
        if (!(*at)->over[ends->transport]) {
            continue;
        }
        enum p2i_match answer = (*at)->probe(ends, direction, bytes);
        if (answer == P2I_MATCH_YES) {
            return p2i_stream_attach(stream, *at) ? P2I_MATCH_YES : P2I_MATCH_NO;
        }
        if (answer == P2I_MATCH_MORE) {
            match = P2I_MATCH_MORE;
        }
    }
    return match;
}

bool p2i_stream_probe_cut(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                          enum p2i_direction direction, struct p2i_view bytes)
{
    const struct p2i_ends *ends = &stream->parser.ends;
    for (const struct p2i_protocol *const *at = setting->protocols; *at != NULL; at++) {
        if ((*at)->over[ends->transport] && (*at)->probe_cut != NULL &&
            (*at)->probe(ends, direction, bytes) == P2I_MATCH_MORE &&
            (*at)->probe_cut(ends, direction, bytes)) {
            return p2i_stream_attach(stream, *at);
        }
    }
    return false;
}

void p2i_stream_drop_opening(struct p2i_stream *stream, struct p2i_stream_half *half)
{
    p2i_pool_put(stream->parser.pool, stream->parser.account, half->opening, P2I_RECOGNISE_BYTES);
    half->opening = NULL;
}

/* Adds what is new of `bytes`, which begin where the direction stands, to its opening. False: they
 * do not follow what is there, or out of memory. */
static bool add_to_opening(struct p2i_stream *stream, struct p2i_stream_half *half,
                           struct p2i_view bytes)
{
    if (half->opening == NULL) {
        const struct p2i_parser *parser = &stream->parser;
        half->opening = p2i_pool_get(parser->pool, parser->account, P2I_RECOGNISE_BYTES, NULL);
        half->opening_size = 0;
        half->opening_end = half->offset;
    }
    if (half->opening == NULL || half->opening_end < half->offset ||
        half->opening_end - half->offset > bytes.size) {
        return false;
    }
    struct p2i_view fresh =
        p2i_view_first(p2i_view_from(bytes, (size_t)(half->opening_end - half->offset)),
                       P2I_RECOGNISE_BYTES - half->opening_size);
    if (fresh.size > 0) {
        memcpy(half->opening + half->opening_size, fresh.data, fresh.size);
    }
    half->opening_size += (uint32_t)fresh.size;
    half->opening_end += fresh.size;
    return true;
}

static enum p2i_match ask_names(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                                enum p2i_direction direction, struct p2i_view bytes)
{
    const struct p2i_recogniser *found = NULL;
    enum p2i_match match =
        p2i_recognise(&stream->parser.ends, direction, bytes, &stream->note[direction], &found);
    if (match == P2I_MATCH_YES) {
        stream->id = found->id;
        if (found->opaque) {
            p2i_stream_finish(stream, setting);
        }
    }
    return match;
}

void p2i_stream_recognise_name(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                               enum p2i_direction direction, struct p2i_view bytes)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (stream->id != P2I_ID_UNKNOWN || half->probes >= P2I_RECOGNISE_SEGMENTS) {
        return;
    }
    if (stream->hint != P2I_ID_UNKNOWN) {
        stream->id = stream->hint;
        p2i_stream_finish(stream, setting);
        return;
    }
    if (half->opening != NULL) {
        enum p2i_match match = P2I_MATCH_NO;
        if (add_to_opening(stream, half, bytes)) {
            match = ask_names(stream, setting, direction,
                              p2i_view_of(half->opening, half->opening_size));
        }
        if (match == P2I_MATCH_YES ||
            (match == P2I_MATCH_MORE && half->opening_size < P2I_RECOGNISE_BYTES)) {
            return;
        }
        p2i_stream_drop_opening(stream, half);
    }
    if (ask_names(stream, setting, direction, bytes) == P2I_MATCH_MORE &&
        bytes.size < P2I_RECOGNISE_BYTES && stream->parser.ends.transport == P2I_OVER_TCP) {
        (void)add_to_opening(stream, half, bytes);
    }
}

bool p2i_stream_recognise(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                          enum p2i_direction direction, struct p2i_stream_buffer *buffer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    enum p2i_match match = P2I_MATCH_NO;
    if (half->probes < P2I_PROBE_SEGMENTS) {
        match = p2i_stream_probe(stream, setting, direction,
                                 p2i_view_first(buffer->bytes, P2I_HEAD_MAX));
    }
    if (match == P2I_MATCH_NO) {
        p2i_stream_recognise_name(stream, setting, direction, buffer->bytes);
        if (stream->finished) {
            return false;
        }
    }
    if (match == P2I_MATCH_YES) {
        p2i_stream_tell_missed(stream, setting, !direction);
        return true;
    }
    if (match == P2I_MATCH_MORE && buffer->bytes.size < P2I_HEAD_MAX) {
        return false;
    }
    half->midway = true;
    if (buffer->fresh > 0 && buffer->fresh < buffer->bytes.size) {
        /* What was held (a keep-alive's byte, say) is no beginning; what is new may be one. */
        setting->counts.ignored_bytes += buffer->fresh;
        p2i_stream_buffer_advance(half, buffer, buffer->fresh);
        return true;
    }
    setting->counts.ignored_bytes += buffer->bytes.size;
    p2i_stream_buffer_advance(half, buffer, buffer->bytes.size);
    if (half->probes < P2I_PROBE_SEGMENTS) {
        half->probes++;
    }
    if (half->probes == P2I_PROBE_SEGMENTS &&
        stream->half[!direction].probes == P2I_PROBE_SEGMENTS) {
        p2i_stream_finish(stream, setting);
    }
    return false;
}
