/* SPDX-License-Identifier: MIT */
#include "session/flows.h"

#include "protocol/message.h"
#include "session/capture_clock.h"

/* As many bits as the members have. */
#define NUMBER_MAX ((UINT64_C(1) << 40) - 1)
#define CAPTURE_MAX ((UINT64_C(1) << 24) - 1)

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

_Static_assert(sizeof(struct p2i_flow_counts) <= 128, "flow counts are two cache lines");

void p2i_flows_free(struct p2i_flows *flows)
{
    p2i_by_index_free(&flows->counts);
}

struct p2i_flow_counts *p2i_flows_at(const struct p2i_flows *flows, uint32_t session_index)
{
    return p2i_by_index_at(&flows->counts, session_index, sizeof(struct p2i_flow_counts));
}

void p2i_flows_prefetch(const struct p2i_flows *flows, uint32_t session_index)
{
    const char *counts = (const char *)p2i_flows_at(flows, session_index);
    __builtin_prefetch(counts);
    __builtin_prefetch(counts + 64);
}

bool p2i_flows_begin(struct p2i_flows *flows, uint32_t session_index)
{
    return p2i_by_index_begin(&flows->counts, session_index, sizeof(struct p2i_flow_counts));
}

uint8_t p2i_flow_over(const struct p2i_flows *flows, const struct p2i_flow_counts *counts,
                      uint64_t time_ns)
{
    const struct p2i_flow_half *a = &counts->half[0];
    const struct p2i_flow_half *b = &counts->half[1];
    uint64_t end_ns = a->end_ns > b->end_ns ? a->end_ns : b->end_ns;
    uint64_t start_ns = b->packets == 0 || (a->packets > 0 && a->start_ns < b->start_ns)
                            ? a->start_ns
                            : b->start_ns;
    if (a->packets + b->packets == 0) {
        return 0;
    }
    if (time_ns < end_ns && end_ns - time_ns > P2I_CLOCK_AGREE_S * NS_PER_S) {
        return P2I_FLOW_FORCED; /* a stamp is odd or time was set back: not the same record */
    }
    if (time_ns < start_ns) {
        return 0;
    }
    if (time_ns > end_ns && time_ns - end_ns >= flows->idle_s * NS_PER_S) {
        return P2I_FLOW_IDLE;
    }
    return flows->active_s > 0 && time_ns - start_ns >= flows->active_s * NS_PER_S ? P2I_FLOW_ACTIVE
                                                                                   : 0;
}

void p2i_flow_add(struct p2i_flow_counts *counts, enum p2i_direction direction,
                  const struct p2i_packet *packet)
{
    struct p2i_flow_half *half = &counts->half[direction];
    if (half->packets == 0) {
        half->start_ns = packet->time_ns;
        half->number = packet->number & NUMBER_MAX;
        half->capture = packet->capture & CAPTURE_MAX;
        half->interface_id = packet->interface_id;
        half->class_of_service = packet->class_of_service;
        half->icmp = packet->icmp;
    }
    half->octets += packet->ip_length;
    half->packets++;
    half->end_ns = packet->time_ns > half->end_ns ? packet->time_ns : half->end_ns;
}

static struct p2i_packet_info info_of(const struct p2i_flow_half *half)
{
    return (struct p2i_packet_info){
        .time_ns = half->start_ns,
        .number = half->number,
        .capture = half->capture,
        .interface_id = half->interface_id,
    };
}

/* ICMP has no ports; collectors expect its type and code in the destination port. */
static uint16_t destination_port(const struct p2i_session *session, unsigned from,
                                 const struct p2i_flow_half *half)
{
    bool is_icmp =
        session->key.transport == P2I_PROTO_ICMP || session->key.transport == P2I_PROTO_ICMPV6;
    return is_icmp ? half->icmp : session->key.port[!from];
}

static struct p2i_flow flow_of(const struct p2i_flow_counts *counts,
                               const struct p2i_session *session, uint8_t end,
                               enum p2i_direction direction)
{
    const struct p2i_flow_half *half = &counts->half[direction];
    unsigned from = (unsigned)direction ^ session->initiator;
    return (struct p2i_flow){
        .host = p2i_view_of(counts->host, counts->host_size),
        .octets = half->octets,
        .packets = half->packets,
        .start_ms = half->start_ns / NS_PER_MS,
        .end_ms = half->end_ns / NS_PER_MS,
        .ingress_interface = half->interface_id,
        .source_port = session->key.port[from],
        .destination_port = destination_port(session, from, half),
        .class_of_service = half->class_of_service,
        .end_reason = end,
        .lost_bytes = counts->lost_bytes,
        .cut_bytes = counts->cut_bytes,
    };
}

/* RFC 5103: the initiator's flow with reverse elements for the other direction. If only the
 * responder was captured, the record describes the responder's flow. */
static void emit_biflow(const struct p2i_flow_counts *counts, const struct p2i_session *session,
                        uint8_t end, const struct p2i_message_sink *sink)
{
    bool turned = counts->half[P2I_FROM_INITIATOR].packets == 0;
    enum p2i_direction direction = turned ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR;
    const struct p2i_flow_half *back = &counts->half[!direction];
    struct p2i_biflow message = {
        .forward = flow_of(counts, session, end, direction),
        .reverse_octets = back->octets,
        .reverse_packets = back->packets,
        .reverse_start_ms = back->start_ns / NS_PER_MS,
        .reverse_end_ms = back->end_ns / NS_PER_MS,
        .reverse_class_of_service = back->class_of_service,
        .biflow_direction = turned ? P2I_BIFLOW_REVERSE_INITIATOR : P2I_BIFLOW_INITIATOR,
    };
    struct p2i_packet_info info = info_of(&counts->half[direction]);
    sink->emit(sink->context, P2I_RECORD_BIFLOW, direction, &info, &message, P2I_WHOLE);
}

static void emit_flows(const struct p2i_flow_counts *counts, const struct p2i_session *session,
                       uint8_t end, const struct p2i_message_sink *sink)
{
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        const struct p2i_flow_half *half = &counts->half[direction];
        if (half->packets > 0) {
            struct p2i_flow message = flow_of(counts, session, end, direction);
            struct p2i_packet_info info = info_of(half);
            sink->emit(sink->context, P2I_RECORD_FLOW, direction, &info, &message, P2I_WHOLE);
        }
    }
}

void p2i_flow_emit(const struct p2i_flows *flows, struct p2i_flow_counts *counts,
                   const struct p2i_session *session, uint8_t end,
                   const struct p2i_message_sink *sink)
{
    if (counts->half[0].packets + counts->half[1].packets == 0) {
        return;
    }
    if ((flows->kinds & UINT32_C(1) << P2I_RECORD_FLOW) != 0) {
        emit_flows(counts, session, end, sink);
    }
    if ((flows->kinds & UINT32_C(1) << P2I_RECORD_BIFLOW) != 0) {
        emit_biflow(counts, session, end, sink);
    }
    memset(counts->half, 0, sizeof counts->half);
}
