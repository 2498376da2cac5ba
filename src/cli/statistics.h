/* SPDX-License-Identifier: MIT */
/* The books of a run, printed. */
#ifndef P2I_CLI_STATISTICS_H
#define P2I_CLI_STATISTICS_H

#include <stdio.h>

#include "pcap2ipfix/convert.h"

/* `seconds`: wall time of the run; below 0: leave the rate out. */
void p2i_print_statistics_text(FILE *out, const struct p2i_statistics *statistics, double seconds);
/* One JSON object on one line. */
void p2i_print_statistics_json(FILE *out, const struct p2i_statistics *statistics, double seconds);

#endif
