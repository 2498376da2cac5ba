/* SPDX-License-Identifier: MIT */
/* Encoded words in header fields (RFC 2047, with the language of RFC 2231 section 5). */
#ifndef P2I_PROTOCOL_MAIL_WORDS_H
#define P2I_PROTOCOL_MAIL_WORDS_H

#include "protocol/mail/text.h"

/* Appends the unfolded `value` to `out`, with its encoded words converted to UTF-8 and other
 * bytes as they are. Adjacent words cut inside a character are joined first. A word in a charset
 * that iconv does not know stays as sent; a byte that is invalid in its charset stays that byte. */
void p2i_mail_decode(const struct p2i_parser *parser, struct p2i_text *out, struct p2i_view value,
                     size_t limit);

/* The same for a cut value: a word at its end is decoded as far as it goes, half a character is
 * left out. */
void p2i_mail_decode_cut(const struct p2i_parser *parser, struct p2i_text *out,
                         struct p2i_view value, size_t limit);

#endif
