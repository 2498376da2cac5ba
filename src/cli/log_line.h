/* SPDX-License-Identifier: MIT */
/* Log lines in the form of the gateway. */
#ifndef P2I_CLI_LOG_LINE_H
#define P2I_CLI_LOG_LINE_H

#include <stdbool.h>
#include <stdio.h>

#include "pcap2ipfix/collector.h"

/* Prints a line with local time, followed by the URL if there are several collectors (`many`). */
void p2i_print_log_line(FILE *file, const struct p2i_log_line *line, bool many);

#endif
