/* SPDX-License-Identifier: MIT */
/* The command line of a verb of ipfixtool, by the table options.def. */
#ifndef P2I_CLI_IPFIXTOOL_ARGUMENTS_H
#define P2I_CLI_IPFIXTOOL_ARGUMENTS_H

#include "pcap2ipfix/option.h"

/* Rows of options.def. */
enum p2i_tool_option {
#define VERB(id, ...)
#define OPTION(id, ...) TOOL_OPTION_##id,
#include "cli/ipfixtool/options.def"
#undef OPTION
#undef VERB
    TOOL_OPTION_COUNT
};

/* Bits of verbs; PROGRAM is the command line before the verb. */
enum p2i_tool_verb_index {
#define VERB(id, ...) TOOL_INDEX_##id,
#define OPTION(id, ...)
#include "cli/ipfixtool/options.def"
#undef OPTION
#undef VERB
    TOOL_VERB_COUNT
};
enum p2i_tool_verb {
#define VERB(id, ...) TOOL_VERB_##id = 1 << TOOL_INDEX_##id,
#define OPTION(id, ...)
#include "cli/ipfixtool/options.def"
#undef OPTION
#undef VERB
    TOOL_VERB_PROGRAM = 1 << TOOL_VERB_COUNT,
};

/* A verb as users see it; static. */
struct p2i_tool_verb_row {
    enum p2i_tool_verb verb;
    const char *name;
    const char *arguments; /* "FILE..." */
    const char *help;
};
extern const struct p2i_tool_verb_row p2i_tool_verbs[TOOL_VERB_COUNT];

/* A command line during reading. Arguments other than options are moved to the front of argv. */
struct p2i_tool_arguments {
    struct p2i_option_scan scan;
    const char *verb; /* its name */
    char **files;     /* arguments other than options */
    int count;        /* number of files */
    int status;       /* TOOL_OK or TOOL_USAGE */
    bool seen[TOOL_OPTION_COUNT];
};

/* `argv[0]` is the verb. */
void p2i_tool_arguments_begin(struct p2i_tool_arguments *arguments, enum p2i_tool_verb verb,
                              int argc, char **argv);
/* The next option; warns of one that is given again, but may be given once. The option: enum
 * p2i_tool_option, its value is in arguments->scan.value. -1: there is none left, or the command
 * line is wrong, which was reported and is in arguments->status. */
int p2i_tool_next(struct p2i_tool_arguments *arguments);
/* Whether --help is among the arguments. */
bool p2i_tool_wants_help(enum p2i_tool_verb verb, int argc, char **argv);

/* Prints the help of one verb, or of all: TOOL_VERB_PROGRAM. */
void p2i_tool_print_help(enum p2i_tool_verb verb);

#endif
