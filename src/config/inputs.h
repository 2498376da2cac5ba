/* SPDX-License-Identifier: MIT */
/* Captures of a command line: names, lists of names, directories. */
#ifndef P2I_CONFIG_INPUTS_H
#define P2I_CONFIG_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/notes.h"
#include "pcap2ipfix/settings.h"

/* Names of captures; owned. Start with {0}. */
struct p2i_inputs {
    char **paths;
    bool *found; /* of each path: found below a directory, not named */
    size_t count;
    size_t capacity;
    uint64_t excluded; /* files below directories that no pattern matches */
};

/* Names of files, as in fnmatch(3); borrowed. Start with {0}. */
struct p2i_patterns {
    const char **patterns; /* owned */
    size_t count;          /* 0: every name matches */
};

bool p2i_patterns_add(struct p2i_patterns *patterns, const char *pattern);
void p2i_patterns_free(struct p2i_patterns *patterns);

/* Adds a copy of `path`. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_inputs_add(struct p2i_inputs *inputs, const char *path,
                               struct p2i_error *error);
/* Adds the names in a file ("-": standard input), one a line or separated by NUL, except empty
 * ones. P2I_OK; P2I_INPUT: it cannot be read; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_inputs_add_list(struct p2i_inputs *inputs, const char *list_path,
                                    bool nul_separated, struct p2i_error *error);
/* Replaces every directory by the regular files below it whose names match a pattern, sorted by
 * name. Hidden files and folders are skipped. Symbolic links, which could lead out of the tree, and
 * unreadable folders are skipped with a note. P2I_OK; P2I_INPUT; P2I_INTERNAL. */
enum p2i_result p2i_inputs_walk(struct p2i_inputs *inputs, const struct p2i_patterns *patterns,
                                struct p2i_notes *notes, struct p2i_error *error);
/* Adds what is named to those that were added before, and all to the settings. Results as
 * p2i_settings_find_captures(); the error may point into the inputs. */
enum p2i_result p2i_inputs_find(struct p2i_inputs *inputs, const struct p2i_capture_search *names,
                                struct p2i_settings *settings, struct p2i_notes *notes,
                                struct p2i_error *error);
void p2i_inputs_free(struct p2i_inputs *inputs);

#endif
