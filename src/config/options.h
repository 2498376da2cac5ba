/* SPDX-License-Identifier: MIT */
/* The command line of pcap2ipfix becomes one struct. */
#ifndef P2I_CONFIG_OPTIONS_H
#define P2I_CONFIG_OPTIONS_H

#include "config/arena.h"
#include "config/delivery.h"
#include "config/filters.h"
#include "config/inputs.h"
#include "pcap2ipfix/convert.h"

enum p2i_statistics_form { P2I_STATISTICS_NONE, P2I_STATISTICS_TEXT, P2I_STATISTICS_JSON };

struct p2i_options {
    struct p2i_settings settings; /* its strings are those of argv, or are held below */
    struct p2i_inputs inputs;
    enum p2i_statistics_form statistics;
    const char *stats_file; /* NULL: none */
    struct p2i_notes notes; /* warnings */
    int progress;           /* 1 on, 0 off, -1 on a terminal only */
    bool quiet;
    bool verbose;
    bool help;                                 /* --help: nothing else counts */
    bool version;                              /* --version */
    bool print_config;                         /* --print-config: nothing is converted */
    struct p2i_arena arena;                    /* what the configuration file gave */
    struct p2i_collector_settings *collectors; /* owned */
    struct p2i_filters filters;
    char *default_path; /* output name made of the first capture's; owned */
};

/* P2I_USAGE with a text fit for the user; P2I_INPUT: a list or a filter file cannot be read. The
 * options are to be freed in any case. */
enum p2i_result p2i_options_parse(struct p2i_options *options, int argc, char **argv,
                                  struct p2i_error *error);
void p2i_options_free(struct p2i_options *options);

/* The text of --help; static. */
const char *p2i_options_help(void);

#endif
