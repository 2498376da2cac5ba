/* SPDX-License-Identifier: MIT */
/* What the writers of protocols of lines share: lines, words that stay, header fields. */
#ifndef P2I_REWRITE_TEXT_H
#define P2I_REWRITE_TEXT_H

#include "rewrite/internal.h"

/* The line at the start of `span`, with its end. Missing bytes, which are zeros, end a line too. */
struct p2i_bytes p2i_line_of(struct p2i_bytes span);
/* The same without its end. */
struct p2i_bytes p2i_line_content(struct p2i_bytes line);
/* The bytes up to the first blank. */
struct p2i_bytes p2i_first_word(struct p2i_bytes line);

static inline bool p2i_span_starts(struct p2i_bytes span, struct p2i_view prefix)
{
    return span.size >= prefix.size && memcmp(span.data, prefix.data, prefix.size) == 0;
}
bool p2i_span_starts_nocase(struct p2i_bytes span, struct p2i_view prefix);

/* True when the list has the word, in any case. Lists are words in lower case with single blanks
 * between them. */
bool p2i_is_listed(struct p2i_bytes word, const char *list);

/* Substitutes the text, but the words of the list `kept` stay. Words of the text end at white
 * space, brackets, quotes, commas and semicolons. */
void p2i_write_text_but(struct p2i_writing *writing, struct p2i_bytes span, const char *kept);

/* Numbers with commas between them: from number `first` (from 0) on, four are an IPv4 address, and
 * those behind it stay. Anything else is text. */
void p2i_write_numbers(struct p2i_writing *writing, struct p2i_bytes span, size_t first);

extern const char p2i_charsets[]; /* a list, see p2i_is_listed() */

/* Text with encoded words (RFC 2047); in other charsets than the listed ones they are text. */
void p2i_write_encoded(struct p2i_writing *writing, struct p2i_bytes span);

/* What the header fields of a message say about its body. */
struct p2i_fields {
    uint64_t content_length; /* UINT64_MAX: not said */
    bool chunked, websocket;
    bool cut; /* the header ends at missing bytes */
    bool multipart, sdp, message;
    struct p2i_bytes boundary; /* as it is after the rewrite; in the header */
};

/* Rewrites header fields from the start of `span` on, up to and with the blank line. Returns their
 * size. `mail`: values may have encoded words. */
size_t p2i_write_fields(struct p2i_writing *writing, struct p2i_bytes span, bool mail,
                        struct p2i_fields *fields);

/* Lines of SDP (RFC 8866). */
void p2i_write_sdp_line(struct p2i_writing *writing, struct p2i_bytes line);

#endif
