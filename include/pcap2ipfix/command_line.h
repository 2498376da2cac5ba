/* SPDX-License-Identifier: MIT */
/* The command line of pcap2ipfix(1), for programs that take the same options:
 *
 *     struct p2i_options *options = NULL;
 *     enum p2i_result result = p2i_options_parse(&options, argc, argv, &error);
 *     if (result == P2I_OK && options->action == P2I_ACTION_CONVERT) {
 *         result = p2i_convert(options->settings, statistics, &error);
 *     }
 *     p2i_options_free(options);
 *
 * Options belong to one thread at a time. */
#ifndef PCAP2IPFIX_COMMAND_LINE_H
#define PCAP2IPFIX_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/option.h"
#include "pcap2ipfix/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

enum p2i_action {
    P2I_ACTION_CONVERT,
    P2I_ACTION_PRINT_CONFIG, /* --print-config: p2i_settings_print() */
    P2I_ACTION_VERSION,
    P2I_ACTION_HELP, /* p2i_options_print_help() */
};

enum p2i_statistics_form { P2I_STATISTICS_NONE, P2I_STATISTICS_TEXT, P2I_STATISTICS_JSON };

/* A command line that was read. Everything is owned by it or borrowed from argv. New members come
 * at the end. */
struct p2i_options {
    size_t struct_size; /* of the library's own struct; members behind it are not there */
    enum p2i_action action;
    struct p2i_settings *settings;
    enum p2i_statistics_form statistics;
    const char *stats_file; /* NULL: none */
    int progress;           /* 1 on, 0 off, -1 on a terminal only */
    bool quiet;
    bool verbose;
    size_t warning_count;
    const char *const *warnings; /* for the user */
    uint64_t excluded_files;     /* below folders, and not matched by --include */
    /* Of the settings, for messages. */
    const char *output; /* file of the records, of IPFIX before JSON; NULL: none */
    size_t collector_count;
    bool strict; /* stop at the first damaged capture, without writing a file */
    bool sync;   /* sync files to the disk before they get their names */
    /* The form of the explanation why sessions gave no record, which is written instead of records:
     * the settings have no outputs. NONE: records are written. */
    enum p2i_statistics_form explain;
    /* What became of each parameter of the gateway's configuration, for the user. */
    size_t gateway_note_count;
    const char *const *gateway_notes;
    const char *user; /* to become before anything is opened, see sandbox.h; NULL: none */
    bool no_sandbox;  /* the program is not to seal itself off */
};

/* Reads a command line, whose texts must outlive the options. P2I_OK; P2I_USAGE: it is wrong, with
 * a text for the user; P2I_INPUT: a list or a filter file cannot be read, or no capture was found;
 * P2I_INTERNAL: out of memory. *options must be freed in any case; `error` may point into it. */
enum p2i_result p2i_options_parse(struct p2i_options **options, int argc, char **argv,
                                  struct p2i_error *error);
void p2i_options_free(struct p2i_options *options); /* NULL is fine */

/* The table of all options; static. */
const struct p2i_option_table *p2i_options_table(void);
/* Prints the text of --help. */
void p2i_options_print_help(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
