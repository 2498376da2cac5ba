/* SPDX-License-Identifier: MIT */
/* Datagrams of a session that is taken for QUIC. The input: steps of a byte of choices (below), a
 * size of two bytes and that many bytes. They are a raw datagram, or the frames of a client Initial
 * that this driver seals, so that the fuzzer gets past the protection. */
#include <stdlib.h>

#include "../unit/protocol/quic/quic_seal.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SEALED = 1,       /* else the raw datagram */
    FROM_SERVER = 2,  /* else from the client */
    CUT = 4,          /* after two thirds */
    OTHER_CID = 8,    /* to another connection id */
    OTHER_KEYS = 16,  /* with the keys of that id */
    VERSION_SHIFT = 5 /* one of eight versions */
};

enum { DATAGRAM_MIN = 1200 }; /* smaller ones are not looked at */

static const uint32_t versions[8] = {0x00000001, 0x6b3343cf, 0xff00001d, 0xff00001b,
                                     0xfaceb001, 0x51303530, 0x54303530, 0x54303531};

static enum p2i_match always(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes)
{
    if (p2i_quic.probe(ends, direction, bytes) > P2I_MATCH_YES) {
        abort();
    }
    return P2I_MATCH_YES;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    unsigned *records = context;
    const struct p2i_clickstream *request = message;
    if (kind != P2I_RECORD_CLICKSTREAM || ++*records > 1 || sender > P2I_FROM_RESPONDER ||
        info->time_ns != 1 || request->host_type != P2I_HOST_QUIC ||
        request->cipher_suites.size > 32 || request->cipher_suites.size % 2 != 0 ||
        request->cipher_suites.size > request->cipher_suites_length || completeness > P2I_LIMITED) {
        abort();
    }
    /* Reads every byte, so that the sanitizer sees a wrong size. */
    uint8_t sum = 0;
    for (size_t i = 0; i < request->host.size; i++) {
        sum ^= request->host.data[i];
    }
    for (size_t i = 0; i < request->user_agent.size; i++) {
        sum ^= request->user_agent.data[i];
    }
    volatile uint8_t kept = sum;
    (void)kept;
}

static void seal(struct quic_sealed *out, uint8_t choice, struct p2i_view frames)
{
    struct p2i_view cid = P2I_VIEW("\1\2\3\4\5\6\7\10");
    struct p2i_view other = P2I_VIEW("another");
    struct quic_seal packet = {
        .version = versions[choice >> VERSION_SHIFT],
        .destination = (choice & OTHER_CID) != 0 ? other : cid,
        .key_cid = (choice & OTHER_KEYS) != 0 ? other : cid,
        .frames = frames,
        .payload_size = frames.size < DATAGRAM_MIN ? DATAGRAM_MIN : frames.size,
        .number = frames.size,
        .number_size = 1 + (unsigned)(frames.size % 4),
    };
    quic_seal(out, &packet);
}

static void step(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                 struct p2i_cursor *input, uint64_t *offered)
{
    static struct quic_sealed sealed;
    struct p2i_packet_info info = {.time_ns = 1};
    uint8_t choice = p2i_u8(input);
    size_t size = p2i_be16(input) & 0x1fffU;
    struct p2i_view bytes = p2i_view_first(input->rest, size);
    p2i_skip(input, bytes.size);
    if ((choice & SEALED) != 0) {
        sealed.size = 0;
        seal(&sealed, choice, bytes);
        bytes = p2i_view_of(sealed.data, sealed.size);
    }
    size_t missing = (choice & CUT) != 0 ? bytes.size - bytes.size * 2 / 3 : 0;
    bytes.size -= missing;
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1); /* catches a read past its end */
    if (copy == NULL) {
        return;
    }
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    *offered += bytes.size;
    p2i_stream_datagram(stream, worker,
                        (choice & FROM_SERVER) != 0 ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR,
                        p2i_view_of(copy, bytes.size), missing, &info);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_protocol quic = p2i_quic;
    quic.probe = always;
    const struct p2i_protocol *const protocols[] = {&quic, NULL};
    struct p2i_parse_settings settings = {0};
    unsigned records = 0;
    uint64_t offered = 0;
    struct p2i_message_sink sink = {emit, &records};
    struct p2i_account account = {0};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_UDP, .port = {40000, 443}};
    p2i_stream_start(&stream, ends, &account);
    struct p2i_cursor input = p2i_cursor_of(p2i_view_of(data, size));
    while (!input.failed && input.rest.size > 0) {
        step(&stream, &worker, &input, &offered);
    }
    p2i_stream_end(&stream, &worker);
    if (account.used != 0 || offered != worker.counts.parsed_bytes + worker.counts.ignored_bytes) {
        abort();
    }
    p2i_stream_worker_close(&worker);
    return 0;
}
