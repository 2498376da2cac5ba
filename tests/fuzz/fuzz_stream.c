/* SPDX-License-Identifier: MIT */
/* A session of any bytes in any segments, with all protocols: no parser may read outside its
 * segment, leak memory, or lose count of bytes. The input is a sequence of steps: a byte (bit 0:
 * direction; bit 1 or 2 set: sends bytes; else bit 3 set: loses bytes; else closes), a byte of
 * length, and the bytes to send. */
#include <stdlib.h>

#include "pcap2ipfix/cursor.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    (void)completeness;
    (void)kind;
    (void)sender;
    (void)message;
    *(uint64_t *)context += info->time_ns;
}

static void give(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                 enum p2i_direction direction, struct p2i_view bytes)
{
    uint8_t *copy = malloc(bytes.size + 1);
    struct p2i_packet_info *info = calloc(1, sizeof *info);
    if (copy != NULL && info != NULL) {
        if (bytes.size > 0) {
            memcpy(copy, bytes.data, bytes.size);
        }
        /* The segment ends at the end of its block. */
        uint8_t *exact = realloc(copy, bytes.size > 0 ? bytes.size : 1);
        copy = exact != NULL ? exact : copy;
        if (stream->ends.transport == P2I_OVER_TCP) {
            p2i_stream_data(stream, worker, direction, p2i_view_of(copy, bytes.size), info);
        } else {
            p2i_stream_datagram(stream, worker, direction, p2i_view_of(copy, bytes.size), 0, info);
        }
    }
    free(copy);
    free(info);
}

static void play(struct p2i_ends ends, struct p2i_cursor input)
{
    struct p2i_parse_settings settings = {true, true, true, true};
    uint64_t sum = 0;
    uint64_t given = 0;
    struct p2i_message_sink sink = {emit, &sum};
    struct p2i_account account = {0};
    struct p2i_stream_worker worker;
    if (!p2i_stream_worker_open(&worker, p2i_protocols, &settings, &sink)) {
        abort();
    }
    struct p2i_stream stream = {0};
    p2i_stream_start(&stream, ends, &account);
    while (input.rest.size > 0) {
        uint8_t step = p2i_u8(&input);
        enum p2i_direction direction = step & 1;
        size_t length = p2i_u8(&input);
        if ((step & 6) != 0) {
            struct p2i_view bytes = p2i_view_first(input.rest, length);
            given += bytes.size;
            give(&stream, &worker, direction, bytes);
            p2i_skip(&input, bytes.size);
        } else if ((step & 8) != 0) {
            p2i_stream_gap(&stream, &worker, direction, length * length + 1);
        } else {
            p2i_stream_close(&stream, &worker, direction, true);
        }
    }
    p2i_stream_end(&stream, &worker);
    if (account.used != 0 || given != worker.counts.parsed_bytes + worker.counts.ignored_bytes) {
        abort();
    }
    p2i_stream_worker_close(&worker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    static const uint16_t ports[] = {80, 443, 53, 5353, 8080, 25, 5060, 1234};
    struct p2i_ends ends = {
        .transport = data[0] & 8 ? P2I_OVER_UDP : P2I_OVER_TCP,
        .port = {40000, ports[data[0] & 7]},
    };
    play(ends, p2i_cursor_of(p2i_view_of(data + 1, size - 1)));
    return 0;
}
