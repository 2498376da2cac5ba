/* SPDX-License-Identifier: MIT */
/* Plays a TCP session to one parser. The input is a sequence of steps: a byte (bit 0: side; bits 1
 * and 2: 0 or 1 sends, 2 loses bytes, 3 ends, with bit 3 set without a FIN; bits 3 and 4 of a
 * sending step: factor of the length, `stretch`), a byte of length, and for a sending step the
 * bytes. */
#ifndef FUZZ_DIALOG_DRIVER_H
#define FUZZ_DIALOG_DRIVER_H

#include "protocol/protocols.h"
#include "segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void driver_steps(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                                struct p2i_view input)
{
    while (input.size >= 2) {
        enum p2i_direction from = (enum p2i_direction)(input.data[0] & 1);
        unsigned what = input.data[0] >> 1 & 3;
        bool ended = (input.data[0] >> 3 & 1) == 0;
        size_t length = (size_t)input.data[1] << (input.data[0] >> 3 & 3);
        input = p2i_view_from(input, 2);
        if (what == 3) {
            p2i_stream_close(stream, worker, from, ended);
        } else if (what == 2) {
            p2i_stream_gap(stream, worker, from, length);
        } else {
            struct p2i_view bytes = p2i_view_first(input, length);
            struct p2i_packet_info info = {.time_ns = bytes.size};
            segments_give(stream, worker, from, bytes, SIZE_MAX, 0, &info);
            input = p2i_view_from(input, length);
        }
    }
}

/* Plays `input` to `protocol` on this server port; messages go to `sink`. Traps when memory is not
 * returned. Returns 0. */
static inline int driver_play(const struct p2i_protocol *protocol, uint16_t port,
                              const struct p2i_message_sink *sink, struct p2i_view input)
{
    static struct p2i_stream_worker worker; /* kept, because opening one is slow */
    static const struct p2i_parse_settings settings;
    const struct p2i_protocol *const protocols[] = {protocol, NULL};
    struct p2i_account account = {0};
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    if (worker.pool == NULL && !p2i_stream_worker_open(&worker, protocols, &settings, sink)) {
        abort();
    }
    worker.protocols = protocols;
    worker.sink = sink;
    p2i_stream_start(&stream, ends, &account);
    driver_steps(&stream, &worker, input);
    p2i_stream_end(&stream, &worker);
    if (account.used != 0) {
        abort();
    }
    return 0;
}

/* Ignores messages. */
static inline void driver_ignore(void *context, enum p2i_record_kind kind,
                                 enum p2i_direction sender, const struct p2i_packet_info *info,
                                 const void *message, enum p2i_completeness completeness)
{
    (void)completeness;
    (void)context;
    (void)kind;
    (void)sender;
    (void)info;
    (void)message;
    (void)completeness;
}

#endif
