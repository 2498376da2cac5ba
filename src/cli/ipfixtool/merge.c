/* SPDX-License-Identifier: MIT */
/* ipfixtool merge: makes one file of many; the result does not depend on how records were spread.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "pcap2ipfix/merge.h"
#include "pcap2ipfix/output_file.h"

enum { MEMORY_LEAST = 1 << 20 };

struct merge {
    const char *output;
    struct p2i_output_mode mode; /* of the output */
    struct p2i_filter_option filter;
    struct p2i_merge_settings settings;
    bool quiet, no_sync;
    char folder[4096]; /* of the output: where temporary files go */
};

/* The input that the output would replace; NULL: none. */
static const char *find_input(const struct merge *merge, int count, char **files)
{
    struct stat written;
    struct stat read;
    if (strcmp(merge->output, "-") == 0 || stat(merge->output, &written) != 0 ||
        !S_ISREG(written.st_mode)) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        if (stat(files[i], &read) == 0 && read.st_dev == written.st_dev &&
            read.st_ino == written.st_ino) {
            return files[i];
        }
    }
    return NULL;
}

static bool set_folder(struct merge *merge)
{
    const char *slash = strrchr(merge->output, '/');
    size_t size = slash != NULL ? (size_t)(slash - merge->output) + 1 : 0;
    const char *from = slash != NULL ? merge->output : ".";
    struct stat status;
    if (strcmp(merge->output, "-") == 0 ||
        (stat(merge->output, &status) == 0 && !S_ISREG(status.st_mode))) {
        from = p2i_tool_temporary_folder(); /* a device or a pipe has no folder for files */
        size = 0;
    }
    int length = snprintf(merge->folder, sizeof merge->folder, "%.*s",
                          size > 0 ? (int)size : (int)strlen(from), from);
    return length >= 0 && (size_t)length < sizeof merge->folder;
}

static bool is_stopped(void *context)
{
    (void)context;
    return p2i_tool_stopped != 0;
}

static enum p2i_result select_record(void *context, const struct p2i_reader *reader,
                                     const struct p2i_read_record *record, bool *wanted,
                                     struct p2i_error *error)
{
    struct merge *merge = context;
    return p2i_filter_option_match(&merge->filter, reader, record, wanted, error);
}

static enum p2i_result read_file(struct p2i_merge *all, const char *file,
                                 struct p2i_reader_losses *losses, struct p2i_error *error)
{
    struct p2i_reader *reader = NULL;
    enum p2i_result result = p2i_reader_open(&reader, file, NULL, NULL, error);
    if (result == P2I_OK) {
        result = p2i_merge_add(all, reader, error);
        *losses = p2i_reader_losses(reader);
    }
    p2i_reader_close(reader);
    return result;
}

/* Reads all files; damaged and missing ones are reported and skipped. */
static int read_files(const struct merge *merge, struct p2i_merge *all, int count, char **files,
                      bool *goes_on)
{
    int status = TOOL_OK;
    *goes_on = true;
    for (int i = 0; i < count && *goes_on && !p2i_tool_stopped; i++) {
        struct p2i_error error = {0};
        struct p2i_reader_losses losses = {0};
        enum p2i_result result = read_file(all, files[i], &losses, &error);
        losses.missing_records = 0; /* other files may have them */
        status = p2i_tool_worse(status, p2i_tool_losses(files[i], &losses));
        if (result != P2I_OK) {
            status = p2i_tool_worse(status, p2i_tool_fail(files[i], &error));
        }
        *goes_on = result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
    }
    if (*goes_on && status != TOOL_OK && !p2i_merge_has_records(all)) {
        fprintf(stderr, "ipfixtool: %s: not written: no file has a record\n", merge->output);
        *goes_on = false;
    }
    uint64_t left = p2i_merge_options_left(all);
    if (left > 0 && !merge->quiet) {
        fprintf(stderr,
                "ipfixtool: %" PRIu64
                " options records left out: they describe their exporting process\n",
                left);
    }
    return status;
}

static enum p2i_result take_message(void *context, struct p2i_view message, struct p2i_error *error)
{
    return p2i_output_file_write(context, message, error);
}

static enum p2i_result write_file(struct p2i_merge *all, struct p2i_output_file *file,
                                  struct p2i_error *error)
{
    enum p2i_result result = p2i_merge_write(all, take_message, file, error);
    return result == P2I_OK ? p2i_output_file_finish(file, error) : result;
}

static int run(struct merge *merge, int count, char **files)
{
    struct p2i_error error = {0};
    struct p2i_output_file *file = NULL;
    struct p2i_merge *all = NULL;
    const char *input = find_input(merge, count, files);
    if (input != NULL) {
        return p2i_tool_usage("merge: the output '%s' is the input '%s'", merge->output, input);
    }
    if (!set_folder(merge)) {
        return p2i_tool_usage("merge: the name of the output is too long");
    }
    for (int i = 0; i < count; i++) {
        p2i_output_mode_limit(&merge->mode, files[i]);
    }
    p2i_tool_catch_signals();
    if (p2i_merge_new(&all, &merge->settings, &error) != P2I_OK) {
        return p2i_tool_fail(merge->output, &error);
    }
    int status = TOOL_OK;
    unsigned flags = merge->no_sync ? 0 : P2I_OUTPUT_SYNC;
    bool goes_on =
        p2i_output_file_open(&file, merge->output, flags, &merge->mode, &error) == P2I_OK;
    if (!goes_on) {
        status = p2i_tool_fail(merge->output, &error);
    } else {
        status = p2i_tool_seal(&(struct p2i_tool_needs){.files = files,
                                                        .file_count = count,
                                                        .output = merge->output,
                                                        .temporary = merge->folder});
        goes_on = status == TOOL_OK;
    }
    if (goes_on) {
        status = read_files(merge, all, count, files, &goes_on);
    }
    if (goes_on && !p2i_tool_stopped) {
        int named = p2i_filter_option_report_unmet(&merge->filter);
        goes_on = named == TOOL_OK;
        status = p2i_tool_worse(status, named);
    }
    if (goes_on && write_file(all, file, &error) != P2I_OK) {
        status = p2i_tool_worse(status, p2i_tool_fail(merge->output, &error));
    }
    p2i_output_file_free(file);
    p2i_merge_free(all);
    return status;
}

static int set_option(struct merge *merge, int option, const char *value)
{
    switch (option) {
    case TOOL_OPTION_MERGE_WRITE:
        merge->output = value;
        return TOOL_OK;
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&merge->filter, value);
    case TOOL_OPTION_MERGE_UNIQUE:
        merge->settings.unique = true;
        return TOOL_OK;
    case TOOL_OPTION_NO_ELEMENT_TYPES:
        merge->settings.element_types = false;
        return TOOL_OK;
    case TOOL_OPTION_OUTPUT_MODE:
        return p2i_tool_set_mode("merge", value, &merge->mode);
    case TOOL_OPTION_NO_SYNC:
        merge->no_sync = true;
        return TOOL_OK;
    case TOOL_OPTION_QUIET:
        merge->quiet = true;
        return TOOL_OK;
    default: /* TOOL_OPTION_MERGE_MEMORY */
        return p2i_parse_size(value, &merge->settings.memory_bytes) &&
                       merge->settings.memory_bytes >= MEMORY_LEAST
                   ? TOOL_OK
                   : p2i_tool_usage("merge: --memory: '%s' is not a size of at least 1M", value);
    }
}

int p2i_tool_merge(int argc, char **argv)
{
    struct merge merge = {.filter.verb = "merge",
                          .settings = {.struct_size = sizeof merge.settings,
                                       .memory_bytes = UINT64_C(1) << 30,
                                       .element_types = true,
                                       .is_stopped = is_stopped,
                                       .context = &merge,
                                       .select = select_record}};
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    merge.settings.folder = merge.folder;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_MERGE, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&merge, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK && merge.output == NULL) {
        status = p2i_tool_usage("merge: no output given: -w FILE");
    } else if (status == TOOL_OK) {
        status = arguments.count > 0 ? run(&merge, arguments.count, arguments.files)
                                     : p2i_tool_usage("merge: no file given");
    }
    p2i_filter_option_free(&merge.filter);
    return status;
}
