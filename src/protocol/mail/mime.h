/* SPDX-License-Identifier: MIT */
/* A message as it streams by (RFC 5322, RFC 2045 to 2049): the header fields that a record shows,
 * and whether a part is an attachment. Content is given in segments cut anywhere; at most one line
 * that matters is held. Bodies are looked at only for lines that begin with "--", and not at all
 * when nothing can be learnt from them any more. */
#ifndef P2I_PROTOCOL_MAIL_MIME_H
#define P2I_PROTOCOL_MAIL_MIME_H

#include "protocol/mail/mime_type.h"

enum {
    P2I_MIME_DEPTH = 16,          /* multiparts in one another; deeper ones are plain content */
    P2I_MIME_VALUE_MAX = 8 << 10, /* bytes of a field; the rest is not seen */
};

/* Views of the texts live as long as they are not added to. Fields are unfolded, otherwise as they
 * were sent; of one that is cut, addresses and hosts are there whole or not at all. Starts zeroed;
 * ends with p2i_mime_free(). */
struct p2i_mime {
    struct p2i_text from, to, cc, reply_to, subject;
    struct p2i_text hosts;      /* the `by` hosts of Received, comma-separated */
    struct p2i_text value;      /* of the field that is being read */
    struct p2i_text line;       /* the beginning of a line that may matter */
    struct p2i_text boundaries; /* of the open multiparts, the outermost first */
    struct p2i_mime_part part;  /* that of which the header is being read */
    uint8_t boundary_size[P2I_MIME_DEPTH];
    uint8_t depth;
    uint8_t received_count;
    uint8_t field; /* enum in mime.c */
    bool in_body;
    bool in_part;     /* a header that is read is not the message's own */
    bool attachment;  /* a part is one */
    bool dotted;      /* set by the owner: content ends with a line of one dot, and other lines that
                         begin with a dot have one more (RFC 5321 section 4.5.2) */
    bool bare_lf;     /* set by the owner: its lines end without CR */
    bool mid_line;    /* the next byte does not begin a line */
    bool after_cr;    /* the byte before it was a CR */
    bool after_text;  /* the line before did not end as lines have to */
    bool loose_end;   /* what came last may have been meant as the final dot, but is none by the
                         mail */
    bool holed;       /* bytes have been lost */
    bool behind_gap;  /* nothing has come since */
    bool value_cut;   /* the field that is being read is not whole */
    bool limited;     /* a field is longer than P2I_MIME_VALUE_MAX */
    bool subject_cut; /* the subject is not whole */
    bool once;        /* a field that there is already is not added to, not even if it is a list */
};

/* Reads content, up to the end of `bytes` or to the final dot, and returns how much that was.
 * `*ended` (may be NULL without `dotted`): the final dot was found. */
size_t p2i_mime_read(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view bytes,
                     bool *ended);

/* The content is complete, or no more of it will come. */
void p2i_mime_end(const struct p2i_parser *parser, struct p2i_mime *mime);

/* What comes next is a header: that of the message, or, with `part`, of a part of it. */
void p2i_mime_expect_header(const struct p2i_parser *parser, struct p2i_mime *mime, bool part);

/* Bytes of the content were lost, or (with p2i_mime_end() behind it) the rest of it will not come:
 * the field that was being read is cut. */
void p2i_mime_gap(const struct p2i_parser *parser, struct p2i_mime *mime);

/* True when nothing can be learnt from what follows (but where it ends). */
static inline bool p2i_mime_idle(const struct p2i_mime *mime)
{
    return mime->in_body && (mime->depth == 0 || mime->attachment);
}

void p2i_mime_free(const struct p2i_parser *parser, struct p2i_mime *mime);

#endif
