/* SPDX-License-Identifier: MIT */
#include "cli/pcap2ipfix/messages.h"

#include <inttypes.h>
#include <string.h>

#include "cli/safe_text.h"

static const char prefix[] = "pcap2ipfix: ";

/* Whether the text names the packet already. */
static bool names_packet(const struct p2i_error *error)
{
    char name[32];
    (void)snprintf(name, sizeof name, "packet %" PRIu64 " ", error->packet);
    return strstr(error->text, name) != NULL;
}

void p2i_print_error(const struct p2i_error *error)
{
    fputs(prefix, stderr);
    bool output = error->code == P2I_OUTPUT;
    if (error->file != NULL) {
        bool standard = output && strcmp(error->file, "-") == 0;
        p2i_print_safe(stderr, standard ? "standard output" : error->file);
        if (error->line > 0) {
            fprintf(stderr, ":%" PRIu64, error->line);
        }
        fputs(": ", stderr);
    }
    if (error->packet > 0 && !names_packet(error)) {
        fprintf(stderr, "packet %" PRIu64 ": ", error->packet);
    }
    p2i_print_safe(stderr, error->text);
    if (output && error->system_error != 0) {
        fprintf(stderr, ": %s", strerror(error->system_error));
    }
    if (error->offset != UINT64_MAX && error->offset > 0) {
        fprintf(stderr, " (at byte %" PRIu64 ")", error->offset);
    }
    fputc('\n', stderr);
}

void p2i_print_text(const char *text)
{
    fputs(prefix, stderr);
    p2i_print_safe(stderr, text);
    fputc('\n', stderr);
}

void p2i_print_warning(const char *text)
{
    fprintf(stderr, "%swarning: ", prefix);
    p2i_print_safe(stderr, text);
    fputc('\n', stderr);
}

void p2i_print_file_warning(const struct p2i_error *error)
{
    fprintf(stderr, "%swarning: ", prefix);
    p2i_print_safe(stderr, error->file);
    fputs(": ", stderr);
    p2i_print_safe(stderr, error->text);
    fputc('\n', stderr);
}

static void print_captures(const struct p2i_capture_counts *counts, uint64_t excluded)
{
    static const char *const names[] = {"good", "damaged", "unreadable", "not read"};
    const size_t each[] = {counts->good, counts->damaged, counts->unreadable, counts->unread};
    size_t all = 0;
    for (size_t i = 0; i < 4; i++) {
        all += each[i];
    }
    fprintf(stderr, "%zu capture%s", all, all == 1 ? "" : "s");
    const char *before = " (";
    for (size_t i = 0; i < 4 && counts->good < all; i++) {
        if (each[i] > 0) {
            fprintf(stderr, "%s%zu %s", before, each[i], names[i]);
            before = ", ";
        }
    }
    fputs(counts->good < all ? ")" : "", stderr);
    uint64_t skipped = counts->skipped + excluded;
    if (skipped > 0) {
        fprintf(stderr, " and %" PRIu64 " other file%s", skipped, skipped == 1 ? "" : "s");
    }
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void p2i_print_summary(const struct p2i_options *options, const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    struct p2i_capture_counts counts = p2i_count_captures(statistics);
    const char *path = options->output;
    uint64_t records = 0;
    for (size_t i = 0; i < statistics->kind_count; i++) {
        records += statistics->records[i];
    }
    fprintf(stderr, "%s%" PRIu64 " packet%s in ", prefix, statistics->frames,
            plural(statistics->frames));
    print_captures(&counts, outcome->excluded_files);
    if (path != NULL) {
        fprintf(stderr, ", %" PRIu64 " record%s in ", records, plural(records));
        p2i_print_safe(stderr, strcmp(path, "-") == 0 ? "standard output" : path);
    }
    for (size_t i = 0; i < statistics->collector_count; i++) {
        uint64_t sent = statistics->collectors[i]->records_sent;
        fprintf(stderr, ", %" PRIu64 " record%s sent to ", sent, plural(sent));
        p2i_print_safe(stderr, statistics->collectors[i]->url);
    }
    fprintf(stderr, ", %.3f s\n", outcome->seconds);
}

void p2i_print_interruption(const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    uint64_t total = 0;
    uint64_t read = 0;
    for (size_t i = 0; i < statistics->capture_count; i++) {
        const struct p2i_capture_summary *capture = statistics->captures[i];
        bool known = capture->size_bytes > 0 || capture->refused || capture->skipped;
        if (!known) { /* a pipe: its size is unknown */
            total = 0;
            read = statistics->read_bytes;
            break;
        }
        bool counts = !capture->refused && !capture->skipped;
        total += counts ? capture->size_bytes : 0;
        read += counts ? capture->read_bytes : 0;
    }
    if (statistics->capture_count == 0) {
        fprintf(stderr, "%sinterrupted before reading\n", prefix);
    } else if (total > 0) {
        fprintf(stderr, "%sinterrupted at %" PRIu64 " %%\n", prefix, 100 * read / total);
    } else {
        fprintf(stderr, "%sinterrupted after %.1f MB\n", prefix, (double)read / 1e6);
    }
}

void p2i_print_stop(const struct p2i_options *options, const struct p2i_outcome *outcome)
{
    struct p2i_capture_counts counts = p2i_count_captures(outcome->statistics);
    const char *path = options->output;
    bool opened = counts.good + counts.damaged + counts.unread > 0;
    fputs(prefix, stderr);
    fputs(opened ? "stopped at the damaged capture (--strict)" : "no capture could be opened",
          stderr);
    if (path != NULL && strcmp(path, "-") != 0) {
        fputs("; ", stderr);
        p2i_print_safe(stderr, path);
        fputs(" was not written", stderr);
    }
    fputc('\n', stderr);
}

void p2i_print_skipped(const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    for (size_t i = 0; i < statistics->capture_count; i++) {
        if (statistics->captures[i]->skipped) {
            fputs(prefix, stderr);
            p2i_print_safe(stderr, statistics->captures[i]->path);
            fputs(": skipped: not a capture\n", stderr);
        }
    }
}
