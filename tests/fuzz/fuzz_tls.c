/* SPDX-License-Identifier: MIT */
/* A session that is taken for TLS from its first byte, played whole and in segments: both must give
 * the same messages. The input: a byte with the size of the segments, less one, then steps: a byte
 * (bit 0: direction; bit 1 or 2 set: sends bytes; else bit 3 set: loses bytes; else closes, with
 * bit 4 set by the end of the stream, not of the capture), a size of two bytes, and the bytes to
 * send. */
#include <stdlib.h>

#include "base/hash.h"
#include "pcap2ipfix/cursor.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum p2i_match always(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes)
{
    if (p2i_tls.probe(ends, direction, bytes) > P2I_MATCH_YES) {
        abort();
    }
    return P2I_MATCH_YES;
}

static uint64_t mix_view(uint64_t state, struct p2i_view view)
{
    state = p2i_mix(state, view.size);
    for (size_t i = 0; i < view.size; i++) {
        state = p2i_mix(state, view.data[i]);
    }
    return state;
}

/* The messages of one run. */
struct messages {
    uint64_t hash;
    bool lossy; /* a hello that was looked for in several packets has no certain first one */
};

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    struct messages *messages = context;
    uint64_t state = p2i_mix(messages->hash, (uint64_t)kind << 1 | sender);
    state = p2i_mix(state, completeness);
    state = p2i_mix(state, messages->lossy ? 0 : info->time_ns);
    if (kind == P2I_RECORD_CLICKSTREAM) {
        const struct p2i_clickstream *request = message;
        if (completeness != P2I_WHOLE && request->host_type == P2I_HOST_CERTIFICATE) {
            abort(); /* a cut message does not wait for the certificate */
        }
        state = mix_view(mix_view(state, request->host), request->cipher_suites);
        state = p2i_mix(state, (uint64_t)request->cipher_suites_length << 8 | request->host_type);
    } else {
        const struct p2i_ssl_reply *reply = message;
        state = mix_view(state, reply->host);
        state =
            p2i_mix(state, (uint64_t)reply->version << 32 | (uint64_t)reply->cipher_suite << 16 |
                               (uint64_t)reply->compression_method << 8 | reply->host_type);
    }
    messages->hash = state;
}

static void send_segments(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                          enum p2i_direction direction, struct p2i_view bytes, size_t segment,
                          uint64_t step)
{
    while (bytes.size > 0) {
        struct p2i_view now = p2i_view_first(bytes, segment);
        struct p2i_packet_info info = {.time_ns = step};
        uint8_t *copy = malloc(now.size); /* so that the sanitizer catches a read past its end */
        if (copy == NULL) {
            return;
        }
        memcpy(copy, now.data, now.size);
        p2i_stream_data(stream, worker, direction, p2i_view_of(copy, now.size), &info);
        free(copy);
        bytes = p2i_view_from(bytes, now.size);
    }
}

/* Plays the input and returns a hash of the messages. */
static uint64_t play(struct p2i_cursor input, size_t segment)
{
    struct p2i_protocol tls = p2i_tls;
    tls.probe = always;
    const struct p2i_protocol *const protocols[] = {&tls, NULL};
    struct p2i_parse_settings settings = {0};
    struct messages messages = {0};
    uint64_t given = 0;
    struct p2i_message_sink sink = {emit, &messages};
    struct p2i_account account = {0};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 443}};
    p2i_stream_start(&stream, ends, &account);
    for (uint64_t step = 0; !input.failed && input.rest.size > 0; step++) {
        uint8_t what = p2i_u8(&input);
        enum p2i_direction direction = what & 1;
        size_t length = p2i_be16(&input);
        if ((what & 6) != 0) {
            struct p2i_view bytes = p2i_view_first(input.rest, length);
            p2i_skip(&input, bytes.size);
            given += bytes.size;
            send_segments(&stream, &worker, direction, bytes, segment, step);
        } else if ((what & 8) != 0) {
            messages.lossy = true;
            p2i_stream_gap(&stream, &worker, direction, length + 1);
        } else {
            p2i_stream_close(&stream, &worker, direction, (what & 16) != 0);
        }
    }
    p2i_stream_end(&stream, &worker);
    if (account.used != 0 || given != worker.counts.parsed_bytes + worker.counts.ignored_bytes) {
        abort();
    }
    p2i_stream_worker_close(&worker);
    return messages.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    struct p2i_cursor input = p2i_cursor_of(p2i_view_of(data + 1, size - 1));
    if (play(input, SIZE_MAX) != play(input, (size_t)data[0] + 1)) {
        abort();
    }
    return 0;
}
