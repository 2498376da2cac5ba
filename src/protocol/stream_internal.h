/* SPDX-License-Identifier: MIT */
/* What stream.c (bytes on their way) and stream_recognise.c (which protocol they are) share. */
#ifndef P2I_PROTOCOL_STREAM_INTERNAL_H
#define P2I_PROTOCOL_STREAM_INTERNAL_H

#include "protocol/stream.h"

/* The bytes at hand while a direction is worked through. It owns what the direction held. */
struct p2i_stream_buffer {
    struct p2i_view bytes; /* not consumed yet */
    size_t fresh;          /* offset in `bytes` of the first byte of the newest packet */
    const struct p2i_packet_info *last; /* of the bytes from `fresh` on */
    struct p2i_packet_info
        *held_info;  /* of the bytes in front of `fresh`; from the pool; NULL none */
    uint8_t *buffer; /* from the pool; `bytes` lies in it; NULL: in the packet */
    uint32_t capacity;
};

/* Takes `size` bytes off the offer. */
static inline void p2i_stream_buffer_advance(struct p2i_stream_half *half,
                                             struct p2i_stream_buffer *buffer, size_t size)
{
    buffer->bytes = p2i_view_from(buffer->bytes, size);
    buffer->fresh -= size < buffer->fresh ? size : buffer->fresh;
    half->offset += size;
}

/* ---- stream.c ---- */

/* A segment of what a direction holds, for gap() and close(). */
struct p2i_stream_segment p2i_stream_held_segment(const struct p2i_stream *stream,
                                                  enum p2i_direction direction);

/* What a direction holds is given up unparsed. */
void p2i_stream_ignore_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                            struct p2i_stream_half *half);

/* Nothing more is looked at: gives back all memory. */
void p2i_stream_finish(struct p2i_stream *stream, struct p2i_stream_setting *setting);

/* Makes the parser of a stream that has none; false when out of memory. */
bool p2i_stream_attach(struct p2i_stream *stream, const struct p2i_protocol *protocol);

/* ---- stream_recognise.c ---- */

void p2i_stream_drop_opening(struct p2i_stream *stream, struct p2i_stream_half *half);

/* Asks the parsers in their order; YES: one was attached. */
enum p2i_match p2i_stream_probe(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                                enum p2i_direction direction, struct p2i_view bytes);

/* No parser takes these bytes; perhaps they are of a protocol that is known by name. Who wants more
 * of them gets a copy of the first, so that parsers are not kept from what follows. */
void p2i_stream_recognise_name(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                               enum p2i_direction direction, struct p2i_view bytes);

/* Not recognised so far. False: stop working on this offer. */
bool p2i_stream_recognise(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                          enum p2i_direction direction, struct p2i_stream_buffer *buffer);

/* A direction of which bytes went by before its protocol was known begins in the middle. What it
 * held for another protocol's sake goes by too, unless this one can begin with it. */
void p2i_stream_tell_missed(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                            enum p2i_direction direction);

/* Bytes that parsers wanted more of, and behind which there will be no more: true when a parser was
 * attached that can begin with a cut message. */
bool p2i_stream_probe_cut(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                          enum p2i_direction direction, struct p2i_view bytes);

#endif
