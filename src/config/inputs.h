/* SPDX-License-Identifier: MIT */
/* The captures that a command line means: names, lists of names, directories. */
#ifndef P2I_CONFIG_INPUTS_H
#define P2I_CONFIG_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Names of captures; owned. Start with {0}. */
struct p2i_inputs {
    char **paths;
    size_t count;
    size_t capacity;
};

/* A copy of `path` is added. P2I_INTERNAL: memory is out. */
enum p2i_result p2i_inputs_add(struct p2i_inputs *inputs, const char *path,
                               struct p2i_error *error);
/* The names in a file ("-": standard input), one a line, or NUL-separated; empty ones are passed
 * over. P2I_INPUT: it cannot be read. */
enum p2i_result p2i_inputs_add_list(struct p2i_inputs *inputs, const char *list_path,
                                    bool nul_separated, struct p2i_error *error);
/* Replaces every directory by the regular files below it, in the order of their names; hidden files
 * and folders are passed over. */
enum p2i_result p2i_inputs_walk(struct p2i_inputs *inputs, struct p2i_error *error);
void p2i_inputs_free(struct p2i_inputs *inputs);

#endif
