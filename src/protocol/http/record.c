/* SPDX-License-Identifier: MIT */
/* The records of HTTP messages; a reply may wait for its length. */
#include "protocol/http/internal.h"

/* Gets room to join values of several lines. NULL: no header needs it, or out of memory. */
static uint8_t *get_scratch(struct p2i_parser *parser, const struct p2i_http_head *head)
{
    return head->rough != 0 ? p2i_pool_get(parser->pool, parser->account, head->line, NULL) : NULL;
}

static void put_scratch(struct p2i_parser *parser, const struct p2i_http_head *head, uint8_t *block)
{
    p2i_pool_put(parser->pool, parser->account, block, head->line);
}

void p2i_http_emit_request(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                           const struct p2i_http_head *head, enum p2i_completeness completeness)
{
    uint8_t *block = get_scratch(parser, head);
    uint8_t *free_part = block;
    uint8_t **scratch = block != NULL ? &free_part : NULL;
    struct p2i_view target = p2i_http_target(head, segment->bytes);
    struct p2i_clickstream message = {
        .path = target,
        .referer = p2i_http_value(head, segment->bytes, P2I_HTTP_REFERER, scratch),
        .user_agent = p2i_http_value(head, segment->bytes, P2I_HTTP_USER_AGENT, scratch),
        .cookie = p2i_http_value(head, segment->bytes, P2I_HTTP_COOKIE, scratch),
        .method = head->method,
    };
    message.host = p2i_http_host((enum p2i_method)head->method, target, head->target_cut,
                                 p2i_http_value(head, segment->bytes, P2I_HTTP_HOST, scratch));
    message.host_type = message.host.size > 0 ? P2I_HOST_HTTP : P2I_HOST_NONE;
    p2i_emit_part(parser, P2I_RECORD_CLICKSTREAM, segment->direction,
                  p2i_packet_info_at(segment, 0), &message, completeness);
    put_scratch(parser, head, block);
}

static struct p2i_view copy_view(uint8_t *to, struct p2i_view view)
{
    if (view.size > 0) {
        memcpy(to, view.data, view.size);
    }
    return p2i_view_of(to, view.size);
}

/* Keeps a reply until its body ends. False: out of memory. */
static bool wait_for_body(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                          const struct p2i_http_reply *reply, enum p2i_completeness completeness)
{
    size_t capacity = 0;
    struct p2i_http_waiting *waiting =
        p2i_pool_get(parser->pool, parser->account,
                     sizeof *waiting + reply->content_type.size + reply->location.size, &capacity);
    if (waiting == NULL) {
        return false;
    }
    uint8_t *text = (uint8_t *)(waiting + 1);
    waiting->capacity = capacity;
    waiting->completeness = completeness;
    waiting->info = *p2i_packet_info_at(segment, 0);
    waiting->reply = *reply;
    waiting->reply.content_type = copy_view(text, reply->content_type);
    waiting->reply.location = copy_view(text + reply->content_type.size, reply->location);
    ((struct p2i_http_state *)parser->state)->half[segment->direction].waiting = waiting;
    return true;
}

void p2i_http_emit_reply(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         const struct p2i_http_head *head, bool wait,
                         enum p2i_completeness completeness)
{
    uint8_t *block = get_scratch(parser, head);
    uint8_t *free_part = block;
    uint8_t **scratch = block != NULL ? &free_part : NULL;
    struct p2i_http_reply message = {
        .content_type = p2i_http_value(head, segment->bytes, P2I_HTTP_CONTENT_TYPE, scratch),
        .location = p2i_http_value(head, segment->bytes, P2I_HTTP_LOCATION, scratch),
        .content_length = head->content_length,
        .result_code = head->status,
    };
    bool waits = wait && wait_for_body(parser, segment, &message, completeness);
    if (!waits) {
        /* A reply that should wait, but cannot (out of memory), is cut: its length is missing. */
        p2i_emit_part(parser, P2I_RECORD_HTTP_REPLY, segment->direction,
                      p2i_packet_info_at(segment, 0), &message,
                      wait && completeness == P2I_WHOLE ? P2I_CUT : completeness);
    }
    put_scratch(parser, head, block);
}

void p2i_http_emit_waiting(struct p2i_parser *parser, enum p2i_direction direction, uint64_t length,
                           enum p2i_completeness completeness)
{
    struct p2i_http_half *half = &((struct p2i_http_state *)parser->state)->half[direction];
    struct p2i_http_waiting *waiting = half->waiting;
    if (waiting == NULL) {
        return;
    }
    half->waiting = NULL;
    waiting->reply.content_length = length;
    if (waiting->completeness != P2I_WHOLE) {
        completeness = waiting->completeness;
    }
    p2i_emit_part(parser, P2I_RECORD_HTTP_REPLY, direction, &waiting->info, &waiting->reply,
                  completeness);
    p2i_pool_put(parser->pool, parser->account, waiting, waiting->capacity);
}
