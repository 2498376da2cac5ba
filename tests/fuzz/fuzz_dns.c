/* SPDX-License-Identifier: MIT */
/* DNS messages over both transports, and all of the reading of names and record data. The input: a
 * byte of choices (1: TCP, 2: port 53 instead of another, 4: port 5353, 8: in two pieces, 16: a gap
 * between them), then a datagram, or a stream. Over TCP every way of cutting must give the same
 * records. */
#include <stdlib.h>

#include "protocol/dns_message.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OVER_TCP = 1, PORT_53 = 2, PORT_5353 = 4, IN_TWO = 8, WITH_GAP = 16 };

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
                 const struct p2i_origin *origin, const void *message,
                 enum p2i_completeness completeness)
{
    (void)completeness;
    struct seen *seen = context;
    const struct p2i_dns *dns = message;
    (void)origin;
    if (kind != P2I_RECORD_DNS || sender != P2I_FROM_RESPONDER ||
        dns->rdata.size > P2I_DNS_RDATA_MAX || dns->domain.size > P2I_DNS_TEXT_MAX) {
        abort();
    }
    for (size_t i = 0; i < dns->domain.size; i++) {
        if (dns->domain.data[i] <= 0x20 || dns->domain.data[i] >= 0x7f) {
            abort();
        }
    }
    add(seen, dns->domain);
    add(seen, dns->rdata);
    seen->sum = seen->sum * 31 + dns->ttl + dns->rr_class + dns->rr_type;
    seen->records++;
}

/* A block of its own for each piece, so that a read past its end is caught. */
static void give(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 struct p2i_view bytes)
{
    struct p2i_origin origin = {0};
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    if (copy == NULL) {
        abort();
    }
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    if (stream->parser.ends.transport == P2I_OVER_TCP) {
        p2i_stream_data(stream, setting, P2I_FROM_RESPONDER, p2i_view_of(copy, bytes.size),
                        &origin);
    } else {
        p2i_stream_datagram(stream, setting, P2I_FROM_RESPONDER, p2i_view_of(copy, bytes.size),
                            &origin);
    }
    free(copy);
}

/* `first`: bytes of the first piece; 0: one piece; SIZE_MAX: each byte by itself. */
static struct seen play(struct p2i_ends ends, struct p2i_view bytes, size_t first, bool gap)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_dns, NULL};
    struct p2i_parse_settings settings = {true, true, true, true};
    struct seen seen = {0};
    struct p2i_sink sink = {emit, &seen};
    struct p2i_account account = {0};
    struct p2i_stream_setting setting = {
        .protocols = protocols, .settings = &settings, .pool = p2i_pool_new()};
    struct p2i_stream stream = {0};
    p2i_stream_start(&stream, &setting, ends, &sink, &account);
    if (first == SIZE_MAX) {
        for (size_t i = 0; i < bytes.size; i++) {
            give(&stream, &setting, p2i_view_of(bytes.data + i, 1));
        }
    } else {
        give(&stream, &setting, p2i_view_first(bytes, first > 0 ? first : bytes.size));
        if (gap) {
            p2i_stream_gap(&stream, &setting, P2I_FROM_RESPONDER, 1000);
        }
        if (first > 0) {
            give(&stream, &setting, p2i_view_from(bytes, first));
        }
    }
    p2i_stream_end(&stream, &setting);
    if (account.used != 0 ||
        bytes.size != setting.books.parsed_bytes + setting.books.ignored_bytes) {
        abort();
    }
    p2i_pool_free(setting.pool);
    return seen;
}

/* Cutting changes nothing once DNS is recognised; before, an unrecognised piece is dropped as it
 * is, so only streams that begin with a message are compared. */
static void compare_cuts(struct p2i_ends ends, struct p2i_view bytes, size_t first)
{
    if (p2i_dns.probe(&ends, P2I_FROM_RESPONDER, bytes) != P2I_MATCH_YES) {
        return;
    }
    struct seen whole = play(ends, bytes, 0, false);
    struct seen two = play(ends, bytes, first, false);
    struct seen bytewise = play(ends, bytes, SIZE_MAX, false);
    if (whole.sum != two.sum || whole.records != two.records || whole.sum != bytewise.sum ||
        whole.records != bytewise.records) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    uint8_t choice = data[0];
    struct p2i_view bytes = p2i_view_of(data + 1, size - 1);
    struct p2i_ends ends = {
        .transport = choice & OVER_TCP ? P2I_OVER_TCP : P2I_OVER_UDP,
        .port = {40000, choice & PORT_53     ? 53
                        : choice & PORT_5353 ? 5353
                                             : 4444},
    };
    size_t first = choice & IN_TWO ? bytes.data[0] % bytes.size : 0;
    bool gap = (choice & WITH_GAP) != 0 && ends.transport == P2I_OVER_TCP;
    (void)play(ends, bytes, first, gap);
    if (ends.transport == P2I_OVER_TCP) {
        compare_cuts(ends, bytes, first);
    }
    return 0;
}
