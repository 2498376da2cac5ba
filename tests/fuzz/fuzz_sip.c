/* SPDX-License-Identifier: MIT */
/* SIP over both transports. The input: a byte of choices (1: TCP, 2: port 5060, 4: bytes are lost,
 * or the datagram ends, at an offset given by the next byte in 256ths), that byte, then a datagram
 * or a stream. Over TCP all segment borders must give the same messages. */
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OVER_TCP = 1, PORT_5060 = 2, WITH_GAP = 4 };

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    struct segments_sum *sum = context;
    const struct p2i_sip *sip = message;
    (void)info;
    if (kind != P2I_RECORD_SIP || sender != P2I_FROM_INITIATOR || sip->status_code > 999 ||
        p2i_view_find(sip->from, '\n') < sip->from.size ||
        p2i_view_find(sip->call_id, '\n') < sip->call_id.size ||
        p2i_view_find(sip->gateways, ' ') < sip->gateways.size) {
        abort();
    }
    segments_add_view(sum, sip->method);
    segments_add_view(sum, sip->uri);
    segments_add_view(sum, sip->from);
    segments_add_view(sum, sip->to);
    segments_add_view(sum, sip->call_id);
    segments_add_view(sum, sip->user_agent);
    segments_add_view(sum, sip->content_type);
    segments_add_view(sum, sip->gateways);
    segments_add(sum, sip->status_code + (unsigned)completeness);
    sum->records++;
}

/* Plays the input; bytes are lost, or the datagram is cut, at `gap`; the size of `bytes`:
 * nowhere. */
static struct segments_sum play(struct p2i_ends ends, struct p2i_view bytes, size_t gap,
                                size_t segment)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_sip, NULL};
    struct p2i_parse_settings settings = {0};
    struct segments_sum seen = {0};
    struct p2i_message_sink sink = {emit, &seen};
    const struct p2i_packet_info info = {0};
    struct p2i_account account = {0};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    p2i_stream_start(&stream, ends, &account);
    if (ends.transport == P2I_OVER_UDP) {
        size_t missing = bytes.size - gap;
        bytes.size = gap;
        segments_give(&stream, &worker, P2I_FROM_INITIATOR, bytes, segment, missing, &info);
    } else {
        segments_give(&stream, &worker, P2I_FROM_INITIATOR, p2i_view_first(bytes, gap), segment, 0,
                      &info);
    }
    if (gap < bytes.size) {
        p2i_stream_gap(&stream, &worker, P2I_FROM_INITIATOR, 20);
        segments_give(&stream, &worker, P2I_FROM_INITIATOR, p2i_view_from(bytes, gap), segment, 0,
                      &info);
    }
    p2i_stream_end(&stream, &worker);
    if (account.used != 0 ||
        bytes.size != worker.counts.parsed_bytes + worker.counts.ignored_bytes) {
        abort();
    }
    p2i_stream_worker_close(&worker);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    struct p2i_view bytes = p2i_view_of(data + 2, size - 2);
    struct p2i_ends ends = {
        .transport = data[0] & OVER_TCP ? P2I_OVER_TCP : P2I_OVER_UDP,
        .port = {40000, data[0] & PORT_5060 ? 5060 : 4444},
    };
    size_t gap = (data[0] & WITH_GAP) != 0 ? bytes.size * data[1] / 256 : bytes.size;
    struct segments_sum whole = play(ends, bytes, gap, SIZE_MAX);
    /* Before SIP is recognised, a segment that does not begin a message is dropped whole, so only
     * streams that begin with one are compared. */
    if (ends.transport == P2I_OVER_TCP &&
        p2i_sip.probe(&ends, P2I_FROM_INITIATOR, p2i_view_first(bytes, gap)) == P2I_MATCH_YES) {
        struct segments_sum segments = play(ends, bytes, gap, 1 + data[1] % 61);
        struct segments_sum bytewise = play(ends, bytes, gap, 1);
        if (!segments_same(whole, segments) || !segments_same(whole, bytewise)) {
            abort();
        }
    }
    return 0;
}
