/* SPDX-License-Identifier: MIT */
#include "talk.h"

#include <criterion/criterion.h>

#include "protocol/message.h"

static enum p2i_match secret_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == 0x16 || bytes.data[0] == 0x80 ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static struct p2i_step secret_data(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    size_t end = p2i_view_find(segment->bytes, '\n');
    if (end == segment->bytes.size) {
        return (struct p2i_step){0};
    }
    struct p2i_http_reply message = {.location = p2i_view_first(segment->bytes, end)};
    p2i_emit(parser, P2I_RECORD_HTTP_REPLY, segment->direction, p2i_packet_info_at(segment, 0),
             &message);
    return (struct p2i_step){.consumed = end + 1};
}

const struct p2i_protocol talk_secret = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = secret_probe,
    .data = secret_data,
};

static void weigh(struct flood *flood)
{
    flood->most = flood->account.used > flood->most ? flood->account.used : flood->most;
}

static void count(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                  const struct p2i_packet_info *info, const void *message,
                  enum p2i_completeness completeness)
{
    (void)completeness;
    struct flood *flood = context;
    (void)kind;
    (void)sender;
    (void)info;
    flood->records++;
    weigh(flood);
    if (flood->look != NULL) {
        flood->look(flood, message);
    }
}

void flood_begin(struct flood *flood, const struct p2i_protocol *const *protocols, uint16_t port)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    *flood = (struct flood){.sink = {count, flood}};
    cr_assert(p2i_stream_worker_open(&flood->worker, protocols, &flood->settings, &flood->sink));
    p2i_stream_start(&flood->stream, ends, &flood->account);
}

void flood_say(struct flood *flood, enum p2i_direction from, struct p2i_view bytes)
{
    static const struct p2i_packet_info info;
    p2i_stream_data(&flood->stream, &flood->worker, from, bytes, &info);
    weigh(flood);
}

void flood_end(struct flood *flood)
{
    p2i_stream_end(&flood->stream, &flood->worker);
    cr_assert_eq(flood->account.used, 0);
    p2i_stream_worker_close(&flood->worker);
}
