/* SPDX-License-Identifier: MIT */
#include "config/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/configuration.h"
#include "config/conflicts.h"
#include "config/delivery.h"
#include "config/files.h"
#include "config/option_table.h"
#include "config/records.h"

static bool parse_number(const char *text, uint64_t most, uint64_t *number)
{
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *number = value;
    return errno == 0 && *end == '\0' && value <= most;
}

static enum p2i_result parse_records(struct p2i_options *options, const char *list,
                                     struct p2i_error *error)
{
    options->settings.records = 0;
    for (const char *at = list; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t size = strcspn(at, ",");
        uint32_t bits = p2i_records_named(at, size);
        if (bits == 0) {
            return p2i_fail(error, P2I_USAGE, "--records: '%.*s' is none of " P2I_RECORD_NAMES,
                            (int)size, at);
        }
        options->settings.records |= bits;
    }
    return P2I_OK;
}

static enum p2i_result parse_order(struct p2i_options *options, const char *text,
                                   struct p2i_error *error)
{
    if (strcmp(text, "time") == 0) {
        options->settings.order = P2I_BY_TIME;
    } else if (strcmp(text, "args") == 0) {
        options->settings.order = P2I_BY_ARGS;
    } else if (strcmp(text, "name") == 0) {
        options->settings.order = P2I_BY_NAME;
    } else {
        return p2i_fail(error, P2I_USAGE, "--order: '%s' is none of time, args, name", text);
    }
    return P2I_OK;
}

static enum p2i_result parse_dns_export(struct p2i_options *options, const char *text,
                                        struct p2i_error *error)
{
    if (strcmp(text, "answers") == 0) {
        options->settings.dns_export = P2I_DNS_ANSWERS;
    } else if (strcmp(text, "queries") == 0) {
        options->settings.dns_export = P2I_DNS_QUERIES;
    } else if (strcmp(text, "both") == 0) {
        options->settings.dns_export = P2I_DNS_BOTH;
    } else {
        return p2i_fail(error, P2I_USAGE, "--dns-export: '%.80s' is none of answers, queries, both",
                        text);
    }
    return P2I_OK;
}

static enum p2i_result parse_threads(struct p2i_options *options, const char *text,
                                     struct p2i_error *error)
{
    uint64_t threads;
    if (!parse_number(text, 64, &threads)) {
        return p2i_fail(error, P2I_USAGE, "--threads: '%s' is not a number from 0 to 64", text);
    }
    options->settings.threads = (unsigned)threads;
    return P2I_OK;
}

static enum p2i_result parse_memory(struct p2i_options *options, const char *text,
                                    struct p2i_error *error)
{
    if (!p2i_parse_size(text, &options->settings.memory_bytes) ||
        options->settings.memory_bytes < UINT64_C(16) << 20) {
        return p2i_fail(error, P2I_USAGE, "--memory: '%s' is not a size of at least 16M", text);
    }
    return P2I_OK;
}

static enum p2i_result add_collector(struct p2i_options *options, const char *url,
                                     struct p2i_error *error)
{
    enum p2i_result result = p2i_collector_check(url, error);
    if (result != P2I_OK) {
        return result;
    }
    /* The first one replaces those of the configuration. */
    size_t count = options->collectors != NULL ? options->settings.collector_count : 0;
    struct p2i_collector_settings *all =
        realloc(options->collectors, (count + 1) * sizeof *options->collectors);
    if (all == NULL) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    all[count] = (struct p2i_collector_settings){.url = url};
    options->collectors = all;
    options->settings.collectors = all;
    options->settings.collector_count = count + 1;
    return P2I_OK;
}

static enum p2i_result parse_stats(struct p2i_options *options, const char *text,
                                   struct p2i_error *error)
{
    if (text == NULL || strcmp(text, "text") == 0) {
        options->statistics = P2I_STATISTICS_TEXT;
    } else if (strcmp(text, "json") == 0) {
        options->statistics = P2I_STATISTICS_JSON;
    } else {
        return p2i_fail(error, P2I_USAGE, "--stats: '%s' is neither text nor json", text);
    }
    return P2I_OK;
}

/* A time and a size can be told together; of two times the last counts. */
static enum p2i_result parse_rotation(struct p2i_options *options, const char *text,
                                      struct p2i_error *error)
{
    struct p2i_settings *settings = &options->settings;
    struct p2i_settings given = {0};
    enum p2i_result result = p2i_parse_rotation(&given, text, error);
    if (result != P2I_OK) {
        return result;
    }
    if ((given.rotate_s > 0 && settings->rotate_s > 0) ||
        (given.rotate_bytes > 0 && settings->rotate_bytes > 0)) {
        p2i_notes_add(&options->notes, "--rotate has two %s; the last one counts",
                      given.rotate_s > 0 ? "times" : "sizes");
    }
    settings->rotate_s = given.rotate_s > 0 ? given.rotate_s : settings->rotate_s;
    settings->rotate_bytes = given.rotate_bytes > 0 ? given.rotate_bytes : settings->rotate_bytes;
    return P2I_OK;
}

static void set_progress(struct p2i_options *options, int progress)
{
    if (options->progress >= 0 && options->progress != progress) {
        p2i_notes_add(&options->notes, "--progress and --no-progress: the last one counts");
    }
    options->progress = progress;
}

/* What must wait until all options are known. */
struct pending {
    const char *list;
    bool nul_separated;
    bool recursive;
    struct p2i_patterns include;
    uint64_t seen[P2I_OPTION_END / 64 + 1]; /* bit by option */
};

/* What the program says and does beside converting. */
static enum p2i_result take_own_option(struct p2i_options *options, int option, const char *value,
                                       struct p2i_error *error)
{
    switch (option) {
    case P2I_OPTION_PRINT_CONFIG:
        options->print_config = true;
        return P2I_OK;
    case P2I_OPTION_STATS:
        return parse_stats(options, value, error);
    case P2I_OPTION_STATS_FILE:
        options->stats_file = value;
        return P2I_OK;
    case P2I_OPTION_PROGRESS:
    case P2I_OPTION_NO_PROGRESS:
        set_progress(options, option == P2I_OPTION_PROGRESS);
        return P2I_OK;
    case 'q':
        options->quiet = true;
        return P2I_OK;
    case 'v':
        options->verbose = true;
        return P2I_OK;
    case 'h':
    case P2I_OPTION_HELP:
        options->help = true;
        return P2I_OK;
    case P2I_OPTION_VERSION:
        options->version = true;
        return P2I_OK;
    default:
        return P2I_USAGE;
    }
}

/* What is read, and which packets of it. */
static enum p2i_result take_input_option(struct p2i_options *options, struct pending *pending,
                                         const struct p2i_option_scan *scan, int option,
                                         struct p2i_error *error)
{
    switch (option) {
    case P2I_ARGUMENT:
    case 'r':
        return p2i_inputs_add(&options->inputs, scan->value, error);
    case P2I_OPTION_LIST:
        pending->list = scan->value;
        return P2I_OK;
    case '0':
        pending->nul_separated = true;
        return P2I_OK;
    case 'R':
        pending->recursive = true;
        return P2I_OK;
    case P2I_OPTION_INCLUDE:
        return p2i_patterns_add(&pending->include, scan->value)
                   ? P2I_OK
                   : p2i_fail(error, P2I_INTERNAL, "out of memory");
    case P2I_OPTION_ORDER:
        return parse_order(options, scan->value, error);
    case 'f':
        return p2i_filters_add(&options->filters, scan->value, error);
    case 'F':
        return p2i_filters_read(&options->filters, scan->value, error);
    case P2I_OPTION_SHARD:
        return p2i_parse_shard(&options->settings, scan->value, error);
    case P2I_OPTION_STRICT:
        options->settings.strict = true;
        return P2I_OK;
    default:
        return take_own_option(options, option, scan->value, error);
    }
}

/* Collectors, and how records get there. */
static enum p2i_result take_delivery_option(struct p2i_options *options, int option,
                                            const char *value, struct p2i_error *error)
{
    return option == 'e' ? add_collector(options, value, error)
                         : p2i_delivery_option(&options->settings.delivery, p2i_option_name(option),
                                               value, error);
}

/* Where records go. */
static enum p2i_result take_output_option(struct p2i_options *options, struct pending *pending,
                                          const struct p2i_option_scan *scan, int option,
                                          struct p2i_error *error)
{
    struct p2i_settings *settings = &options->settings;
    switch (option) {
    case 'w':
        settings->ipfix_path = scan->value;
        return P2I_OK;
    case 'j':
        settings->json_path = scan->value;
        return P2I_OK;
    case P2I_OPTION_ROTATE:
        return parse_rotation(options, scan->value, error);
    case P2I_OPTION_FILE_OPTIONS:
        return p2i_parse_file_options(settings, scan->value, error);
    case P2I_OPTION_NO_ELEMENT_TYPES:
        settings->element_types = false;
        return P2I_OK;
    case P2I_OPTION_NO_SYNC:
        settings->sync = false;
        return P2I_OK;
    case P2I_OPTION_DNS_LOG:
        settings->dns_log.wanted = true;
        settings->dns_log.folder = scan->value;
        return P2I_OK;
    case 'e':
    case P2I_OPTION_RATE:
    case P2I_OPTION_PACE:
    case P2I_OPTION_EXPORT_TIME:
    case P2I_OPTION_SPOOL:
    case P2I_OPTION_RETRY:
        return take_delivery_option(options, option, scan->value, error);
    default:
        return take_input_option(options, pending, scan, option, error);
    }
}

/* What the records are and hold, and how the work is done; else one of those above. */
static enum p2i_result take_option(struct p2i_options *options, struct pending *pending,
                                   const struct p2i_option_scan *scan, int option,
                                   struct p2i_error *error)
{
    struct p2i_settings *settings = &options->settings;
    switch (option) {
    case 'c':
        return P2I_OK; /* has been read */
    case P2I_OPTION_RECORDS:
        return parse_records(options, scan->value, error);
    case P2I_OPTION_DNS_EXPORT:
        return parse_dns_export(options, scan->value, error);
    case P2I_OPTION_REDACT:
        settings->keep_passwords = false;
        return P2I_OK;
    case P2I_OPTION_ANONYMISE:
        settings->anonymise_key = scan->value;
        return P2I_OK;
    case P2I_OPTION_AS_DATABASE:
        settings->as_database = scan->value;
        return P2I_OK;
    case P2I_OPTION_SUBSCRIBERS:
        settings->subscriber_file = scan->value;
        return P2I_OK;
    case P2I_OPTION_THREADS:
        return parse_threads(options, scan->value, error);
    case P2I_OPTION_MEMORY:
        return parse_memory(options, scan->value, error);
    default:
        return take_output_option(options, pending, scan, option, error);
    }
}

/* Of an option that is there twice the last one counts, which may not be what was meant. */
static void note_repeated(struct p2i_options *options, struct pending *pending, int option)
{
    uint64_t bit = UINT64_C(1) << option % 64;
    if (p2i_option_is_single(option) && (pending->seen[option / 64] & bit) != 0) {
        p2i_notes_add(&options->notes, "--%s is there twice; the last one counts",
                      p2i_option_name(option));
    }
    pending->seen[option / 64] |= bit;
}

/* "dir/trace.pcap.gz" gives "trace.ipfix". */
static enum p2i_result name_output(struct p2i_options *options, struct p2i_error *error)
{
    const char *first = options->inputs.paths[0];
    if (strcmp(first, "-") == 0) {
        return p2i_fail(error, P2I_USAGE,
                        "standard input has no name: say -w FILE, -j FILE or -e URL");
    }
    const char *slash = strrchr(first, '/');
    const char *name = slash != NULL ? slash + 1 : first;
    size_t size = strlen(name);
    static const char *const endings[] = {".gz", ".zst", ".pcap", ".pcapng", ".cap", ".dmp"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && memcmp(name + size - ending, endings[i], ending) == 0) {
            size -= ending;
        }
    }
    if (asprintf(&options->default_path, "%.*s.ipfix", (int)size, name) < 0) {
        options->default_path = NULL;
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    options->settings.ipfix_path = options->default_path;
    options->settings.ipfix_must_be_new = true;
    return P2I_OK;
}

/* The captures that lists and directories mean. */
static enum p2i_result find_captures(struct p2i_options *options, const struct pending *pending,
                                     struct p2i_error *error)
{
    struct p2i_inputs *inputs = &options->inputs;
    enum p2i_result result = P2I_OK;
    if (pending->include.count > 0 && !pending->recursive) {
        return p2i_fail(error, P2I_USAGE,
                        "--include is for the files below directories: it needs "
                        "-R");
    }
    if (pending->list != NULL) {
        result = p2i_inputs_add_list(inputs, pending->list, pending->nul_separated, error);
    }
    if (result == P2I_OK && inputs->count == 0) {
        return p2i_fail(error, P2I_USAGE, "no capture file given");
    }
    if (result == P2I_OK && pending->recursive) {
        result = p2i_inputs_walk(inputs, &pending->include, &options->notes, error);
    }
    if (result == P2I_OK && inputs->count == 0) {
        result = p2i_fail(error, P2I_INPUT, "no file found below the directories");
    }
    options->settings.captures = (const char *const *)inputs->paths;
    options->settings.captures_found = inputs->found;
    options->settings.capture_count = inputs->count;
    return result;
}

static enum p2i_result complete(struct p2i_options *options, const struct pending *pending,
                                struct p2i_error *error)
{
    struct p2i_settings *settings = &options->settings;
    enum p2i_result result = find_captures(options, pending, error);
    if (result != P2I_OK) {
        return result;
    }
    if (settings->threads == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        settings->threads = cores < 1 ? 1 : cores > 64 ? 64 : (unsigned)cores;
    }
    bool nowhere = settings->ipfix_path == NULL && settings->json_path == NULL &&
                   settings->collector_count == 0;
    result = nowhere ? name_output(options, error) : p2i_check_files(settings, error);
    return result == P2I_OK ? p2i_find_conflicts(settings, options->stats_file, error) : result;
}

/* Before anything else, wherever it stands: options override the configuration. What is wrong with
 * the others is said later. */
static enum p2i_result read_configuration(struct p2i_options *options, int argc, char **argv,
                                          struct p2i_error *error)
{
    struct p2i_option_scan scan;
    const char *path = NULL;
    bool help = false;
    p2i_option_begin(&scan, argc, argv);
    for (int option; (option = p2i_option_next(&scan)) >= 0;) {
        path = option == 'c' ? scan.value : path;
        help = help || option == 'h' || option == P2I_OPTION_HELP || option == P2I_OPTION_VERSION;
    }
    return path != NULL && !help
               ? p2i_configuration_read(&options->settings, &options->arena, path, error)
               : P2I_OK;
}

static enum p2i_result take_all(struct p2i_options *options, struct pending *pending, int argc,
                                char **argv, struct p2i_error *error)
{
    struct p2i_option_scan scan;
    enum p2i_result result = P2I_OK;
    p2i_option_begin(&scan, argc, argv);
    for (int option; result == P2I_OK && (option = p2i_option_next(&scan)) >= 0;) {
        if (option == ':' || option == '?') {
            return p2i_option_refuse(&scan, option, error);
        }
        note_repeated(options, pending, option);
        result = take_option(options, pending, &scan, option, error);
    }
    return result == P2I_OK ? p2i_filters_join(&options->filters, &options->settings.filter, error)
                            : result;
}

enum p2i_result p2i_options_parse(struct p2i_options *options, int argc, char **argv,
                                  struct p2i_error *error)
{
    *options = (struct p2i_options){.progress = -1};
    p2i_settings_default(&options->settings);
    options->settings.threads = 0;
    struct pending pending = {0};
    enum p2i_result result = read_configuration(options, argc, argv, error);
    if (result == P2I_OK) {
        result = take_all(options, &pending, argc, argv, error);
    }
    if (result == P2I_OK && !options->help && !options->version && !options->print_config) {
        result = complete(options, &pending, error);
    }
    p2i_patterns_free(&pending.include);
    return result;
}

void p2i_options_free(struct p2i_options *options)
{
    p2i_inputs_free(&options->inputs);
    p2i_filters_free(&options->filters);
    p2i_notes_free(&options->notes);
    p2i_arena_free(&options->arena);
    free(options->collectors);
    free(options->default_path);
}
