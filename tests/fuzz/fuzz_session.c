/* SPDX-License-Identifier: MIT */
/* TCP segments and datagrams with any numbers and flags: reassembly must neither crash nor lose
 * count. The input is a list of packets, each with eight header bytes and a payload. */
#include <stdlib.h>

#include "pcap2ipfix/cursor.h"
#include "protocol/protocols.h"
#include "session/dispatch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void emit(void *context, const struct p2i_session_message *message)
{
    *(uint64_t *)context += message->completed_by;
}

static bool next_packet(struct p2i_cursor *input, struct p2i_packet *packet, uint64_t *time_ns)
{
    uint8_t who = p2i_u8(input);
    uint8_t flags = p2i_u8(input);
    uint16_t sequence = p2i_be16(input);
    uint16_t acknowledgement = p2i_be16(input);
    uint8_t length = p2i_u8(input);
    uint8_t more = p2i_u8(input);
    if (input->failed) {
        return false;
    }
    *time_ns += (uint64_t)(more & 0xf0) * (more & 0xf0) * 10000000;
    struct p2i_address client = {.bytes = {192, 0, 2, who >> 4}};
    struct p2i_address server = {.bytes = {198, 51, 100, 1}};
    bool reply = (who & 1) != 0;
    *packet = (struct p2i_packet){
        .source = reply ? server : client,
        .destination = reply ? client : server,
        .source_port = reply ? 80 : 40000,
        .destination_port = reply ? 40000 : 80,
        .payload = p2i_view_first(input->rest, length),
        .tcp_sequence = (uint32_t)sequence * (more & 1 ? 65537U : 1U),
        .tcp_acknowledgement = acknowledgement,
        .tcp_flags = flags & 0x3f,
        .ip_version = 4,
        .transport = who & 2 ? P2I_PROTO_UDP : P2I_PROTO_TCP,
        .fate = P2I_FATE_HANDLED,
        .time_ns = *time_ns,
    };
    packet->payload_length = (uint32_t)packet->payload.size + (more & 2 ? 100 : 0);
    p2i_skip(input, packet->payload.size);
    return true;
}

/* Handles all packets, some at a time. Returns the number of the last one. */
static uint64_t handle_all(struct p2i_sessions *sessions, struct p2i_view bytes)
{
    enum { AT_ONCE = P2I_BATCH + 1 };
    struct p2i_dispatch dispatch;
    struct p2i_arrivals arrivals = {0};
    struct p2i_cursor input = p2i_cursor_of(bytes);
    uint64_t time_ns = UINT64_C(1000000000000);
    uint64_t number = 0;
    p2i_dispatch_init(&dispatch, 1, 0, 1, false);
    bool more = p2i_arrivals_reserve(&arrivals, AT_ONCE);
    while (more) {
        p2i_arrivals_clear(&arrivals);
        for (unsigned i = 0; i < AT_ONCE && more; i++) {
            struct p2i_packet *packet = &arrivals.list[arrivals.count].packet;
            more = next_packet(&input, packet, &time_ns);
            if (more) {
                packet->number = ++number;
                p2i_dispatch_packet(&dispatch, &arrivals, number);
            }
        }
        p2i_dispatch_group(&dispatch, &arrivals);
        p2i_sessions_handle(sessions, &arrivals, 0);
    }
    p2i_arrivals_free(&arrivals);
    p2i_dispatch_free(&dispatch);
    return number;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    struct p2i_session_settings settings = {
        .protocols = p2i_protocols,
        .parse = {true, true, true, true},
        .memory_bytes = size > 0 && data[0] & 1 ? 64 << 10 : 1 << 30,
        .emit = emit,
        .context = &sum,
    };
    struct p2i_sessions *sessions = p2i_sessions_new(&settings);
    if (sessions == NULL) {
        return 0;
    }
    uint64_t last = handle_all(sessions, p2i_view_of(data, size));
    p2i_sessions_finish(sessions, last + 1);
    struct p2i_session_counts counts;
    p2i_sessions_counts(sessions, &counts);
    if (counts.payload_bytes !=
        counts.counts.parsed_bytes + counts.counts.ignored_bytes + counts.retransmitted_bytes) {
        abort();
    }
    p2i_sessions_free(sessions);
    return 0;
}
