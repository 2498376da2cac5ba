/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/arguments.h"

#include <stdio.h>

#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/seal.h"

/* Names in options.def. */
enum { REPEATS = 1 };
enum {
#define VERB(id, ...) id = TOOL_VERB_##id,
#define OPTION(id, ...)
#include "cli/ipfixtool/options.def"
#undef OPTION
#undef VERB
    PROGRAM = TOOL_VERB_PROGRAM,
};

const struct p2i_tool_verb_row p2i_tool_verbs[TOOL_VERB_COUNT] = {
#define VERB(id, name, arguments, help) {TOOL_VERB_##id, name, arguments, help},
#define OPTION(id, ...)
#include "cli/ipfixtool/options.def"
#undef OPTION
#undef VERB
};

static const struct p2i_option rows[] = {
#define VERB(id, ...)
#define OPTION(id, ...) P2I_OPTION_ROW(TOOL_OPTION_##id, __VA_ARGS__)
#include "cli/ipfixtool/options.def"
#undef OPTION
#undef VERB
};
static const struct p2i_option_table table = {rows, TOOL_OPTION_COUNT};

void p2i_tool_arguments_begin(struct p2i_tool_arguments *arguments, enum p2i_tool_verb verb,
                              int argc, char **argv)
{
    *arguments = (struct p2i_tool_arguments){.verb = argv[0], .files = argv + 1};
    p2i_option_begin(&arguments->scan, &table, verb, argc, argv);
}

int p2i_tool_next(struct p2i_tool_arguments *arguments)
{
    struct p2i_error error = {0};
    struct p2i_option_scan *scan = &arguments->scan;
    enum p2i_result result;
    while ((result = p2i_option_next(scan, &error)) == P2I_OK &&
           (scan->option == NULL || p2i_tool_seal_option(scan->option->id, scan->value))) {
        if (scan->option == NULL) {
            /* The slot belongs to an argument that was read already. */
            arguments->files[arguments->count++] = scan->argv[scan->next - 1];
        }
    }
    if (result == P2I_END) {
        arguments->status = p2i_tool_become_user();
    }
    if (result == P2I_USAGE) {
        arguments->status = scan->groups == TOOL_VERB_PROGRAM
                                ? p2i_tool_usage("%s", error.text)
                                : p2i_tool_usage("%s: %s", arguments->verb, error.text);
    }
    if (result != P2I_OK) {
        return -1;
    }
    int id = scan->option->id;
    if (!scan->option->repeats && arguments->seen[id]) {
        fprintf(stderr, "ipfixtool: %s: --%s is given twice; the last one counts\n",
                arguments->verb, scan->option->name);
    }
    arguments->seen[id] = true;
    return id;
}

bool p2i_tool_wants_help(enum p2i_tool_verb verb, int argc, char **argv)
{
    struct p2i_option_scan scan;
    struct p2i_error ignored;
    enum p2i_result result;
    bool wanted = false;
    p2i_option_begin(&scan, &table, verb, argc, argv);
    while ((result = p2i_option_next(&scan, &ignored)) != P2I_END) {
        wanted = wanted ||
                 (result == P2I_OK && scan.option != NULL && scan.option->id == TOOL_OPTION_HELP);
    }
    return wanted;
}

static void print_options(unsigned groups, bool common)
{
    for (size_t i = 0; i < table.count; i++) {
        bool program = (rows[i].groups & TOOL_VERB_PROGRAM) != 0;
        if ((rows[i].groups & groups) != 0 && program == common) {
            p2i_option_print(stdout, &rows[i], p2i_option_words(&rows[i]));
        }
    }
}

void p2i_tool_print_help(enum p2i_tool_verb verb)
{
    for (int i = 0; i < TOOL_VERB_COUNT; i++) {
        const struct p2i_tool_verb_row *row = &p2i_tool_verbs[i];
        if (verb == row->verb) {
            printf("usage: ipfixtool %s [OPTION]... %s\n", row->name, row->arguments);
        }
    }
    if (verb == TOOL_VERB_PROGRAM) {
        puts("usage: ipfixtool VERB [OPTION]... [FILE]...");
    }
    for (int i = 0; i < TOOL_VERB_COUNT; i++) {
        const struct p2i_tool_verb_row *row = &p2i_tool_verbs[i];
        if (verb == row->verb || verb == TOOL_VERB_PROGRAM) {
            printf("\n%s%s%s: %s\n", row->name, row->arguments[0] != '\0' ? " " : "",
                   row->arguments, row->help);
            print_options(row->verb, false);
        }
    }
    putchar('\n');
    print_options(verb, true);
    fputs("\n"
          "FILE may be compressed with gzip or zstd; '-' is standard input.\n"
          "Exit status: 0 all done; 1 damaged or defects; 2 usage; 3 a file cannot be opened;\n"
          "4 output failed; 5 the collector did not take all (spooled); 6 out of memory.\n",
          stdout);
}
