/* SPDX-License-Identifier: MIT */
/* The way of one session's bytes to a parser: which protocol it is, which bytes are held because
 * they were not consumed, which are to be skipped. Takes ordered bytes of two directions, or
 * datagrams; TCP's order is the caller's work.
 *
 * A worker has one struct p2i_stream_worker, and a struct p2i_stream for each session. All calls
 * for them come from that worker's thread. */
#ifndef P2I_PROTOCOL_STREAM_H
#define P2I_PROTOCOL_STREAM_H

#include "protocol/protocol.h"

enum {
    P2I_HEAD_MAX = (64 << 10) + 2, /* bytes held for an incomplete message: one of 65,535 bytes with
                                      a length in front fits */
    P2I_PROBE_SEGMENTS = 32,       /* segments of a direction that are probed */
    P2I_RECOGNISE_SEGMENTS = 8,    /* of these, also for protocols that are known by name alone */
    P2I_RECOGNISE_BYTES = 64,      /* with which their recognisers must be sure */
    P2I_FAMILIES_MAX = 4,          /* struct p2i_protocol_family in a worker's list of protocols */
};

/* Bytes by fate; all bytes given = parsed + ignored, once the streams have ended. */
struct p2i_stream_counts {
    uint64_t parsed_bytes;   /* consumed by a parser, or skipped at its request */
    uint64_t ignored_bytes;  /* of streams that are not recognised or have finished */
    uint64_t lost_bytes;     /* gaps */
    uint64_t overfull_count; /* message heads that were larger than can be held */
    /* For observers of single sessions. */
    uint64_t early_gap_count; /* gaps so early that no protocol can be recognised any more */
    uint64_t joined_count;    /* messages, or parts that are parsed at once, of several segments */
    uint64_t change_count;    /* another protocol followed in a stream */
};

/* Shared by all streams of a worker. */
struct p2i_stream_worker {
    const struct p2i_protocol *const *protocols; /* NULL-terminated */
    const struct p2i_message_sink *sink;
    struct p2i_pool *pool;
    struct p2i_stream_counts counts;
    const struct p2i_protocol_family *families[P2I_FAMILIES_MAX]; /* NULL behind the last */
    void *shared[P2I_FAMILIES_MAX];                               /* theirs */
};

/* Unconsumed bytes of a direction. */
struct p2i_held_bytes {
    struct p2i_packet_info info; /* of the first of them */
    uint32_t start;              /* of them in `bytes`; those before were consumed */
    uint8_t bytes[];
};

/* The first bytes of a direction that no parser took, for recognisers that want more of them. */
struct p2i_stream_opening {
    uint64_t end; /* offset behind them */
    uint32_t size;
    uint8_t bytes[P2I_RECOGNISE_BYTES];
};

/* A cache line. */
struct p2i_stream_half {
    struct p2i_held_bytes *held; /* from the pool; NULL: none */
    uint64_t offset;             /* of the first unconsumed byte */
    uint64_t skip;               /* bytes still to be skipped; UINT64_MAX: all */
    uint64_t lost;
    struct p2i_stream_opening *opening; /* from the pool; NULL: none */
    uint64_t note;                      /* of recognisers */
    uint32_t held_size;                 /* bytes held */
    uint32_t held_capacity;             /* size of the block at `held` */
    uint32_t need;                      /* see p2i_step */
    uint8_t probes;                     /* segments probed without recognising a protocol */
    bool closed;
    bool seen;   /* has carried bytes */
    bool midway; /* while no protocol is recognised: bytes were ignored or lost, so that the next
                    ones may be of the middle of a message */
};

/* The session layer reads `id`, `account` and `finished`, and sets `id` and `hint` when it starts
 * the stream. All other members belong to the protocol layer. */
struct p2i_stream {
    const struct p2i_protocol *protocol; /* NULL: not recognised yet */
    void *state;                         /* of its parser; from the pool */
    struct p2i_account *account;         /* pays for the memory of the session */
    struct p2i_ends ends;
    uint8_t id;    /* enum p2i_protocol_id: the first recognised protocol */
    uint8_t hint;  /* enum p2i_protocol_id: the announced protocol. The first bytes are probed all
                      the same; when no parser takes them, the hint is believed and the rest is
                      ignored */
    bool finished; /* nothing more to be had: bytes are only counted */
    struct p2i_stream_half half[2];
};

/* Opens the families of `protocols`. `protocols` and `sink` must outlive the worker, `settings` its
 * streams. False: out of memory, or there are more than P2I_FAMILIES_MAX families; close it in
 * any case. */
bool p2i_stream_worker_open(struct p2i_stream_worker *worker,
                            const struct p2i_protocol *const *protocols,
                            const struct p2i_parse_settings *settings,
                            const struct p2i_message_sink *sink);

/* Call it behind the end of all streams, or, without ending them, to drop them. A zeroed worker is
 * fine. */
void p2i_stream_worker_close(struct p2i_stream_worker *worker);

/* Starts a stream, which the caller has zeroed; `account` must outlive it. */
void p2i_stream_start(struct p2i_stream *stream, struct p2i_ends ends, struct p2i_account *account);

/* The next bytes of a direction, in order. */
void p2i_stream_data(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                     enum p2i_direction direction, struct p2i_view bytes,
                     const struct p2i_packet_info *info);

/* True when the next bytes of the direction will be skipped or ignored, so that the caller need not
 * hold segments that are out of order. */
static inline bool p2i_stream_blind_to(const struct p2i_stream *stream,
                                       enum p2i_direction direction)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    return stream->finished || half->skip == UINT64_MAX ||
           (stream->protocol == NULL && half->probes >= P2I_PROBE_SEGMENTS);
}

/* True when the next `size` bytes of the direction will be skipped or ignored. */
static inline bool p2i_stream_skips(const struct p2i_stream *stream, enum p2i_direction direction,
                                    size_t size)
{
    return stream->half[direction].skip >= size || p2i_stream_blind_to(stream, direction);
}

/* Skips the next `size` bytes of the direction. False: a parser must see some of them. */
static inline bool p2i_stream_skip(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                                   enum p2i_direction direction, size_t size)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->skip < size || half->closed || stream->finished) {
        return false;
    }
    half->skip -= half->skip == UINT64_MAX ? 0 : size;
    half->offset += size;
    half->seen = true;
    worker->counts.parsed_bytes += size;
    return true;
}

/* True when the urgent byte of TCP belongs to the stream. */
bool p2i_stream_keeps_urgent(const struct p2i_stream *stream);

/* `missing` bytes of a direction are lost. */
void p2i_stream_gap(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                    enum p2i_direction direction, uint64_t missing);

/* No more bytes of the direction of a TCP stream come. `ended`: its sender ended it (FIN or RST).
 * Idempotent. */
void p2i_stream_close(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                      enum p2i_direction direction, bool ended);

/* A datagram of a UDP session, of which `missing` bytes behind `bytes` were not captured. */
void p2i_stream_datagram(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                         enum p2i_direction direction, struct p2i_view bytes, uint64_t missing,
                         const struct p2i_packet_info *info);

/* True when the stream can be forgotten and a new one take the session up: no byte is held or to
 * be skipped, and the parser waits for nothing. */
bool p2i_stream_is_dormant(const struct p2i_stream *stream, const struct p2i_stream_worker *worker);

/* Ignores all bytes that follow and gives all memory back, without closing the directions: the held
 * bytes count as ignored. */
void p2i_stream_finish(struct p2i_stream *stream, struct p2i_stream_worker *worker);

/* Closes both directions, as not ended by their senders, and gives all memory back. Call it once.
 */
void p2i_stream_end(struct p2i_stream *stream, struct p2i_stream_worker *worker);

#endif
