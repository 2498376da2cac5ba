/* SPDX-License-Identifier: MIT */
/* Formats values of any IPFIX type for people, CSV and JSON; types of our tables by
 * record/format.h. Functions that append to `out` return false when out of memory. */
#ifndef P2I_CLI_IPFIXTOOL_VALUE_H
#define P2I_CLI_IPFIXTOOL_VALUE_H

#include "base/nearest.h"
#include "base/view.h"
#include "record/record.h"

/* The text is safe for a terminal, as with p2i_format_text(). */
bool p2i_tool_text(struct p2i_buffer *out, int type, struct p2i_view value);
bool p2i_tool_json(struct p2i_buffer *out, int type, int semantics, struct p2i_view value);

/* Name of a value: GET for METHOD 1, TLS 1.3 for SSL_VERSION 0x0304. NULL: it has none; static. */
const char *p2i_tool_value_name(uint32_t pen, uint16_t id, struct p2i_view value);
/* Whether some value of the element has this name. */
bool p2i_tool_is_value_name(uint32_t pen, uint16_t id, const char *text);
/* Offers the names of values of the element; returns whether there are any. */
bool p2i_tool_offer_value_names(uint32_t pen, uint16_t id, struct p2i_nearest *nearest);
/* Whether the element is shown in hexadecimal, as cipher suites are. */
bool p2i_tool_is_hex(uint32_t pen, uint16_t id);
/* Resource record data in presentation form; hex for a type without one. */
bool p2i_tool_rdata(struct p2i_buffer *out, unsigned rr_type, struct p2i_view rdata);

#endif
