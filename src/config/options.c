/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/command_line.h"

#include <stdlib.h>
#include <string.h>

#include "config/conflicts.h"
#include "config/filters.h"
#include "config/gateway.h"
#include "config/inputs.h"
#include "config/values.h"
#include "pcap2ipfix/option.h"
#include "settings/output_name.h"

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "config/options.def"
#undef OPTION
    OPTION_COUNT
};

/* Groups of options, in the order of --help. */
enum { INPUT = 1, RECORDS = 2, OUTPUT = 4, COLLECTORS = 8, RUN = 16, MESSAGES = 32, ALL = 63 };
enum { REPEATS = 1 };

static const struct p2i_option rows[] = {
#define OPTION(id, ...) P2I_OPTION_ROW(OPTION_##id, __VA_ARGS__)
#include "config/options.def"
#undef OPTION
};
static const struct p2i_option_table table = {rows, OPTION_COUNT};

/* `options` is first, so that a pointer to them is one to the whole. */
struct command_line {
    struct p2i_options options;
    struct p2i_inputs inputs;
    struct p2i_notes notes;
    struct p2i_notes gateway_notes;
    struct p2i_filters filters;
};

/* A command line during reading, with options that take effect at its end. */
struct parsing {
    struct command_line *line;
    struct p2i_options *options;   /* of the line */
    struct p2i_settings *settings; /* likewise */
    bool help, version, print_config;
    const char *list;
    bool null_separated;
    bool recursive;
    struct p2i_patterns include;
    bool collector_given;
    bool seen[OPTION_COUNT];
    struct p2i_error *error;
};

static enum p2i_result set_text(struct parsing *parsing, const char **text, const char *value)
{
    (void)parsing;
    *text = value;
    return P2I_OK;
}

static enum p2i_result set_flag(struct parsing *parsing, bool *flag)
{
    (void)parsing;
    *flag = true;
    return P2I_OK;
}

static enum p2i_result set_key(struct parsing *parsing, const struct p2i_option *option,
                               const char *value)
{
    return p2i_settings_set_option(parsing->settings, option, value, parsing->error);
}

/* The first collector replaces those of the configuration. */
static enum p2i_result add_collector(struct parsing *parsing, const struct p2i_option *option,
                                     const char *url)
{
    if (!parsing->collector_given) {
        parsing->settings->collector_count = 0;
        parsing->collector_given = true;
    }
    return set_key(parsing, option, url);
}

static enum p2i_result set_dns_log(struct parsing *parsing, const struct p2i_option *option,
                                   const char *folder)
{
    parsing->settings->dns_log.wanted = true;
    return set_key(parsing, option, folder);
}

/* Sets the form of --stats or --explain. */
static enum p2i_result set_form(struct parsing *parsing, const struct p2i_option *option,
                                enum p2i_statistics_form *form, const char *name)
{
    if (name == NULL || strcmp(name, "text") == 0) {
        *form = P2I_STATISTICS_TEXT;
    } else if (strcmp(name, "json") == 0) {
        *form = P2I_STATISTICS_JSON;
    } else {
        return p2i_fail(parsing->error, P2I_USAGE, "--%s: '%.80s' is neither text nor json",
                        option->name, name);
    }
    return P2I_OK;
}

/* A time and a size can be given together; of two times the last counts. */
static enum p2i_result set_rotation(struct parsing *parsing, const struct p2i_option *option,
                                    const char *text)
{
    struct p2i_settings *settings = parsing->settings;
    uint64_t bytes = settings->rotate_bytes;
    uint32_t seconds = settings->rotate_s;
    settings->rotate_bytes = 0;
    settings->rotate_s = 0;
    enum p2i_result result = set_key(parsing, option, text);
    bool two_times = settings->rotate_s > 0 && seconds > 0;
    if (two_times || (settings->rotate_bytes > 0 && bytes > 0)) {
        p2i_notes_add(&parsing->line->notes, "--rotate has two %s; the last one counts",
                      two_times ? "times" : "sizes");
    }
    settings->rotate_s = settings->rotate_s > 0 ? settings->rotate_s : seconds;
    settings->rotate_bytes = settings->rotate_bytes > 0 ? settings->rotate_bytes : bytes;
    return result;
}

static enum p2i_result set_progress(struct parsing *parsing, int progress)
{
    struct p2i_options *options = parsing->options;
    if (options->progress >= 0 && options->progress != progress) {
        p2i_notes_add(&parsing->line->notes, "--progress and --no-progress: the last one counts");
    }
    options->progress = progress;
    return P2I_OK;
}

static enum p2i_result add_pattern(struct parsing *parsing, const char *pattern)
{
    return p2i_patterns_add(&parsing->include, pattern) ? P2I_OK : p2i_fail_memory(parsing->error);
}

/* Options that set no key: those about this run rather than about the records. */
static enum p2i_result take_run_option(struct parsing *parsing, const struct p2i_option *option,
                                       const char *value)
{
    struct p2i_options *options = parsing->options;
    switch (option->id) {
    case OPTION_CONFIG:
    case OPTION_GATEWAY_CONFIG:
        return P2I_OK; /* have been read */
    case OPTION_PRINT_CONFIG:
        return set_flag(parsing, &parsing->print_config);
    case OPTION_STATS:
        return set_form(parsing, option, &options->statistics, value);
    case OPTION_EXPLAIN:
        return set_form(parsing, option, &options->explain, value);
    case OPTION_STATS_FILE:
        return set_text(parsing, &options->stats_file, value);
    case OPTION_USER:
        return set_text(parsing, &options->user, value);
    case OPTION_NO_SANDBOX:
        return set_flag(parsing, &options->no_sandbox);
    case OPTION_PROGRESS:
    case OPTION_NO_PROGRESS:
        return set_progress(parsing, option->id == OPTION_PROGRESS);
    case OPTION_QUIET:
        return set_flag(parsing, &options->quiet);
    case OPTION_VERBOSE:
        return set_flag(parsing, &options->verbose);
    case OPTION_HELP:
        return set_flag(parsing, &parsing->help);
    case OPTION_VERSION:
        return set_flag(parsing, &parsing->version);
    default:
        return set_key(parsing, option, value);
    }
}

static enum p2i_result take_option(struct parsing *parsing, const struct p2i_option *option,
                                   const char *value)
{
    struct command_line *line = parsing->line;
    struct p2i_error *error = parsing->error;
    switch (option->id) {
    case OPTION_READ:
        return p2i_inputs_add(&line->inputs, value, error);
    case OPTION_LIST:
        return set_text(parsing, &parsing->list, value);
    case OPTION_NULL_SEPARATED:
        return set_flag(parsing, &parsing->null_separated);
    case OPTION_RECURSIVE:
        return set_flag(parsing, &parsing->recursive);
    case OPTION_INCLUDE:
        return add_pattern(parsing, value);
    case OPTION_FILTER:
        return p2i_filters_add(&line->filters, value, error);
    case OPTION_FILTER_FILE:
        return p2i_filters_read(&line->filters, value, error);
    case OPTION_ROTATE:
        return set_rotation(parsing, option, value);
    case OPTION_DNS_LOG:
        return set_dns_log(parsing, option, value);
    case OPTION_EXPORT:
        return add_collector(parsing, option, value);
    default:
        return take_run_option(parsing, option, value);
    }
}

/* The last one of an option given twice counts, which may not be what was meant. */
static void note_repeated(struct parsing *parsing, const struct p2i_option *option)
{
    if (!option->repeats && parsing->seen[option->id]) {
        p2i_notes_add(&parsing->line->notes, "--%s is given twice; the last one counts",
                      option->name);
    }
    parsing->seen[option->id] = true;
}

/* The output that was not named, by the first capture. */
static enum p2i_result name_output(struct p2i_settings *settings, struct p2i_error *error)
{
    const char *first = settings->captures[0];
    if (strcmp(first, "-") == 0) {
        return p2i_fail(error, P2I_USAGE,
                        "standard input has no name: add -w FILE, -j FILE or -e URL");
    }
    const struct p2i_view here = {0};
    char *path = p2i_output_name(&settings->arena, here, first, ".ipfix");
    if (path == NULL) {
        return p2i_fail_memory(error);
    }
    settings->ipfix_path = path;
    settings->must_be_new = true;
    return P2I_OK;
}

/* Adds the captures of lists and directories to those that were named. */
static enum p2i_result find_captures(const struct parsing *parsing, struct p2i_error *error)
{
    const struct p2i_capture_search names = {
        .struct_size = sizeof names,
        .list = parsing->list,
        .null_separated = parsing->null_separated,
        .recursive = parsing->recursive,
        .patterns = parsing->include.patterns,
        .pattern_count = parsing->include.count,
    };
    return p2i_inputs_find(&parsing->line->inputs, &names, parsing->settings, &parsing->line->notes,
                           error);
}

/* An explanation stands in place of records: options for their files and collectors are wrong, and
 * those of the configuration do not count. Every session has a flow record, which explains nothing.
 */
static enum p2i_result drop_outputs(const struct parsing *parsing, struct p2i_error *error)
{
    struct p2i_settings *settings = parsing->settings;
    const char *stats_file = parsing->options->stats_file;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (parsing->seen[rows[i].id] && (rows[i].groups & (OUTPUT | COLLECTORS)) != 0 &&
            rows[i].id != OPTION_NO_SYNC) {
            return p2i_fail(error, P2I_USAGE, "--explain writes no records: --%s cannot go with it",
                            rows[i].name);
        }
    }
    if (stats_file != NULL && strcmp(stats_file, "-") == 0) {
        return p2i_fail(error, P2I_USAGE,
                        "--explain and --stats-file - cannot share standard output");
    }
    settings->collector_count = 0;
    settings->dns_log.wanted = false;
    settings->records &= ~(UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1) << P2I_RECORD_BIFLOW);
    return P2I_OK;
}

/* Letters that nothing replaces were probably meant for --rotate. */
static void note_letters(const struct parsing *parsing)
{
    const struct p2i_settings *settings = parsing->settings;
    const char *const paths[] = {settings->ipfix_path, settings->json_path};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (paths[i] != NULL && settings->rotate_s == 0 && settings->rotate_bytes == 0 &&
            strchr(paths[i], '%') != NULL) {
            p2i_notes_add(&parsing->line->notes,
                          "%s: without --rotate a '%%' in a name stands for itself", paths[i]);
        }
    }
}

static enum p2i_result complete(const struct parsing *parsing, struct p2i_error *error)
{
    struct p2i_settings *settings = parsing->settings;
    bool explains = parsing->options->explain != P2I_STATISTICS_NONE;
    enum p2i_result result = find_captures(parsing, error);
    if (result == P2I_OK && explains) {
        result = drop_outputs(parsing, error);
    }
    if (result != P2I_OK) {
        return result;
    }
    if (settings->each) {
        return p2i_find_each_conflicts(settings, parsing->options->stats_file, error);
    }
    note_letters(parsing);
    bool nowhere = !explains && settings->ipfix_path == NULL && settings->json_path == NULL &&
                   settings->collector_count == 0;
    result = nowhere ? name_output(settings, error) : p2i_check_rotation(settings, error);
    return result == P2I_OK ? p2i_find_conflicts(settings, parsing->options->stats_file, error)
                            : result;
}

/* Reads the configurations before any option is taken, since options override them wherever -c is;
 * that of the gateway is first. Wrong options are reported later. */
static enum p2i_result read_configurations(struct command_line *line, int argc, char **argv,
                                           struct p2i_error *error)
{
    struct p2i_option_scan scan;
    struct p2i_error ignored;
    struct p2i_settings *settings = line->options.settings;
    const char *path = NULL;
    const char *gateway = NULL;
    bool help = false;
    enum p2i_result result;
    p2i_option_begin(&scan, &table, ALL, argc, argv);
    while ((result = p2i_option_next(&scan, &ignored)) != P2I_END) {
        int id = result == P2I_OK && scan.option != NULL ? scan.option->id : OPTION_COUNT;
        path = id == OPTION_CONFIG ? scan.value : path;
        gateway = id == OPTION_GATEWAY_CONFIG ? scan.value : gateway;
        help = help || id == OPTION_HELP || id == OPTION_VERSION;
    }
    result = P2I_OK;
    if (gateway != NULL && !help) {
        result = p2i_gateway_read(settings, gateway, &line->gateway_notes, error);
    }
    return result == P2I_OK && path != NULL && !help ? p2i_settings_read(settings, path, error)
                                                     : result;
}

static enum p2i_result take_all(struct parsing *parsing, int argc, char **argv)
{
    struct p2i_option_scan scan;
    struct command_line *line = parsing->line;
    enum p2i_result result = P2I_OK;
    p2i_option_begin(&scan, &table, ALL, argc, argv);
    while (result == P2I_OK && (result = p2i_option_next(&scan, parsing->error)) == P2I_OK) {
        if (scan.option == NULL) {
            result = p2i_inputs_add(&line->inputs, scan.value, parsing->error);
            continue;
        }
        note_repeated(parsing, scan.option);
        result = take_option(parsing, scan.option, scan.value);
    }
    if (result == P2I_USAGE && scan.unknown_letter == 'i') {
        return p2i_fail(parsing->error, P2I_USAGE,
                        "there is no -i: captures are read, not interfaces");
    }
    return result == P2I_END
               ? p2i_filters_join(&line->filters, &parsing->settings->filter, parsing->error)
               : result;
}

/* Sets the members that programs read. */
static void show(const struct parsing *parsing)
{
    struct command_line *line = parsing->line;
    struct p2i_options *options = parsing->options;
    const struct p2i_settings *settings = parsing->settings;
    options->action = parsing->help           ? P2I_ACTION_HELP
                      : parsing->version      ? P2I_ACTION_VERSION
                      : parsing->print_config ? P2I_ACTION_PRINT_CONFIG
                                              : P2I_ACTION_CONVERT;
    options->warning_count = line->notes.count;
    options->warnings = (const char *const *)line->notes.texts;
    options->gateway_note_count = line->gateway_notes.count;
    options->gateway_notes = (const char *const *)line->gateway_notes.texts;
    options->excluded_files = line->inputs.excluded;
    options->output = settings->ipfix_path != NULL ? settings->ipfix_path : settings->json_path;
    options->collector_count = settings->collector_count;
    options->strict = settings->strict;
    options->sync = settings->sync;
}

enum p2i_result p2i_options_parse(struct p2i_options **options, int argc, char **argv,
                                  struct p2i_error *error)
{
    struct command_line *line = calloc(1, sizeof *line);
    struct p2i_settings *settings = p2i_settings_new();
    if (line == NULL || settings == NULL) {
        free(line);
        p2i_settings_free(settings);
        *options = NULL;
        return p2i_fail_memory(error);
    }
    *options = &line->options;
    settings->threads = 0;
    line->options = (struct p2i_options){
        .struct_size = sizeof line->options, .settings = settings, .progress = -1};
    struct parsing parsing = {
        .line = line, .options = *options, .settings = settings, .error = error};
    enum p2i_result result = read_configurations(line, argc, argv, error);
    if (result == P2I_OK) {
        result = take_all(&parsing, argc, argv);
    }
    if (result == P2I_OK && !parsing.help && !parsing.version && !parsing.print_config) {
        result = complete(&parsing, error);
    }
    p2i_patterns_free(&parsing.include);
    show(&parsing);
    return result;
}

void p2i_options_free(struct p2i_options *options)
{
    struct command_line *line = (struct command_line *)options;
    if (line != NULL) {
        p2i_settings_free(line->options.settings);
        p2i_inputs_free(&line->inputs);
        p2i_filters_free(&line->filters);
        p2i_notes_free(&line->notes);
        p2i_notes_free(&line->gateway_notes);
        free(line);
    }
}

const struct p2i_option_table *p2i_options_table(void)
{
    return &table;
}

void p2i_options_print_help(FILE *out)
{
    static const struct {
        unsigned group;
        const char *heading;
    } groups[] = {{INPUT, "Input"},           {RECORDS, "Records"}, {OUTPUT, "Output"},
                  {COLLECTORS, "Collectors"}, {RUN, "Run"},         {MESSAGES, "Messages"}};
    fputs("usage: pcap2ipfix [OPTION]... CAPTURE...\n"
          "\n"
          "Converts packet captures into IPFIX records: one for every HTTP request, TLS\n"
          "hello, DNS answer ... Captures are pcap, pcapng, snoop or ERF files, also\n"
          "compressed ones; '-' is standard input.\n",
          out);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        fprintf(out, "\n%s:\n", groups[i].heading);
        for (size_t j = 0; j < table.count; j++) {
            if (rows[j].groups == groups[i].group) {
                p2i_option_print(out, &rows[j], p2i_option_words(&rows[j]));
            }
        }
    }
    fputs("\n"
          "Exit status: 0 all done; 1 done, but input was damaged; 2 usage; 3 an input could\n"
          "not be opened; 4 output failed; 5 a collector did not take all (spooled); 6 limit\n"
          "or internal error. Manual: pcap2ipfix(1).\n",
          out);
}
