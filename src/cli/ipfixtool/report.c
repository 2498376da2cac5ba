/* SPDX-License-Identifier: MIT */
/* ipfixtool report: one page of records, for people. */
#include "pcap2ipfix/report.h"

#include <stdlib.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "pcap2ipfix/option.h"
#include "pcap2ipfix/output_file.h"

enum {
    MEMORY_LEAST = 1 << 20,
    MEMORY_USUAL = 128 << 20,
    ROWS_USUAL = 200,
    ROWS_MOST = 100000,
    STATISTICS_MOST = 64,
};

struct report {
    struct p2i_report_settings settings;
    struct p2i_filter_option filter;
    const char *output;
    struct p2i_output_mode mode; /* of the output */
    const char *statistics[STATISTICS_MOST];
    size_t statistics_count;
};

static int write_page(const struct report *report, struct p2i_report *records)
{
    struct p2i_error error = {0};
    struct p2i_buffer page = {0};
    struct p2i_output_file *file = NULL;
    enum p2i_result result = p2i_report_write(records, &page, &error);
    if (result == P2I_OK) {
        result =
            p2i_output_file_open(&file, report->output, P2I_OUTPUT_SYNC, &report->mode, &error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_write(file, p2i_view_of(page.data, page.size), &error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_finish(file, &error);
    }
    p2i_output_file_free(file);
    p2i_buffer_free(&page);
    return result == P2I_OK ? TOOL_OK : p2i_tool_fail(report->output, &error);
}

/* Reads all files; after damage in one the records before it are in the page, which says so. */
static int read_files(const struct report *report, struct p2i_report *records, int count,
                      char **files)
{
    struct p2i_error error = {0};
    int status = TOOL_OK;
    for (size_t i = 0; i < report->statistics_count; i++) {
        if (p2i_report_add_statistics(records, report->statistics[i], &error) != P2I_OK) {
            return p2i_tool_fail(report->statistics[i], &error);
        }
    }
    for (int i = 0; i < count; i++) {
        if (p2i_report_add(records, files[i], &error) != P2I_OK) {
            status = p2i_tool_worse(status, p2i_tool_fail(files[i], &error));
        }
    }
    return status;
}

static int run(struct report *report, int count, char **files)
{
    struct p2i_error error = {0};
    struct p2i_report *records = NULL;
    report->settings.filter = report->filter.filter;
    for (size_t i = 0; i < report->statistics_count; i++) {
        p2i_output_mode_limit(&report->mode, report->statistics[i]);
    }
    for (int i = 0; i < count; i++) {
        p2i_output_mode_limit(&report->mode, files[i]);
    }
    if (p2i_report_new(&records, &report->settings, &error) != P2I_OK) {
        return p2i_tool_fail("report", &error);
    }
    int status = read_files(report, records, count, files);
    int unmet = p2i_filter_option_report_unmet(&report->filter);
    status = p2i_tool_worse(status, unmet);
    if (unmet == TOOL_OK && (status == TOOL_OK || status == TOOL_DAMAGED)) {
        status = p2i_tool_worse(status, write_page(report, records));
    }
    p2i_report_free(records);
    return status;
}

static int set_option(struct report *report, int option, const char *value)
{
    uint64_t rows = 0;
    switch (option) {
    case TOOL_OPTION_REPORT_OUTPUT:
        report->output = value;
        return TOOL_OK;
    case TOOL_OPTION_REPORT_STATISTICS:
        if (report->statistics_count == STATISTICS_MOST) {
            return p2i_tool_usage("report: more than %d files of statistics", STATISTICS_MOST);
        }
        report->statistics[report->statistics_count++] = value;
        return TOOL_OK;
    case TOOL_OPTION_REPORT_TITLE:
        report->settings.title = value;
        return TOOL_OK;
    case TOOL_OPTION_REPORT_ROWS:
        if (!p2i_tool_parse_number(value, ROWS_MOST, &rows) || rows == 0) {
            return p2i_tool_usage("report: --limit needs a number from 1 to %d", ROWS_MOST);
        }
        report->settings.rows = (size_t)rows;
        return TOOL_OK;
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&report->filter, value);
    case TOOL_OPTION_OUTPUT_MODE:
        return p2i_tool_set_mode("report", value, &report->mode);
    default: /* TOOL_OPTION_REPORT_MEMORY */
        return p2i_parse_size(value, &report->settings.memory_bytes) &&
                       report->settings.memory_bytes >= MEMORY_LEAST
                   ? TOOL_OK
                   : p2i_tool_usage("report: --memory: '%s' is not a size of at least 1M", value);
    }
}

static int run_arguments(struct report *report, const struct p2i_tool_arguments *arguments)
{
    if (report->output == NULL) {
        return p2i_tool_usage("report: -o FILE is missing");
    }
    if (arguments->count == 0) {
        return p2i_tool_usage("report: no file given");
    }
    int status = p2i_tool_seal(&(struct p2i_tool_needs){
        .files = arguments->files,
        .file_count = arguments->count,
        .more_files = report->statistics,
        .more_file_count = report->statistics_count,
        .output = report->output,
    });
    return status == TOOL_OK ? run(report, arguments->count, arguments->files) : status;
}

/* Copies the command, because reading the options changes the order of argv. NULL: out of memory.
 */
static const char **copy_command(int argc, char **argv)
{
    const char **words = calloc((size_t)argc + 1, sizeof *words);
    if (words != NULL) {
        words[0] = "ipfixtool";
        for (int i = 0; i < argc; i++) {
            words[i + 1] = argv[i];
        }
    }
    return words;
}

int p2i_tool_report(int argc, char **argv)
{
    struct report report = {
        .settings = {.struct_size = sizeof report.settings,
                     .memory_bytes = MEMORY_USUAL,
                     .rows = ROWS_USUAL},
        .filter.verb = "report",
    };
    struct p2i_tool_arguments arguments;
    const char **command = copy_command(argc, argv);
    int status = command != NULL ? TOOL_OK : p2i_tool_out_of_memory();
    int option;
    report.settings.arguments = command;
    report.settings.argument_count = (size_t)argc + 1;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_REPORT, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&report, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        status = run_arguments(&report, &arguments);
    }
    p2i_filter_option_free(&report.filter);
    free(command);
    return status;
}
