/* SPDX-License-Identifier: MIT */
/* Names of fields and kinds of records as a user types them. */
#ifndef P2I_CLI_IPFIXTOOL_NAMES_H
#define P2I_CLI_IPFIXTOOL_NAMES_H

#include <stdbool.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/nearest.h"

/* The element of our tables with a name ("HOSTNAME", "43823/1005"); NULL: none. */
const struct p2i_element *p2i_tool_element(const char *name);
/* Whether a name is a field of any file: one of our tables, "pen/id", or time, src, dst, record,
 * host. Other names are known from files only. */
bool p2i_tool_is_field(const char *name);
void p2i_tool_offer_fields(struct p2i_nearest *nearest);

/* The kind of our records with a name; NULL: none. */
const char *p2i_tool_own_kind(const char *name);
/* Whether a name is one of those, "options", or the id of a template. */
bool p2i_tool_is_kind(const char *name);

/* Parses a text of digits alone, up to `most`. */
bool p2i_tool_parse_number(const char *text, uint64_t most, uint64_t *number);
/* Parses "PEN/ID": "43823/1005". */
bool p2i_tool_parse_element(const char *name, uint32_t *pen, uint16_t *id);

#endif
