/* SPDX-License-Identifier: MIT */
/* Turns captured bytes into valid UTF-8, and finds characters that must not reach a terminal. Pure
 * functions; nothing is allocated. */
#ifndef PCAP2IPFIX_UTF8_H
#define PCAP2IPFIX_UTF8_H

#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Size in bytes of the well-formed UTF-8 sequence (RFC 3629 section 4: no overlong forms, no
 * surrogates, nothing above U+10FFFF) at the start of `view`; 0 when there is none. */
size_t p2i_utf8_sequence(struct p2i_view view);

/* Writes `in` as valid UTF-8 of at most `limit` bytes to `out` and returns the number of written
 * bytes. A byte that is not part of a well-formed sequence becomes `\xHH` (lower case). Control
 * characters and NUL are valid and stay. The limit never splits a character or an escape.
 * `*escaped`: a byte was escaped; `*cut`: `in` was not written completely. Both are always set.
 * `out` must not overlap `in`. */
size_t p2i_utf8_clean(struct p2i_view in, uint8_t *out, size_t limit, bool *escaped, bool *cut);

/* Size in bytes of the character at the start of `view` (well-formed UTF-8, not empty) if it may
 * control a terminal or an editor: C0, DEL, C1, changes of the writing direction (U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069), line and paragraph separators (U+2028, U+2029). 0
 * for all other characters. */
size_t p2i_utf8_control(struct p2i_view view);

#ifdef __cplusplus
}
#endif
#endif
