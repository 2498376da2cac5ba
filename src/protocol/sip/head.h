/* SPDX-License-Identifier: MIT */
/* The head of a SIP message (RFC 3261 section 7), read leniently: lines may end in LF alone,
 * URIs may contain spaces, and lines that are no header are skipped. All views point into the bytes
 * that were read. */
#ifndef P2I_PROTOCOL_SIP_HEAD_H
#define P2I_PROTOCOL_SIP_HEAD_H

#include "protocol/protocol.h"

struct p2i_sip_start {
    struct p2i_view method; /* of a request */
    struct p2i_view uri;    /* of a request */
    size_t size;            /* bytes of the line, line end included */
    uint16_t status;        /* 0 in a request */
};

/* True for a method in use. */
bool p2i_sip_is_method(struct p2i_view name);

/* Reads the first line of a request or response; fills `start` on YES. MORE behind P2I_LINE_MAX
 * bytes means that a SIP URI has begun. */
enum p2i_match p2i_sip_start(struct p2i_view bytes, struct p2i_sip_start *start);

/* Returns the position, at or behind `from`, of "SIP/2.0" or of its beginning at the end of
 * `bytes`; the size of `bytes` when there is none. */
size_t p2i_sip_find_version(struct p2i_view bytes, size_t from);

/* Tells whether a message begins around the version at `hit`, and sets its position.
 * `line_start`: `bytes` begin with a line. The check is strict, because this may be the middle of a
 * body: the first line has at most P2I_LINE_MAX bytes, a header follows it, and inside a line only
 * methods in use count. */
enum p2i_match p2i_sip_judge(struct p2i_view bytes, size_t hit, bool line_start, size_t *begin);

/* Headers that records or framing need. */
enum p2i_sip_field {
    P2I_SIP_OTHER,
    P2I_SIP_VIA,
    P2I_SIP_ROUTE, /* and Record-Route */
    P2I_SIP_FROM,
    P2I_SIP_TO,
    P2I_SIP_CALL_ID,
    P2I_SIP_CSEQ,
    P2I_SIP_USER_AGENT,
    P2I_SIP_SERVER,
    P2I_SIP_CONTENT_TYPE,
    P2I_SIP_CONTENT_LENGTH,
    P2I_SIP_FIELDS,
};

/* Returns the header for a name, full or compact. */
enum p2i_sip_field p2i_sip_field_of(struct p2i_view name);

struct p2i_sip_head {
    struct p2i_view value[P2I_SIP_FIELDS]; /* the first of each; may be folded */
    uint64_t content_length;               /* with has_length */
    bool has_length;
    bool any; /* there is a header */
};

/* Reads the headers. `lines` begin behind the first line and may go on behind the head. */
void p2i_sip_read_head(struct p2i_view lines, struct p2i_sip_head *head);

/* Reads a head that breaks off where `lines` end, in or behind its last header. `cut`: the
 * message went on. Then the last header counts, as far as it goes, only if half of its text is of
 * use (Call-ID, User-Agent, Server, Content-Type): half a name, number or method would be another
 * one. */
void p2i_sip_read_open_head(struct p2i_view lines, bool cut, struct p2i_sip_head *head);

/* Returns the method in a CSeq value: its last word. */
struct p2i_view p2i_sip_cseq_method(struct p2i_view cseq);

#endif
