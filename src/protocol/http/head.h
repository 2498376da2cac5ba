/* SPDX-License-Identifier: MIT */
/* Reads the head of an HTTP/1.x message (RFC 9112 sections 2 to 5) line by line while it arrives.
 * Results are offsets in the head, not pointers, so the bytes may move between calls as long as the
 * head still begins at the first byte. Every byte is scanned once.
 *
 * As tolerant as servers and browsers are: lines may end in LF alone, header values may be
 * folded, names may be followed by spaces; lines that are no header are ignored. Headers that
 * decide where the message ends are read strictly. */
#ifndef P2I_PROTOCOL_HTTP_HEAD_H
#define P2I_PROTOCOL_HTTP_HEAD_H

#include "protocol/message.h"
#include "protocol/protocol.h"

/* Headers that matter. Those before P2I_HTTP_KEPT are kept as text, the others are interpreted. */
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

/* A part of the head, counted from its first byte. */
struct p2i_http_span {
    uint32_t at;
    uint32_t size;
};

/* The span of `inner` in `whole`; (0, 0) if it is empty. */
static inline struct p2i_http_span p2i_http_span_of(struct p2i_view whole, struct p2i_view inner)
{
    if (inner.size == 0) {
        return (struct p2i_http_span){0};
    }
    return (struct p2i_http_span){(uint32_t)(inner.data - whole.data), (uint32_t)inner.size};
}

/* Zeroed at the start of a message. */
struct p2i_http_head {
    uint32_t line;    /* start of the first incomplete line; at the end: size of the head */
    uint32_t scanned; /* no line end from `line` up to here */
    uint32_t headers; /* start of the line behind the first one */
    struct p2i_http_span target;               /* of a request */
    struct p2i_http_span field[P2I_HTTP_KEPT]; /* the first of its name, trimmed */
    uint64_t content_length;                   /* 0 without has_length; below UINT64_MAX */
    uint16_t status;                           /* 0: this is a request */
    uint8_t method;                            /* enum p2i_method */
    uint8_t rough;                             /* a bit for each field: folded, or more than one */
    uint8_t last_field;                        /* the header that a folded line continues */
    bool started;                              /* the first line is complete and valid */
    bool known;                                /* a method in use, or a status line */
    bool target_cut;                           /* the target may continue behind the bytes */
    bool has_host;     /* there was a Host, perhaps empty: further ones do not count */
    bool has_length;   /* there is one valid Content-Length */
    bool bad_length;   /* it is no number, too large, or there are different ones */
    bool empty_length; /* the only one so far is empty */
    bool coded;        /* there is a transfer coding other than "identity" */
    bool chunked;      /* the last transfer coding is "chunked" */
    bool open_coding;  /* the last line of codings ended with a comma */
    bool spaced;       /* a Content-Length or Transfer-Encoding has bytes between name and colon */
    bool expects;      /* Expect: 100-continue (RFC 9110 10.1.1) */
    bool websocket;    /* Upgrade: websocket (RFC 6455 4.1, 4.2.2) */
};

/* True for a method in use. */
bool p2i_http_is_method(struct p2i_view name);

/* End of the first incomplete line; the size of `bytes` if it is not there. Bytes that were
 * scanned are not scanned again. */
static inline size_t p2i_http_line_end(struct p2i_http_head *head, struct p2i_view bytes)
{
    size_t end = head->scanned + p2i_view_find(p2i_view_from(bytes, head->scanned), '\n');
    head->scanned = (uint32_t)end;
    return end;
}

/* ---- first lines: line.c ---- */

/* Reads the first line. YES: a request or status line, in `head`; continue with
 * p2i_http_headers(). MORE behind P2I_LINE_MAX bytes: only the method is known. */
enum p2i_match p2i_http_start(struct p2i_http_head *head, struct p2i_view bytes);

/* Reads a cut first line. True: it gives a record, that of a request with its method and a byte
 * of its target, or of a response with its status; all headers are missing from `head`. Strict,
 * since no version at the end shows that this is HTTP: a method in use, and a target that
 * p2i_http_is_target() accepts. */
bool p2i_http_start_cut(struct p2i_http_head *head, struct p2i_view bytes);

/* True when `rest`, the bytes behind the method, can begin a request target: a path, "*", an
 * absolute URI of http or https, or the authority of a CONNECT. Strict, for places where the
 * bytes may be no request. */
bool p2i_http_is_target(enum p2i_method method, struct p2i_view rest);

/* Offset of "HTTP/1." and a digit, or of a prefix of that at the end of `bytes`, at or behind
 * `from`; the size of `bytes` if there is none. */
size_t p2i_http_find_version(struct p2i_view bytes, size_t from);

/* Decides whether a message begins around the version at `hit`. YES: `*begin` is its offset and
 * `*status` that of a response, or 0 for a request. `line_start`: `bytes` begin with a line.
 * Strict, since this may be the middle of a body: methods in use only, first lines up to
 * P2I_LINE_MAX, and inside a line only if a header follows. */
enum p2i_match p2i_http_judge(struct p2i_view bytes, size_t hit, bool line_start, uint16_t *status,
                              size_t *begin);

/* ---- header lines: head.c ---- */

/* Reads the complete header lines. True: the head has ended, at head->line. */
bool p2i_http_headers(struct p2i_http_head *head, struct p2i_view bytes);

/* Reads the headers of a head that is cut behind `bytes`, including an incomplete last line if
 * its header is kept as text and is not Host. */
void p2i_http_headers_cut(struct p2i_http_head *head, struct p2i_view bytes);

/* Reads one header line of a head that was too long, only for the length of the body. */
void p2i_http_framing(struct p2i_http_head *head, struct p2i_view line);

/* True when the end of this request is known (RFC 9112 6.3). It is not with an invalid length
 * (unless there is a coding, which has priority), with a last coding other than chunked, or with
 * a blank before the colon of one of these (5.1). */
bool p2i_http_is_framed(const struct p2i_http_head *head);

/* The value of a header. `scratch` has room for the bytes of the head; a value of several lines
 * is joined there, and the used part is taken off it. Joins a folded value by one space, several
 * values by ", " (Cookie by "; "). `scratch` NULL: the first value as it stands. */
struct p2i_view p2i_http_value(const struct p2i_http_head *head, struct p2i_view bytes,
                               enum p2i_http_field field, uint8_t **scratch);

/* The target of a request, as sent. */
struct p2i_view p2i_http_target(const struct p2i_http_head *head, struct p2i_view bytes);

/* The host that a request is for: `host` (the header's value), else the authority of its target
 * unless that is cut; without a port that is the default of the scheme. */
struct p2i_view p2i_http_host(enum p2i_method method, struct p2i_view target, bool target_cut,
                              struct p2i_view host);

#endif
