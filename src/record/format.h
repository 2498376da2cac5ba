/* SPDX-License-Identifier: MIT */
/* Formats values of records as text or JSON, by their abstract type. The functions append to `out`;
 * they return false only when out of memory, and then append nothing. They accept any bytes: a
 * value that does not fit its type is shown as octets, and a string is repaired to valid UTF-8.
 * Pure functions. */
#ifndef P2I_RECORD_FORMAT_H
#define P2I_RECORD_FORMAT_H

#include "base/view.h"
#include "pcap2ipfix/fields.h"
#include "record/record.h"

/* Numbers in decimal, addresses in their usual form, times as 2026-01-31T23:59:59Z, octets in
 * lower-case hex, strings with \xHH for control characters, so that they are safe on a terminal.
 * `type` is an enum p2i_type; any other type is shown as octets. */
bool p2i_format_text(struct p2i_buffer *out, int type, struct p2i_view value);

/* A JSON value (RFC 8259): numbers, and times (Unix time in seconds or milliseconds) as numbers;
 * 64-bit identifiers as strings of digits, because many readers keep only 53 bits of a number; all
 * others as strings. `semantics` is an enum p2i_semantics. */
bool p2i_format_json(struct p2i_buffer *out, int type, int semantics, struct p2i_view value);

/* Appends the bytes unchanged. */
bool p2i_append(struct p2i_buffer *out, struct p2i_view bytes);

#endif
