/* SPDX-License-Identifier: MIT */
#include "engine/statistics.h"

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
    statistics->refused_bindings =
        decoder->bindings != NULL ? p2i_bindings_refused(decoder->bindings) : 0;
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

/* Sets all counters to 0 but those of captures and outputs. */
static void start_again(struct p2i_statistics *statistics)
{
    struct p2i_statistics kept = *statistics;
    *statistics = (struct p2i_statistics){
        .struct_size = kept.struct_size,
        .fate_count = kept.fate_count,
        .fates = kept.fates,
        .read_bytes = kept.read_bytes,
        .protocol_count = kept.protocol_count,
        .protocols = kept.protocols,
        .kind_count = kept.kind_count,
        .records = kept.records,
        .messages_cut = kept.messages_cut,
        .written_bytes = kept.written_bytes,
        .capture_count = kept.capture_count,
        .captures = kept.captures,
        .collector_count = kept.collector_count,
        .collectors = kept.collectors,
    };
    memset(kept.protocols, 0, kept.protocol_count * sizeof *kept.protocols);
}

void p2i_statistics_count(struct p2i_statistics *statistics, const struct p2i_pipeline *pipeline,
                          unsigned worker_count)
{
    const struct p2i_record_merge *merge = p2i_pipeline_merge(pipeline);
    start_again(statistics);
    add_decoder(statistics, p2i_pipeline_decoder(pipeline));
    for (unsigned i = 0; i < worker_count; i++) {
        add_worker(statistics, p2i_pipeline_worker(pipeline, i));
    }
    memcpy(statistics->records, merge->records, sizeof merge->records);
    memcpy(statistics->messages_cut, merge->messages_cut, sizeof merge->messages_cut);
    statistics->live_sessions_peak = merge->live_peak;
}

bool p2i_statistics_list(struct p2i_statistics *statistics, const struct p2i_capture *captures)
{
    bool added = true;
    for (size_t i = 0; i < p2i_capture_count(captures); i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(captures, i);
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
            .hashed = facts->hashed,
            .hashed_bytes = facts->hashed_bytes,
        };
        memcpy(summary.sha256, facts->sha256, sizeof summary.sha256);
        statistics->read_bytes += facts->read_bytes;
        added = p2i_statistics_add_capture(statistics, &summary) && added;
    }
    return added;
}
