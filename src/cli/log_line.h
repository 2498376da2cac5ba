/* SPDX-License-Identifier: MIT */
/* Lines as the gateway writes them into its log. */
#ifndef P2I_CLI_LOG_LINE_H
#define P2I_CLI_LOG_LINE_H

#include <stdbool.h>
#include <stdio.h>

#include "pcap2ipfix/collector.h"

/* With local time. Behind the line comes the URL where there are several collectors (`many`). */
void p2i_print_log_line(FILE *file, const struct p2i_log_line *line, bool many);

#endif
