/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1.x message (RFC 9112 sections 2 to 5), read line by line while it arrives.
 * What was found is kept as places in the head, not as pointers, so that the bytes may move
 * between calls as long as the head still begins at the first byte. Every byte is looked at once.
 *
 * Read with the patience of servers and browsers: lines may end in LF alone, header values may be
 * folded, names may have spaces behind them; lines that are no header are passed over. What tells
 * where the message ends is read by the letter. */
#ifndef P2I_PROTOCOL_HTTP_HEAD_H
#define P2I_PROTOCOL_HTTP_HEAD_H

#include "protocol/message.h"
#include "protocol/protocol.h"

/* Headers that matter. Those before P2I_HTTP_KEPT are kept as text, the others are understood. */
enum p2i_http_field {
    P2I_HTTP_HOST,
    P2I_HTTP_REFERER,
    P2I_HTTP_USER_AGENT,
    P2I_HTTP_COOKIE,
    P2I_HTTP_CONTENT_TYPE,
    P2I_HTTP_LOCATION,
    P2I_HTTP_KEPT,
    P2I_HTTP_CONTENT_LENGTH = P2I_HTTP_KEPT,
    P2I_HTTP_TRANSFER_ENCODING,
    P2I_HTTP_UPGRADE,
    P2I_HTTP_EXPECT,
    P2I_HTTP_OTHER,
};

/* Bytes of the head, counted from its first byte. */
struct p2i_http_span {
    uint32_t at;
    uint32_t size;
};

/* The place of `inner` in `whole`; of an empty one the first byte. */
static inline struct p2i_http_span p2i_http_span_of(struct p2i_view whole, struct p2i_view inner)
{
    if (inner.size == 0) {
        return (struct p2i_http_span){0};
    }
    return (struct p2i_http_span){(uint32_t)(inner.data - whole.data), (uint32_t)inner.size};
}

/* Zeroed at the start of a message. */
struct p2i_http_head {
    uint32_t line;    /* where the first line begins that is not complete; at the end: head size */
    uint32_t scanned; /* from `line` up to here there is no line end */
    uint32_t headers; /* where the line behind the first one begins */
    struct p2i_http_span target;               /* of a request */
    struct p2i_http_span field[P2I_HTTP_KEPT]; /* the first of its name, trimmed */
    uint64_t content_length;                   /* 0 without has_length; below UINT64_MAX */
    uint16_t status;                           /* 0: this is a request */
    uint8_t method;                            /* enum p2i_method */
    uint8_t rough;                             /* bit a field: folded, or there are several */
    uint8_t last_field;                        /* which a folded line goes on with */
    bool started;                              /* the first line is complete and good */
    bool known;                                /* a method in use, or a status line */
    bool target_cut;                           /* the target may go on behind what is there */
    bool has_host;     /* there was a Host, if an empty one: no other counts */
    bool has_length;   /* there is one good Content-Length */
    bool bad_length;   /* it is no number, too large, or there are others */
    bool empty_length; /* nothing stood in the only one so far */
    bool coded;        /* there is a transfer coding but "identity" ... */
    bool chunked;      /* ... and the last one is "chunked" */
    bool open_coding;  /* the last line of codings ended with a comma */
    bool spaced;       /* something stood between the name and colon of what tells the end */
    bool expects;      /* Expect: 100-continue (RFC 9110 10.1.1) */
    bool websocket;    /* Upgrade: websocket (RFC 6455 4.1, 4.2.2) */
};

/* The end of the first line that is not complete; the size of `bytes` when it is not there. Bytes
 * seen before are not looked at again. */
static inline size_t p2i_http_line_end(struct p2i_http_head *head, struct p2i_view bytes)
{
    size_t end = head->scanned + p2i_view_find(p2i_view_from(bytes, head->scanned), '\n');
    head->scanned = (uint32_t)end;
    return end;
}

/* ---- The first line: http_line.c ---- */

/* Is the first line that of a request or response? Fills `head` on YES, after which
 * p2i_http_headers() goes on. MORE behind P2I_LINE_MAX bytes means that the method is known. */
enum p2i_match p2i_http_start(struct p2i_http_head *head, struct p2i_view bytes);

/* The same for all there is of a first line that is cut: true when a record can be made of it, of a
 * request with its method and one byte of its target, of a response with its status. Strict, as
 * there is no version at the end to show that this is HTTP: a method in use, and a target as
 * p2i_http_is_target() tells. `head` is then one of which all headers are missing. */
bool p2i_http_start_cut(struct p2i_http_head *head, struct p2i_view bytes);

/* Can `rest`, what stands behind the method, begin with the target of a request: a path, "*", an
 * absolute URI of http or https, or the authority of a CONNECT? So strict where it is not known
 * that a request is here. */
bool p2i_http_is_target(enum p2i_method method, struct p2i_view rest);

/* Where "HTTP/1." and a digit, or what may become one at the end of `bytes`, is found at or behind
 * `from`; the size of `bytes` when nowhere. */
size_t p2i_http_find_version(struct p2i_view bytes, size_t from);

/* Does a message begin around the version at `hit`, and where? `line_start` tells whether `bytes`
 * begin with a line. Strict, as this may be the middle of a body: methods in use only, first lines
 * up to P2I_LINE_MAX, and inside a line only if a header follows. Fills the first line into
 * `head`. */
enum p2i_match p2i_http_judge(struct p2i_view bytes, size_t hit, bool line_start,
                              struct p2i_http_head *head, size_t *begin);

/* ---- Header lines: http_head.c ---- */

/* Takes the header lines that are complete; true when the head has ended, at head->line. */
bool p2i_http_headers(struct p2i_http_head *head, struct p2i_view bytes);

/* Takes what is there of a head that is cut behind `bytes`: also the line that has no end, if it is
 * of a header that is kept as text, but for Host. */
void p2i_http_headers_cut(struct p2i_http_head *head, struct p2i_view bytes);

/* Takes one header line of a head that was given up, for what it says about the body. */
void p2i_http_framing(struct p2i_http_head *head, struct p2i_view line);

/* Can it be told where this request ends (RFC 9112 6.3)? Not with a length that is bad (and no
 * coding, which counts before it), a last coding that is not chunked, or a blank in front of the
 * colon of one of these (5.1). */
bool p2i_http_is_framed(const struct p2i_http_head *head);

/* The value of a header. `scratch` has room for the bytes of the head and is used when the value
 * is not in one segment; the part used is taken off it. A folded value is joined by one space,
 * several values by ", " (Cookie by "; "). NULL: the first value as it stands. */
struct p2i_view p2i_http_value(const struct p2i_http_head *head, struct p2i_view bytes,
                               enum p2i_http_field field, uint8_t **scratch);

/* The target of a request, as sent. */
struct p2i_view p2i_http_target(const struct p2i_http_head *head, struct p2i_view bytes);

/* The host a request is for: `host` (the header's value), else the authority of its target if it is
 * whole, which the end of a target that is cut is not; without the port if that is the default of
 * the scheme. */
struct p2i_view p2i_http_host(enum p2i_method method, struct p2i_view target, bool target_cut,
                              struct p2i_view host);

#endif
