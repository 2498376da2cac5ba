/* SPDX-License-Identifier: MIT */
/* Prints records as lines: JSON, in the form of pcap2ipfix -j, or CSV (RFC 4180, but lines end in
 * LF), or the same separated by tabs, which no value has. CSV has decoded values, and an apostrophe
 * before texts that a spreadsheet would run. */
#ifndef P2I_CLI_IPFIXTOOL_LINES_H
#define P2I_CLI_IPFIXTOOL_LINES_H

#include <stdio.h>

#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/layout.h"
#include "pcap2ipfix/record_source.h"

/* Start with out and columns set. */
struct p2i_lines {
    FILE *out;
    const struct p2i_columns *columns; /* empty in JSON: all fields of the record */
    bool tabs;                         /* between cells, not commas */
    bool quoted;                       /* with commas: texts always are in quotes */
    struct p2i_buffer line;
    struct p2i_buffer cell;
};

/* Without columns the line has what JSON Lines have beside the fields: of an extended record what
 * pcap2ipfix writes there, of a line that was read what it had. False when out of memory. */
bool p2i_lines_json(struct p2i_lines *lines, struct p2i_layout *layout,
                    const struct p2i_source_record *record);
bool p2i_lines_csv_header(struct p2i_lines *lines);
bool p2i_lines_csv(struct p2i_lines *lines, struct p2i_layout *layout,
                   const struct p2i_read_record *record);
void p2i_lines_free(struct p2i_lines *lines);

#endif
