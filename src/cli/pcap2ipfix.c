/* SPDX-License-Identifier: MIT */
/* pcap2ipfix: arguments in, exit status out. */
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/statistics.h"
#include "config/configuration.h"
#include "config/options.h"

enum { EXIT_DAMAGED = 1, EXIT_USAGE, EXIT_INPUT, EXIT_OUTPUT, EXIT_COLLECTOR, EXIT_INTERNAL };

/* What the callbacks of a run need. */
struct screen {
    struct timespec begun;
    double shown_s; /* when the progress line was last written */
    bool progress;
    bool line_open; /* a progress line stands on the terminal */
    bool quiet;
    bool verbose;
};

static atomic_int caught_signal;

static void on_signal(int number)
{
    if (atomic_exchange(&caught_signal, number) != 0) {
        /* The second time: at once, without a file under its final name. */
        _exit(128 + number);
    }
}

static bool is_stopped(void *context)
{
    (void)context;
    return atomic_load_explicit(&caught_signal, memory_order_relaxed) != 0;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    /* A reader that goes away is a failed output like any other: temporary files are removed. */
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
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

static void print_error(const struct p2i_error *error)
{
    fputs("pcap2ipfix: ", stderr);
    bool output = error->code == P2I_OUTPUT;
    if (error->file != NULL) {
        bool standard = output && strcmp(error->file, "-") == 0;
        fputs(standard ? "standard output" : error->file, stderr);
        if (error->line > 0) {
            fprintf(stderr, ":%" PRIu64, error->line);
        }
        fputs(": ", stderr);
    }
    if (error->packet > 0) {
        fprintf(stderr, "packet %" PRIu64 ": ", error->packet);
    }
    fputs(error->text, stderr);
    if (output && error->system_error != 0) {
        fprintf(stderr, ": %s", strerror(error->system_error));
    }
    if (error->offset != UINT64_MAX && error->offset > 0) {
        fprintf(stderr, " (at byte %" PRIu64 ")", error->offset);
    }
    fputc('\n', stderr);
}

static void report(void *context, const struct p2i_error *error)
{
    clear_line(context);
    print_error(error);
}

/* What collectors go through. */
static void tell(void *context, bool usual, const char *text)
{
    struct screen *screen = context;
    if (usual ? screen->verbose : !screen->quiet) {
        clear_line(screen);
        fprintf(stderr, "pcap2ipfix: %s\n", text);
    }
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

static void print_summary(const struct p2i_options *options,
                          const struct p2i_statistics *statistics, double seconds)
{
    uint64_t records = 0;
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        records += statistics->records[i];
    }
    const struct p2i_settings *settings = &options->settings;
    const char *path = settings->ipfix_path != NULL ? settings->ipfix_path : settings->json_path;
    path = path == NULL ? settings->collectors[0].url : path;
    fprintf(stderr,
            "pcap2ipfix: %" PRIu64 " packets in %zu capture%s, %" PRIu64 " records in %s, %.3f s\n",
            statistics->frames, statistics->capture_count,
            statistics->capture_count == 1 ? "" : "s", records,
            strcmp(path, "-") == 0 ? "standard output" : path, seconds);
}

static void print_results(const struct p2i_options *options,
                          const struct p2i_statistics *statistics, double seconds)
{
    if (options->statistics == P2I_STATISTICS_JSON) {
        p2i_print_statistics_json(stderr, statistics, seconds);
    } else if (options->statistics == P2I_STATISTICS_TEXT) {
        p2i_print_statistics_text(stderr, statistics, seconds);
    } else if (options->verbose || (!options->quiet && isatty(STDERR_FILENO))) {
        print_summary(options, statistics, seconds);
    }
}

static int convert(struct p2i_options *options)
{
    struct screen screen = {
        .progress = options->progress == 1 ||
                    (options->progress < 0 && !options->quiet && isatty(STDERR_FILENO)),
        .quiet = options->quiet,
        .verbose = options->verbose,
    };
    (void)clock_gettime(CLOCK_MONOTONIC, &screen.begun);
    options->settings.report = report;
    options->settings.progress = show_progress;
    options->settings.is_stopped = is_stopped;
    options->settings.context = &screen;
    options->settings.delivery.tell = tell;
    options->settings.delivery.is_stopped = is_stopped;
    options->settings.delivery.context = &screen;
    catch_signals();
    struct p2i_statistics statistics;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_convert(&options->settings, &statistics, &error);
    clear_line(&screen);
    bool complete = result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
    if (!complete) {
        print_error(&error);
    }
    if (complete || result == P2I_COLLECTOR) {
        print_results(options, &statistics, seconds_since(&screen.begun));
    }
    p2i_statistics_free(&statistics);
    return status_of(result);
}

static int print_configuration(const struct p2i_settings *settings)
{
    struct p2i_error error = {0};
    enum p2i_result result = p2i_configuration_print(stdout, settings, &error);
    if (result != P2I_OK) {
        error.file = result == P2I_OUTPUT ? "-" : NULL;
        print_error(&error);
    }
    return status_of(result);
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
    struct p2i_options options;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_options_parse(&options, argc, argv, &error);
    int status = status_of(result);
    if (result != P2I_OK) {
        print_error(&error);
        if (result == P2I_USAGE && error.file == NULL) {
            fputs("Try 'pcap2ipfix --help'.\n", stderr);
        }
    } else if (options.help) {
        fputs(p2i_options_help(), stdout);
    } else if (options.version) {
        puts("pcap2ipfix " P2I_VERSION);
    } else if (options.print_config) {
        status = print_configuration(&options.settings);
    } else {
        status = convert(&options);
    }
    p2i_options_free(&options);
    int number = atomic_load(&caught_signal);
    return number != 0 ? finish_by_signal(number) : status;
}
