/* SPDX-License-Identifier: MIT */
/* A counted table as a part of the page; each row has the command that extracts its packets. */
#ifndef P2I_REPORT_ROWS_H
#define P2I_REPORT_ROWS_H

#include "pcap2ipfix/tally.h"
#include "report/html.h"
#include "report/tables.h"

/* Prints at most `most` rows of a tally, which is sorted. `captures`: what the command names, as
 * words of a shell. */
void p2i_rows_print(struct p2i_html *html, const struct p2i_table_spec *spec,
                    struct p2i_tally *tally, size_t most, struct p2i_view captures);
/* Appends a word as a shell wants it. False: out of memory. */
bool p2i_append_shell_word(struct p2i_buffer *out, struct p2i_view word);

#endif
