/* SPDX-License-Identifier: MIT */
/* The head of a SIP message (RFC 3261 section 7). Read with patience: lines may end in LF alone,
 * URIs may hold spaces, lines that are no header are passed over. All views are parts of the bytes
 * that were read. */
#ifndef P2I_PROTOCOL_SIP_HEAD_H
#define P2I_PROTOCOL_SIP_HEAD_H

#include "protocol/protocol.h"

struct p2i_sip_start {
    struct p2i_view method; /* of a request */
    struct p2i_view uri;    /* of a request */
    size_t size;            /* of the line, with its end */
    uint16_t status;        /* 0: this is a request */
};

/* Is the first line that of a request or response? Fills `start` on YES. MORE behind P2I_LINE_MAX
 * bytes means that a SIP URI has begun. */
enum p2i_match p2i_sip_start(struct p2i_view bytes, struct p2i_sip_start *start);

/* Where "SIP/2.0", or what may become one at the end of `bytes`, is found at or behind `from`; the
 * size of `bytes` when nowhere. */
size_t p2i_sip_find_version(struct p2i_view bytes, size_t from);

/* Does a message begin around the version at `hit`, and where? `line_start` tells whether `bytes`
 * begin with a line. Strict, as this may be the middle of a body: first lines up to P2I_LINE_MAX,
 * behind which a header follows, and inside a line only methods in use. */
enum p2i_match p2i_sip_judge(struct p2i_view bytes, size_t hit, bool line_start, size_t *begin);

/* Headers that matter. */
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

/* Which header a name, full or compact, stands for. */
enum p2i_sip_field p2i_sip_field_of(struct p2i_view name);

struct p2i_sip_head {
    struct p2i_view value[P2I_SIP_FIELDS]; /* the first of each; may be folded */
    uint64_t content_length;               /* with has_length */
    bool has_length;
    bool any; /* there is a header */
};

/* `lines` are those behind the first one, and may go on behind the head. */
void p2i_sip_read_head(struct p2i_view lines, struct p2i_sip_head *head);

/* The same for a head that breaks off where `lines` end, in or behind its last header. `cut`: there
 * was more of it. Then the last header counts, as far as it goes, only if it is text of which half
 * is of use (Call-ID, User-Agent, Server, Content-Type): a name, a number or a method that is cut
 * would be another one. */
void p2i_sip_read_open_head(struct p2i_view lines, bool cut, struct p2i_sip_head *head);

/* The method in the value of CSeq: its last word. */
struct p2i_view p2i_sip_cseq_method(struct p2i_view cseq);

#endif
