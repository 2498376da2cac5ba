/* SPDX-License-Identifier: MIT */
/* ipfixtool extract: from records back to their packets. */
#include "pcap2ipfix/extract.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/stop.h"
#include "cli/safe_text.h"

/* The arrays, in one allocation, have room for as many elements as there are arguments. */
struct extract {
    struct p2i_extract_settings settings;
    struct p2i_settings *run;
    const char **texts; /* of --packet, read when all captures are known */
    struct p2i_extract_packet *packets;
    uint64_t *sessions;
    const char **inputs;
    char *command;
    struct p2i_filter_option filter;
    char *filter_text;
    const char *verify;
    bool quiet;
};

static bool is_stopped(void *context)
{
    (void)context;
    return p2i_tool_stopped != 0;
}

static void print_message(const char *file, const char *text)
{
    fputs("ipfixtool: ", stderr);
    if (file != NULL) {
        p2i_print_safe(stderr, file);
        fputs(": ", stderr);
    }
    p2i_print_safe(stderr, text);
}

static void report(void *context, enum p2i_log_level level, const struct p2i_error *error)
{
    (void)context;
    (void)level;
    print_message(error->file, error->text);
    if (error->system_error != 0) {
        fprintf(stderr, ": %s", strerror(error->system_error));
    }
    fputc('\n', stderr);
}

/* ---- options ---- */

/* Appends a text to another one, NULL: none yet. False: out of memory. */
static bool append(char **all, const char *separator, const char *text)
{
    size_t size = *all != NULL ? strlen(*all) : 0;
    size_t more = strlen(separator) + strlen(text) + 1;
    char *longer = realloc(*all, size + more);
    if (longer == NULL) {
        return false;
    }
    (void)snprintf(longer + size, more, "%s%s", size > 0 ? separator : "", text);
    *all = longer;
    return true;
}

/* The command line, for the manifest. */
static bool note_command(struct extract *extract, int argc, char **argv)
{
    bool noted = append(&extract->command, "", "ipfixtool");
    for (int i = 0; i < argc && noted; i++) {
        noted = append(&extract->command, " ", argv[i]);
    }
    return noted;
}

static int add_filter(struct extract *extract, const char *text)
{
    int status = p2i_filter_option_add(&extract->filter, text);
    extract->settings.filter = extract->filter.filter;
    return status == TOOL_OK && !append(&extract->filter_text, " and ", text) ? TOOL_INTERNAL
                                                                              : status;
}

static int add_session(struct extract *extract, const char *text)
{
    if (!p2i_tool_parse_number(text, UINT64_MAX,
                               &extract->sessions[extract->settings.session_count])) {
        return p2i_tool_usage("extract: --session: '%s' is no SESSION_ID", text);
    }
    extract->settings.session_count++;
    return TOOL_OK;
}

static int set_option(struct extract *extract, const struct p2i_option_scan *scan)
{
    struct p2i_error error = {0};
    switch (scan->option->id) {
    case TOOL_OPTION_EXTRACT_WRITE:
        extract->settings.output = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_FILTER:
        return add_filter(extract, scan->value);
    case TOOL_OPTION_EXTRACT_SESSION:
        return add_session(extract, scan->value);
    case TOOL_OPTION_EXTRACT_PACKET:
        extract->texts[extract->settings.packet_count++] = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_INPUT:
        extract->inputs[extract->settings.record_file_count++] = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_NO_RELATED:
        extract->settings.related = false;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_VERIFY:
        extract->verify = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_QUIET:
        extract->quiet = true;
        return TOOL_OK;
    default: /* those that have a key */
        return p2i_settings_set_option(extract->run, scan->option, scan->value, &error) == P2I_OK
                   ? TOOL_OK
                   : p2i_tool_usage("extract: %s", error.text);
    }
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Finds a capture by its place in the arguments, from 1, or by its name. */
static int find_capture(const char *name, size_t size, int count, char **files, uint32_t *capture)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        const char *last = last_part(files[i]);
        if ((strlen(files[i]) == size && memcmp(files[i], name, size) == 0) ||
            (strlen(last) == size && memcmp(last, name, size) == 0)) {
            *capture = (uint32_t)i;
            found++;
        }
    }
    char text[16];
    uint64_t number;
    if (found == 0 && size < sizeof text) {
        (void)snprintf(text, sizeof text, "%.*s", (int)size, name);
        found = p2i_tool_parse_number(text, (uint64_t)count, &number) && number > 0;
        *capture = found ? (uint32_t)number - 1 : 0;
    }
    return found;
}

static int read_packet(struct extract *extract, size_t index, int count, char **files)
{
    const char *text = extract->texts[index];
    const char *colon = strrchr(text, ':');
    struct p2i_extract_packet *packet = &extract->packets[index];
    uint64_t number;
    if (!p2i_tool_parse_number(colon != NULL ? colon + 1 : text, UINT64_C(1) << 40, &number) ||
        number == 0) {
        return p2i_tool_usage("extract: --packet: '%s' is not N or CAPTURE:N", text);
    }
    packet->packet = number;
    packet->capture = 0;
    if (colon == NULL) {
        return count == 1 ? TOOL_OK
                          : p2i_tool_usage("extract: --packet %s: of which capture? CAPTURE:%s",
                                           text, text);
    }
    int found = find_capture(text, (size_t)(colon - text), count, files, &packet->capture);
    return found == 1
               ? TOOL_OK
               : p2i_tool_usage("extract: --packet: %s capture is '%.*s'",
                                found == 0 ? "no" : "more than one", (int)(colon - text), text);
}

static int read_arguments(struct extract *extract, struct p2i_tool_arguments *arguments, int argc,
                          char **argv)
{
    int status = TOOL_OK;
    p2i_tool_arguments_begin(arguments, TOOL_VERB_EXTRACT, argc, argv);
    while (status == TOOL_OK && p2i_tool_next(arguments) >= 0) {
        status = set_option(extract, &arguments->scan);
    }
    status = p2i_tool_worse(status, arguments->status);
    for (size_t i = 0; status == TOOL_OK && i < extract->settings.packet_count; i++) {
        status = read_packet(extract, i, arguments->count, arguments->files);
    }
    return status;
}

/* ---- runs ---- */

static void print_counts(const struct extract *extract, const struct p2i_extract_counts *counts)
{
    if (extract->quiet) {
        return;
    }
    print_message(extract->settings.output, "");
    fprintf(stderr, "%" PRIu64 " session%s", counts->sessions, counts->sessions == 1 ? "" : "s");
    if (counts->related > 0) {
        fprintf(stderr, " and %" PRIu64 " related", counts->related);
    }
    fprintf(stderr, ", %" PRIu64 " packet%s", counts->packets, counts->packets == 1 ? "" : "s");
    if (counts->control_packets > 0) {
        fprintf(stderr, " (%" PRIu64 " of RADIUS and PPPoE)", counts->control_packets);
    }
    if (extract->settings.path_count > 1) {
        fprintf(stderr, " in %" PRIu64 " file%s", counts->files, counts->files == 1 ? "" : "s");
    }
    fputs("; manifest ", stderr);
    p2i_print_safe(stderr, extract->settings.output);
    fputs(".json\n", stderr);
}

static int run(struct extract *extract)
{
    struct p2i_error error = {0};
    struct p2i_extract_counts counts = {.struct_size = sizeof counts};
    p2i_tool_catch_signals();
    enum p2i_result result = p2i_extract(&extract->settings, &counts, &error);
    switch (result) {
    case P2I_OK:
        print_counts(extract, &counts);
        return counts.missing > 0 ? TOOL_DAMAGED : TOOL_OK;
    case P2I_END:
        fputs("ipfixtool: extract: stopped\n", stderr);
        return TOOL_DAMAGED;
    case P2I_USAGE:
        return error.file != NULL ? p2i_tool_usage("extract: %s: %s", error.file, error.text)
                                  : p2i_tool_usage("extract: %s", error.text);
    default:
        return p2i_tool_fail(error.file != NULL ? error.file : "extract", &error);
    }
}

static void report_difference(void *context, const char *file, const char *reason)
{
    (void)context;
    print_message(file, reason);
    fputc('\n', stderr);
}

static int verify(const struct extract *extract, int count)
{
    struct p2i_error error = {0};
    if (count > 0) {
        return p2i_tool_usage("extract: --verify takes no captures: the manifest names them");
    }
    enum p2i_result result = p2i_extract_verify(extract->verify, report_difference, NULL, &error);
    if (result == P2I_OK && !extract->quiet) {
        print_message(extract->verify, "all files are as they were");
        fputc('\n', stderr);
    }
    if (result == P2I_DAMAGED) {
        print_message(extract->verify, error.text);
        fputc('\n', stderr);
        return TOOL_DAMAGED;
    }
    return result == P2I_OK ? TOOL_OK : p2i_tool_fail(extract->verify, &error);
}

static int extract_or_verify(struct extract *extract, const struct p2i_tool_arguments *arguments)
{
    struct p2i_extract_settings *settings = &extract->settings;
    if (extract->verify != NULL) {
        return verify(extract, arguments->count);
    }
    if (settings->output == NULL) {
        return p2i_tool_usage("extract: no output given: -w FILE");
    }
    if (arguments->count == 0) {
        return p2i_tool_usage("extract: no capture file given");
    }
    if (settings->filter == NULL && settings->session_count == 0 && settings->packet_count == 0 &&
        settings->record_file_count == 0) {
        return p2i_tool_usage("extract: what? -f FILTER, --session ID, --packet N or -i FILE");
    }
    int status = settings->record_file_count == 0
                     ? p2i_filter_option_require_known(&extract->filter)
                     : TOOL_OK;
    if (status != TOOL_OK) {
        return status;
    }
    settings->paths = (const char *const *)arguments->files;
    settings->path_count = (size_t)arguments->count;
    return run(extract);
}

/* False: out of memory; end() must still be called. */
static bool begin(struct extract *extract, int argc, char **argv)
{
    enum { EACH = sizeof(struct p2i_extract_packet) + sizeof(uint64_t) + 2 * sizeof(char *) };
    size_t most = (size_t)argc;
    struct p2i_error error;
    *extract = (struct extract){
        .run = p2i_settings_new(), .packets = calloc(most, EACH), .filter = {.verb = "extract"}};
    if (extract->run == NULL || extract->packets == NULL) {
        return false;
    }
    extract->sessions = (uint64_t *)(extract->packets + most);
    extract->texts = (const char **)(extract->sessions + most);
    extract->inputs = extract->texts + most;
    extract->settings = (struct p2i_extract_settings){
        .struct_size = sizeof extract->settings,
        .settings = extract->run,
        .sessions = extract->sessions,
        .packets = extract->packets,
        .record_files = extract->inputs,
        .related = true,
        .log = report,
        .is_stopped = is_stopped,
    };
    return p2i_settings_set(extract->run, "threads", "0", &error) == P2I_OK &&
           note_command(extract, argc, argv);
}

static void end(struct extract *extract)
{
    p2i_settings_free(extract->run);
    p2i_filter_option_free(&extract->filter);
    free(extract->packets);
    free(extract->command);
    free(extract->filter_text);
}

int p2i_tool_extract(int argc, char **argv)
{
    struct extract extract;
    struct p2i_tool_arguments arguments;
    if (!begin(&extract, argc, argv)) {
        end(&extract);
        return TOOL_INTERNAL;
    }
    int status = read_arguments(&extract, &arguments, argc, argv);
    if (status == TOOL_OK) {
        extract.settings.command = extract.command;
        extract.settings.filter_text = extract.filter_text;
        status = extract_or_verify(&extract, &arguments);
    }
    end(&extract);
    return status;
}
