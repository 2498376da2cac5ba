/* SPDX-License-Identifier: MIT */
/* One session's way through the parsers: which protocol it is, what has been offered and not
 * consumed, what is to be skipped. It takes ordered bytes of two directions and knows no TCP. */
#ifndef P2I_PROTOCOL_STREAM_H
#define P2I_PROTOCOL_STREAM_H

#include "protocol/protocol.h"

enum {
    P2I_HEAD_MAX = (64 << 10) + 2, /* bytes held for a message that is not complete: the largest DNS
                                      message over TCP fits */
    P2I_PROBE_SEGMENTS = 32,       /* segments of a direction looked at before it is given up */
    P2I_RECOGNISE_SEGMENTS = 8,    /* of these, for protocols known by name alone */
    P2I_RECOGNISE_BYTES = 64,      /* which have to be sure with this many bytes */
};

/* Bytes by fate; offered = parsed + ignored + (held at the end: ignored). */
struct p2i_stream_counts {
    uint64_t parsed_bytes;   /* consumed by a parser, or skipped at its word */
    uint64_t ignored_bytes;  /* of streams that are not recognised or have finished */
    uint64_t lost_bytes;     /* gaps */
    uint64_t overfull_count; /* heads that were larger than could be held */
};

/* Shared by all streams of a worker. */
struct p2i_stream_setting {
    const struct p2i_protocol *const *protocols; /* NULL-terminated */
    const struct p2i_parse_settings *settings;
    struct p2i_pool *pool;
    struct p2i_charsets *charsets; /* may be NULL: slower */
    struct p2i_stream_counts counts;
};

struct p2i_stream_half {
    uint8_t *held;                     /* offered and not consumed; capacity held_capacity */
    struct p2i_packet_info *held_info; /* of held[0]; from the pool */
    uint64_t offset;                   /* of the first byte that has not been consumed */
    uint64_t skip;                     /* bytes still to be skipped; UINT64_MAX: all */
    uint64_t lost;
    uint32_t held_size;
    uint32_t held_capacity;
    uint8_t *opening;      /* P2I_RECOGNISE_BYTES that no parser took, for recognisers that want
                              more of them; from the pool; NULL none */
    uint64_t opening_end;  /* offset behind them */
    uint32_t opening_size; /* bytes in it */
    uint32_t need;         /* see p2i_step */
    uint8_t probes;        /* segments looked at without recognising anything */
    bool closed;
    bool seen;   /* has carried bytes */
    bool midway; /* while nothing is recognised: bytes were ignored or lost, so that those that come
                    next may be of the middle of a message */
};

struct p2i_stream {
    struct p2i_parser parser; /* protocol NULL: not recognised yet */
    struct p2i_stream_half half[2];
    uint64_t note[2]; /* what recognisers noted, by direction */
    uint8_t id;       /* enum p2i_protocol_id: what was recognised first */
    uint8_t hint;     /* enum p2i_protocol_id: what it was announced to speak. Parsers are asked all
                         the same; when none takes the first bytes, it is believed and nothing more is
                         looked at */
    bool finished;    /* nothing more to be had: only counts */
};

/* Makes what parsers share for as long as the worker lives; protocols and settings are set. False:
 * out of memory. Close it in any case. */
bool p2i_stream_setting_open(struct p2i_stream_setting *setting);
void p2i_stream_setting_close(struct p2i_stream_setting *setting);

/* `stream` zeroed by the caller; `sink` and `account` must outlive it. */
void p2i_stream_start(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                      struct p2i_ends ends, const struct p2i_sink *sink,
                      struct p2i_account *account);

/* The next bytes of a direction, in order. */
void p2i_stream_data(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                     enum p2i_direction direction, struct p2i_view bytes,
                     const struct p2i_packet_info *info);

/* True when the next bytes of the direction will not be looked at, so that the caller need not
 * keep what is out of order. */
static inline bool p2i_stream_blind_to(const struct p2i_stream *stream,
                                       enum p2i_direction direction)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    return stream->finished || half->skip == UINT64_MAX ||
           (stream->parser.protocol == NULL && half->probes >= P2I_PROBE_SEGMENTS);
}

/* True when the next `size` bytes of the direction are to be skipped or ignored unseen. */
static inline bool p2i_stream_skips(const struct p2i_stream *stream, enum p2i_direction direction,
                                    size_t size)
{
    return stream->half[direction].skip >= size || p2i_stream_blind_to(stream, direction);
}

/* Skips the next `size` bytes of the direction if none of them need be seen. */
static inline bool p2i_stream_skip(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                                   enum p2i_direction direction, size_t size)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->skip < size || half->closed || stream->finished) {
        return false;
    }
    half->skip -= half->skip == UINT64_MAX ? 0 : size;
    half->offset += size;
    half->seen = true;
    setting->counts.parsed_bytes += size;
    return true;
}

/* True when the urgent byte of TCP is part of the stream. */
bool p2i_stream_keeps_urgent(const struct p2i_stream *stream);

/* `missing` bytes of a direction are lost. */
void p2i_stream_gap(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                    enum p2i_direction direction, uint64_t missing);

/* No more bytes of the direction of a TCP stream come. `ended`: because its sender ended it (FIN or
 * RST). Idempotent. */
void p2i_stream_close(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      enum p2i_direction direction, bool ended);

/* A datagram of a UDP session, of which `missing` bytes behind `bytes` were not captured. */
void p2i_stream_datagram(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                         enum p2i_direction direction, struct p2i_view bytes, uint64_t missing,
                         const struct p2i_packet_info *info);

/* True when all that the stream keeps could be forgotten and the session be taken up later by
 * a new one: nothing is held, to be skipped, or waiting in the parser. */
bool p2i_stream_is_dormant(const struct p2i_stream *stream);

/* Gives all memory back as p2i_stream_end() does, of a stream dormant: nobody is told of an end. */
void p2i_stream_forget(struct p2i_stream *stream, struct p2i_stream_setting *setting);

/* Closes both directions, as not ended, and gives all memory back. Call it once. */
void p2i_stream_end(struct p2i_stream *stream, struct p2i_stream_setting *setting);

#endif
