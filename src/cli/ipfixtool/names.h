/* SPDX-License-Identifier: MIT */
/* Names of fields and kinds of records as a user types them. */
#ifndef P2I_CLI_IPFIXTOOL_NAMES_H
#define P2I_CLI_IPFIXTOOL_NAMES_H

#include <stdbool.h>

#include "cli/ipfixtool/layout.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/nearest.h"

/* The element of our tables with a name ("HOSTNAME", "43823/1005"); NULL: none. */
const struct p2i_element *p2i_tool_element(const char *name);
/* The part that records of all kinds may have with a name: time, src, client ... COLUMN_NONE: it is
 * no such name. */
enum p2i_column p2i_tool_part(const char *name);
/* Whether a name is a field of any file: one of our tables, "pen/id", or a part. Other names are
 * known from files only. */
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
