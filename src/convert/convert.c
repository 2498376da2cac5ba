/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/convert.h"

#include <stdlib.h>

#include "engine/budget.h"
#include "convert/outputs.h"
#include "engine/pipeline.h"
#include "pcap2ipfix/fields.h"

/* State of one call of p2i_convert(). */
struct run {
    const struct p2i_settings *settings;
    struct p2i_lookups lookups;
    struct p2i_privacy_rules privacy;
    struct p2i_wire_form form;
    struct p2i_capture *capture;
    struct p2i_pipeline *pipeline; /* NULL: not made yet */
    struct p2i_outputs outputs;
    enum p2i_result worst; /* worst result of a capture */
};

static void take_report(void *context, const struct p2i_error *error)
{
    struct run *run = context;
    if (run->worst != P2I_INPUT) {
        run->worst = error->code == P2I_INPUT ? P2I_INPUT : P2I_DAMAGED;
    }
    if (run->settings->report != NULL) {
        run->settings->report(run->settings->context, error);
    }
}

static enum p2i_result open_captures(struct run *run, struct p2i_error *error)
{
    const struct p2i_settings *settings = run->settings;
    struct p2i_capture_settings capture = {
        .order = settings->order,
        .filter = settings->filter,
        .window_bytes = p2i_budget_split(settings->memory_bytes).windows,
        .strict = settings->strict,
        .found = settings->captures_found,
        .is_stopped = settings->is_stopped,
        .stop_context = settings->context,
    };
    return p2i_capture_open(&run->capture, &capture, settings->captures,
                            settings->capture_count, take_report, run, error);
}

static enum p2i_result open_outputs(struct run *run, struct p2i_statistics *statistics,
                                    struct p2i_error *error)
{
    return p2i_outputs_open(&run->outputs, run->settings, &run->form, run->capture, error);
}

static enum p2i_result write_record(void *context, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    const struct run *run = context;
    for (size_t i = 0; i < run->outputs.count; i++) {
        struct p2i_exporter *output = run->outputs.exporters[i];
        enum p2i_result result = output->methods->write(output, record, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}

static enum p2i_result read_block(void *context, struct p2i_block *block,
                                  struct p2i_progress *progress, struct p2i_error *error)
{
    struct run *run = context;
    const struct p2i_settings *settings = run->settings;
    (void)progress;
    if (settings->is_stopped != NULL && settings->is_stopped(settings->context)) {
        return P2I_END;
    }
    return p2i_capture_read(run->capture, block, error);
}

static enum p2i_result run_pipeline(struct run *run, struct p2i_error *error)
{
    struct p2i_record_sink sink = {write_record, run};
    enum p2i_result result = p2i_pipeline_new(&run->pipeline, run->settings, &run->lookups,
                                              &run->privacy, &sink, error);
    if (result == P2I_OK) {
        result = p2i_pipeline_read(run->pipeline, read_block, run, error);
    }
    return result == P2I_OK ? p2i_pipeline_finish(run->pipeline, error) : result;
}

static void add_decoder(struct p2i_statistics *statistics, const struct p2i_block_decoder *decoder)
{
    const struct p2i_decoder_counts *decoded = p2i_decoder_counts(decoder->decoder);
    for (unsigned i = 0; i < P2I_FATE_COUNT; i++) {
        statistics->fates[i] = decoder->fates[i];
        statistics->frames += decoder->fates[i];
    }
    statistics->fates[P2I_FATE_HANDLED] -= decoder->dispatch.other_shard_packets;
    statistics->fates[P2I_FATE_OTHER_SHARD] += decoder->dispatch.other_shard_packets;
    statistics->tunneled_packets = decoded->tunnel_count;
    statistics->encrypted_tunnel_packets = decoded->encrypted_tunnel_count;
    statistics->joined_fragments = decoded->fragment_joined_count;
    statistics->dropped_fragments = decoded->fragment_dropped_count;
    statistics->overlapping_fragments = decoded->fragment_overlap_count;
}

/* Adds a worker's counters: each session belongs to one worker. */
static void add_worker(struct p2i_statistics *statistics, const struct p2i_worker *worker)
{
    struct p2i_session_counts counts;
    p2i_sessions_counts(worker->sessions, &counts);
    statistics->tcp_sessions += counts.tcp_sessions;
    statistics->udp_sessions += counts.udp_sessions;
    statistics->other_sessions += counts.other_sessions;
    for (unsigned i = 0; i < P2I_PROTOCOL_COUNT; i++) {
        statistics->protocols[i] += counts.protocols[i];
    }
    statistics->evicted_sessions += counts.evicted_sessions;
    statistics->payload_bytes += counts.payload_bytes;
    statistics->parsed_bytes += counts.counts.parsed_bytes;
    statistics->ignored_bytes += counts.counts.ignored_bytes;
    statistics->retransmitted_bytes += counts.retransmitted_bytes;
    statistics->lost_bytes += counts.counts.lost_bytes;
    statistics->cut_bytes += counts.cut_bytes;
    statistics->out_of_order_segments += counts.out_of_order_segments;
    statistics->gaps += counts.gaps;
    statistics->out_of_window_segments += counts.out_of_window_segments;
    statistics->out_of_window_ends += counts.out_of_window_ends;
    statistics->unanswered_syns += counts.unanswered_syns;
    statistics->doubtful_segments += counts.doubtful_segments;
    statistics->doubtful_taken += counts.doubtful_taken;
    statistics->padding_bytes += counts.padding_bytes;
    statistics->urgent_bytes += counts.urgent_bytes;
    statistics->wrong_udp_checksums += counts.wrong_udp_checksums;
    statistics->overfull_heads += counts.counts.overfull_count;
    statistics->strings_cut += worker->encode_counts.strings_cut;
    statistics->strings_escaped += worker->encode_counts.strings_escaped;
}

static void add_captures(struct p2i_statistics *statistics, const struct p2i_capture *capture)
{
    size_t count = p2i_capture_count(capture);
    for (size_t i = 0; i < count; i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(capture, i);
        struct p2i_capture_summary summary = {
            .path = facts->path,
            .format = facts->format,
            .size_bytes = facts->size_bytes,
            .read_bytes = facts->read_bytes,
            .frames = facts->frame_count,
            .first_ns = facts->first_ns,
            .last_ns = facts->last_ns,
            .damaged = facts->damaged,
            .refused = facts->refused,
            .skipped = facts->skipped,
        };
        statistics->read_bytes += facts->read_bytes;
        (void)p2i_statistics_add_capture(statistics, &summary);
    }
}

static void fill_statistics(const struct run *run, struct p2i_statistics *statistics)
{
    if (run->pipeline != NULL) {
        const struct p2i_merge *merge = p2i_pipeline_merge(run->pipeline);
        add_decoder(statistics, p2i_pipeline_decoder(run->pipeline));
        for (unsigned i = 0; i < run->settings->threads; i++) {
            add_worker(statistics, p2i_pipeline_worker(run->pipeline, i));
        }
        memcpy(statistics->records, merge->records, sizeof statistics->records);
        statistics->live_sessions_peak = merge->live_peak;
        memcpy(statistics->messages_cut, merge->messages_cut, sizeof statistics->messages_cut);
    }
    statistics->collectors = run->outputs.collectors;
    statistics->collector_count =
        statistics->collectors != NULL ? run->settings->collector_count : 0;
    for (size_t i = 0; i < run->outputs.count; i++) {
        statistics->written_bytes += run->outputs.exporters[i]->bytes_written;
    }
    if (run->capture != NULL) {
        add_captures(statistics, run->capture);
    }
}

static void free_run(struct run *run)
{
    p2i_pipeline_free(run->pipeline);
    p2i_outputs_free(&run->outputs);
    p2i_capture_close(run->capture);
    p2i_lookups_close(&run->lookups);
}

static bool is_complete(enum p2i_result result)
{
    return result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
}

/* True when there were captures, and none of them could be read. */
static bool is_nothing_opened(const struct p2i_capture *capture)
{
    size_t count = p2i_capture_count(capture);
    bool opened = count == 0;
    for (size_t i = 0; i < count && !opened; i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(capture, i);
        opened = !facts->refused && !facts->skipped;
    }
    return !opened;
}

/* Reports that no file below the directories is a capture; such files cause no error of their own.
 */
static enum p2i_result report_nothing_opened(struct run *run)
{
    if (run->worst == P2I_OK) {
        struct p2i_error error;
        (void)p2i_fail(&error, P2I_INPUT, "no capture found below the directories");
        take_report(run, &error);
    }
    return run->worst;
}

static enum p2i_result finish_outputs(struct run *run, enum p2i_result result,
                                      struct p2i_error *error)
{
    uint32_t now_s =
        run->pipeline != NULL ? p2i_pipeline_decoder(run->pipeline)->dispatch.clock.now_s : 0;
    if (is_nothing_opened(run->capture)) {
        result = report_nothing_opened(run);
    }
    bool stopped = result != P2I_OK; /* --strict, or nothing to convert */
    enum p2i_result finished =
        p2i_outputs_finish(&run->outputs, run->capture, now_s, !stopped, error);
    return finished != P2I_OK ? finished : stopped ? result : run->worst;
}

enum p2i_result p2i_convert(const struct p2i_settings *settings, struct p2i_statistics *statistics,
                            struct p2i_error *error)
{
    struct p2i_settings given = *settings;
    given.threads = p2i_settings_threads(settings);
    struct run run = {
        .settings = &given,
        .form = {.domains = given.domains, .ipv6_distinct = given.ipv6_distinct},
    };
    enum p2i_result result = p2i_lookups_open(&run.lookups, &given, error);
    if (result == P2I_OK) {
        result = p2i_privacy_read(&run.privacy, &given, error);
    }
    if (result == P2I_OK) {
        result = open_captures(&run, error);
    }
    if (result == P2I_OK) {
        result = open_outputs(&run, statistics, error);
    }
    if (result == P2I_OK) {
        result = run_pipeline(&run, error);
    }
    if (is_complete(result)) {
        result = finish_outputs(&run, result, error);
    }
    fill_statistics(&run, statistics);
    free_run(&run);
    return result;
}
