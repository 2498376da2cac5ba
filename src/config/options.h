/* SPDX-License-Identifier: MIT */
/* The command line of pcap2ipfix as one struct. */
#ifndef P2I_CONFIG_OPTIONS_H
#define P2I_CONFIG_OPTIONS_H

#include <stdio.h>

#include "config/filters.h"
#include "config/inputs.h"
#include "pcap2ipfix/option.h"
#include "settings/settings.h"

enum p2i_statistics_form { P2I_STATISTICS_NONE, P2I_STATISTICS_TEXT, P2I_STATISTICS_JSON };

/* Read by p2i_options_parse(), freed by p2i_options_free(). */
struct p2i_options {
    struct p2i_settings settings; /* filter and default_path are owned by the members below */
    struct p2i_inputs inputs;
    enum p2i_statistics_form statistics;
    const char *stats_file; /* NULL: none */
    struct p2i_notes notes; /* warnings */
    int progress;           /* 1 on, 0 off, -1 on a terminal only */
    bool quiet;
    bool verbose;
    bool help;         /* --help: nothing else counts */
    bool version;      /* --version */
    bool print_config; /* --print-config: nothing is converted */
    struct p2i_filters filters;
    char *default_path; /* output name made of the first capture's name; owned */
};

/* Reads a command line. P2I_OK; P2I_USAGE: it is wrong, with a text for the user; P2I_INPUT: a list
 * or a filter file cannot be read, or no capture was found; P2I_INTERNAL: out of memory. The
 * options must be freed in any case. */
enum p2i_result p2i_options_parse(struct p2i_options *options, int argc, char **argv,
                                  struct p2i_error *error);
void p2i_options_free(struct p2i_options *options);

/* The table of options.def; static. */
const struct p2i_option_table *p2i_options_table(void);
/* Prints the text of --help. */
void p2i_options_print_help(FILE *out);

#endif
