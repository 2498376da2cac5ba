/* SPDX-License-Identifier: MIT */
/* Names of coded values, as tables show them and filters take them: GET for METHOD 1, AAAA for
 * RRTYPE 28, icmp for a DPI_PROTOCOL. Names are compared without regard to case. The functions have
 * no state. */
#ifndef PCAP2IPFIX_VALUE_NAMES_H
#define PCAP2IPFIX_VALUE_NAMES_H

#include "pcap2ipfix/nearest.h"
#include "pcap2ipfix/values.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The name of a value of an element; static. NULL: it has none. */
const char *p2i_value_name(uint32_t pen, uint16_t id, struct p2i_view value);
/* Sets *number to the value with this name. False: the element has no such value. */
bool p2i_value_named(uint32_t pen, uint16_t id, struct p2i_view name, uint64_t *number);
/* Offers the names of all values of the element; returns whether there are any. */
bool p2i_value_names_offer(uint32_t pen, uint16_t id, struct p2i_nearest *nearest);
/* Whether the element is shown in hexadecimal, as cipher suites are. */
bool p2i_value_is_hex(uint32_t pen, uint16_t id);

/* Appends a value as tables show it: its name if it has one; RDATA in presentation form, by
 * `rr_type`, the value of RRTYPE, unless that is negative; else as p2i_format_text(). False: out of
 * memory. */
bool p2i_format_named(struct p2i_buffer *out, const struct p2i_value *value, int type, int rr_type);

#ifdef __cplusplus
}
#endif
#endif
