/* SPDX-License-Identifier: MIT */
/* What pcap2ipfix says to a person, on standard error. */
#ifndef P2I_CLI_PCAP2IPFIX_MESSAGES_H
#define P2I_CLI_PCAP2IPFIX_MESSAGES_H

#include "cli/pcap2ipfix/statistics.h"
#include "config/options.h"

/* "pcap2ipfix: FILE: packet N: TEXT (at byte N)" */
void p2i_print_error(const struct p2i_error *error);
/* "pcap2ipfix: TEXT", with "warning: " before it. */
void p2i_print_text(const char *text);
void p2i_print_warning(const char *text);

/* The line at the end: captures, packets, records, time. */
void p2i_print_summary(const struct p2i_options *options, const struct p2i_outcome *outcome);
/* How far a run came that was interrupted. */
void p2i_print_interruption(const struct p2i_outcome *outcome);
/* The files below directories that are no captures. */
void p2i_print_skipped(const struct p2i_outcome *outcome);
/* That a run ended without its files, because of --strict or because there was no capture. */
void p2i_print_stop(const struct p2i_options *options, const struct p2i_outcome *outcome);

#endif
