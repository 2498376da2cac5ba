/* SPDX-License-Identifier: MIT */
/* Flow records and raw records. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "deliver.h"
#include "protocol/message.h"
#include "session/raw_packets.h"

/* A protocol in which the payload of every message is a host name. */
static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == 'h' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static enum p2i_verdict datagram(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment)
{
    struct p2i_clickstream message = {.host = segment->bytes};
    p2i_emit(parser, P2I_RECORD_CLICKSTREAM, segment->direction, segment->info, &message);
    return P2I_CONTINUE;
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    return (struct p2i_step){.consumed = segment->bytes.size, .verdict = datagram(parser, segment)};
}

static const struct p2i_protocol hosts = {
    .id = P2I_ID_HTTP,
    .over = {true, true},
    .probe = probe,
    .data = data,
    .datagram = datagram,
};
static const struct p2i_protocol *const protocols[] = {&hosts, NULL};

enum { FLOW = 1 << P2I_RECORD_FLOW, BIFLOW = 1 << P2I_RECORD_BIFLOW, RAW = 1 << P2I_RECORD_RAW };

/* A run and its records, one line each. */
struct bench {
    struct p2i_sessions *sessions;
    struct delivery delivery;
    struct p2i_raw_settings raw;
    uint64_t time_ns, number;
    char *text;
    size_t size;
    FILE *log;
};

static void log_flow(FILE *log, const struct p2i_session_message *message,
                     const struct p2i_flow *flow)
{
    fprintf(log, "%u:%u>%u:%u %llu/%llu %llu-%llu if%u tos%u id%u '%.*s'",
            message->source->bytes[3], flow->source_port, message->destination->bytes[3],
            flow->destination_port, (unsigned long long)flow->packets,
            (unsigned long long)flow->octets, (unsigned long long)flow->start_ms,
            (unsigned long long)flow->end_ms, flow->ingress_interface, flow->class_of_service,
            message->protocol, (int)flow->host.size, (const char *)flow->host.data);
}

static void take(void *context, const struct p2i_session_message *message)
{
    struct bench *bench = context;
    if (message->kind == P2I_RECORD_FLOW) {
        log_flow(bench->log, message, message->message);
        fputc('\n', bench->log);
    } else if (message->kind == P2I_RECORD_BIFLOW) {
        const struct p2i_biflow *biflow = message->message;
        log_flow(bench->log, message, &biflow->forward);
        fprintf(bench->log, " back %llu/%llu %llu-%llu tos%u %u\n",
                (unsigned long long)biflow->reverse_packets,
                (unsigned long long)biflow->reverse_octets,
                (unsigned long long)biflow->reverse_start_ms,
                (unsigned long long)biflow->reverse_end_ms, biflow->reverse_class_of_service,
                biflow->biflow_direction);
    } else if (message->kind == P2I_RECORD_RAW) {
        const struct p2i_raw *raw = message->message;
        fprintf(bench->log, "raw %u>%u '%.*s' flags%u %u%u id%u seq%u\n", message->source->bytes[3],
                message->destination->bytes[3], (int)raw->data.size, (const char *)raw->data.data,
                raw->tcp_flags, raw->flow_direction, raw->data_direction, message->protocol,
                message->info->tcp_sequence);
    }
}

static void begin(struct bench *bench, uint32_t records, uint32_t active_s, uint64_t memory_bytes)
{
    *bench = (struct bench){.raw = {.bytes = 6, .packets = 2}};
    bench->raw.wanted[P2I_ID_HTTP] = true;
    bench->log = open_memstream(&bench->text, &bench->size);
    struct p2i_session_settings settings = {
        .protocols = protocols,
        .memory_bytes = memory_bytes > 0 ? memory_bytes : UINT64_C(1) << 30,
        .records = records,
        .flow_idle_s = 60,
        .flow_active_s = active_s,
        .raw = &bench->raw,
        .emit = take,
        .context = bench,
    };
    bench->sessions = p2i_sessions_new(&settings);
    delivery_begin(&bench->delivery, 1, (records & (FLOW | BIFLOW)) != 0);
    cr_assert_not_null(bench->sessions);
}

/* A packet from 10.0.0.`from` to 10.0.0.`to` at `ms`. */
static void packet(struct bench *bench, uint64_t ms, uint8_t from, uint8_t to, uint8_t transport,
                   const char *payload)
{
    bool ports = transport == P2I_PROTO_TCP || transport == P2I_PROTO_UDP;
    struct p2i_packet packet = {
        .source = {.bytes = {10, 0, 0, from}},
        .destination = {.bytes = {10, 0, 0, to}},
        .payload = p2i_view_of(payload, strlen(payload)),
        .payload_length = (uint32_t)strlen(payload),
        .ip = P2I_VIEW("E-packet"),
        .ip_length = (uint32_t)(100 + strlen(payload)),
        .time_ns = ms * 1000000,
        .source_port = ports ? 1000 + from : 0,
        .destination_port = ports ? 1000 + to : 0,
        .icmp = from == 1 ? 0x0800 : 0x0000,
        .tcp_flags = transport == P2I_PROTO_TCP ? P2I_TCP_ACK : 0,
        .tcp_sequence = from * 100U,
        .ip_version = 4,
        .transport = transport,
        .class_of_service = from,
        .interface_id = from + 10U,
        .fate = ports ? P2I_FATE_HANDLED : P2I_FATE_TRANSPORT_OTHER,
    };
    packet.number = ++bench->number;
    deliver(&bench->delivery, &bench->sessions, &packet, bench->number);
}

static void end(struct bench *bench, const char *expected)
{
    p2i_sessions_finish(bench->sessions, bench->number + 1);
    p2i_sessions_free(bench->sessions);
    delivery_end(&bench->delivery);
    fclose(bench->log);
    cr_expect_str_eq(bench->text, expected);
    free(bench->text);
}

Test(flows, both_directions)
{
    struct bench bench;
    begin(&bench, FLOW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_UDP, "host");
    packet(&bench, 1500, 2, 1, P2I_PROTO_UDP, "h2");
    packet(&bench, 1700, 1, 2, P2I_PROTO_UDP, "h");
    end(&bench, "1:1001>2:1002 2/205 1000-1700 if11 tos1 id1 'host'\n"
                "2:1002>1:1001 1/102 1500-1500 if12 tos2 id1 'host'\n");
}

Test(flows, a_direction_without_packets_has_no_record)
{
    struct bench bench;
    begin(&bench, FLOW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_UDP, "x");
    end(&bench, "1:1001>2:1002 1/101 1000-1000 if11 tos1 id0 ''\n");
}

/* Type and code are in the destination port; ICMP has flow records only. */
Test(flows, icmp)
{
    struct bench bench;
    begin(&bench, FLOW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_ICMP, "");
    packet(&bench, 1001, 2, 1, P2I_PROTO_ICMP, "");
    packet(&bench, 1002, 1, 2, P2I_PROTO_ESP, "");
    end(&bench, "1:0>2:2048 1/100 1000-1000 if11 tos1 id70 ''\n"
                "2:0>1:0 1/100 1001-1001 if12 tos2 id70 ''\n"
                "1:0>2:0 1/100 1002-1002 if11 tos1 id58 ''\n");
}

Test(flows, icmp_has_no_session_without_flow_records)
{
    struct bench bench;
    begin(&bench, RAW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_ICMP, "");
    struct p2i_session_counts counts;
    p2i_sessions_counts(bench.sessions, &counts);
    cr_expect_eq(counts.other_sessions, 0);
    end(&bench, "");
}

/* After more than a minute without packets a TCP session continues with a new flow record; so it
 * does after the maximum duration. The host name is kept. */
Test(flows, idle_and_active_time_outs)
{
    struct bench bench;
    begin(&bench, FLOW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_TCP, "host");
    packet(&bench, 60999, 2, 1, P2I_PROTO_TCP, "x");
    packet(&bench, 120999, 2, 1, P2I_PROTO_TCP, "y");
    end(&bench, "1:1001>2:1002 1/104 1000-1000 if11 tos1 id1 'host'\n"
                "2:1002>1:1001 1/101 60999-60999 if12 tos2 id1 'host'\n"
                "2:1002>1:1001 1/101 120999-120999 if12 tos2 id1 'host'\n");
    begin(&bench, FLOW, 10, 0);
    for (unsigned i = 0; i < 4; i++) {
        packet(&bench, 1000 + i * 4000, 1, 2, P2I_PROTO_TCP, "");
    }
    end(&bench, "1:1001>2:1002 3/300 1000-9000 if11 tos1 id0 ''\n"
                "1:1001>2:1002 1/100 13000-13000 if11 tos1 id0 ''\n");
}

/* In a common record it would set the times of the others. */
Test(flows, an_odd_stamp_has_a_record_of_its_own)
{
    static const uint64_t now = 1700000000000;
    struct bench bench;
    begin(&bench, FLOW, 0, 0);
    packet(&bench, now, 1, 2, P2I_PROTO_TCP, "");
    packet(&bench, UINT64_C(4000000000000), 1, 2, P2I_PROTO_TCP, "");
    packet(&bench, now + 1000, 1, 2, P2I_PROTO_TCP, "");
    packet(&bench, 0, 1, 2, P2I_PROTO_TCP, "");
    packet(&bench, now + 2000, 1, 2, P2I_PROTO_TCP, "");
    packet(&bench, now + 62000, 1, 2, P2I_PROTO_TCP, "");
    end(&bench, "1:1001>2:1002 1/100 1700000000000-1700000000000 if11 tos1 id0 ''\n"
                "1:1001>2:1002 1/100 4000000000000-4000000000000 if11 tos1 id0 ''\n"
                "1:1001>2:1002 1/100 1700000001000-1700000001000 if11 tos1 id0 ''\n"
                "1:1001>2:1002 1/100 0-0 if11 tos1 id0 ''\n"
                "1:1001>2:1002 1/100 1700000002000-1700000002000 if11 tos1 id0 ''\n"
                "1:1001>2:1002 1/100 1700000062000-1700000062000 if11 tos1 id0 ''\n");
}

Test(flows, biflow)
{
    struct bench bench;
    begin(&bench, BIFLOW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_UDP, "host");
    packet(&bench, 1500, 2, 1, P2I_PROTO_UDP, "h2");
    packet(&bench, 1600, 3, 4, P2I_PROTO_UDP, "x");
    end(&bench, "1:1001>2:1002 1/104 1000-1000 if11 tos1 id1 'host' back 1/102 1500-1500 tos2 1\n"
                "3:1003>4:1004 1/101 1600-1600 if13 tos3 id0 '' back 0/0 0-0 tos0 1\n");
}

/* The initiator's packets are in an earlier record, so the later one describes the responder's
 * flow. */
Test(flows, biflow_with_one_direction_only)
{
    struct bench bench;
    begin(&bench, BIFLOW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_TCP, "host");
    packet(&bench, 99000, 2, 1, P2I_PROTO_TCP, "x");
    end(&bench, "1:1001>2:1002 1/104 1000-1000 if11 tos1 id1 'host' back 0/0 0-0 tos0 1\n"
                "2:1002>1:1001 1/101 99000-99000 if12 tos2 id1 'host' back 0/0 0-0 tos0 2\n");
}

/* Sessions evicted for want of memory emit their records. */
Test(flows, evicted_sessions_emit_their_records)
{
    struct bench bench;
    begin(&bench, FLOW, 0, 64 * 1500);
    for (unsigned from = 1; from < 250; from++) {
        for (unsigned to = 1; to < 20; to++) {
            packet(&bench, 1000 + from, (uint8_t)from, (uint8_t)(to + from), P2I_PROTO_UDP, "");
        }
    }
    p2i_sessions_finish(bench.sessions, bench.number + 1);
    struct p2i_session_counts counts;
    p2i_sessions_counts(bench.sessions, &counts);
    cr_expect_gt(counts.evicted_sessions, 1000);
    p2i_sessions_free(bench.sessions);
    delivery_end(&bench.delivery);
    fclose(bench.log);
    uint64_t packets = 0;
    for (char *line = strtok(bench.text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        packets += strtoull(strchr(line, ' ') + 1, NULL, 10);
    }
    cr_expect_eq(packets, bench.number);
    free(bench.text);
}

/* Begins with the packet that makes the session recognised; limits packets and bytes. */
Test(raw, packets_of_a_session)
{
    struct bench bench;
    begin(&bench, RAW, 0, 0);
    packet(&bench, 1000, 1, 2, P2I_PROTO_TCP, "");
    packet(&bench, 1001, 1, 2, P2I_PROTO_TCP, "host");
    packet(&bench, 1002, 2, 1, P2I_PROTO_TCP, "");
    packet(&bench, 1003, 2, 1, P2I_PROTO_TCP, "x");
    packet(&bench, 1004, 2, 1, P2I_PROTO_TCP, "y");
    packet(&bench, 1005, 3, 4, P2I_PROTO_UDP, "other");
    end(&bench, "raw 1>2 'E-pack' flags16 00 id1 seq100\n"
                "raw 2>1 'E-pack' flags16 11 id1 seq200\n");
}
