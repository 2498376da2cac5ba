/* SPDX-License-Identifier: MIT */
/* ipfixtool diff: which records of two files differ, and in which fields. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/diff_print.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "pcap2ipfix/diff.h"

enum {
    MEMORY_LEAST = 1 << 20,
    SHOWN = 10, /* differences behind the summary */
};

struct diff {
    struct p2i_diff_settings settings;
    struct p2i_filter_option filter;
    struct p2i_columns ignored;
    bool json;
    bool limited; /* by an option */
    uint64_t limit;
    const struct p2i_diff *records;
    /* Differences for behind the summary: of kinds that both files have; of kinds that one lacks, a
     * line for each. */
    struct lines {
        FILE *file;
        struct p2i_buffer text;
        uint64_t met;
    } both, one;
};

static bool is_stopped(void *context)
{
    (void)context;
    return p2i_tool_stopped != 0;
}

/* Whether one of the files has no record of the kind. */
static bool is_of_one(const struct p2i_diff *records, const char *name)
{
    struct p2i_diff_kind kind;
    for (size_t i = 0; p2i_diff_kind_at(records, i, &kind); i++) {
        if (strcmp(kind.name, name) == 0) {
            return kind.records[0] == 0 || kind.records[1] == 0;
        }
    }
    return false;
}

static enum p2i_result take(void *context, const struct p2i_diff_record *record,
                            struct p2i_error *error)
{
    struct diff *diff = context;
    (void)error;
    struct lines *lines = is_of_one(diff->records, record->kind) ? &diff->one : &diff->both;
    lines->met++;
    if (diff->json && (!diff->limited || diff->both.met + diff->one.met <= diff->limit)) {
        p2i_diff_print_json(stdout, record);
    } else if (!diff->json && lines->met <= diff->limit) {
        p2i_diff_print_lines(lines->file, record);
    }
    return P2I_OK;
}

/* Whether the table or one of the files has the field. */
static bool is_field(const struct p2i_diff *records, const char *name)
{
    struct p2i_diff_field_count field;
    uint32_t pen;
    uint16_t id;
    if (p2i_tool_parse_element(name, &pen, &id) || p2i_tool_element(name) != NULL) {
        return true;
    }
    for (size_t i = 0; p2i_diff_field_at(records, 0, i, &field); i++) {
        if (strcasecmp(field.name, name) == 0) {
            return true;
        }
    }
    return false;
}

static int check_ignored(const struct diff *diff, const struct p2i_diff *records)
{
    for (size_t i = 0; i < diff->ignored.count; i++) {
        const char *name = diff->ignored.names[i];
        if (is_field(records, name)) {
            continue;
        }
        struct p2i_nearest nearest = p2i_nearest_to(name);
        p2i_tool_offer_fields(&nearest);
        return nearest.name != NULL
                   ? p2i_tool_usage("diff: unknown field '%s'; did you mean '%s'?", name,
                                    nearest.name)
                   : p2i_tool_usage("diff: unknown field '%s': neither in the tables (see "
                                    "ipfixtool fields) nor in the files",
                                    name);
    }
    return TOOL_OK;
}

/* Prints the first lines of a text. */
static void print_lines(struct p2i_view text, uint64_t count)
{
    for (; count > 0 && text.size > 0; count--) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end != NULL ? (size_t)(end - text.data) + 1 : text.size;
        (void)fwrite(text.data, 1, size, stdout);
        text = p2i_view_from(text, size);
    }
}

/* Differences of kinds that one file lacks come last, so that they do not hide the others. */
static void print_differences(const struct diff *diff)
{
    uint64_t all = diff->both.met + diff->one.met;
    uint64_t both = diff->both.met < diff->limit ? diff->both.met : diff->limit;
    if (all == 0 || diff->limit == 0) {
        return;
    }
    fputc('\n', stdout);
    if (all > diff->limit) {
        printf("%llu of %llu ", (unsigned long long)diff->limit, (unsigned long long)all);
    }
    fputs(
        "differences (- only in A, + only in B, ~ in both, with the fields that differ, A -> B):\n",
        stdout);
    print_lines(p2i_view_of(diff->both.text.data, diff->both.text.size), UINT64_MAX);
    print_lines(p2i_view_of(diff->one.text.data, diff->one.text.size), diff->limit - both);
}

static void print(const struct diff *diff, char **files)
{
    if (diff->json) {
        p2i_diff_print_json_summary(stdout, diff->records);
        return;
    }
    p2i_diff_print_summary(stdout, diff->records, files);
    print_differences(diff);
}

/* Reads both files; after damage in one the records before it are compared. */
static int read_files(struct p2i_diff *records, char **files, bool *goes_on)
{
    int status = TOOL_OK;
    *goes_on = true;
    for (int side = 0; side < 2 && *goes_on; side++) {
        struct p2i_error error = {0};
        enum p2i_result result = p2i_diff_add(records, side, files[side], &error);
        *goes_on = result == P2I_OK || result == P2I_DAMAGED;
        if (result == P2I_END) {
            fputs("ipfixtool: diff: stopped\n", stderr);
            status = TOOL_DAMAGED;
        } else if (result != P2I_OK) {
            status = p2i_tool_worse(status, p2i_tool_fail(files[side], &error));
        }
    }
    return status;
}

static bool open_lines(struct lines *lines)
{
    lines->file = p2i_buffer_stream(&lines->text);
    return lines->file != NULL;
}

/* False: out of memory. */
static bool close_lines(struct lines *lines)
{
    bool whole = lines->file != NULL && ferror(lines->file) == 0;
    return lines->file != NULL && fclose(lines->file) == 0 && whole;
}

static int compare(struct diff *diff, struct p2i_diff *records, char **files)
{
    bool goes_on;
    int status = read_files(records, files, &goes_on);
    if (goes_on) {
        int checked = p2i_tool_worse(check_ignored(diff, records),
                                     p2i_filter_option_report_unmet(&diff->filter));
        status = p2i_tool_worse(status, checked);
        goes_on = checked == TOOL_OK;
    }
    if (!goes_on) {
        return status;
    }
    struct p2i_error error = {0};
    diff->records = records;
    enum p2i_result result = open_lines(&diff->both) && open_lines(&diff->one)
                                 ? p2i_diff_run(records, take, diff, &error)
                                 : p2i_fail_memory(&error);
    bool closed = close_lines(&diff->both);
    closed = close_lines(&diff->one) && closed;
    if (result == P2I_OK && !closed) {
        result = p2i_fail_memory(&error);
    }
    if (result != P2I_OK) {
        status = p2i_tool_fail("diff", &error);
    } else {
        print(diff, files);
        status = p2i_tool_worse(status, p2i_diff_is_same(records) ? TOOL_OK : TOOL_DAMAGED);
    }
    p2i_buffer_free(&diff->both.text);
    p2i_buffer_free(&diff->one.text);
    return status;
}

static int run(struct diff *diff, char **files)
{
    struct p2i_error error = {0};
    struct p2i_diff *records = NULL;
    p2i_tool_catch_signals();
    diff->settings.ignored = (const char *const *)diff->ignored.names;
    diff->settings.ignored_count = diff->ignored.count;
    diff->settings.filter = diff->filter.filter;
    if (p2i_diff_new(&records, &diff->settings, &error) != P2I_OK) {
        return p2i_tool_fail("diff", &error);
    }
    int status = p2i_tool_seal(&(struct p2i_tool_needs){
        .files = files, .file_count = 2, .temporary = diff->settings.folder});
    if (status == TOOL_OK) {
        status = compare(diff, records, files);
    }
    p2i_diff_free(records);
    return status;
}

static int set_kind(struct diff *diff, const char *kind)
{
    diff->settings.kind = kind;
    return p2i_tool_own_kind(kind) != NULL || strcasecmp(kind, "options") == 0 ||
                   strcasecmp(kind, "other") == 0 || strcasecmp(kind, "all") == 0
               ? TOOL_OK
               : p2i_tool_unknown_kind("diff", kind, ", options, other, all");
}

static int set_option(struct diff *diff, int option, const char *value)
{
    switch (option) {
    case TOOL_OPTION_DIFF_JSON:
        diff->json = true;
        return TOOL_OK;
    case TOOL_OPTION_DIFF_RECORD:
        return set_kind(diff, value);
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&diff->filter, value);
    case TOOL_OPTION_DIFF_IGNORE:
        return p2i_columns_option(&diff->ignored, "diff", "ignore", value);
    case TOOL_OPTION_DIFF_TOLERANCE:
        return p2i_tool_parse_number(value, UINT32_MAX, &diff->settings.tolerance_s)
                   ? TOOL_OK
                   : p2i_tool_usage("diff: --tolerance needs a number of seconds");
    case TOOL_OPTION_DIFF_LIMIT:
        diff->limited = true;
        return p2i_tool_parse_number(value, UINT64_MAX, &diff->limit)
                   ? TOOL_OK
                   : p2i_tool_usage("diff: --limit needs a number");
    default: /* TOOL_OPTION_DIFF_MEMORY */
        return p2i_parse_size(value, &diff->settings.memory_bytes) &&
                       diff->settings.memory_bytes >= MEMORY_LEAST
                   ? TOOL_OK
                   : p2i_tool_usage("diff: --memory: '%s' is not a size of at least 1M", value);
    }
}

static int run_arguments(struct diff *diff, const struct p2i_tool_arguments *arguments)
{
    if (arguments->count != 2) {
        return p2i_tool_usage("diff: %d file%s given: expected A and B", arguments->count,
                              arguments->count == 1 ? "" : "s");
    }
    if (strcmp(arguments->files[0], "-") == 0 && strcmp(arguments->files[1], "-") == 0) {
        return p2i_tool_usage("diff: standard input cannot be both files");
    }
    return run(diff, arguments->files);
}

int p2i_tool_diff(int argc, char **argv)
{
    struct diff diff = {.settings = {.struct_size = sizeof diff.settings,
                                     .memory_bytes = UINT64_C(256) << 20,
                                     .folder = p2i_tool_temporary_folder(),
                                     .is_stopped = is_stopped},
                        .filter.verb = "diff",
                        .limit = SHOWN};
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_DIFF, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&diff, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        status = run_arguments(&diff, &arguments);
    }
    p2i_filter_option_free(&diff.filter);
    p2i_columns_free(&diff.ignored);
    return status;
}
