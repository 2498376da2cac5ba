/* SPDX-License-Identifier: MIT */
/* Names of values, and resource record data in presentation form. */
#ifndef P2I_CLI_IPFIXTOOL_VALUE_H
#define P2I_CLI_IPFIXTOOL_VALUE_H

#include "pcap2ipfix/nearest.h"
#include "pcap2ipfix/values.h"

/* Name of a value: GET for METHOD 1, TLS 1.3 for SSL_VERSION 0x0304. NULL: it has none; static. */
const char *p2i_tool_value_name(uint32_t pen, uint16_t id, struct p2i_view value);
/* Whether some value of the element has this name. */
bool p2i_tool_is_value_name(uint32_t pen, uint16_t id, const char *text);
/* Offers the names of values of the element; returns whether there are any. */
bool p2i_tool_offer_value_names(uint32_t pen, uint16_t id, struct p2i_nearest *nearest);
/* Whether the element is shown in hexadecimal, as cipher suites are. */
bool p2i_tool_is_hex(uint32_t pen, uint16_t id);
/* Appends resource record data in presentation form; hex for a type without one. False: out of
 * memory. */
bool p2i_tool_rdata(struct p2i_buffer *out, unsigned rr_type, struct p2i_view rdata);

#endif
