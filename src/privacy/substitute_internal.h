/* SPDX-License-Identifier: MIT */
/* What the files of the substitution share. */
#ifndef P2I_PRIVACY_SUBSTITUTE_INTERNAL_H
#define P2I_PRIVACY_SUBSTITUTE_INTERNAL_H

#include "base/ascii.h"
#include "privacy/substitute.h"

/* A text that becomes code points and back. */
struct p2i_points {
    uint32_t *list;
    size_t capacity;
};

struct p2i_substitution {
    struct p2i_crypto_pan *pan;
    struct p2i_points points;
    bool failed;
};

/* Behind the code points of Unicode: a byte that is not UTF-8. */
enum { P2I_POINT_INVALID = 0x110000 };

/* A literal address or a reverse name that begins at `at`: substitutes it and returns the place
 * behind it; `at`: there is none. */
size_t p2i_substitute_literal(struct p2i_substitution *substitution, uint32_t *points, size_t count,
                              size_t at);

/* True for characters of words: not for the punctuation of Latin-1, the general and that of CJK. */
static inline bool p2i_is_word_point(uint32_t point)
{
    if (point < 0x80) {
        return p2i_is_digit((uint8_t)point) || p2i_is_letter((uint8_t)point);
    }
    return point >= 0xc0 && (point < 0x2000 || point > 0x206f) &&
           (point < 0x3000 || point > 0x303f);
}

#endif
