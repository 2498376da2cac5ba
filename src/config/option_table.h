/* SPDX-License-Identifier: MIT */
/* The options of pcap2ipfix: which there are, and reading them from a command line. */
#ifndef P2I_CONFIG_OPTION_TABLE_H
#define P2I_CONFIG_OPTION_TABLE_H

#include <stdbool.h>

#include "base/error.h"

/* Options that have no letter; those that have one are that letter. */
enum p2i_option {
    P2I_ARGUMENT = 256, /* not an option */
    P2I_OPTION_LIST,
    P2I_OPTION_INCLUDE,
    P2I_OPTION_RECORDS,
    P2I_OPTION_ORDER,
    P2I_OPTION_THREADS,
    P2I_OPTION_MEMORY,
    P2I_OPTION_STATS,
    P2I_OPTION_STATS_FILE,
    P2I_OPTION_PROGRESS,
    P2I_OPTION_NO_PROGRESS,
    P2I_OPTION_STRICT,
    P2I_OPTION_NO_ELEMENT_TYPES,
    P2I_OPTION_NO_SYNC,
    P2I_OPTION_AS_DATABASE,
    P2I_OPTION_SUBSCRIBERS,
    P2I_OPTION_RATE,
    P2I_OPTION_PACE,
    P2I_OPTION_EXPORT_TIME,
    P2I_OPTION_SPOOL,
    P2I_OPTION_RETRY,
    P2I_OPTION_PRINT_CONFIG,
    P2I_OPTION_DNS_LOG,
    P2I_OPTION_DNS_EXPORT,
    P2I_OPTION_REDACT,
    P2I_OPTION_ANONYMISE,
    P2I_OPTION_ROTATE,
    P2I_OPTION_SHARD,
    P2I_OPTION_FILE_OPTIONS,
    P2I_OPTION_HELP,
    P2I_OPTION_VERSION,
    P2I_OPTION_END,
};

/* A command line that is being read. One at a time: getopt_long() has but one state. */
struct p2i_option_scan {
    int argc;
    char **argv;
    bool only_captures; /* "--" was there */
    int at;             /* index of the argument that the last option stands in */
    const char *value;  /* of the last option, or the argument that is none; NULL: it has none */
};

void p2i_option_begin(struct p2i_option_scan *scan, int argc, char **argv);
/* The next option, or P2I_ARGUMENT, which may stand anywhere; '?' and ':' for one that cannot be
 * taken; -1 at the end. */
int p2i_option_next(struct p2i_option_scan *scan);
/* Why '?' or ':' was given: P2I_USAGE. */
enum p2i_result p2i_option_refuse(const struct p2i_option_scan *scan, int option,
                                  struct p2i_error *error);

/* "memory" for P2I_OPTION_MEMORY; static. */
const char *p2i_option_name(int option);
/* Whether the option has a value and may be there once only. */
bool p2i_option_is_single(int option);

#endif
