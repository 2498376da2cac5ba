/* SPDX-License-Identifier: MIT */
/* Shortens records that are too long, by cutting their longest values. Pure functions. */
#ifndef P2I_RECORD_SHORTEN_H
#define P2I_RECORD_SHORTEN_H

#include "pcap2ipfix/view.h"

/* A field of a record on the wire. */
struct p2i_wire_field {
    uint16_t length; /* bytes, or P2I_VARIABLE */
    bool text;       /* UTF-8: cut between characters */
    bool rigid;      /* of variable length, but useless when cut */
};

/* The largest limit with which all values fit into `room` when longer ones are cut to it: room that
 * short values leave is shared among the longer ones. */
size_t p2i_fair_share(const size_t *sizes, size_t count, size_t room);

/* Writes `record`, shortened to at most `limit` bytes, to `out`, which has room for `limit`.
 * Returns the size; 0 when it cannot be shortened that far, or does not match the fields. At most
 * P2I_SHORTEN_MAX fields. */
enum { P2I_SHORTEN_MAX = 512 };
size_t p2i_shorten(const struct p2i_wire_field *fields, size_t count, struct p2i_view record,
                   size_t limit, uint8_t *out);

#endif
