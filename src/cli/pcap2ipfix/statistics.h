/* SPDX-License-Identifier: MIT */
/* Prints run statistics: what became of every frame and byte. */
#ifndef P2I_CLI_PCAP2IPFIX_STATISTICS_H
#define P2I_CLI_PCAP2IPFIX_STATISTICS_H

#include <stdio.h>

#include "pcap2ipfix/convert.h"

/* A finished run. */
struct p2i_outcome {
    struct p2i_statistics *statistics;
    double seconds; /* wall time of the run */
    int status;     /* exit status */
    int signal;     /* that interrupted it; 0: none */
    /* Errors of captures, as passed to p2i_settings.report; owned. */
    struct p2i_error *faults;
    size_t fault_count, fault_capacity;
    struct p2i_error error;  /* that ended the run; P2I_OK: none */
    uint64_t excluded_files; /* below folders, not matched by --include */
    char *const *arguments;  /* the command line, program first; NULL ends it */
};

/* Numbers of captures by their state. */
struct p2i_capture_counts {
    size_t good, damaged, unreadable, unread, skipped;
};

struct p2i_capture_counts p2i_count_captures(const struct p2i_statistics *statistics);

void p2i_print_statistics_text(FILE *out, const struct p2i_outcome *outcome);
/* One JSON object on one line. */
void p2i_print_statistics_json(FILE *out, const struct p2i_outcome *outcome);

#endif
