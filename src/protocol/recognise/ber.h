/* SPDX-License-Identifier: MIT */
/* BER (X.690) for recognisers: headers of elements, read one after the other, in bytes that may
 * be cut. */
#ifndef P2I_PROTOCOL_RECOGNISE_BER_H
#define P2I_PROTOCOL_RECOGNISE_BER_H

#include "base/ber.h"
#include "protocol/recognise/bytes.h"

struct p2i_ber {
    struct p2i_cursor at;
    size_t size; /* bytes that `at` began with */
    bool wrong;  /* the bytes are not of the expected form */
};

static inline struct p2i_ber p2i_ber_of(struct p2i_view bytes)
{
    bytes = p2i_view_first(bytes, P2I_RECOGNISE_BYTES);
    return (struct p2i_ber){.at = p2i_cursor_of(bytes), .size = bytes.size};
}

/* Returns the number of bytes read. */
static inline size_t p2i_ber_place(const struct p2i_ber *ber)
{
    return ber->size - ber->at.rest.size;
}

/* Reads a tag and a definite length. Returns the end of the contents, counted as in
 * p2i_ber_place(). */
static inline size_t p2i_ber_enter(struct p2i_ber *ber, uint8_t tag)
{
    uint8_t found = p2i_u8(&ber->at);
    if (!ber->at.failed && found != tag) {
        ber->wrong = true;
    }
    uint32_t length;
    if (!p2i_ber_length(&ber->at, &length)) {
        ber->wrong = true;
    }
    return p2i_ber_place(ber) + length;
}

/* Compares the next bytes with `known`, as far as they are there. */
static inline void p2i_ber_fixed(struct p2i_ber *ber, struct p2i_view known)
{
    if (!ber->at.failed && p2i_begins(ber->at.rest, known) == P2I_MATCH_NO) {
        ber->wrong = true;
    }
    p2i_skip(&ber->at, known.size);
}

/* Returns the probe's answer after the last read. Over UDP no more bytes come. */
static inline enum p2i_match p2i_ber_answer(const struct p2i_ber *ber, const struct p2i_ends *ends)
{
    if (ber->wrong) {
        return P2I_MATCH_NO;
    }
    if (ber->at.failed) {
        bool may = ends->transport == P2I_OVER_TCP && ber->size < P2I_RECOGNISE_BYTES;
        return may ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    return P2I_MATCH_YES;
}

#endif
