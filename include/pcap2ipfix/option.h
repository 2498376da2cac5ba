/* SPDX-License-Identifier: MIT */
/* Command lines: a table of options, the parser, and the lines of --help.
 *
 *     static const struct p2i_option rows[] = {
 *         P2I_OPTION_ROW(HELP, 1, "help", 'h', NONE, "", "", false, "", "print this text")
 *         P2I_OPTION_ROW(WRITE, 1, "write", 'w', FILE, "FILE", "", false, "", "the output")
 *     };
 *     const struct p2i_option_table table = {rows, 2};
 *     struct p2i_option_scan scan;
 *     p2i_option_begin(&scan, &table, 1, argc, argv);
 *     while ((result = p2i_option_next(&scan, &error)) == P2I_OK) {
 *         use(scan.option != NULL ? scan.option->id : ARGUMENT, scan.value);
 *     }
 *
 * The structs of this header never change. A scan belongs to one thread. */
#ifndef PCAP2IPFIX_OPTION_H
#define PCAP2IPFIX_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/* An option of a program. All texts live as long as the table. */
struct p2i_option {
    int id;           /* the program's own */
    unsigned groups;  /* bits: the command lines that know the option, such as verbs */
    const char *name; /* "memory" */
    char letter;      /* '\0': none */
    enum p2i_argument argument;
    const char *placeholder; /* "SIZE" */
    const char *words;       /* that it takes, "a|b"; "": those of the key, or any text */
    bool repeats;            /* given twice, both count; else the last one */
    const char *key;         /* of the settings that it sets; "": none */
    const char *help;        /* what it does */
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

/* Begins to read a command line; `argv[0]` is skipped. The table's rows and argv must outlive the
 * scan. */
void p2i_option_begin(struct p2i_option_scan *scan, const struct p2i_option_table *table,
                      unsigned groups, int argc, char **argv);
/* Reads the next option or argument; they may stand in any order, and a long name may be cut as
 * long as it is unambiguous. P2I_OK: it is in scan->option and scan->value; P2I_END: there are no
 * more; P2I_USAGE: it is unknown, ambiguous, lacks its value or takes none, with a text for the
 * user. The scan may go on after P2I_USAGE. */
enum p2i_result p2i_option_next(struct p2i_option_scan *scan, struct p2i_error *error);

/* Reads a P2I_ARGUMENT_SIZE: "512", "64K", "100M", "1G": bytes, in powers of 1024, up to 2^62.
 * False: it is no size. */
bool p2i_parse_size(const char *text, uint64_t *size);

/* Reads the permissions of a file as chmod(1) has them: "640" or "0640", from 0400 to 0777. False:
 * they are none. */
bool p2i_parse_mode(const char *text, unsigned *mode);

/* Prints the lines of --help for an option, folded to 80 columns. `words` replaces an empty
 * placeholder. */
void p2i_option_print(FILE *out, const struct p2i_option *option, const char *words);

/* The words that an option takes, "a|b", its own or those of its key; "": any text. Static, or a
 * text of the row. */
const char *p2i_option_words(const struct p2i_option *option);

/* Sets the setting of an option: its key or, without one, the key of p2i_settings_set() that has
 * the option's name. `value` is its value; for an option without a value it is the word of the row,
 * and `value` is ignored. P2I_OK; P2I_USAGE: the value is wrong, "--NAME: ...", or there is no such
 * key, nothing was changed; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_settings_set_option(struct p2i_settings *settings,
                                        const struct p2i_option *option, const char *value,
                                        struct p2i_error *error);

/* A row of a table, with the last part of an enum p2i_argument. */
#define P2I_OPTION_ROW(id, groups, name, letter, argument, placeholder, words, repeats, key, help) \
    {id, groups, name, letter, P2I_ARGUMENT_##argument, placeholder, words, repeats, key, help},

#ifdef __cplusplus
}
#endif
#endif
