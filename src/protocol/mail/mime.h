/* SPDX-License-Identifier: MIT */
/* A mail message, read as a stream (RFC 5322, RFC 2045 to 2049): the header fields that a record
 * shows, and whether a part is an attachment. Content comes in segments cut anywhere; at most one
 * relevant line is kept. Bodies are searched only for lines that begin with "--", and skipped once
 * nothing more can be learnt from them. */
#ifndef P2I_PROTOCOL_MAIL_MIME_H
#define P2I_PROTOCOL_MAIL_MIME_H

#include "protocol/mail/mime_type.h"

enum {
    P2I_MIME_DEPTH = 16,          /* multiparts in one another; deeper ones are plain content */
    P2I_MIME_VALUE_MAX = 8 << 10, /* bytes of a field; the rest is ignored */
};

/* Views of the texts are valid until the next bytes are read. Fields are unfolded, otherwise as
 * sent; addresses and hosts of a cut field are whole or missing. Starts zeroed; ends with
 * p2i_mime_free(). */
struct p2i_mime {
    struct p2i_text from, to, cc, reply_to, subject;
    struct p2i_text hosts;      /* the `by` hosts of Received, comma-separated */
    struct p2i_text value;      /* of the current field */
    struct p2i_text line;       /* beginning of a line that may be relevant */
    struct p2i_text boundaries; /* of the open multiparts, the outermost first */
    uint64_t boundary_bits;     /* of these; see mime.c */
    struct p2i_mime_part part;  /* the part whose header is being read */
    uint8_t boundary_size[P2I_MIME_DEPTH];
    uint8_t depth;
    uint8_t received_count;
    uint8_t field; /* enum in mime.c */
    bool in_body;
    bool in_part;     /* the current header is not the message's own */
    bool attachment;  /* a part is an attachment */
    bool dotted;      /* set by the owner: content ends with a line of one dot, and other lines that
                         begin with a dot have one more (RFC 5321 section 4.5.2) */
    bool bare_lf;     /* set by the owner: its lines end without CR */
    bool mid_line;    /* the next byte does not begin a line */
    bool after_cr;    /* the byte before it was a CR */
    bool after_text;  /* the line before ended without CR LF */
    bool loose_end;   /* the last line may have been meant as the final dot, but strictly is none */
    bool holed;       /* bytes have been lost */
    bool behind_gap;  /* no bytes since */
    bool value_cut;   /* the current field is not whole */
    bool limited;     /* a field is longer than P2I_MIME_VALUE_MAX */
    bool subject_cut; /* the subject is not whole */
    bool once;        /* fields that exist already are not added to, lists included */
};

/* Reads content up to the end of `bytes` or to the final dot, and returns the bytes read.
 * `*ended` (may be NULL without `dotted`): the final dot was found. */
size_t p2i_mime_read(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view bytes,
                     bool *ended);

/* The content is complete, or no more of it will come. */
void p2i_mime_end(const struct p2i_parser *parser, struct p2i_mime *mime);

/* A header comes next: that of the message or, with `part`, that of a part. */
void p2i_mime_expect_header(const struct p2i_parser *parser, struct p2i_mime *mime, bool part);

/* Bytes of the content were lost or, before p2i_mime_end(), the rest will not come: the current
 * field is cut. */
void p2i_mime_gap(const struct p2i_parser *parser, struct p2i_mime *mime);

/* True when the remaining bytes only matter for finding the end. */
static inline bool p2i_mime_idle(const struct p2i_mime *mime)
{
    return mime->in_body && (mime->depth == 0 || mime->attachment);
}

void p2i_mime_free(const struct p2i_parser *parser, struct p2i_mime *mime);

#endif
