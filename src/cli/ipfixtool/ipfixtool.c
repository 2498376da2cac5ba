/* SPDX-License-Identifier: MIT */
/* ipfixtool: shows, checks, sends and merges IPFIX files, also of other exporters. */
#include "cli/ipfixtool/ipfixtool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/safe_text.h"
#include "cli/seal.h"
#include "cli/version.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/option.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/reader.h"

int p2i_tool_usage(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* NOLINT: begun above */
    va_end(arguments);
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, text);
    fputs("\nTry 'ipfixtool --help'.\n", stderr);
    return TOOL_USAGE;
}

int p2i_tool_unknown_kind(const char *verb, const char *name, const char *others)
{
    char list[256] = "";
    size_t size = 0;
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL && size < sizeof list; i++) {
        int more = snprintf(list + size, sizeof list - size, "%s%s", i > 0 ? ", " : "",
                            p2i_record_name((enum p2i_record_kind)i));
        size += more > 0 ? (size_t)more : 0;
    }
    return p2i_tool_usage("%s: unknown kind of record '%s'; there are %s%s", verb, name, list,
                          others);
}

int p2i_tool_fail(const char *file, const struct p2i_error *error)
{
    bool output = error->code == P2I_OUTPUT;
    (void)fflush(stdout); /* keeps the order if both are the same file */
    if (strcmp(file, "-") == 0) {
        file = output ? "standard output" : "standard input";
    }
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, file);
    fputs(": ", stderr);
    p2i_print_safe(stderr, error->text);
    if (output && error->system_error != 0) {
        fprintf(stderr, ": %s", strerror(error->system_error));
    }
    if (error->code == P2I_DAMAGED && error->offset != UINT64_MAX) {
        fprintf(stderr, " (message at byte %" PRIu64 ")", error->offset);
    }
    if (error->line > 0) {
        fprintf(stderr, " (line %" PRIu64 ")", error->line);
    }
    fputc('\n', stderr);
    switch (error->code) {
    case P2I_DAMAGED:
        return TOOL_DAMAGED;
    case P2I_USAGE:
        return TOOL_USAGE;
    case P2I_INPUT:
        return TOOL_INPUT;
    case P2I_OUTPUT:
        return TOOL_OUTPUT;
    default:
        return TOOL_INTERNAL;
    }
}

int p2i_tool_out_of_memory(void)
{
    fputs("ipfixtool: out of memory\n", stderr);
    return TOOL_INTERNAL;
}

int p2i_tool_refuse(const char *verb, const struct p2i_error *error)
{
    return error->code == P2I_INTERNAL ? p2i_tool_fail(verb, error)
                                       : p2i_tool_usage("%s: %s", verb, error->text);
}

static int report_loss(const char *file, uint64_t count, const char *one, const char *many,
                       const char *what)
{
    if (count == 0) {
        return TOOL_OK;
    }
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, file != NULL ? file : "");
    fprintf(stderr, "%s%" PRIu64 " %s %s\n", file != NULL ? ": " : "", count,
            count == 1 ? one : many, what);
    return TOOL_DAMAGED;
}

int p2i_tool_losses(const char *file, const struct p2i_reader_losses *losses)
{
    int status = report_loss(file, losses->sets, "data set", "data sets",
                             "could not be read: no template for it, or damaged");
    status |= report_loss(file, losses->lists, "list in a record", "lists in records",
                          "could not be read: no template for it, or damaged");
    status |= report_loss(file, losses->missing_records, "record", "records",
                          "missing, by the sequence numbers");
    return status;
}

const char *p2i_tool_temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

int p2i_tool_set_mode(const char *verb, const char *value, struct p2i_output_mode *mode)
{
    return p2i_parse_mode(value, &mode->exact)
               ? TOOL_OK
               : p2i_tool_usage("%s: --output-mode: '%s' is not a mode from 0400 to 0777, such as "
                                "0640",
                                verb, value);
}

int p2i_tool_worse(int status, int other)
{
    return status > other ? status : other;
}

/* Flushes standard output. A failure is reported and makes the status worse. */
static int finish_output(int status)
{
    bool failed = ferror(stdout) != 0;
    int reason = errno;
    if (fflush(stdout) != 0) {
        failed = true;
        reason = errno;
    }
    if (failed) {
        fprintf(stderr, "ipfixtool: standard output: %s\n",
                reason != 0 ? strerror(reason) : "cannot write");
    }
    return failed ? p2i_tool_worse(status, TOOL_OUTPUT) : status;
}

static int run_verb(enum p2i_tool_verb verb, int argc, char **argv)
{
    static int (*const verbs[TOOL_VERB_COUNT])(int argc, char **argv) = {
        [TOOL_INDEX_VIEW] = p2i_tool_view,       [TOOL_INDEX_CHECK] = p2i_tool_check,
        [TOOL_INDEX_FIELDS] = p2i_tool_fields,   [TOOL_INDEX_LISTEN] = p2i_tool_listen,
        [TOOL_INDEX_SEND] = p2i_tool_send,       [TOOL_INDEX_MERGE] = p2i_tool_merge,
        [TOOL_INDEX_DIFF] = p2i_tool_diff,       [TOOL_INDEX_CORPUS] = p2i_tool_corpus,
        [TOOL_INDEX_EXTRACT] = p2i_tool_extract, [TOOL_INDEX_TOP] = p2i_tool_top,
        [TOOL_INDEX_JOIN] = p2i_tool_join,       [TOOL_INDEX_REPORT] = p2i_tool_report,
    };
    if (p2i_tool_wants_help(verb, argc, argv)) {
        p2i_tool_print_help(verb);
        return TOOL_OK;
    }
    unsigned index = 0;
    while ((verb & 1U << index) == 0) {
        index++;
    }
    return verbs[index](argc, argv);
}

static int refuse_verb(const char *name)
{
    char list[128] = "";
    size_t size = 0;
    for (int i = 0; i < TOOL_VERB_COUNT && size < sizeof list; i++) {
        const char *before = i == 0 ? "" : i + 1 < TOOL_VERB_COUNT ? ", " : " or ";
        int more =
            snprintf(list + size, sizeof list - size, "%s%s", before, p2i_tool_verbs[i].name);
        size += more > 0 ? (size_t)more : 0;
    }
    return name == NULL ? p2i_tool_usage("a verb is missing: %s", list)
                        : p2i_tool_usage("unknown verb '%s': expected %s", name, list);
}

/* Runs a command line without a verb. */
static int run_program(struct p2i_tool_arguments *arguments)
{
    switch (p2i_tool_next(arguments)) {
    case TOOL_OPTION_HELP:
        p2i_tool_print_help(TOOL_VERB_PROGRAM);
        return TOOL_OK;
    case TOOL_OPTION_VERSION:
        p2i_print_version(stdout, "ipfixtool", false);
        return TOOL_OK;
    default:
        return arguments->status != TOOL_OK
                   ? arguments->status
                   : refuse_verb(arguments->count > 0 ? arguments->files[0] : NULL);
    }
}

int main(int argc, char **argv)
{
    struct p2i_tool_arguments arguments;
    p2i_guard_descriptors();
    for (int i = 0; argc > 1 && i < TOOL_VERB_COUNT; i++) {
        if (strcmp(argv[1], p2i_tool_verbs[i].name) == 0) {
            return finish_output(run_verb(p2i_tool_verbs[i].verb, argc - 1, argv + 1));
        }
    }
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_PROGRAM, argc > 1 ? 2 : argc, argv);
    return finish_output(run_program(&arguments));
}
