/* SPDX-License-Identifier: MIT */
/* Messages of pcap2ipfix on standard error. */
#ifndef P2I_CLI_PCAP2IPFIX_MESSAGES_H
#define P2I_CLI_PCAP2IPFIX_MESSAGES_H

#include "cli/pcap2ipfix/statistics.h"
#include "pcap2ipfix/command_line.h"

/* Prints "pcap2ipfix: FILE: packet N: TEXT (at byte N)". */
void p2i_print_error(const struct p2i_error *error);
/* Print "pcap2ipfix: TEXT" and "pcap2ipfix: warning: TEXT". */
void p2i_print_text(const char *text);
void p2i_print_warning(const char *text);
void p2i_print_file_warning(const struct p2i_error *error); /* about error->file */

/* Prints the summary: captures, packets, records, time. */
void p2i_print_summary(const struct p2i_options *options, const struct p2i_outcome *outcome);
/* Prints the progress of an interrupted run. */
void p2i_print_interruption(const struct p2i_outcome *outcome);
/* Prints the files below directories that are not captures. */
void p2i_print_skipped(const struct p2i_outcome *outcome);
/* Prints that the run wrote no file, because of --strict or for want of a capture. */
void p2i_print_stop(const struct p2i_options *options, const struct p2i_outcome *outcome);

#endif
