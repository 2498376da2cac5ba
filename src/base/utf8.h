/* SPDX-License-Identifier: MIT */
/* Bytes of a capture as a string that every reader of UTF-8 accepts. */
#ifndef P2I_BASE_UTF8_H
#define P2I_BASE_UTF8_H

#include "base/view.h"

/* Bytes of the well-formed UTF-8 sequence (RFC 3629 section 4: no overlong forms, no surrogates,
 * nothing above U+10FFFF) at the start of `view`; 0 when there is none. */
size_t p2i_utf8_sequence(struct p2i_view view);

/* Writes `in` as valid UTF-8 of at most `limit` bytes and returns how many were written. A byte
 * that is not part of a well-formed sequence becomes `\xHH` (lower case). Control characters and
 * NUL are valid and stay. Where `limit` cuts, it cuts between characters; an escape is one.
 * `*escaped`: a byte was escaped; `*cut`: not all of `in` was written. Both are always set.
 * `out` must not overlap `in`. */
size_t p2i_utf8_clean(struct p2i_view in, uint8_t *out, size_t limit, bool *escaped, bool *cut);

/* Bytes of the character at the start of `view` (well-formed UTF-8, not empty) if a terminal or an
 * editor may obey it: C0, DEL, C1, what turns the direction of writing (U+061C, U+200E, U+200F,
 * U+202A to U+202E, U+2066 to U+2069), line and paragraph separators (U+2028, U+2029). 0: it may
 * not. */
size_t p2i_utf8_control(struct p2i_view view);

#endif
