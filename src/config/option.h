/* SPDX-License-Identifier: MIT */
/* Command lines of both programs: the table of options (rows of options.def), the parser, and the
 * lines of --help. */
#ifndef P2I_CONFIG_OPTION_H
#define P2I_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Kind of the value of an option. */
enum p2i_argument {
    P2I_ARGUMENT_NONE,
    P2I_ARGUMENT_FILE,
    P2I_ARGUMENT_DIRECTORY,
    P2I_ARGUMENT_SIZE,          /* 4096, 64K, 1G */
    P2I_ARGUMENT_NUMBER,        /* decimal */
    P2I_ARGUMENT_WORD,          /* one of the words of the row */
    P2I_ARGUMENT_OPTIONAL_WORD, /* likewise, after '='; may be left out */
    P2I_ARGUMENT_LIST,          /* such words, with commas between them */
    P2I_ARGUMENT_URL,
    P2I_ARGUMENT_TEXT,
};

/* A row of options.def, where the columns are explained. All texts are static. */
struct p2i_option {
    int id;
    unsigned groups;  /* bits */
    const char *name; /* "memory" */
    char letter;      /* '\0': none */
    enum p2i_argument argument;
    const char *placeholder; /* "SIZE" */
    const char *words;       /* "a|b"; "": see the key */
    bool repeats;
    const char *key; /* of the configuration; "": none */
    const char *help;
};

/* The options of a program. */
struct p2i_option_table {
    const struct p2i_option *options;
    size_t count;
};

/* A command line during reading. Owns nothing. */
struct p2i_option_scan {
    struct p2i_option_table table;
    unsigned groups; /* only options of these groups are known */
    int argc;
    char **argv;
    int next;                        /* index of the argument that is read next */
    const char *letters;             /* rest of a cluster such as -qv; NULL: none */
    bool only_arguments;             /* "--" was read */
    char unknown_letter;             /* that P2I_USAGE is about; '\0': none */
    const struct p2i_option *option; /* the last one; NULL: an argument that is no option */
    const char *value;               /* of the option, or the argument; NULL: there is none */
};

/* `argv[0]` is skipped. */
void p2i_option_begin(struct p2i_option_scan *scan, const struct p2i_option_table *table,
                      unsigned groups, int argc, char **argv);
/* Reads the next option or argument; they may stand in any order, and a long name may be cut as
 * long as it is unambiguous. P2I_OK: it is in scan->option and scan->value; P2I_END: there are no
 * more; P2I_USAGE: it is unknown, ambiguous, lacks its value or takes none, with a text for the
 * user. The scan may go on after P2I_USAGE. */
enum p2i_result p2i_option_next(struct p2i_option_scan *scan, struct p2i_error *error);

/* Prints the lines of --help for an option, folded to 80 columns. `words` replaces an empty
 * placeholder. */
void p2i_option_print(FILE *out, const struct p2i_option *option, const char *words);

/* A row of struct p2i_option from a row of options.def. */
#define P2I_OPTION_ROW(id, groups, name, letter, argument, placeholder, words, repeats, key, help) \
    {id, groups, name, letter, P2I_ARGUMENT_##argument, placeholder, words, repeats, key, help},

#endif
