/* SPDX-License-Identifier: MIT */
/* Run statistics, printed: what became of every frame and byte. */
#ifndef P2I_CLI_PCAP2IPFIX_STATISTICS_H
#define P2I_CLI_PCAP2IPFIX_STATISTICS_H

#include <stdio.h>

#include "pcap2ipfix/convert.h"

/* A run that is over. */
struct p2i_outcome {
    struct p2i_statistics statistics;
    double seconds; /* wall time of the run */
    int status;     /* that the program ends with */
    int signal;     /* that it was interrupted by; 0: none */
    /* What was wrong with captures, as p2i_settings.report was told; owned. */
    struct p2i_error *faults;
    size_t fault_count, fault_capacity;
    struct p2i_error error;  /* what ended the run; P2I_OK: nothing did */
    uint64_t excluded_files; /* below folders, not matched by --include */
};

/* How the captures of a run are. */
struct p2i_capture_counts {
    size_t good, damaged, unreadable, unread, skipped;
};

struct p2i_capture_counts p2i_count_captures(const struct p2i_statistics *statistics);

void p2i_print_statistics_text(FILE *out, const struct p2i_outcome *outcome);
/* One JSON object on one line. */
void p2i_print_statistics_json(FILE *out, const struct p2i_outcome *outcome);

#endif
