/* SPDX-License-Identifier: MIT */
/* A session over TCP for a mail parser. It begins with the server's greeting and is played whole
 * and in segments: both must give the same messages. The input is a byte with the size of segments,
 * less one, then a sequence of steps: a byte (bit 0: side; bits 1 and 2: 0 or 1 sends, 2 loses
 * bytes, 3 closes, with bit 3 set by FIN; bits 4 and 5: factor of the length, 1, 2, 4 or 8), a byte
 * of length, and, if a side sends, that many bytes. */
#ifndef FUZZ_MAIL_DRIVER_H
#define FUZZ_MAIL_DRIVER_H

#include "protocol/message.h"
#include "protocol/protocols.h"
#include "segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The protocol behind mail is not played: the segment that recognises it depends on the segment
 * borders. */
static const struct p2i_protocol *mail_protocol;

static inline struct p2i_step mail_data(struct p2i_parser *parser,
                                        const struct p2i_stream_segment *segment)
{
    struct p2i_step step = mail_protocol->data(parser, segment);
    step.verdict = step.verdict == P2I_RESTART ? P2I_FINISHED : step.verdict;
    return step;
}

static inline void mail_emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                             const struct p2i_packet_info *info, const void *message,
                             enum p2i_completeness completeness)
{
    struct segments_sum *sum = context;
    const struct p2i_mail *mail = message;
    if (kind != P2I_RECORD_MAIL) {
        abort();
    }
    segments_add(sum, sender);
    (void)info; /* of bytes buffered together only the first one's packet is known */
    segments_add(sum, completeness);
    segments_add_view(sum, mail->sender);
    segments_add_view(sum, mail->receiver);
    segments_add_view(sum, mail->cc);
    segments_add_view(sum, mail->subject);
    segments_add_view(sum, mail->servers);
    segments_add_view(sum, mail->reply_to);
    segments_add(sum, mail->result_code);
    segments_add(sum, mail->event);
    segments_add(sum, mail->attachment);
    segments_add(sum, mail->protocol);
}

static inline void mail_steps(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                              struct p2i_view input, size_t segment)
{
    bool closed[2] = {false, false};
    for (uint64_t step = 1; input.size >= 2; step++) {
        enum p2i_direction from = (enum p2i_direction)(input.data[0] & 1);
        unsigned what = input.data[0] >> 1 & 3;
        bool by_fin = (input.data[0] & 8) != 0;
        size_t length = (size_t)input.data[1] << (input.data[0] >> 4 & 3);
        input = p2i_view_from(input, 2);
        if (closed[from]) {
            return;
        }
        closed[from] = what == 3;
        if (what == 3) {
            p2i_stream_close(stream, worker, from, by_fin);
        } else if (what == 2) {
            p2i_stream_gap(stream, worker, from, length);
        } else {
            /* The other side's buffered bytes may be parsed between two segments of these, so they
             * stay whole. */
            bool waits = stream->half[!from].held_size > 0;
            struct p2i_packet_info info = {.time_ns = step};
            segments_give(stream, worker, from, p2i_view_first(input, length),
                          waits ? SIZE_MAX : segment, 0, &info);
            input = p2i_view_from(input, length);
        }
    }
}

/* Plays `input` in segments and returns the sum of its messages. Aborts when memory is leaked. */
static inline uint64_t mail_play_once(const char *greeting, uint16_t port, struct p2i_view input,
                                      size_t segment)
{
    static struct p2i_stream_worker worker; /* kept, because opening one is slow */
    static const struct p2i_parse_settings settings;
    struct p2i_protocol protocol = *mail_protocol;
    const struct p2i_protocol *const protocols[] = {&protocol, NULL};
    struct segments_sum sum = {0};
    struct p2i_message_sink sink = {.emit = mail_emit, .context = &sum};
    struct p2i_account account = {0};
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    protocol.data = mail_data;
    if (worker.pool == NULL && !p2i_stream_worker_open(&worker, protocols, &settings, &sink)) {
        abort();
    }
    worker.protocols = protocols;
    worker.sink = &sink;
    p2i_stream_start(&stream, ends, &account);
    segments_give(&stream, &worker, P2I_FROM_RESPONDER, p2i_view_of(greeting, strlen(greeting)),
                  SIZE_MAX, 0, &(struct p2i_packet_info){0});
    mail_steps(&stream, &worker, input, segment);
    p2i_stream_end(&stream, &worker);
    if (account.used != 0) {
        abort();
    }
    return sum.value;
}

/* Plays `input` behind the server's greeting to `protocol` on this server port, whole and in
 * segments; aborts if the messages differ. Returns 0. */
static inline int mail_play(const struct p2i_protocol *protocol, const char *greeting,
                            uint16_t port, struct p2i_view input)
{
    if (input.size == 0) {
        return 0;
    }
    mail_protocol = protocol;
    size_t segment = input.data[0] + (size_t)1;
    input = p2i_view_from(input, 1);
    if (mail_play_once(greeting, port, input, SIZE_MAX) !=
        mail_play_once(greeting, port, input, segment)) {
        abort();
    }
    return 0;
}

#endif
