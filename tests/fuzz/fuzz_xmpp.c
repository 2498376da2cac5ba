/* SPDX-License-Identifier: MIT */
/* A session for the XMPP parser. The input is a sequence of steps: a byte (bit 0: side; bits 1 and
 * 2: 0 or 1 sends, 2 loses bytes, 3 closes, with an even length by the end of the capture), a byte
 * of length, and, if a side sends, that many bytes times `stretch` (bits 3 and 4). */
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    (void)context;
    (void)info;
    (void)message;
    if (kind != P2I_RECORD_IM || sender > P2I_FROM_RESPONDER || completeness > P2I_LIMITED) {
        __builtin_trap();
    }
}

static void play(struct p2i_stream *stream, struct p2i_stream_worker *worker, struct p2i_view input)
{
    while (input.size >= 2) {
        enum p2i_direction from = (enum p2i_direction)(input.data[0] & 1);
        unsigned what = input.data[0] >> 1 & 3;
        size_t length = (size_t)input.data[1] << (input.data[0] >> 3 & 3);
        struct p2i_packet_info info = {.time_ns = input.size};
        input = p2i_view_from(input, 2);
        if (what == 3) {
            p2i_stream_close(stream, worker, from, (length & 1) != 0);
        } else if (what == 2) {
            p2i_stream_gap(stream, worker, from, length);
        } else {
            p2i_stream_data(stream, worker, from, p2i_view_first(input, length), &info);
            input = p2i_view_from(input, length);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_xmpp, NULL};
    struct p2i_account account = {0};
    struct p2i_parse_settings settings = {0};
    struct p2i_message_sink sink = {emit, NULL};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        __builtin_trap();
    }
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 5222}};
    p2i_stream_start(&stream, ends, &account);
    play(&stream, &worker, p2i_view_of(data, size));
    p2i_stream_end(&stream, &worker);
    if (account.used != 0) {
        __builtin_trap();
    }
    p2i_stream_worker_close(&worker);
    return 0;
}
