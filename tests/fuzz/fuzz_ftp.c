/* SPDX-License-Identifier: MIT */
/* A conversation for the FTP parser. The input is a byte whose lowest bit chooses the port (FTP's
 * or another), then a row of steps: a byte whose lowest bit tells the side and whose next two tell
 * what happens (0..1 speaks, 2 loses bytes, 3 hangs up), a byte of length, and, where a side
 * speaks, that many bytes times `stretch` (bits 3 and 4). */
#include <stdlib.h>

#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum_of(struct p2i_view view)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < view.size; i++) {
        sum += view.data[i];
    }
    return sum;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_origin *origin, const void *message)
{
    const struct p2i_ftp *ftp = message;
    uint64_t *sum = context;
    if (kind != P2I_RECORD_FTP || sender > 1 ||
        (ftp->mode != 0 && ftp->mode != 1 && ftp->mode != 255) || ftp->result_code > 699) {
        abort();
    }
    *sum += origin->time_ns + sum_of(ftp->server_name) + sum_of(ftp->user) + sum_of(ftp->password);
}

/* Each piece in a block of its own, so that a read past the end is caught. */
static void say(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                enum p2i_direction from, struct p2i_view bytes)
{
    struct p2i_origin origin = {.time_ns = bytes.size};
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    if (copy != NULL && bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
        p2i_stream_data(stream, setting, from, p2i_view_of(copy, bytes.size), &origin);
    }
    free(copy);
}

static void play(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 struct p2i_view input)
{
    while (input.size >= 2) {
        enum p2i_direction from = (enum p2i_direction)(input.data[0] & 1);
        unsigned what = input.data[0] >> 1 & 3;
        size_t length = (size_t)input.data[1] << (input.data[0] >> 3 & 3);
        input = p2i_view_from(input, 2);
        if (what == 3) {
            p2i_stream_close(stream, setting, from);
        } else if (what == 2) {
            p2i_stream_gap(stream, setting, from, length);
        } else {
            say(stream, setting, from, p2i_view_first(input, length));
            input = p2i_view_from(input, length);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct p2i_protocol *const protocols[] = {&p2i_ftp, NULL};
    struct p2i_account account = {0};
    struct p2i_parse_settings settings = {0};
    uint64_t sum = 0;
    struct p2i_sink sink = {emit, &sum};
    struct p2i_stream_setting setting = {
        .protocols = protocols,
        .settings = &settings,
        .pool = p2i_pool_new(),
    };
    struct p2i_stream stream = {0};
    if (setting.pool == NULL || size == 0) {
        p2i_pool_free(setting.pool);
        return 0;
    }
    struct p2i_ends ends = {.transport = P2I_OVER_TCP,
                            .port = {40000, (data[0] & 1) != 0 ? 2121 : 21}};
    p2i_stream_start(&stream, &setting, ends, &sink, &account);
    play(&stream, &setting, p2i_view_of(data + 1, size - 1));
    p2i_stream_end(&stream, &setting);
    if (account.used != 0) {
        abort();
    }
    p2i_pool_free(setting.pool);
    return 0;
}
