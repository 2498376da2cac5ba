/* SPDX-License-Identifier: MIT */
/* Cells of CSV (RFC 4180) and TSV. The functions append to a line, and return false when out of
 * memory. */
#ifndef P2I_CLI_IPFIXTOOL_CSV_H
#define P2I_CLI_IPFIXTOOL_CSV_H

#include "pcap2ipfix/values.h"

/* A cell in quotes if it needs them; quotes in it are doubled (section 2). */
bool p2i_csv_cell(struct p2i_buffer *line, struct p2i_view cell);
/* The same for a text from the traffic: an apostrophe stands before one that a spreadsheet would
 * run as a formula. */
bool p2i_csv_text(struct p2i_buffer *line, struct p2i_view cell);
/* The same for a spreadsheet, whatever its separator is: always in quotes, and an apostrophe also
 * before numbers with a sign. */
bool p2i_csv_quoted(struct p2i_buffer *line, struct p2i_view cell);
/* The same without quotes: between tabs, which no value has. */
bool p2i_tsv_text(struct p2i_buffer *line, struct p2i_view cell);

#endif
