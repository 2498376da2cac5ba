/* SPDX-License-Identifier: MIT */
/* What http.c (the order of messages), http_body.c and http_record.c share. */
#ifndef P2I_PROTOCOL_HTTP_INTERNAL_H
#define P2I_PROTOCOL_HTTP_INTERNAL_H

#include "protocol/http/head.h"

enum p2i_http_phase {
    P2I_HTTP_IN_HEAD = 0,
    P2I_HTTP_IN_LONG_HEAD, /* behind what could be held of a head; its record is out or waiting */
    P2I_HTTP_IN_DATA,      /* of a body that is looked at, as it may not come: `left` bytes */
    P2I_HTTP_IN_CHUNKS,    /* in front of a chunk-size line */
    P2I_HTTP_IN_TRAILER,
    P2I_HTTP_IN_REST,   /* a body that ends with the connection */
    P2I_HTTP_IN_TUNNEL, /* behind a CONNECT, or what asks for a WebSocket, that has not been
                           answered */
    P2I_HTTP_LOST,      /* looking for the start of a message */
};

/* Of a request with Expect: 100-continue: will its body come? */
enum p2i_http_expectation {
    P2I_HTTP_SETTLED = 0, /* there is no such body, or it comes */
    P2I_HTTP_AWAITED,     /* neither 100 nor a final reply was seen */
    P2I_HTTP_ANSWERED,    /* a final reply came, or may have been lost: it may not */
};

/* A reply whose length is known only when its body has ended. Its strings follow it. */
struct p2i_http_waiting {
    struct p2i_http_reply reply;
    struct p2i_packet_info info;
    size_t capacity;
    enum p2i_completeness completeness; /* of its head */
};

/* How many bytes of a body were seen: those of the runs (chunks) that lie behind, and of the run
 * that begins at data_at, without those that were lost. */
struct p2i_http_body {
    uint64_t counted;
    uint64_t data_at;
    uint64_t data_size;
    uint64_t lost_before;
};

/* One direction. */
struct p2i_http_half {
    struct p2i_http_head head;
    struct p2i_http_body body;
    struct p2i_http_waiting *waiting;
    uint64_t heads;       /* bit n: the n-th of the outstanding requests is HEAD */
    uint64_t left;        /* with P2I_HTTP_IN_DATA */
    uint64_t gap_end;     /* offset in the stream behind the last gap */
    uint32_t outstanding; /* requests sent in this direction that were not answered */
    uint8_t phase;        /* enum p2i_http_phase */
    uint8_t behind_data;  /* with P2I_HTTP_IN_DATA: the phase that follows */
    uint8_t expectation;  /* enum p2i_http_expectation */
    bool asks;            /* requests came in this direction */
    bool line_wanted;     /* with P2I_HTTP_LOST: the next message begins a line */
    bool mid_line;        /* the offer begins in the middle of a line that is of no interest */
    bool websocket;       /* with P2I_HTTP_IN_TUNNEL: a WebSocket was asked for */
    uint64_t tunnel_ns;   /* time of the packet in which the head that asks for a tunnel ended */
};

struct p2i_http_state {
    struct p2i_http_half half[2];
    bool afresh; /* the reply to CONNECT was lost: what this is now must be found out again */
};

static inline void p2i_http_expect_head(struct p2i_http_half *half)
{
    half->head = (struct p2i_http_head){0};
    half->phase = P2I_HTTP_IN_HEAD;
    half->expectation = P2I_HTTP_SETTLED;
}

/* `mid_line`: what is offered now was looked at, and is no start of a message. */
static inline void p2i_http_get_lost(struct p2i_http_half *half, bool mid_line)
{
    half->head = (struct p2i_http_head){0};
    half->phase = P2I_HTTP_LOST;
    half->mid_line = mid_line;
    half->line_wanted = false;
    half->expectation = P2I_HTTP_SETTLED;
}

/* It cannot be told where the message ends, of which the bytes that come next are: the next line
 * that begins a message does. */
static inline void p2i_http_lose_framing(struct p2i_http_half *half)
{
    p2i_http_get_lost(half, false);
    half->line_wanted = true;
}

static inline bool p2i_http_is_interim(const struct p2i_http_head *head)
{
    return head->status < 200 && head->status != 101;
}

/* ---- http_record.c ---- */

void p2i_http_emit_request(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                           const struct p2i_http_head *head, enum p2i_completeness completeness);

/* The reply goes out now, or, with `wait`, when its length is known. */
void p2i_http_emit_reply(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         const struct p2i_http_head *head, bool wait,
                         enum p2i_completeness completeness);

/* The reply that waits, if any, goes out: `completeness` is that of its body. */
void p2i_http_emit_waiting(struct p2i_parser *parser, enum p2i_direction direction, uint64_t length,
                           enum p2i_completeness completeness);

/* ---- http_body.c ---- */

/* Body bytes seen up to `offset` of the stream, of which `lost` bytes were lost so far. */
uint64_t p2i_http_body_seen(const struct p2i_http_body *body, uint64_t offset, uint64_t lost);

/* Is nothing of it lost? */
static inline bool p2i_http_body_is_whole(const struct p2i_http_body *body, uint64_t lost)
{
    return lost == body->lost_before;
}

/* Head of a message whose body is not empty has ended; `size` is what it took of the segment. */
struct p2i_step p2i_http_enter_body(struct p2i_http_half *half,
                                    const struct p2i_stream_segment *segment, size_t size);

/* Steps over complete lines up to an empty one; *ended tells whether it was found. Very long lines
 * mean nothing, whether they come in one segment or in many. */
size_t p2i_http_skim_lines(struct p2i_http_half *half, struct p2i_view bytes, bool *ended);

/* The body that is due may not come, P2I_HTTP_ANSWERED. Line ends are passed over first: how many
 * bytes. Then it is found out what follows, body or request: false when that takes more bytes. */
size_t p2i_http_pass_line_ends(struct p2i_http_half *half, struct p2i_view bytes);
bool p2i_http_settle(struct p2i_http_half *half, struct p2i_view bytes);

/* `size` bytes of a body that is looked at were lost. */
void p2i_http_lose_data(struct p2i_http_half *half, uint64_t size);

struct p2i_step p2i_http_in_data(const struct p2i_stream_segment *segment,
                                 struct p2i_http_half *half);
struct p2i_step p2i_http_in_chunks(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment,
                                   struct p2i_http_half *half);
struct p2i_step p2i_http_in_trailer(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment,
                                    struct p2i_http_half *half);

#endif
