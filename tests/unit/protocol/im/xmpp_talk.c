/* SPDX-License-Identifier: MIT */
#include "xmpp_talk.h"

#include "protocol/message.h"
#include "protocol/protocols.h"

static enum p2i_match secret_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == 0x16 ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static struct p2i_step secret_data(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    size_t end = p2i_view_find(segment->bytes, '\n');
    if (end == segment->bytes.size) {
        return (struct p2i_step){0};
    }
    struct p2i_http_reply message = {.location =
                                         p2i_view_from(p2i_view_first(segment->bytes, end), 1)};
    p2i_emit(parser, P2I_RECORD_HTTP_REPLY, segment->direction, p2i_packet_info_at(segment, 0),
             &message);
    return (struct p2i_step){.consumed = end + 1};
}

static const struct p2i_protocol secret = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = secret_probe,
    .data = secret_data,
};

const struct p2i_protocol *const protocols[] = {&secret, &p2i_xmpp, NULL};

struct dialog xmpp_dialog_of(const struct dialog_step *steps, size_t count, uint16_t port)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, port}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
}
