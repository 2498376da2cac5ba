/* SPDX-License-Identifier: MIT */
/* Encoded words in header fields (RFC 2047, with the language of RFC 2231 section 5). */
#ifndef P2I_PROTOCOL_MAIL_WORDS_H
#define P2I_PROTOCOL_MAIL_WORDS_H

#include "protocol/mail/text.h"

/* Appends `value` (unfolded) to `out` with its encoded words turned into UTF-8; other bytes as they
 * are. Words that are cut inside a character are joined first. A word of a charset that iconv does
 * not know stays as it was sent; a byte that is wrong in its charset stays that byte. */
void p2i_mail_decode(const struct p2i_parser *parser, struct p2i_text *out, struct p2i_view value,
                     size_t limit);

/* The same for a value that was cut: of the word or character that it ends in the middle of, what
 * is there of the one is decoded, and the other is left out. */
void p2i_mail_decode_cut(const struct p2i_parser *parser, struct p2i_text *out,
                         struct p2i_view value, size_t limit);

#endif
