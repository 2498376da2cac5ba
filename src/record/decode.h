/* SPDX-License-Identifier: MIT */
/* An encoded data record as one view a field, by its template. Pure functions. */
#ifndef P2I_RECORD_DECODE_H
#define P2I_RECORD_DECODE_H

#include "base/cursor.h"
#include "pcap2ipfix/fields.h"

enum { P2I_FIELDS_MAX = 32 }; /* no template of ours has more */

/* Takes one field of `length` bytes (P2I_VARIABLE: RFC 7011 section 7) off the cursor, which has
 * `failed` when the record is cut. The view lives as long as the record. */
struct p2i_view p2i_take_value(struct p2i_cursor *cursor, uint16_t length);

/* Fills one view a field of the template, in its order; `values` has P2I_FIELDS_MAX places.
 * Returns the bytes of the record; 0 when `bytes` ends within it (then `values` is undefined). */
size_t p2i_decode_record(const struct p2i_template *of, struct p2i_view bytes,
                         struct p2i_view *values);

/* Where the template has an element; field_count when it has it not. */
size_t p2i_field_index(const struct p2i_template *of, uint32_t pen, uint16_t id);

/* A number of 1 to 8 bytes in network order; 0 for any other size. */
uint64_t p2i_value_number(struct p2i_view value);

#endif
