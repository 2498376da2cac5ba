/* SPDX-License-Identifier: MIT */
/* ipfixtool extract: from records back to their packets. */
#include "pcap2ipfix/extract.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "cli/safe_text.h"

/* An option that sets a key. */
struct setting {
    const struct p2i_option *option;
    const char *value;
};

/* The arrays, in one allocation, have room for as many elements as there are arguments. */
struct extract {
    struct p2i_extract_settings settings;
    struct p2i_capture_search names;
    struct p2i_settings *run;
    struct setting *keys; /* they override the configuration, wherever that stands */
    size_t key_count;
    const char **texts; /* of --packet, read when all captures are known */
    struct p2i_extract_packet *packets;
    uint64_t *sessions;
    const char **inputs, **patterns, **arguments;
    struct p2i_filter_option filter;
    const char *verify;
    bool other_options; /* than those that --verify takes */
    bool quiet;
    bool reported; /* what is wrong with a capture */
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
    struct extract *extract = context;
    extract->reported = extract->reported || level == P2I_LOG_ERROR;
    print_message(error->file, error->text);
    fputc('\n', stderr);
}

/* ---- options ---- */

static int add_filter(struct extract *extract, const char *text)
{
    int status = p2i_filter_option_add(&extract->filter, text);
    extract->settings.filter = extract->filter.filter;
    extract->settings.filter_texts = extract->filter.texts;
    extract->settings.filter_text_count = extract->filter.count;
    return status;
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

/* How captures are named. False: another option. */
static bool set_name(struct extract *extract, const struct p2i_option_scan *scan)
{
    struct p2i_capture_search *names = &extract->names;
    switch (scan->option->id) {
    case TOOL_OPTION_EXTRACT_LIST:
        names->list = scan->value;
        return true;
    case TOOL_OPTION_EXTRACT_NULL:
        names->null_separated = true;
        return true;
    case TOOL_OPTION_EXTRACT_RECURSIVE:
        names->recursive = true;
        return true;
    case TOOL_OPTION_EXTRACT_INCLUDE:
        extract->patterns[names->pattern_count++] = scan->value;
        return true;
    default:
        return false;
    }
}

static int set_option(struct extract *extract, const struct p2i_option_scan *scan)
{
    struct p2i_extract_settings *settings = &extract->settings;
    int id = scan->option->id;
    extract->other_options |= id != TOOL_OPTION_EXTRACT_VERIFY && id != TOOL_OPTION_QUIET;
    switch (id) {
    case TOOL_OPTION_EXTRACT_WRITE:
        settings->output = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_FILTER:
        return add_filter(extract, scan->value);
    case TOOL_OPTION_EXTRACT_SESSION:
        return add_session(extract, scan->value);
    case TOOL_OPTION_EXTRACT_PACKET:
        extract->texts[settings->packet_count++] = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_INPUT:
        extract->inputs[settings->record_file_count++] = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_NO_RELATED:
        settings->related = false;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_CONFIG:
        settings->config_file = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_EXTRACT_VERIFY:
        extract->verify = scan->value;
        return TOOL_OK;
    case TOOL_OPTION_QUIET:
        extract->quiet = true;
        return TOOL_OK;
    default: /* those that have a key */
        if (!set_name(extract, scan)) {
            extract->keys[extract->key_count++] = (struct setting){scan->option, scan->value};
        }
        return TOOL_OK;
    }
}

/* Reads the configuration, then the options that override it. */
static int read_settings(struct extract *extract)
{
    struct p2i_error error = {0};
    const char *config = extract->settings.config_file;
    if (config != NULL && p2i_settings_read(extract->run, config, &error) != P2I_OK) {
        return error.line > 0 ? p2i_tool_usage("extract: %s: line %" PRIu64 ": %s", config,
                                               error.line, error.text)
                              : p2i_tool_fail(config, &error);
    }
    for (size_t i = 0; i < extract->key_count; i++) {
        const struct setting *key = &extract->keys[i];
        if (p2i_settings_set_option(extract->run, key->option, key->value, &error) != P2I_OK) {
            return p2i_tool_refuse("extract", &error);
        }
    }
    return TOOL_OK;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Finds a capture by its place in the arguments, from 1, or by its name. Returns the number of
 * those that are meant. */
static int find_capture(const char *name, size_t size, const char *const *paths, size_t count,
                        uint32_t *capture)
{
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *last = last_part(paths[i]);
        if ((strlen(paths[i]) == size && memcmp(paths[i], name, size) == 0) ||
            (strlen(last) == size && memcmp(last, name, size) == 0)) {
            *capture = (uint32_t)i;
            found++;
        }
    }
    char text[16];
    uint64_t number;
    if (found == 0 && size < sizeof text) {
        (void)snprintf(text, sizeof text, "%.*s", (int)size, name);
        found = p2i_tool_parse_number(text, count, &number) && number > 0;
        *capture = found ? (uint32_t)number - 1 : 0;
    }
    return found;
}

static int read_packet(const char *text, const char *const *paths, size_t count,
                       struct p2i_extract_packet *packet)
{
    const char *colon = strrchr(text, ':');
    uint64_t number;
    if (!p2i_tool_parse_number(colon != NULL ? colon + 1 : text, (UINT64_C(1) << 40) - 1,
                               &number) ||
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
    int found = find_capture(text, (size_t)(colon - text), paths, count, &packet->capture);
    return found == 1
               ? TOOL_OK
               : p2i_tool_usage("extract: --packet: %s capture is '%.*s'",
                                found == 0 ? "no" : "more than one", (int)(colon - text), text);
}

static void print_note(void *context, const char *text)
{
    (void)context;
    print_message(NULL, text);
    fputc('\n', stderr);
}

/* Finds the captures, and the packets that are named by them. */
static int read_names(struct extract *extract, const struct p2i_tool_arguments *arguments)
{
    struct p2i_error error = {0};
    struct p2i_capture_search *names = &extract->names;
    names->paths = (const char *const *)arguments->files;
    names->path_count = (size_t)arguments->count;
    enum p2i_result result = p2i_settings_find_captures(extract->run, names, &error);
    if (result == P2I_USAGE) {
        return p2i_tool_usage("extract: %s", error.text);
    }
    if (result != P2I_OK) {
        return p2i_tool_fail(error.file != NULL ? error.file : "extract", &error);
    }
    size_t count;
    const char *const *paths = p2i_settings_captures(extract->run, &count);
    int status = TOOL_OK;
    for (size_t i = 0; status == TOOL_OK && i < extract->settings.packet_count; i++) {
        status = read_packet(extract->texts[i], paths, count, &extract->packets[i]);
    }
    return status;
}

/* ---- runs ---- */

static void print_counts(const struct extract *extract, const struct p2i_extract_counts *counts)
{
    if (extract->quiet) {
        return;
    }
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, extract->settings.output);
    fputs(".json: ", stderr);
    if (counts->files == 0) {
        fputs("nothing was extracted\n", stderr);
        return;
    }
    fprintf(stderr, "%" PRIu64 " session%s", counts->sessions, counts->sessions == 1 ? "" : "s");
    if (counts->related > 0) {
        fprintf(stderr, " and %" PRIu64 " related", counts->related);
    }
    fprintf(stderr, ", %" PRIu64 " packet%s", counts->packets, counts->packets == 1 ? "" : "s");
    if (counts->control_packets > 0) {
        fprintf(stderr, " (%" PRIu64 " of RADIUS and PPPoE)", counts->control_packets);
    }
    fprintf(stderr, " in %" PRIu64 " file%s\n", counts->files, counts->files == 1 ? "" : "s");
}

static int run(struct extract *extract)
{
    struct p2i_error error = {0};
    struct p2i_extract_counts counts = {.struct_size = sizeof counts};
    p2i_tool_catch_signals();
    int status = p2i_tool_seal(
        &(struct p2i_tool_needs){.more_files = extract->settings.record_files,
                                 .more_file_count = extract->settings.record_file_count,
                                 .file = extract->settings.config_file,
                                 .output = extract->settings.output,
                                 .reads_output = true,
                                 .run = extract->run});
    if (status != TOOL_OK) {
        return status;
    }
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
    case P2I_INPUT:
        if (extract->reported) {
            return TOOL_INPUT;
        }
        break;
    default:
        break;
    }
    return p2i_tool_fail(error.file != NULL ? error.file : "extract", &error);
}

static void report_difference(void *context, const char *file, const char *reason)
{
    (void)context;
    print_message(file, reason);
    fputc('\n', stderr);
}

static void print_check(const struct extract *extract, const struct p2i_extract_check *check)
{
    if (extract->quiet) {
        return;
    }
    print_message(extract->verify, "");
    fprintf(stderr, "%" PRIu64 " input%s and %" PRIu64 " output%s are as they were", check->inputs,
            check->inputs == 1 ? "" : "s", check->outputs, check->outputs == 1 ? "" : "s");
    if (check->unhashed > 0) {
        fprintf(stderr, "; %" PRIu64 " of them without a hash", check->unhashed);
    }
    fputs(check->outputs == 0 ? "; nothing was extracted\n" : "\n", stderr);
}

static int verify(const struct extract *extract, int count)
{
    struct p2i_error error = {0};
    struct p2i_extract_check check = {.struct_size = sizeof check};
    if (count > 0 || extract->other_options) {
        return p2i_tool_usage("extract: --verify MANIFEST takes no captures and no option but "
                              "--quiet: the manifest has all");
    }
    int status =
        p2i_tool_seal(&(struct p2i_tool_needs){.file = extract->verify, .reads_named = true});
    if (status != TOOL_OK) {
        return status;
    }
    enum p2i_result result =
        p2i_extract_verify(extract->verify, report_difference, NULL, &check, &error);
    if (result == P2I_OK) {
        print_check(extract, &check);
        return TOOL_OK;
    }
    return p2i_tool_fail(extract->verify, &error);
}

/* What is written is pcapng, whatever the name says. */
static bool is_pcapng_name(const char *name)
{
    static const char *const endings[] = {".pcapng", ".pcapng.gz", ".pcapng.zst"};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && strcmp(name + size - ending, endings[i]) == 0) {
            return true;
        }
    }
    return false;
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
    if (!is_pcapng_name(settings->output)) {
        return p2i_tool_usage("extract: -w %s: expected a name ending in .pcapng, .pcapng.gz or "
                              ".pcapng.zst",
                              settings->output);
    }
    if (settings->filter == NULL && settings->session_count == 0 && settings->packet_count == 0 &&
        settings->record_file_count == 0) {
        return p2i_tool_usage("extract: what? -f FILTER, --session ID, --packet N or -i FILE");
    }
    int status = settings->record_file_count == 0
                     ? p2i_filter_option_require_known(&extract->filter)
                     : TOOL_OK;
    status = status == TOOL_OK ? read_settings(extract) : status;
    status = status == TOOL_OK ? read_names(extract, arguments) : status;
    return status == TOOL_OK ? run(extract) : status;
}

/* Room for the arrays. False: out of memory. */
static bool take_room(struct extract *extract, size_t most)
{
    enum {
        TEXT_ARRAYS = 4,
        EACH = sizeof(struct p2i_extract_packet) + sizeof(uint64_t) + sizeof(struct setting) +
               TEXT_ARRAYS * sizeof(char *)
    };
    extract->packets = calloc(most + 1, EACH);
    if (extract->packets == NULL) {
        return false;
    }
    extract->sessions = (uint64_t *)(extract->packets + most);
    extract->keys = (struct setting *)(extract->sessions + most);
    extract->texts = (const char **)(extract->keys + most);
    extract->inputs = extract->texts + most;
    extract->patterns = extract->inputs + most;
    extract->arguments = extract->patterns + most;
    return true;
}

/* False: out of memory; end() must still be called. */
static bool begin(struct extract *extract, int argc, char **argv)
{
    size_t most = (size_t)argc;
    struct timespec now = {0};
    struct p2i_error error;
    *extract = (struct extract){.run = p2i_settings_new(), .filter = {.verb = "extract"}};
    if (extract->run == NULL || !take_room(extract, most)) {
        return false;
    }
    extract->arguments[0] = "ipfixtool";
    for (size_t i = 0; i < most; i++) {
        extract->arguments[i + 1] = argv[i];
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    extract->names = (struct p2i_capture_search){
        .struct_size = sizeof extract->names, .patterns = extract->patterns, .note = print_note};
    extract->settings = (struct p2i_extract_settings){
        .struct_size = sizeof extract->settings,
        .settings = extract->run,
        .sessions = extract->sessions,
        .packets = extract->packets,
        .record_files = extract->inputs,
        .related = true,
        .arguments = extract->arguments,
        .argument_count = most + 1,
        .time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
        .log = report,
        .is_stopped = is_stopped,
        .context = extract,
    };
    return p2i_settings_set(extract->run, "threads", "0", &error) == P2I_OK;
}

static void end(struct extract *extract)
{
    p2i_settings_free(extract->run);
    p2i_filter_option_free(&extract->filter);
    free(extract->packets);
}

int p2i_tool_extract(int argc, char **argv)
{
    struct extract extract;
    struct p2i_tool_arguments arguments;
    if (!begin(&extract, argc, argv)) {
        end(&extract);
        return p2i_tool_out_of_memory();
    }
    int status = TOOL_OK;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_EXTRACT, argc, argv);
    while (status == TOOL_OK && p2i_tool_next(&arguments) >= 0) {
        status = set_option(&extract, &arguments.scan);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        status = extract_or_verify(&extract, &arguments);
    }
    end(&extract);
    return status;
}
