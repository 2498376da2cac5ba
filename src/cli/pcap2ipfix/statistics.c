/* SPDX-License-Identifier: MIT */
#include "cli/pcap2ipfix/statistics.h"

#include <inttypes.h>

#include "cli/safe_text.h"
#include "pcap2ipfix/fate.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/protocols.h"

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

/* Plain counters with their name in text and JSON. */
struct counter {
    const char *name;
    size_t offset;
};

#define COUNTER(member)                                                                            \
    {                                                                                              \
#member, offsetof(struct p2i_statistics, member)                                           \
    }

static const struct counter session_counters[] = {
    COUNTER(tunneled_packets),
    COUNTER(encrypted_tunnel_packets),
    COUNTER(joined_fragments),
    COUNTER(dropped_fragments),
    COUNTER(overlapping_fragments),
    COUNTER(tcp_sessions),
    COUNTER(udp_sessions),
    COUNTER(other_sessions),
    COUNTER(live_sessions_peak),
    COUNTER(evicted_sessions),
    COUNTER(payload_bytes),
    COUNTER(parsed_bytes),
    COUNTER(ignored_bytes),
    COUNTER(retransmitted_bytes),
    COUNTER(lost_bytes),
    COUNTER(cut_bytes),
    COUNTER(out_of_order_segments),
    COUNTER(gaps),
    COUNTER(out_of_window_segments),
    COUNTER(out_of_window_ends),
    COUNTER(unanswered_syns),
    COUNTER(doubtful_segments),
    COUNTER(doubtful_taken),
    COUNTER(padding_bytes),
    COUNTER(urgent_bytes),
    COUNTER(wrong_udp_checksums),
    COUNTER(overfull_heads),
    COUNTER(refused_bindings),
    COUNTER(strings_cut),
    COUNTER(strings_escaped),
    COUNTER(written_bytes),
};

enum { SESSION_COUNTERS = sizeof session_counters / sizeof *session_counters };

static uint64_t value_of(const struct p2i_statistics *statistics, const struct counter *counter)
{
    return *(const uint64_t *)(const void *)((const char *)statistics + counter->offset);
}

static void print_count(FILE *out, const char *name, uint64_t value)
{
    if (value > 0) {
        fprintf(out, "  %-24s %15" PRIu64 "\n", name, value);
    }
}

/* The counters of a collector. */
#define COLLECTOR(member)                                                                          \
    {                                                                                              \
#member, offsetof(struct p2i_collector_summary, member)                                    \
    }

static const struct counter collector_counters[] = {
    COLLECTOR(records),     COLLECTOR(records_sent), COLLECTOR(records_resent),
    COLLECTOR(records_cut), COLLECTOR(messages),     COLLECTOR(records_spooled),
    COLLECTOR(connections), COLLECTOR(refused),      COLLECTOR(cycles),
    COLLECTOR(cycles_over), COLLECTOR(longest_us),
};
enum { COLLECTOR_COUNTERS = sizeof collector_counters / sizeof *collector_counters };

static uint64_t collector_value(const struct p2i_collector_summary *collector, size_t i)
{
    const char *base = (const char *)collector;
    return *(const uint64_t *)(const void *)(base + collector_counters[i].offset);
}

static void print_collector_text(FILE *out, const struct p2i_collector_summary *collector)
{
    fputs("collector ", out);
    p2i_print_safe(out, collector->url);
    fputc('\n', out);
    for (size_t i = 0; i < COLLECTOR_COUNTERS; i++) {
        print_count(out, collector_counters[i].name, collector_value(collector, i));
    }
    if (collector->spool[0] != '\0') {
        fputs("  spooled in ", out);
        p2i_print_safe(out, collector->spool);
        fputc('\n', out);
    }
}

static void print_kinds_text(FILE *out, const uint64_t *counts, size_t kinds)
{
    for (size_t i = 0; i < kinds; i++) {
        print_count(out, p2i_record_name((enum p2i_record_kind)i), counts[i]);
    }
}

struct p2i_capture_counts p2i_count_captures(const struct p2i_statistics *statistics)
{
    struct p2i_capture_counts counts = {0};
    for (size_t i = 0; i < statistics->capture_count; i++) {
        const struct p2i_capture_summary *capture = statistics->captures[i];
        if (capture->skipped) {
            counts.skipped++;
        } else if (capture->refused) {
            counts.unreadable++;
        } else if (capture->damaged) {
            counts.damaged++;
        } else if (capture->format != NULL) {
            counts.good++;
        } else {
            counts.unread++;
        }
    }
    return counts;
}

static void print_digest(FILE *out, const uint8_t sha256[32])
{
    for (size_t i = 0; i < 32; i++) {
        fprintf(out, "%02x", sha256[i]);
    }
}

static void print_capture_text(FILE *out, const struct p2i_capture_summary *capture)
{
    p2i_print_safe(out, capture->path);
    fprintf(out, ": %s, %" PRIu64 " frames%s\n",
            capture->format != NULL ? capture->format : "not read", capture->frames,
            capture->refused   ? ", unreadable"
            : capture->damaged ? ", damaged"
                               : "");
    if (capture->hashed) {
        fputs("  sha256 ", out);
        print_digest(out, capture->sha256);
        fputc('\n', out);
    }
}

static void print_files_text(FILE *out, const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    for (size_t i = 0; i < statistics->capture_count; i++) {
        if (!statistics->captures[i]->skipped) {
            print_capture_text(out, statistics->captures[i]);
        }
    }
    fprintf(out, "files\n");
    struct p2i_capture_counts counts = p2i_count_captures(statistics);
    print_count(out, "good_captures", counts.good);
    print_count(out, "damaged_captures", counts.damaged);
    print_count(out, "unreadable_captures", counts.unreadable);
    print_count(out, "skipped_files", counts.skipped);
    print_count(out, "excluded_files", outcome->excluded_files);
}

void p2i_print_statistics_text(FILE *out, const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    print_files_text(out, outcome);
    fprintf(out, "frames by fate\n");
    print_count(out, "frames", statistics->frames);
    for (size_t i = 0; i < statistics->fate_count; i++) {
        print_count(out, p2i_fate_name((enum p2i_fate)i), statistics->fates[i]);
    }
    fprintf(out, "sessions and bytes\n");
    for (size_t i = 0; i < SESSION_COUNTERS; i++) {
        print_count(out, session_counters[i].name, value_of(statistics, &session_counters[i]));
    }
    fprintf(out, "sessions by protocol\n");
    for (size_t i = 0; i < statistics->protocol_count; i++) {
        print_count(out, p2i_protocol_facts((enum p2i_protocol_id)i)->name,
                    statistics->protocols[i]);
    }
    fprintf(out, "records\n");
    print_kinds_text(out, statistics->records, statistics->kind_count);
    fprintf(out, "messages cut\n");
    print_kinds_text(out, statistics->messages_cut, statistics->kind_count);
    for (size_t i = 0; i < statistics->collector_count; i++) {
        print_collector_text(out, statistics->collectors[i]);
    }
    double seconds = outcome->seconds;
    if (seconds > 0) {
        fprintf(out, "%.3f s, %.1f MB/s, %.0f packets/s\n", seconds,
                (double)statistics->read_bytes / 1e6 / seconds,
                (double)statistics->frames / seconds);
    }
}

static void print_collector_json(FILE *out, const struct p2i_collector_summary *collector)
{
    fprintf(out, "{\"url\":");
    p2i_print_json_string(out, collector->url);
    for (size_t i = 0; i < COLLECTOR_COUNTERS; i++) {
        fprintf(out, ",\"%s\":%" PRIu64, collector_counters[i].name, collector_value(collector, i));
    }
    fprintf(out, ",\"spool\":");
    p2i_print_json_string(out, collector->spool);
    fputc('}', out);
}

static void print_capture_json(FILE *out, const struct p2i_capture_summary *capture)
{
    fprintf(out, "{\"path\":");
    p2i_print_json_string(out, capture->path);
    fprintf(out, ",\"format\":");
    p2i_print_json_string(out, capture->format != NULL ? capture->format : "");
    fprintf(out,
            ",\"size_bytes\":%" PRIu64 ",\"read_bytes\":%" PRIu64 ",\"frames\":%" PRIu64
            ",\"first_ns\":%" PRIu64 ",\"last_ns\":%" PRIu64 ",\"damaged\":%s,\"refused\":%s",
            capture->size_bytes, capture->read_bytes, capture->frames, capture->first_ns,
            capture->last_ns, capture->damaged ? "true" : "false",
            capture->refused ? "true" : "false");
    if (capture->hashed) {
        fputs(",\"sha256\":\"", out);
        print_digest(out, capture->sha256);
        fprintf(out, "\",\"hashed_bytes\":%" PRIu64, capture->hashed_bytes);
    }
    fputc('}', out);
}

static void print_protocols_json(FILE *out, const struct p2i_statistics *statistics)
{
    const char *comma = "";
    fprintf(out, ",\"protocols\":{");
    for (size_t i = 0; i < statistics->protocol_count; i++) {
        if (statistics->protocols[i] > 0) {
            fprintf(out, "%s\"%s\":%" PRIu64, comma,
                    p2i_protocol_facts((enum p2i_protocol_id)i)->name, statistics->protocols[i]);
            comma = ",";
        }
    }
    fputc('}', out);
}

static void print_kinds_json(FILE *out, const char *name, const uint64_t *counts, size_t kinds)
{
    fprintf(out, ",\"%s\":{", name);
    for (size_t i = 0; i < kinds; i++) {
        fprintf(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "",
                p2i_record_name((enum p2i_record_kind)i), counts[i]);
    }
    fputc('}', out);
}

static void print_fault_json(FILE *out, const struct p2i_error *error)
{
    fprintf(out, "{\"kind\":\"%s\",\"path\":",
            error->code == P2I_DAMAGED ? "damaged"
            : error->code == P2I_INPUT ? "unreadable"
                                       : "failed");
    p2i_print_json_string(out, error->file != NULL ? error->file : "");
    fputs(",\"reason\":", out);
    p2i_print_json_string(out, error->text);
    if (error->packet > 0) {
        fprintf(out, ",\"packet\":%" PRIu64, error->packet);
    }
    if (error->offset != UINT64_MAX) {
        fprintf(out, ",\"offset\":%" PRIu64, error->offset);
    }
    fputc('}', out);
}

/* Command line, exit status and errors of the run. */
static void print_outcome_json(FILE *out, const struct p2i_outcome *outcome)
{
    fputs("{\"program\":\"pcap2ipfix\",\"version\":\"" P2I_VERSION "\",\"arguments\":[", out);
    for (size_t i = 0; outcome->arguments[i] != NULL; i++) {
        fputs(i > 0 ? "," : "", out);
        p2i_print_json_string(out, outcome->arguments[i]);
    }
    fputc(']', out);
    fprintf(out, ",\"exit_status\":%d", outcome->status);
    if (outcome->signal != 0) {
        fprintf(out, ",\"signal\":%d", outcome->signal);
    }
    if (outcome->error.code != P2I_OK) {
        fputs(",\"error\":", out);
        print_fault_json(out, &outcome->error);
    }
    fputs(",\"damage\":[", out);
    for (size_t i = 0; i < outcome->fault_count; i++) {
        fputs(i > 0 ? "," : "", out);
        print_fault_json(out, &outcome->faults[i]);
    }
    fputc(']', out);
}

static void print_files_json(FILE *out, const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    struct p2i_capture_counts counts = p2i_count_captures(statistics);
    const char *comma = "";
    fputs(",\"captures\":[", out);
    for (size_t i = 0; i < statistics->capture_count; i++) {
        if (!statistics->captures[i]->skipped) {
            fputs(comma, out);
            print_capture_json(out, statistics->captures[i]);
            comma = ",";
        }
    }
    fprintf(out,
            "],\"good_captures\":%zu,\"damaged_captures\":%zu,\"unreadable_captures\":%zu,"
            "\"skipped_files\":%zu,\"excluded_files\":%" PRIu64,
            counts.good, counts.damaged, counts.unreadable, counts.skipped,
            outcome->excluded_files);
}

void p2i_print_statistics_json(FILE *out, const struct p2i_outcome *outcome)
{
    const struct p2i_statistics *statistics = outcome->statistics;
    print_outcome_json(out, outcome);
    print_files_json(out, outcome);
    fprintf(out, ",\"read_bytes\":%" PRIu64 ",\"frames\":%" PRIu64 ",\"fates\":{",
            statistics->read_bytes, statistics->frames);
    for (size_t i = 0; i < statistics->fate_count; i++) {
        /* Fates that came later than the others are shown where they happen. */
        if (i < P2I_FATE_OUTSIDE_TIME || statistics->fates[i] > 0) {
            fprintf(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", p2i_fate_name((enum p2i_fate)i),
                    statistics->fates[i]);
        }
    }
    fputc('}', out);
    for (size_t i = 0; i < SESSION_COUNTERS; i++) {
        fprintf(out, ",\"%s\":%" PRIu64, session_counters[i].name,
                value_of(statistics, &session_counters[i]));
    }
    print_protocols_json(out, statistics);
    print_kinds_json(out, "records", statistics->records, statistics->kind_count);
    print_kinds_json(out, "messages_cut", statistics->messages_cut, statistics->kind_count);
    fprintf(out, ",\"collectors\":[");
    for (size_t i = 0; i < statistics->collector_count; i++) {
        fputs(i > 0 ? "," : "", out);
        print_collector_json(out, statistics->collectors[i]);
    }
    fputc(']', out);
    if (outcome->seconds > 0) {
        fprintf(out, ",\"seconds\":%.6f", outcome->seconds);
    }
    fputs("}\n", out);
}
