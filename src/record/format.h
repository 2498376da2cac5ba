/* SPDX-License-Identifier: MIT */
/* Values of records for people and for JSON, by their abstract type. Both append to `out` and are
 * false only when out of memory (then nothing was appended). Any bytes are accepted: what does
 * not fit its type is shown as octets, and a string that is not UTF-8 is made so. */
#ifndef P2I_RECORD_FORMAT_H
#define P2I_RECORD_FORMAT_H

#include "base/view.h"
#include "pcap2ipfix/fields.h"
#include "record/record.h"

/* Numbers in decimal, addresses as usual, times as 2026-01-31T23:59:59Z, octets as lower case hex,
 * strings with \xHH for control characters, so that a terminal is safe. `type` is an enum
 * p2i_type; any other number is shown as octets. */
bool p2i_format_text(struct p2i_buffer *out, int type, struct p2i_view value);

/* A JSON value (RFC 8259): numbers and times (seconds, or milliseconds, since 1970) as numbers;
 * 64-bit identifiers as strings of digits, because many readers keep only 53 bits of a number;
 * all else as strings. `semantics` is an enum p2i_semantics. */
bool p2i_format_json(struct p2i_buffer *out, int type, int semantics, struct p2i_view value);

/* Appends bytes as they are. */
bool p2i_append(struct p2i_buffer *out, struct p2i_view bytes);

#endif
