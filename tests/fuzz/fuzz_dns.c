/* SPDX-License-Identifier: MIT */
/* DNS messages over both transports, with the readers of names and record data. The input: a byte
 * of choices (1: TCP, 2: port 53 instead of another, 4: port 5353, 8: in two segments, 16: a gap
 * between them, 32: a short one, 64: the snaplen cuts the datagram), then a datagram or a stream.
 * Over TCP all segment borders must give the same records, also behind a gap. */
#include "protocol/dns/message.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    OVER_TCP = 1,
    PORT_53 = 2,
    PORT_5353 = 4,
    IN_TWO = 8,
    WITH_GAP = 16,
    SHORT_GAP = 32,
    CUT = 64,
};

struct plan {
    struct p2i_ends ends;
    struct p2i_view bytes;
    size_t first;   /* bytes of the first segment; 0: one segment */
    size_t gap;     /* bytes lost behind it */
    size_t missing; /* bytes that the snaplen cuts from a datagram */
};

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    struct segments_sum *sum = context;
    const struct p2i_dns *dns = message;
    (void)info;
    if (kind != P2I_RECORD_DNS || sender != P2I_FROM_RESPONDER ||
        dns->rdata.size > P2I_DNS_RDATA_MAX || dns->domain.size > P2I_DNS_TEXT_MAX) {
        abort();
    }
    for (size_t i = 0; i < dns->domain.size; i++) {
        if (dns->domain.data[i] <= 0x20 || dns->domain.data[i] >= 0x7f) {
            abort();
        }
    }
    segments_add_view(sum, dns->domain);
    segments_add_view(sum, dns->rdata);
    segments_add(sum, dns->ttl + dns->rr_class + dns->rr_type + (unsigned)completeness);
    sum->records++;
}

/* Plays the plan in segments of `size` bytes. */
static struct segments_sum play(const struct plan *plan, size_t size)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_dns, NULL};
    struct p2i_parse_settings settings = {true, true, true, true};
    struct segments_sum seen = {0};
    struct p2i_message_sink sink = {emit, &seen};
    const struct p2i_packet_info info = {0};
    struct p2i_account account = {0};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    p2i_stream_start(&stream, plan->ends, &account);
    struct p2i_view first =
        p2i_view_first(plan->bytes, plan->first > 0 ? plan->first : plan->bytes.size);
    segments_give(&stream, &worker, P2I_FROM_RESPONDER, first, size, plan->missing, &info);
    if (plan->gap > 0) {
        p2i_stream_gap(&stream, &worker, P2I_FROM_RESPONDER, plan->gap);
    }
    if (plan->first > 0) {
        segments_give(&stream, &worker, P2I_FROM_RESPONDER, p2i_view_from(plan->bytes, plan->first),
                      size, plan->missing, &info);
    }
    p2i_stream_end(&stream, &worker);
    if (account.used != 0 ||
        plan->bytes.size != worker.counts.parsed_bytes + worker.counts.ignored_bytes) {
        abort();
    }
    p2i_stream_worker_close(&worker);
    return seen;
}

/* Segment borders change nothing once DNS is recognised. Before that an unrecognised segment is
 * dropped whole, so only streams that begin with a message are compared. */
static void compare_cuts(const struct plan *plan)
{
    struct p2i_view first =
        p2i_view_first(plan->bytes, plan->first > 0 ? plan->first : plan->bytes.size);
    if (p2i_dns.probe(&plan->ends, P2I_FROM_RESPONDER, first) != P2I_MATCH_YES) {
        return;
    }
    struct segments_sum whole = play(plan, SIZE_MAX);
    struct segments_sum segments = play(plan, 1 + plan->bytes.size % 23);
    struct segments_sum bytewise = play(plan, 1);
    if (!segments_same(whole, segments) || !segments_same(whole, bytewise)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    uint8_t choice = data[0];
    bool tcp = (choice & OVER_TCP) != 0;
    struct plan plan = {
        .bytes = p2i_view_of(data + 1, size - 1),
        .ends = {.transport = tcp ? P2I_OVER_TCP : P2I_OVER_UDP,
                 .port = {40000, choice & PORT_53     ? 53
                                 : choice & PORT_5353 ? 5353
                                                      : 4444}},
        .missing = !tcp && (choice & CUT) != 0 ? 100 : 0,
    };
    plan.first = choice & IN_TWO ? plan.bytes.data[0] % plan.bytes.size : 0;
    if (tcp && (choice & WITH_GAP) != 0) {
        plan.gap = choice & SHORT_GAP ? 7 : 1000;
    }
    (void)play(&plan, SIZE_MAX);
    if (tcp) {
        compare_cuts(&plan);
    }
    return 0;
}
