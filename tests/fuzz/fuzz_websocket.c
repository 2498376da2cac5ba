/* SPDX-License-Identifier: MIT */
/* A session over a WebSocket. The input is a byte whose lowest bit chooses whether an HTTP upgrade
 * begins it, then a sequence of steps: a byte (bit 0: side; bits 1 and 2: 0 sends a frame, 1 sends
 * bytes, 2 loses bytes, 3 closes), a byte of length, and, if a side sends, that many bytes times
 * `stretch` (bits 3 and 4). The driver makes a frame's header from a third byte, so that its length
 * fits; the input is the frame's content. */
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAME, SPEAKS, LOSES, HANGS_UP };

static uint64_t sum_of(struct p2i_view view)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < view.size; i++) {
        sum += view.data[i];
    }
    return sum;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    (void)completeness;
    const struct p2i_im *im = message;
    uint64_t *sum = context;
    if (kind != P2I_RECORD_IM || sender > 1) {
        return;
    }
    if (im->protocol != 106 || (im->result_code != 0 && im->result_code != 401)) {
        abort();
    }
    *sum += info->time_ns + sum_of(im->login) + sum_of(im->password) + sum_of(im->screen_name) +
            sum_of(im->receivers);
}

static void say(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                enum p2i_direction from, struct p2i_view bytes)
{
    struct p2i_packet_info info = {.time_ns = bytes.size};
    segments_give(stream, worker, from, bytes, SIZE_MAX, 0, &info);
}

/* Sends `bytes` as a frame; the first one makes the header. The mask is zero, so that the input
 * stays readable. */
static void send_frame(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                       enum p2i_direction from, struct p2i_view bytes)
{
    uint8_t header[8] = {bytes.size > 0 ? bytes.data[0] : 0x81};
    struct p2i_view payload = p2i_view_from(bytes, 1);
    size_t size = 2;
    header[1] = (uint8_t)(payload.size < 126 ? payload.size : 126);
    if (header[1] == 126) {
        header[size++] = (uint8_t)(payload.size >> 8);
        header[size++] = (uint8_t)payload.size;
    }
    if (from == P2I_FROM_INITIATOR) {
        header[1] |= 0x80;
        size += 4;
    }
    say(stream, worker, from, p2i_view_of(header, size));
    say(stream, worker, from, payload);
}

static void play(struct p2i_stream *stream, struct p2i_stream_worker *worker, struct p2i_view input)
{
    while (input.size >= 2) {
        enum p2i_direction from = (enum p2i_direction)(input.data[0] & 1);
        unsigned what = input.data[0] >> 1 & 3;
        size_t length = (size_t)input.data[1] << (input.data[0] >> 3 & 3);
        input = p2i_view_from(input, 2);
        if (what == HANGS_UP) {
            p2i_stream_close(stream, worker, from, true);
        } else if (what == LOSES) {
            p2i_stream_gap(stream, worker, from, length);
        } else {
            struct p2i_view bytes = p2i_view_first(input, length);
            (what == FRAME ? send_frame : say)(stream, worker, from, bytes);
            input = p2i_view_from(input, length);
        }
    }
}

static enum p2i_match anything(const struct p2i_ends *ends, enum p2i_direction direction,
                               struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    (void)bytes;
    return P2I_MATCH_YES;
}

static void begin(struct p2i_stream *stream, struct p2i_stream_worker *worker)
{
    say(stream, worker, P2I_FROM_INITIATOR,
        P2I_VIEW("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"));
    say(stream, worker, P2I_FROM_RESPONDER,
        P2I_VIEW("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct p2i_protocol bare = p2i_websocket;
    bare.probe = anything;
    bool upgrade = (data[0] & 1) != 0;
    const struct p2i_protocol *const protocols[] = {upgrade ? &p2i_http : &bare, NULL};
    struct p2i_account account = {0};
    struct p2i_parse_settings settings = {0};
    uint64_t sum = 0;
    struct p2i_message_sink sink = {emit, &sum};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 80}};
    p2i_stream_start(&stream, ends, &account);
    if (upgrade) {
        begin(&stream, &worker);
    }
    play(&stream, &worker, p2i_view_of(data + 1, size - 1));
    p2i_stream_end(&stream, &worker);
    if (account.used != 0) {
        abort();
    }
    p2i_stream_worker_close(&worker);
    return 0;
}
