/* SPDX-License-Identifier: MIT */
/* Prints differences between two files of records, and their summary. */
#ifndef P2I_CLI_IPFIXTOOL_DIFF_PRINT_H
#define P2I_CLI_IPFIXTOOL_DIFF_PRINT_H

#include <stdio.h>

#include "pcap2ipfix/diff.h"

/* A difference as lines for people: "~" a pair whose fields differ, "-" only in A, "+" only in B.
 */
void p2i_diff_print_lines(FILE *out, const struct p2i_diff_record *record);
/* As a line with a JSON object. */
void p2i_diff_print_json(FILE *out, const struct p2i_diff_record *record);

/* The summary; `names` are those of the files. */
void p2i_diff_print_summary(FILE *out, const struct p2i_diff *diff, char *const names[2]);
/* As a line with a JSON object. */
void p2i_diff_print_json_summary(FILE *out, const struct p2i_diff *diff);

#endif
