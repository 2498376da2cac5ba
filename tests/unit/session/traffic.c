/* SPDX-License-Identifier: MIT */
#include "traffic.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/put.h"
#include "protocol/message.h"

/* A parser that records: it consumes everything and emits each event as a message. Between < and >
 * is a message of its own, which it waits for. It is dormant after "calm" and finishes with "bye".
 */
static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.size > 0 ? P2I_MATCH_YES : P2I_MATCH_MORE;
}

static void say(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                struct p2i_view what, uint16_t code)
{
    struct p2i_sip message = {.uri = what, .status_code = code};
    p2i_emit(parser, P2I_RECORD_SIP, segment->direction, segment->info, &message);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    if (segment->bytes.data[0] == '<') {
        size_t size = p2i_view_find(segment->bytes, '>') + 1;
        if (size > segment->bytes.size) {
            return p2i_keep();
        }
        say(parser, segment, p2i_view_first(segment->bytes, size), 0);
        return p2i_consume(size);
    }
    say(parser, segment, segment->bytes, 0);
    *(bool *)parser->state = p2i_view_equals(segment->bytes, P2I_VIEW("calm"));
    bool bye = p2i_view_equals(segment->bytes, P2I_VIEW("bye"));
    return (struct p2i_step){.consumed = segment->bytes.size,
                             .verdict = bye ? P2I_FINISHED : P2I_CONTINUE};
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    char text[32];
    int size = snprintf(text, sizeof text, "gap %llu", (unsigned long long)missing);
    say(parser, segment, p2i_view_of(text, (size_t)size), 1);
}

static void end(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    say(parser, segment, P2I_VIEW("end"), 1);
}

static enum p2i_verdict datagram(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment)
{
    return data(parser, segment).verdict;
}

static bool is_dormant(const struct p2i_parser *parser)
{
    return *(const bool *)parser->state;
}

static const struct p2i_protocol recorder = {
    .state_size = sizeof(bool),
    .is_dormant = is_dormant,
    .over = {true, true},
    .probe = probe,
    .data = data,
    .gap = gap,
    .close = end,
    .datagram = datagram,
};

static const struct p2i_protocol *const recorders[] = {&recorder, NULL};

struct line {
    uint64_t completed_by;
    uint64_t order;
    size_t ordinal; /* number within its worker */
    uint64_t session_id;
    char *text;
};

static void take_message(void *context, const struct p2i_session_message *message)
{
    struct traffic *traffic = context;
    if (traffic->line_count == traffic->line_capacity) {
        traffic->line_capacity = traffic->line_capacity * 2 + 64;
        traffic->lines = realloc(traffic->lines, traffic->line_capacity * sizeof *traffic->lines);
    }
    const struct p2i_sip *what = message->message;
    char *text = NULL;
    int done;
    char sender = message->destination_port == 80 ? 'C' : 'S';
    if (what->status_code == 0) {
        done = asprintf(&text, "%c \"%.*s\" @%u", sender, (int)what->uri.size,
                        (const char *)what->uri.data, message->info->tcp_sequence);
    } else {
        done =
            asprintf(&text, "%c %.*s", sender, (int)what->uri.size, (const char *)what->uri.data);
    }
    cr_assert_geq(done, 0);
    traffic->lines[traffic->line_count] = (struct line){
        message->completed_by, message->order, traffic->line_count, message->session_id, text};
    traffic->line_count++;
    traffic->completed_s = message->completed_s;
}

static void note_live(void *context, uint64_t number, int change)
{
    struct traffic *traffic = context;
    (void)number;
    traffic->live += (uint64_t)(int64_t)change;
    if (traffic->live > traffic->live_peak) {
        traffic->live_peak = traffic->live;
    }
}

static void take_session(void *context, const struct p2i_session_facts *facts)
{
    struct traffic *traffic = context;
    if (facts->ended) {
        traffic->facts = *facts;
        for (unsigned i = 0; i < P2I_FEATURE_WORDS; i++) {
            traffic->features.words[i] |= facts->features[i];
        }
    }
}

static void start(struct traffic *traffic, unsigned workers, uint64_t memory_bytes,
                  uint32_t out_of_order_bytes, bool observed)
{
    *traffic = (struct traffic){.worker_count = workers, .time_ns = UINT64_C(1000000000) * 1000000};
    delivery_begin(&traffic->delivery, workers, false);
    for (unsigned i = 0; i < workers; i++) {
        struct p2i_session_settings settings = {
            .protocols = recorders,
            .memory_bytes = memory_bytes > 0 ? memory_bytes : UINT64_C(1) << 30,
            .out_of_order_bytes = out_of_order_bytes,
            .emit = take_message,
            .live_changed = note_live,
            .session = observed ? take_session : NULL,
            .context = traffic,
        };
        traffic->workers[i] = p2i_sessions_new(&settings);
        cr_assert_not_null(traffic->workers[i]);
    }
}

void traffic_begin(struct traffic *traffic, unsigned workers, uint64_t memory_bytes)
{
    start(traffic, workers, memory_bytes, 0, false);
}

void traffic_begin_holding(struct traffic *traffic, unsigned workers, uint64_t memory_bytes,
                           uint32_t out_of_order_bytes)
{
    start(traffic, workers, memory_bytes, out_of_order_bytes, false);
}

void traffic_begin_observed(struct traffic *traffic)
{
    start(traffic, 1, 0, 0, true);
}

void traffic_wait(struct traffic *traffic, unsigned seconds)
{
    traffic->time_ns += UINT64_C(1000000000) * seconds;
}

/* IPv4 and TCP headers before the payload, in a heap block of their own, so that kept views are
 * detected. */
enum { IP_SIZE = 20, TCP_SIZE = 24, HEADERS = IP_SIZE + TCP_SIZE };

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static void put_sums(uint8_t *ip, size_t size, enum tcp_sum how)
{
    uint8_t *tcp = ip + IP_SIZE;
    uint8_t pseudo[4] = {0, P2I_PROTO_TCP};
    (void)p2i_put16(pseudo + 2, (uint16_t)(size - IP_SIZE));
    uint32_t before = sum16(sum16(0, ip + 12, 8), pseudo, sizeof pseudo);
    uint32_t ip_sum = 0xffff & ~sum16(0, ip, IP_SIZE);
    uint32_t tcp_sum = 0xffff & ~sum16(before, tcp, size - IP_SIZE);
    (void)p2i_put16(ip + 10, (uint16_t)(how == IP_SUM_WRONG ? ip_sum ^ 0x0101 : ip_sum));
    (void)p2i_put16(tcp + 16, (uint16_t)(how == NOT_SUMMED    ? 0
                                         : how == SUM_WRONG   ? tcp_sum ^ 0x0101
                                         : how == SUM_PARTIAL ? before
                                                              : tcp_sum));
}

static uint8_t *wrap(struct p2i_packet *packet, const struct tcp *segment)
{
    size_t size = HEADERS + packet->payload.size;
    uint8_t *ip = calloc(1, size);
    uint8_t *tcp = ip + IP_SIZE;
    ip[0] = 0x45;
    (void)p2i_put16(ip + 2, (uint16_t)(size + packet->payload_length - packet->payload.size));
    ip[9] = P2I_PROTO_TCP;
    memcpy(ip + 12, packet->source.bytes, 4);
    memcpy(ip + 16, packet->destination.bytes, 4);
    (void)p2i_put16(tcp, packet->source_port);
    (void)p2i_put16(tcp + 2, packet->destination_port);
    (void)p2i_put32(tcp + 4, packet->tcp_sequence);
    (void)p2i_put32(tcp + 8, packet->tcp_acknowledgement);
    (void)p2i_put16(tcp + 12, (uint16_t)(0x6000 | packet->tcp_flags));
    (void)p2i_put16(tcp + 14, segment->window > 0 ? segment->window : UINT16_MAX);
    (void)p2i_put16(tcp + 18, segment->urgent);
    if (segment->shift > 0) {
        memcpy(tcp + 20, (uint8_t[]){3, 3, (uint8_t)(segment->shift - 1), 1}, 4);
    }
    if (packet->payload.size > 0) {
        memcpy(ip + HEADERS, packet->payload.data, packet->payload.size);
    }
    put_sums(ip, size, segment->sum);
    packet->ip = p2i_view_of(ip, size);
    packet->ip_length = (uint32_t)(HEADERS + packet->payload_length);
    packet->transport_header = tcp;
    packet->payload.data = ip + HEADERS;
    return ip;
}

static void address(struct p2i_packet *packet, unsigned from, unsigned host, uint16_t port)
{
    struct p2i_address client = {.bytes = {192, 0, 2, (uint8_t)host}};
    struct p2i_address server = {.bytes = {198, 51, 100, 1}};
    packet->source = from == 0 ? client : server;
    packet->destination = from == 0 ? server : client;
    packet->source_port = from == 0 ? port : 80;
    packet->destination_port = from == 0 ? 80 : port;
    packet->ip_version = 4;
    packet->fate = P2I_FATE_HANDLED;
}

static void send_packet(struct traffic *traffic, struct p2i_packet *packet)
{
    packet->time_ns = traffic->time_ns;
    packet->untimed = traffic->untimed;
    packet->number = ++traffic->number;
    deliver(&traffic->delivery, traffic->workers, packet, traffic->number);
}

void traffic_tcp(struct traffic *traffic, struct tcp segment)
{
    const char *payload = segment.payload != NULL ? segment.payload : "";
    size_t size = segment.size > 0 ? segment.size : strlen(payload);
    struct p2i_packet packet = {
        .payload = p2i_view_of(payload, size),
        .payload_length = (uint32_t)(size + segment.uncaptured),
        .tcp_sequence = segment.sequence,
        .tcp_acknowledgement = segment.acknowledgement,
        .tcp_flags = (uint16_t)(segment.flags | (segment.acknowledgement ? P2I_TCP_ACK : 0) |
                                (segment.urgent ? P2I_TCP_URG : 0)),
        .transport = P2I_PROTO_TCP,
    };
    address(&packet, segment.from, segment.host ? segment.host : 1,
            segment.port ? segment.port : 40000);
    uint8_t *bytes = wrap(&packet, &segment);
    send_packet(traffic, &packet);
    free(bytes);
}

void traffic_udp(struct traffic *traffic, unsigned from, unsigned host, const char *payload)
{
    struct p2i_packet packet = {
        .payload = p2i_view_of(payload, strlen(payload)),
        .payload_length = (uint32_t)strlen(payload),
        .transport = P2I_PROTO_UDP,
    };
    uint8_t *copy = malloc(packet.payload.size + 1);
    memcpy(copy, payload, packet.payload.size);
    packet.payload.data = copy;
    address(&packet, from, host, 40000);
    send_packet(traffic, &packet);
    free(copy);
}

static int by_order(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;
    if (left->completed_by != right->completed_by) {
        return left->completed_by < right->completed_by ? -1 : 1;
    }
    if (left->order != right->order) {
        return left->order < right->order ? -1 : 1;
    }
    return left->ordinal < right->ordinal ? -1 : left->ordinal > right->ordinal;
}

static size_t number_of_session(struct traffic *traffic, uint64_t id)
{
    for (size_t i = 0; i < traffic->id_count; i++) {
        if (traffic->ids[i] == id) {
            return i + 1;
        }
    }
    if (traffic->id_count < sizeof traffic->ids / sizeof *traffic->ids) {
        traffic->ids[traffic->id_count++] = id;
        return traffic->id_count;
    }
    return 0;
}

char *traffic_end(struct traffic *traffic, struct p2i_session_counts *counts)
{
    *counts = (struct p2i_session_counts){0};
    for (unsigned i = 0; i < traffic->worker_count; i++) {
        struct p2i_session_counts part;
        p2i_sessions_finish(traffic->workers[i], traffic->number + 1);
        p2i_sessions_counts(traffic->workers[i], &part);
        p2i_sessions_free(traffic->workers[i]);
        cr_assert_eq(
            part.payload_bytes,
            part.counts.parsed_bytes + part.counts.ignored_bytes + part.retransmitted_bytes,
            "the byte counters do not add up: payload %llu, parsed %llu, ignored %llu, "
            "retransmitted %llu",
            (unsigned long long)part.payload_bytes, (unsigned long long)part.counts.parsed_bytes,
            (unsigned long long)part.counts.ignored_bytes,
            (unsigned long long)part.retransmitted_bytes);
        counts->tcp_sessions += part.tcp_sessions;
        counts->udp_sessions += part.udp_sessions;
        counts->evicted_sessions += part.evicted_sessions;
        counts->gaps += part.gaps;
        counts->out_of_window_segments += part.out_of_window_segments;
        counts->out_of_window_ends += part.out_of_window_ends;
        counts->unanswered_syns += part.unanswered_syns;
        counts->doubtful_segments += part.doubtful_segments;
        counts->doubtful_taken += part.doubtful_taken;
        counts->padding_bytes += part.padding_bytes;
        counts->urgent_bytes += part.urgent_bytes;
        counts->retransmitted_bytes += part.retransmitted_bytes;
        counts->out_of_order_segments += part.out_of_order_segments;
        counts->cut_bytes += part.cut_bytes;
        counts->counts.lost_bytes += part.counts.lost_bytes;
    }
    delivery_end(&traffic->delivery);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (traffic->line_count > 0) {
        qsort(traffic->lines, traffic->line_count, sizeof *traffic->lines, by_order);
    }
    for (size_t i = 0; i < traffic->line_count; i++) {
        fprintf(out, "%zu %s\n", number_of_session(traffic, traffic->lines[i].session_id),
                traffic->lines[i].text);
        free(traffic->lines[i].text);
    }
    free(traffic->lines);
    fclose(out);
    return text;
}
