/* SPDX-License-Identifier: MIT */
/* A session for the OSCAR parser. The input is a byte, then a sequence of steps: a byte (bit 0:
 * side; bits 1 and 2: 0 or 1 sends, 2 loses bytes, 3 closes, with an even length by the end of the
 * capture), a byte of length, and, if a side sends, that many bytes times `stretch` (bits 3 and 4).
 * If the lowest bit of the first byte is set, both sides have greeted before and no side closes,
 * and the session must give the same records byte by byte. */
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t mix(uint64_t sum, struct p2i_view view)
{
    for (size_t i = 0; i < view.size; i++) {
        sum = (sum ^ view.data[i]) * UINT64_C(1099511628211);
    }
    return (sum ^ view.size) * UINT64_C(1099511628211);
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    const struct p2i_im *im = message;
    uint64_t *sum = context;
    if (kind != P2I_RECORD_IM || sender > 1 || im->protocol != 0 || im->password.size > 255 ||
        info->time_ns == 0) {
        abort();
    }
    *sum = mix(*sum + sender + im->result_code + ((uint64_t)completeness << 40), im->login);
    *sum = mix(mix(*sum, im->password), im->screen_name);
    *sum = mix(mix(*sum, im->uin), im->receivers);
}

static void play(struct p2i_stream *stream, struct p2i_stream_worker *worker, struct p2i_view input,
                 bool greeted, size_t segment)
{
    const struct p2i_packet_info at = {.time_ns = 1};
    for (int from = 0; greeted && from < 2; from++) {
        segments_give(stream, worker, (enum p2i_direction)from, P2I_VIEW("*\1\0\0\0\4\0\0\0\1"),
                      SIZE_MAX, 0, &at);
    }
    while (input.size >= 2) {
        enum p2i_direction from = (enum p2i_direction)(input.data[0] & 1);
        unsigned what = input.data[0] >> 1 & 3;
        size_t length = (size_t)input.data[1] << (input.data[0] >> 3 & 3);
        input = p2i_view_from(input, 2);
        if (what == 3) {
            if (!greeted) {
                p2i_stream_close(stream, worker, from, (length & 1) != 0);
            }
        } else if (what == 2) {
            p2i_stream_gap(stream, worker, from, length);
        } else {
            segments_give(stream, worker, from, p2i_view_first(input, length), segment, 0, &at);
            input = p2i_view_from(input, length);
        }
    }
}

/* Plays a session and returns a hash of its records. */
static uint64_t records_of(struct p2i_view input, bool greeted, size_t segment)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_oscar, NULL};
    struct p2i_account account = {0};
    struct p2i_parse_settings settings = {0};
    uint64_t sum = 0;
    struct p2i_message_sink sink = {emit, &sum};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 5190}};
    p2i_stream_start(&stream, ends, &account);
    play(&stream, &worker, input, greeted, segment);
    p2i_stream_end(&stream, &worker);
    if (account.used != 0) {
        abort();
    }
    p2i_stream_worker_close(&worker);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    bool greeted = (data[0] & 1) != 0;
    struct p2i_view input = p2i_view_of(data + 1, size - 1);
    uint64_t sum = records_of(input, greeted, SIZE_MAX);
    if (greeted && records_of(input, greeted, 1) != sum) {
        abort();
    }
    return 0;
}
