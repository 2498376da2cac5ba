/* SPDX-License-Identifier: MIT */
/* SIP over both transports. The input: a byte of choices (1: TCP, 2: port 5060, 4: bytes are lost
 * at the place that the next byte tells, counted in 256ths; a datagram ends there), that byte, then
 * a datagram, or a stream. Over TCP every way of cutting must give the same messages. */
#include <stdlib.h>

#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OVER_TCP = 1, PORT_5060 = 2, WITH_GAP = 4 };

struct seen {
    uint64_t sum;
    uint64_t records;
};

static void add(struct seen *seen, struct p2i_view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        seen->sum = seen->sum * 31 + bytes.data[i];
    }
    seen->sum = seen->sum * 31 + bytes.size;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    struct seen *seen = context;
    const struct p2i_sip *sip = message;
    (void)info;
    if (kind != P2I_RECORD_SIP || sender != P2I_FROM_INITIATOR || sip->status_code > 999 ||
        p2i_view_find(sip->from, '\n') < sip->from.size ||
        p2i_view_find(sip->call_id, '\n') < sip->call_id.size ||
        p2i_view_find(sip->gateways, ' ') < sip->gateways.size) {
        abort();
    }
    add(seen, sip->method);
    add(seen, sip->uri);
    add(seen, sip->from);
    add(seen, sip->to);
    add(seen, sip->call_id);
    add(seen, sip->user_agent);
    add(seen, sip->content_type);
    add(seen, sip->gateways);
    seen->sum = seen->sum * 31 + sip->status_code + (unsigned)completeness;
    seen->records++;
}

/* In segments of at most `segment` bytes, each a block of its own, so that a read past its end is
 * caught. */
static void give(struct p2i_stream *stream, struct p2i_stream_worker *worker, struct p2i_view bytes,
                 size_t segment, size_t missing)
{
    struct p2i_packet_info info = {0};
    while (bytes.size > 0) {
        struct p2i_view now = p2i_view_first(bytes, segment);
        uint8_t *copy = malloc(now.size);
        if (copy == NULL) {
            abort();
        }
        memcpy(copy, now.data, now.size);
        now.data = copy;
        if (stream->ends.transport == P2I_OVER_TCP) {
            p2i_stream_data(stream, worker, P2I_FROM_INITIATOR, now, &info);
        } else {
            p2i_stream_datagram(stream, worker, P2I_FROM_INITIATOR, now, missing, &info);
        }
        free(copy);
        bytes = p2i_view_from(bytes, now.size);
    }
}

/* `gap`: where bytes are lost, or a datagram is cut; the size of `bytes`: nowhere. */
static struct seen play(struct p2i_ends ends, struct p2i_view bytes, size_t gap, size_t segment)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_sip, NULL};
    struct p2i_parse_settings settings = {0};
    struct seen seen = {0};
    struct p2i_message_sink sink = {emit, &seen};
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
        give(&stream, &worker, bytes, segment, missing);
    } else {
        give(&stream, &worker, p2i_view_first(bytes, gap), segment, 0);
    }
    if (gap < bytes.size) {
        p2i_stream_gap(&stream, &worker, P2I_FROM_INITIATOR, 20);
        give(&stream, &worker, p2i_view_from(bytes, gap), segment, 0);
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
    struct seen whole = play(ends, bytes, gap, SIZE_MAX);
    /* Before SIP is recognised, a segment that begins no message is dropped as it is, so only
     * streams that begin with one are compared. */
    if (ends.transport == P2I_OVER_TCP &&
        p2i_sip.probe(&ends, P2I_FROM_INITIATOR, p2i_view_first(bytes, gap)) == P2I_MATCH_YES) {
        struct seen segments = play(ends, bytes, gap, 1 + data[1] % 61);
        struct seen bytewise = play(ends, bytes, gap, 1);
        if (whole.sum != bytewise.sum || whole.records != bytewise.records ||
            whole.sum != segments.sum || whole.records != segments.records) {
            abort();
        }
    }
    return 0;
}
