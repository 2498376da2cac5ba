/* SPDX-License-Identifier: MIT */
/* The HTTP parser from inside, shared by http.c (order of messages), body.c and record.c. */
#ifndef P2I_PROTOCOL_HTTP_INTERNAL_H
#define P2I_PROTOCOL_HTTP_INTERNAL_H

#include "protocol/http/head.h"

enum p2i_http_phase {
    P2I_HTTP_IN_HEAD = 0,
    P2I_HTTP_IN_LONG_HEAD, /* behind the held part of a head; its record was emitted or waits */
    P2I_HTTP_IN_DATA,      /* in a body that is read because it may not come: `left` bytes */
    P2I_HTTP_IN_CHUNKS,    /* before a chunk-size line */
    P2I_HTTP_IN_TRAILER,
    P2I_HTTP_IN_REST,   /* in a body that ends with the connection */
    P2I_HTTP_IN_TUNNEL, /* behind a CONNECT, or a request for a WebSocket, without a reply yet */
    P2I_HTTP_LOST,      /* searching for the start of a message */
};

/* Will the body of a request with Expect: 100-continue come? */
enum p2i_http_expectation {
    P2I_HTTP_SETTLED = 0, /* there is no such body, or it comes */
    P2I_HTTP_AWAITED,     /* neither 100 nor a final reply was seen */
    P2I_HTTP_ANSWERED,    /* a final reply came, or may have been lost: the body may not come */
};

/* A reply whose length is known only at the end of its body. Its strings follow the struct. */
struct p2i_http_waiting {
    struct p2i_http_reply reply;
    struct p2i_packet_info info;
    size_t capacity;
    enum p2i_completeness completeness; /* of its head */
};

/* Counts the captured bytes of a body: those of earlier runs (chunks), and those of the current
 * run, which begins at data_at, without lost ones. */
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
    uint64_t heads;       /* bit n: the n-th outstanding request is HEAD */
    uint64_t left;        /* with P2I_HTTP_IN_DATA */
    uint64_t gap_end;     /* offset in the stream behind the last gap */
    uint32_t outstanding; /* unanswered requests of this direction */
    uint8_t phase;        /* enum p2i_http_phase */
    uint8_t behind_data;  /* with P2I_HTTP_IN_DATA: the next phase */
    uint8_t expectation;  /* enum p2i_http_expectation */
    bool asks;            /* requests came in this direction */
    bool line_wanted;     /* with P2I_HTTP_LOST: only the start of a line can begin a message */
    bool mid_line;        /* the segment begins inside a line that is of no interest */
    bool websocket;       /* with P2I_HTTP_IN_TUNNEL: a WebSocket was asked for */
    uint64_t tunnel_ns;   /* time of the packet that ended the head of the request for a tunnel */
};

struct p2i_http_state {
    struct p2i_http_half half[2];
    bool afresh; /* the reply to CONNECT was lost: the stream must be recognised again */
};

static inline void p2i_http_expect_head(struct p2i_http_half *half)
{
    half->head = (struct p2i_http_head){0};
    half->phase = P2I_HTTP_IN_HEAD;
    half->expectation = P2I_HTTP_SETTLED;
}

/* Starts to search for a message. `mid_line`: the unconsumed bytes were searched and begin no
 * message. */
static inline void p2i_http_get_lost(struct p2i_http_half *half, bool mid_line)
{
    half->head = (struct p2i_http_head){0};
    half->phase = P2I_HTTP_LOST;
    half->mid_line = mid_line;
    half->line_wanted = false;
    half->expectation = P2I_HTTP_SETTLED;
}

/* The end of the message is not known: the next line that begins a message ends it. */
static inline void p2i_http_lose_framing(struct p2i_http_half *half)
{
    p2i_http_get_lost(half, false);
    half->line_wanted = true;
}

static inline bool p2i_http_is_interim(const struct p2i_http_head *head)
{
    return head->status < 200 && head->status != 101;
}

/* ---- record.c ---- */

void p2i_http_emit_request(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                           const struct p2i_http_head *head, enum p2i_completeness completeness);

/* Emits the reply now or, with `wait`, when its length is known. */
void p2i_http_emit_reply(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         const struct p2i_http_head *head, bool wait,
                         enum p2i_completeness completeness);

/* Emits the waiting reply, if there is one; `completeness` is that of its body. */
void p2i_http_emit_waiting(struct p2i_parser *parser, enum p2i_direction direction, uint64_t length,
                           enum p2i_completeness completeness);

/* ---- body.c ---- */

/* Body bytes captured up to `offset` of the stream; `lost`: bytes of the direction lost so far. */
uint64_t p2i_http_body_seen(const struct p2i_http_body *body, uint64_t offset, uint64_t lost);

/* True when no byte of it was lost. */
static inline bool p2i_http_body_is_whole(const struct p2i_http_body *body, uint64_t lost)
{
    return lost == body->lost_before;
}

/* Enters a body that is not empty; the head took `size` bytes of the segment. */
struct p2i_step p2i_http_enter_body(struct p2i_http_half *half,
                                    const struct p2i_stream_segment *segment, size_t size);

/* Passes complete lines up to an empty one and returns their bytes; sets *ended when it is
 * found. Passes the start of a very long line too, alike for any cutting of the stream. */
size_t p2i_http_skim_lines(struct p2i_http_half *half, struct p2i_view bytes, bool *ended);

/* The expected body may not come (P2I_HTTP_ANSWERED). Passes line ends first and returns their
 * bytes; then decides whether a body or a request follows. False: more bytes are needed. */
size_t p2i_http_pass_line_ends(struct p2i_http_half *half, struct p2i_view bytes);
bool p2i_http_settle(struct p2i_http_half *half, struct p2i_view bytes);

/* `size` bytes of a body that is read were lost. */
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
