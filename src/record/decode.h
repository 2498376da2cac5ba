/* SPDX-License-Identifier: MIT */
/* Splits an encoded data record into one view for each field of its template. Pure functions. */
#ifndef P2I_RECORD_DECODE_H
#define P2I_RECORD_DECODE_H

#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/values.h"

enum { P2I_FIELDS_MAX = 40 }; /* no template of ours has more */

/* Takes one field of `length` bytes (P2I_VARIABLE: RFC 7011 section 7) off the cursor; sets its
 * `failed` when the record is cut. The view lives as long as the record. */
struct p2i_view p2i_take_value(struct p2i_cursor *cursor, uint16_t length);

/* Sets a view for each field, in the order of the template; `values` has room for P2I_FIELDS_MAX.
 * Returns the size of the record; 0 when `bytes` ends within it, and then `values` is undefined. */
size_t p2i_decode_record(const struct p2i_template *of, struct p2i_view bytes,
                         struct p2i_view *values);

/* The index of an element in the template; field_count when it is not there. */
size_t p2i_field_index(const struct p2i_template *of, uint32_t pen, uint16_t id);

#endif
