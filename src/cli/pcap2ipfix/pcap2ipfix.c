/* SPDX-License-Identifier: MIT */
/* pcap2ipfix: arguments in, exit status out. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/log_line.h"
#include "cli/pcap2ipfix/explain.h"
#include "cli/pcap2ipfix/messages.h"
#include "cli/pcap2ipfix/statistics.h"
#include "cli/safe_text.h"
#include "cli/seal.h"
#include "cli/version.h"
#include "pcap2ipfix/command_line.h"
#include "pcap2ipfix/convert.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/values.h"

enum { EXIT_DAMAGED = 1, EXIT_USAGE, EXIT_INPUT, EXIT_OUTPUT, EXIT_COLLECTOR, EXIT_INTERNAL };

/* Context of the callbacks of a run. */
struct screen {
    struct timespec begun;
    double shown_s; /* when the progress line was last written */
    bool progress;
    bool line_open; /* the progress line is on the terminal */
    bool quiet;
    bool verbose;
    bool many_collectors;
    struct p2i_explanation *explanation; /* NULL: records are written */
    struct p2i_outcome *outcome;
    const struct p2i_options *options;
    struct p2i_sandbox *sandbox; /* that the program is in; NULL: none */
};

static atomic_int caught_signal;

static void on_signal(int number)
{
    if (atomic_exchange(&caught_signal, number) != 0) {
        /* The second signal ends the program at once; no file gets its final name. */
        _exit(128 + number);
    }
}

static bool is_stopped(void *context)
{
    (void)context;
    return atomic_load_explicit(&caught_signal, memory_order_relaxed) != 0;
}

/* Returns whether SIGPIPE would have ended the program. */
static bool catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction before;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    /* A closed pipe is a failed output like any other: temporary files are removed, and then the
     * program ends by the signal. */
    action.sa_handler = SIG_IGN;
    return sigaction(SIGPIPE, &action, &before) == 0 && before.sa_handler == SIG_DFL;
}

static double seconds_since(const struct timespec *begun)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

static void clear_line(struct screen *screen)
{
    if (screen->line_open) {
        fputs("\r\033[K", stderr);
        screen->line_open = false;
    }
}

static void keep_fault(struct p2i_outcome *outcome, const struct p2i_error *error)
{
    if (outcome->fault_count == outcome->fault_capacity) {
        size_t capacity = outcome->fault_capacity > 0 ? 2 * outcome->fault_capacity : 16;
        struct p2i_error *faults = realloc(outcome->faults, capacity * sizeof *faults);
        if (faults == NULL) {
            return; /* it was printed all the same */
        }
        outcome->faults = faults;
        outcome->fault_capacity = capacity;
    }
    outcome->faults[outcome->fault_count++] = *error;
}

static void report(void *context, const struct p2i_error *error)
{
    struct screen *screen = context;
    clear_line(screen);
    p2i_print_error(error);
    keep_fault(screen->outcome, error);
}

static void warn(void *context, const struct p2i_error *error)
{
    struct screen *screen = context;
    if (!screen->quiet) {
        clear_line(screen);
        p2i_print_file_warning(error);
    }
}

/* What collectors go through. */
static void report_delivery(void *context, bool usual, const char *text)
{
    struct screen *screen = context;
    if (usual ? screen->verbose : !screen->quiet) {
        clear_line(screen);
        p2i_print_text(text);
    }
}

static void log_line(void *context, bool usual, const struct p2i_log_line *line)
{
    struct screen *screen = context;
    if (usual ? screen->verbose : !screen->quiet) {
        clear_line(screen);
        p2i_print_log_line(stderr, line, screen->many_collectors);
    }
}

static void explain_session(void *context, const struct p2i_session_facts *session)
{
    const struct screen *screen = context;
    p2i_explanation_add(screen->explanation, session);
}

static void show_progress(void *context, const struct p2i_progress *progress)
{
    struct screen *screen = context;
    double seconds = seconds_since(&screen->begun);
    if (!screen->progress || seconds - screen->shown_s < 0.2) {
        return;
    }
    screen->shown_s = seconds;
    double rate = (double)progress->read_bytes / seconds;
    fprintf(stderr, "\r%.1f MB", (double)progress->read_bytes / 1e6);
    if (progress->total_bytes > 0) {
        double left = (double)progress->total_bytes - (double)progress->read_bytes;
        fprintf(stderr, ", %.0f %%, %.0f s left",
                100.0 * (double)progress->read_bytes / (double)progress->total_bytes,
                rate > 0 && left > 0 ? left / rate : 0.0);
    }
    fprintf(stderr, ", %.0f MB/s, %" PRIu64 " packets, %" PRIu64 " records\033[K", rate / 1e6,
            progress->frames, progress->records);
    (void)fflush(stderr);
    screen->line_open = true;
}

static int status_of(enum p2i_result result)
{
    static const int statuses[] = {
        [P2I_OK] = EXIT_SUCCESS,          [P2I_END] = EXIT_SUCCESS,
        [P2I_DAMAGED] = EXIT_DAMAGED,     [P2I_USAGE] = EXIT_USAGE,
        [P2I_INPUT] = EXIT_INPUT,         [P2I_OUTPUT] = EXIT_OUTPUT,
        [P2I_COLLECTOR] = EXIT_COLLECTOR, [P2I_INTERNAL] = EXIT_INTERNAL,
    };
    return statuses[result];
}

static struct p2i_error out_of_memory(void)
{
    return (struct p2i_error){.code = P2I_INTERNAL, .offset = UINT64_MAX, .text = "out of memory"};
}

/* Writes the statistics file, which gets its name when it is complete. Returns the exit status. */
static int write_stats_file(struct p2i_output_file *file, const struct p2i_outcome *outcome)
{
    struct p2i_buffer text = {0};
    struct p2i_error error;
    FILE *stream = p2i_buffer_stream(&text);
    bool made = stream != NULL;
    if (made) {
        p2i_print_statistics_json(stream, outcome);
        made = ferror(stream) == 0;
        made = fclose(stream) == 0 && made;
    }
    enum p2i_result result = P2I_INTERNAL;
    if (!made) {
        error = out_of_memory();
    } else {
        result = p2i_output_file_write(file, p2i_view_of(text.data, text.size), &error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_finish(file, &error);
    }
    p2i_buffer_free(&text);
    if (result != P2I_OK) {
        p2i_print_error(&error);
    }
    return status_of(result);
}

/* Whether the run ended early, without its files. */
static bool is_stopped_early(const struct p2i_options *options, const struct p2i_outcome *outcome,
                             enum p2i_result result)
{
    struct p2i_capture_counts counts = p2i_count_captures(outcome->statistics);
    bool opened = counts.good + counts.damaged + counts.unread > 0;
    return (result == P2I_DAMAGED || result == P2I_INPUT) && (options->strict || !opened);
}

/* Prints summary, statistics and reasons at the end. */
static void print_end(const struct p2i_options *options, const struct p2i_outcome *outcome,
                      enum p2i_result result)
{
    bool early = is_stopped_early(options, outcome, result);
    bool complete = result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
    if (options->verbose) {
        p2i_print_skipped(outcome);
    }
    if (!options->quiet && (outcome->signal == SIGINT || outcome->signal == SIGTERM)) {
        p2i_print_interruption(outcome);
    }
    if (early && !options->quiet) {
        p2i_print_stop(options, outcome);
    }
    if (options->statistics == P2I_STATISTICS_JSON) {
        p2i_print_statistics_json(stderr, outcome);
    } else if (options->statistics == P2I_STATISTICS_TEXT) {
        p2i_print_statistics_text(stderr, outcome);
    } else if ((complete || result == P2I_COLLECTOR) && !early &&
               (options->verbose || (!options->quiet && isatty(STDERR_FILENO)))) {
        p2i_print_summary(options, outcome);
    }
}

/* Seals the program off when everything is open. */
static enum p2i_result seal(void *context, struct p2i_error *error)
{
    struct screen *screen = context;
    const struct p2i_options *options = screen->options;
    if (options->no_sandbox || screen->sandbox != NULL) {
        return P2I_OK;
    }
    screen->sandbox = p2i_sandbox_new();
    p2i_sandbox_allow_run(screen->sandbox, options->settings);
    if (options->stats_file != NULL) {
        p2i_sandbox_allow_output(screen->sandbox, options->stats_file);
    }
    return p2i_seal(screen->sandbox, "pcap2ipfix", options->verbose, error);
}

static void set_callbacks(struct p2i_settings *settings, struct screen *screen)
{
    const struct p2i_settings_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = screen,
        .report = report,
        .progress = show_progress,
        .is_stopped = is_stopped,
        .delivery = report_delivery,
        .log = log_line,
        .warning = warn,
        .session = screen->explanation != NULL ? explain_session : NULL,
        .opened = seal,
    };
    p2i_settings_set_callbacks(settings, &callbacks);
}

/* Whether the reader of standard output has closed it. */
static bool is_broken_pipe(const struct p2i_error *error)
{
    return error->code == P2I_OUTPUT && error->file != NULL && strcmp(error->file, "-") == 0 &&
           error->system_error == EPIPE;
}

/* Prints why sessions gave no record. P2I_OK; P2I_OUTPUT: standard output failed. */
static enum p2i_result print_explanation(const struct p2i_options *options,
                                         struct p2i_explanation *explanation,
                                         const struct p2i_statistics *statistics,
                                         struct p2i_error *error)
{
    p2i_explanation_sort(explanation);
    errno = 0;
    if (options->explain == P2I_STATISTICS_JSON) {
        p2i_print_explanation_json(stdout, explanation, statistics);
    } else {
        p2i_print_explanation_text(stdout, explanation, statistics);
    }
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return P2I_OK;
    }
    *error = (struct p2i_error){
        .code = P2I_OUTPUT, .file = "-", .offset = UINT64_MAX, .text = "cannot write"};
    error->system_error = errno;
    return P2I_OUTPUT;
}

/* Runs the conversion. outcome->signal is the signal that must end the program; 0: none. */
static void run(struct p2i_options *options, struct screen *screen, struct p2i_output_file *stats)
{
    struct p2i_outcome *outcome = screen->outcome;
    bool pipe_ends = catch_signals();
    set_callbacks(options->settings, screen);
    (void)clock_gettime(CLOCK_MONOTONIC, &screen->begun);
    struct p2i_error error = {0};
    enum p2i_result result = p2i_convert(options->settings, outcome->statistics, &error);
    bool done = result <= P2I_END || result == P2I_DAMAGED || result == P2I_INPUT;
    if (screen->explanation != NULL && done && !is_stopped_early(options, outcome, result)) {
        struct p2i_error unwritten;
        if (print_explanation(options, screen->explanation, outcome->statistics, &unwritten) !=
            P2I_OK) {
            error = unwritten;
            result = P2I_OUTPUT;
        }
    }
    outcome->seconds = seconds_since(&screen->begun);
    outcome->status = status_of(result);
    outcome->signal = atomic_load(&caught_signal);
    clear_line(screen);
    bool captures = result == P2I_DAMAGED || result == P2I_INPUT; /* printed by report() already */
    if (result != P2I_OK && result != P2I_END && !captures) {
        outcome->error = error;
        if (pipe_ends && is_broken_pipe(&error)) {
            outcome->signal = SIGPIPE;
        } else {
            p2i_print_error(&error);
        }
    }
    if (outcome->signal != 0) {
        outcome->status = 128 + outcome->signal;
    }
    int written = stats != NULL ? write_stats_file(stats, outcome) : EXIT_SUCCESS;
    outcome->status = written > outcome->status ? written : outcome->status;
    print_end(options, outcome, result);
}

static void print_notes(const struct p2i_options *options)
{
    for (size_t i = 0; i < options->gateway_note_count && !options->quiet; i++) {
        p2i_print_text(options->gateway_notes[i]);
    }
    for (size_t i = 0; i < options->warning_count && !options->quiet; i++) {
        p2i_print_warning(options->warnings[i]);
    }
}

/* Returns the exit status; *signal is the signal that must end the program, or 0. */
static int convert(struct p2i_options *options, char *const *arguments, int *signal)
{
    struct p2i_outcome outcome = {.excluded_files = options->excluded_files,
                                  .arguments = arguments};
    struct screen screen = {
        .progress = options->progress == 1 ||
                    (options->progress < 0 && !options->quiet && isatty(STDERR_FILENO)),
        .quiet = options->quiet,
        .verbose = options->verbose,
        .many_collectors = options->collector_count > 1,
        .outcome = &outcome,
        .options = options,
    };
    bool explains = options->explain != P2I_STATISTICS_NONE;
    outcome.statistics = p2i_statistics_new();
    screen.explanation = explains ? p2i_explanation_new() : NULL;
    struct p2i_output_file *stats = NULL;
    unsigned flags = options->sync ? P2I_OUTPUT_SYNC : 0;
    struct p2i_error error = {0};
    if (outcome.statistics == NULL || (explains && screen.explanation == NULL)) {
        p2i_explanation_free(screen.explanation);
        p2i_statistics_free(outcome.statistics);
        error = out_of_memory();
        p2i_print_error(&error);
        return status_of(error.code);
    }
    print_notes(options);
    /* Opened before the run, so that a missing folder is reported now. */
    struct p2i_output_mode mode;
    p2i_convert_output_mode(options->settings, &mode);
    if (options->stats_file != NULL &&
        p2i_output_file_open(&stats, options->stats_file, flags, &mode, &error) != P2I_OK) {
        p2i_print_error(&error);
        p2i_explanation_free(screen.explanation);
        p2i_statistics_free(outcome.statistics);
        return status_of(error.code);
    }
    run(options, &screen, stats);
    p2i_explanation_free(screen.explanation);
    p2i_output_file_free(stats);
    p2i_statistics_free(outcome.statistics);
    p2i_sandbox_free(screen.sandbox);
    free(outcome.faults);
    *signal = outcome.signal;
    return outcome.status;
}

/* Becomes the user of -Z, who must be able to read the captures. */
static enum p2i_result become_user(const struct p2i_options *options, struct p2i_error *error)
{
    size_t count = 0;
    const char *const *captures = p2i_settings_captures(options->settings, &count);
    enum p2i_result result = p2i_become_user(options->user, error);
    for (size_t i = 0; i < count && result == P2I_OK; i++) {
        if (strcmp(captures[i], "-") != 0 && access(captures[i], R_OK) != 0 && errno == EACCES) {
            result = p2i_fail(error, P2I_INPUT, "the user '%.80s' may not read it", options->user);
            error->file = captures[i];
        }
    }
    return result;
}

static int print_configuration(const struct p2i_options *options)
{
    struct p2i_error error = {0};
    print_notes(options);
    for (size_t i = 0; i < options->gateway_note_count; i++) {
        fputs("# ", stdout);
        p2i_print_safe(stdout, options->gateway_notes[i]);
        fputc('\n', stdout);
    }
    enum p2i_result result = p2i_settings_print(options->settings, stdout, &error);
    if (result != P2I_OK) {
        error.file = result == P2I_OUTPUT ? "-" : NULL;
        p2i_print_error(&error);
    }
    return status_of(result);
}

static void print_version(FILE *out)
{
    p2i_print_version(out, "pcap2ipfix", true);
}

/* Prints a text on standard output, which may be a full disk. Gives the exit status. */
static int print_page(void (*print)(FILE *out))
{
    errno = 0;
    print(stdout);
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "pcap2ipfix: standard output: cannot write: %s\n", strerror(errno));
    return EXIT_OUTPUT;
}

static int finish_by_signal(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
    (void)raise(number);
    return 128 + number;
}

int main(int argc, char **argv)
{
    struct p2i_options *options;
    struct p2i_error error = {0};
    p2i_guard_descriptors();
    enum p2i_result result = p2i_options_parse(&options, argc, argv, &error);
    int status = status_of(result);
    int number = 0;
    if (result != P2I_OK) {
        p2i_print_error(&error);
        if (result == P2I_USAGE && error.file == NULL) {
            fputs("Try 'pcap2ipfix --help'.\n", stderr);
        }
    } else if (options->action == P2I_ACTION_HELP) {
        status = print_page(p2i_options_print_help);
    } else if (options->action == P2I_ACTION_VERSION) {
        status = print_page(print_version);
    } else if (options->action == P2I_ACTION_PRINT_CONFIG) {
        status = print_configuration(options);
    } else if (options->user != NULL && become_user(options, &error) != P2I_OK) {
        p2i_print_error(&error);
        status = status_of(error.code);
    } else {
        status = convert(options, argv, &number);
    }
    p2i_options_free(options);
    return number != 0 ? finish_by_signal(number) : status;
}
