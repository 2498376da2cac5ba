/* SPDX-License-Identifier: MIT */
/* Shared by the files of the stream layer: stream.c (a stream and its parser, from start to end),
 * stream_recognise.c (which protocol it is) and stream_deliver.c (bytes on their way to a parser).
 */
#ifndef P2I_PROTOCOL_STREAM_INTERNAL_H
#define P2I_PROTOCOL_STREAM_INTERNAL_H

#include "protocol/stream.h"

/* The unconsumed bytes of a direction while they are delivered. Owns the memory of those that were
 * held. */
struct p2i_stream_buffer {
    struct p2i_view bytes;
    size_t fresh;                       /* offset in `bytes` of the newest packet's first byte */
    const struct p2i_packet_info *last; /* of the newest packet */
    struct p2i_held_bytes
        *held;         /* `bytes` lies in it; from the pool; NULL: it lies in the packet */
    uint32_t capacity; /* size of the block at `held` */
};

/* The held bytes of a direction, which has some. */
static inline struct p2i_view p2i_stream_held(const struct p2i_stream_half *half)
{
    return p2i_view_of(half->held->bytes + half->held->start, half->held_size);
}

/* Takes `size` bytes off the front. */
static inline void p2i_stream_buffer_advance(struct p2i_stream_half *half,
                                             struct p2i_stream_buffer *buffer, size_t size)
{
    buffer->bytes = p2i_view_from(buffer->bytes, size);
    buffer->fresh -= size < buffer->fresh ? size : buffer->fresh;
    half->offset += size;
}

/* Takes `size` bytes off the front, unparsed. */
static inline void p2i_stream_buffer_ignore(struct p2i_stream_worker *worker,
                                            struct p2i_stream_half *half,
                                            struct p2i_stream_buffer *buffer, size_t size)
{
    worker->counts.ignored_bytes += size;
    p2i_stream_buffer_advance(half, buffer, size);
}

/* ---- stream.c ---- */

/* What the parser's functions get. Lives for one call of them. */
struct p2i_parser p2i_stream_parser(const struct p2i_stream *stream,
                                    const struct p2i_stream_worker *worker);

/* Makes the parser of a stream that has none; false: out of memory. */
bool p2i_stream_attach(struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                       const struct p2i_protocol *protocol);

/* The parser ended in the middle of the session: the bytes that follow are for `next`, NULL: they
 * are probed. */
void p2i_stream_restart(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                        const struct p2i_protocol *next);

/* Ignores the held bytes of a direction and gives their memory back. */
void p2i_stream_ignore_held(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                            struct p2i_stream_half *half);

/* ---- stream_deliver.c ---- */

/* The front of a buffer as the parser gets it. */
struct p2i_stream_segment p2i_stream_segment_of(const struct p2i_stream *stream,
                                                enum p2i_direction direction,
                                                const struct p2i_stream_buffer *buffer);

/* The held bytes of a direction as gap() and close() get them. */
struct p2i_stream_segment p2i_stream_held_segment(const struct p2i_stream *stream,
                                                  enum p2i_direction direction);

/* Reports a gap to the parser, if there is one and it wants to know. */
void p2i_stream_report_gap(const struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                           const struct p2i_stream_segment *segment, uint64_t missing);

/* ---- stream_recognise.c ---- */

void p2i_stream_drop_opening(const struct p2i_stream *stream,
                             const struct p2i_stream_worker *worker, struct p2i_stream_half *half);

/* Probes all protocols in their order. YES: a parser was attached. */
enum p2i_match p2i_stream_probe(struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                                enum p2i_direction direction, struct p2i_view bytes);

/* The same where parsers wanted more bytes and none follow. True: a parser was attached that can
 * begin with a cut message. */
bool p2i_stream_probe_cut(struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                          enum p2i_direction direction, struct p2i_view bytes);

/* No parser takes these bytes: recognises protocols that are known by name alone. Keeps a copy of
 * the first bytes for recognisers that want more, so that parsers get the following ones at once.
 */
void p2i_stream_recognise_name(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                               enum p2i_direction direction, struct p2i_view bytes);

/* Recognises the protocol of a stream that has none yet. False: stop delivering this buffer. */
bool p2i_stream_recognise(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                          enum p2i_direction direction, struct p2i_stream_buffer *buffer);

/* A parser was attached by bytes of the other direction: if this direction has lost or ignored
 * bytes, reports that to it as a gap. Ignores the held bytes of this direction, unless the protocol
 * can begin with them. */
void p2i_stream_report_missed(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                              enum p2i_direction direction);

#endif
