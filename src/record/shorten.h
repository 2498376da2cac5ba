/* SPDX-License-Identifier: MIT */
/* Records that are too long: the longest values become shorter, until all fit. Pure functions. */
#ifndef P2I_RECORD_SHORTEN_H
#define P2I_RECORD_SHORTEN_H

#include "base/view.h"

/* A field of a record on the wire. */
struct p2i_wire_field {
    uint16_t length; /* bytes, or P2I_VARIABLE */
    bool text;       /* UTF-8: cut between characters */
    bool rigid;      /* of variable length, but makes no sense when it is cut */
};

/* The longest that a value may stay, so that all fit into `room` when those that are longer are cut
 * to it: what the shorter ones leave is shared among the longer. */
size_t p2i_fair_share(const size_t *sizes, size_t count, size_t room);

/* Writes `record` with at most `limit` bytes to `out`, which has that many, and returns its size; 0
 * when that cannot be, or when the record does not have these fields. A record has P2I_SHORTEN_MAX
 * fields at most. */
enum { P2I_SHORTEN_MAX = 512 };
size_t p2i_shorten(const struct p2i_wire_field *fields, size_t count, struct p2i_view record,
                   size_t limit, uint8_t *out);

#endif
