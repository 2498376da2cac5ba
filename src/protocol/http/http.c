/* SPDX-License-Identifier: MIT */
/* HTTP/1.x over TCP (RFC 9110, RFC 9112): emits a clickstream message for each request and an
 * http_reply message for each response that is final or 101. The bytes show which side is the
 * client, so streams whose start was missed, or of which one direction was captured, work too.
 * Bodies are skipped. */
#include "protocol/http/headers.h"
#include "protocol/http/internal.h"
#include "protocol/protocols.h"

enum {
    HEAD_QUEUE = 64, /* unanswered requests for which HEAD is remembered */
};

/* ---- requests and replies ---- */

static void note_request(struct p2i_http_half *half, const struct p2i_http_head *head)
{
    if (half->outstanding < HEAD_QUEUE && head->method == P2I_METHOD_HEAD) {
        half->heads |= UINT64_C(1) << half->outstanding;
    }
    half->outstanding += half->outstanding < UINT32_MAX;
    half->asks = true;
}

/* The method that a final reply answers: P2I_METHOD_HEAD; P2I_METHOD_CONNECT; P2I_METHOD_GET for
 * a request for a WebSocket; P2I_METHOD_OTHER for all others, whose replies need no special
 * care. */
static enum p2i_method answer(struct p2i_http_half *asker)
{
    enum p2i_method method = P2I_METHOD_OTHER;
    if (asker->outstanding == 0) {
        return method;
    }
    if ((asker->heads & 1u) != 0) {
        method = P2I_METHOD_HEAD;
    } else if (asker->phase == P2I_HTTP_IN_TUNNEL && asker->outstanding == 1) {
        method = asker->websocket ? P2I_METHOD_GET : P2I_METHOD_CONNECT;
    }
    asker->heads >>= 1;
    asker->outstanding--;
    if (asker->outstanding == 0 && asker->expectation == P2I_HTTP_AWAITED) {
        asker->expectation = P2I_HTTP_ANSWERED;
    }
    return method;
}

/* An interim reply: the client will send the body that waited for 100. */
static void go_on(struct p2i_http_half *asker, const struct p2i_http_head *head)
{
    enum { CONTINUE = 100 };
    if (head->status == CONTINUE) {
        asker->expectation = P2I_HTTP_SETTLED;
    }
}

/* After a loss the next reply is taken for that of the last request: right without pipelining,
 * and the best guess with it. */
static void forget_older(struct p2i_http_half *asker)
{
    if (asker->outstanding > 1) {
        uint32_t older = asker->outstanding - 1;
        asker->heads = older < HEAD_QUEUE ? asker->heads >> older : 0;
        asker->outstanding = 1;
    }
}

/* RFC 6455 4.1: a GET without a body. */
static bool asks_for_websocket(const struct p2i_http_head *head)
{
    return head->websocket && head->method == P2I_METHOD_GET && !head->coded &&
           head->content_length == 0;
}

static bool awaits_websocket(const struct p2i_http_half *half)
{
    return half->phase == P2I_HTTP_IN_TUNNEL && half->websocket;
}

/* HTTP ends here. The next protocol is known only after an upgrade to WebSocket. */
static struct p2i_step hand_over(size_t size, bool websocket)
{
    return (struct p2i_step){
        .consumed = size,
        .verdict = P2I_RESTART,
        .next = websocket ? &p2i_websocket : NULL,
    };
}

static void open_tunnel(struct p2i_http_half *half, bool websocket, uint64_t time_ns)
{
    p2i_http_expect_head(half);
    half->phase = P2I_HTTP_IN_TUNNEL;
    half->websocket = websocket;
    half->tunnel_ns = time_ns;
}

static struct p2i_step request_ended(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment,
                                     struct p2i_http_half *half, size_t size)
{
    const struct p2i_http_head *head = &half->head;
    if (half->phase == P2I_HTTP_IN_HEAD) {
        p2i_http_emit_request(parser, segment, head, P2I_WHOLE);
    }
    note_request(half, head);
    if (head->method == P2I_METHOD_CONNECT || asks_for_websocket(head)) {
        open_tunnel(half, head->method != P2I_METHOD_CONNECT,
                    p2i_packet_info_at(segment, size - 1)->time_ns);
        return p2i_consume(size);
    }
    if (!p2i_http_is_framed(head)) {
        p2i_http_lose_framing(half);
        return p2i_consume(size);
    }
    if (head->chunked || (head->has_length && !head->coded)) {
        half->expectation = head->expects ? P2I_HTTP_AWAITED : P2I_HTTP_SETTLED;
        return p2i_http_enter_body(half, segment, size);
    }
    p2i_http_expect_head(half);
    return p2i_consume(size);
}

static struct p2i_step reply_ended(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment,
                                   struct p2i_http_half *half, size_t size)
{
    struct p2i_http_half *asker =
        &((struct p2i_http_state *)parser->state)->half[!segment->direction];
    const struct p2i_http_head *head = &half->head;
    if (p2i_http_is_interim(head)) {
        go_on(asker, head);
        p2i_http_expect_head(half);
        return p2i_consume(size);
    }
    enum p2i_method method = answer(asker);
    bool switched =
        head->status == 101 || (method == P2I_METHOD_CONNECT && head->status / 100 == 2);
    bool bare = switched || method == P2I_METHOD_HEAD || head->status == 204 || head->status == 304;
    bool wait = !bare && !head->has_length;
    if (half->phase == P2I_HTTP_IN_HEAD) {
        p2i_http_emit_reply(parser, segment, head, wait, P2I_WHOLE);
    } else if (!wait) {
        p2i_http_emit_waiting(parser, segment->direction, head->content_length, P2I_WHOLE);
    }
    if (switched) {
        return hand_over(size, head->status == 101 && head->websocket);
    }
    if (method == P2I_METHOD_CONNECT || method == P2I_METHOD_GET) {
        p2i_http_expect_head(asker);
    }
    if (!bare) {
        return p2i_http_enter_body(half, segment, size);
    }
    p2i_http_expect_head(half);
    return p2i_consume(size);
}

static struct p2i_step head_ended(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment,
                                  struct p2i_http_half *half, size_t size)
{
    return half->head.status == 0 ? request_ended(parser, segment, half, size)
                                  : reply_ended(parser, segment, half, size);
}

/* ---- one step in each phase ---- */

/* A head larger than can be held: emits a record of the held part. The rest is read only for the
 * length of the body. */
static struct p2i_step cut_long_head(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment,
                                     struct p2i_http_half *half)
{
    struct p2i_http_head part = half->head;
    if (!part.started && !p2i_http_start_cut(&part, segment->bytes)) {
        p2i_report_broken(parser);
        p2i_http_get_lost(half, true);
        return p2i_keep();
    }
    p2i_http_headers_cut(&part, segment->bytes);
    if (part.status == 0) {
        p2i_http_emit_request(parser, segment, &part, P2I_LIMITED);
    } else if (!p2i_http_is_interim(&part)) {
        p2i_http_emit_reply(parser, segment, &part, true, P2I_LIMITED);
    }
    half->phase = P2I_HTTP_IN_LONG_HEAD;
    half->mid_line = !half->head.started;
    if (half->mid_line) {
        half->head = part;
        return p2i_consume(segment->bytes.size);
    }
    return p2i_consume(half->head.line);
}

static struct p2i_step in_head(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                               struct p2i_http_half *half)
{
    struct p2i_http_head *head = &half->head;
    struct p2i_view bytes = segment->bytes;
    if (!head->started) {
        size_t blanks = p2i_line_ends(bytes);
        if (blanks > 0) {
            return p2i_consume(blanks);
        }
        if (p2i_http_start(head, bytes) == P2I_MATCH_NO) {
            p2i_report_broken(parser);
            p2i_http_get_lost(half, true);
            return p2i_keep();
        }
    }
    if (head->started && p2i_http_headers(head, bytes)) {
        return head_ended(parser, segment, half, head->line);
    }
    return segment->full ? cut_long_head(parser, segment, half) : p2i_consume_and_wait(segment, 0);
}

static struct p2i_step in_long_head(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment,
                                    struct p2i_http_half *half)
{
    bool ended;
    size_t size = p2i_http_skim_lines(half, segment->bytes, &ended);
    return ended ? head_ended(parser, segment, half, size) : p2i_consume(size);
}

/* Bytes behind a CONNECT: the reply decides whether they belong to a tunnel. If no reply was
 * ever seen, only this direction was captured, and bytes in a later packet than the CONNECT show
 * that the client got its tunnel. A refused WebSocket shows by the next request: the second byte
 * of a client frame is never a letter. */
static struct p2i_step in_tunnel(const struct p2i_stream_segment *segment,
                                 struct p2i_http_half *half)
{
    bool one_way = !segment->peer_seen && segment->last->time_ns > half->tunnel_ns;
    if (!one_way && !segment->full) {
        return p2i_keep();
    }
    if (half->websocket && segment->bytes.size < 2) {
        return (struct p2i_step){.need = 2};
    }
    if (half->websocket && segment->bytes.data[1] < 0x80) {
        p2i_http_expect_head(half);
        return p2i_keep();
    }
    return hand_over(0, half->websocket);
}

/* True when a line begins at `at` of the segment. */
static bool begins_line(const struct p2i_http_half *half, struct p2i_view bytes, size_t at)
{
    return at > 0 ? bytes.data[at - 1] == '\n' : !half->mid_line;
}

/* As p2i_line_before() the hit, but searches only the bytes that were not scanned before. */
static size_t line_before(const struct p2i_http_half *half, struct p2i_view bytes, size_t hit)
{
    size_t scanned = half->head.scanned; /* no line end in front of it */
    const uint8_t *end = hit > scanned ? memrchr(bytes.data + scanned, '\n', hit - scanned) : NULL;
    size_t line = end != NULL ? (size_t)(end - bytes.data) + 1 : 0;
    return hit - line > P2I_LINE_MAX ? hit - P2I_LINE_MAX : line;
}

/* Looks for the start of a message behind a loss, or behind a body that did not match its head.
 * Bodies need not end with a line, so the start may be anywhere; only the bytes that are needed
 * to judge a hit stay held. */
static struct p2i_step find_message(const struct p2i_stream_segment *segment,
                                    struct p2i_http_half *half, struct p2i_http_half *peer)
{
    struct p2i_view bytes = segment->bytes;
    size_t hit = p2i_http_find_version(bytes, half->head.scanned);
    while (hit < bytes.size) {
        size_t begin = 0;
        uint16_t status;
        enum p2i_match match = p2i_http_judge(bytes, hit, !half->mid_line, &status, &begin);
        if (match == P2I_MATCH_YES && (!half->line_wanted || begins_line(half, bytes, begin))) {
            p2i_http_expect_head(half);
            if (status != 0) {
                forget_older(peer);
            }
            return p2i_consume(begin);
        }
        if (match == P2I_MATCH_MORE && !segment->full) {
            break;
        }
        hit = p2i_http_find_version(bytes, hit + 1);
    }
    size_t line = line_before(half, bytes, hit);
    half->mid_line = line > 0 ? bytes.data[line - 1] != '\n' : half->mid_line;
    half->head.scanned = (uint32_t)(hit - line);
    return p2i_consume_and_wait(segment, line);
}

static struct p2i_step take_step(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment)
{
    struct p2i_http_state *http = parser->state;
    struct p2i_http_half *half = &http->half[segment->direction];
    if (half->expectation == P2I_HTTP_ANSWERED) {
        size_t line_ends = p2i_http_pass_line_ends(half, segment->bytes);
        if (line_ends > 0 || !p2i_http_settle(half, segment->bytes)) {
            return p2i_consume(line_ends);
        }
    }
    switch ((enum p2i_http_phase)half->phase) {
    case P2I_HTTP_IN_HEAD:
        return in_head(parser, segment, half);
    case P2I_HTTP_IN_LONG_HEAD:
        return in_long_head(parser, segment, half);
    case P2I_HTTP_IN_DATA:
        return p2i_http_in_data(segment, half);
    case P2I_HTTP_IN_CHUNKS:
        return p2i_http_in_chunks(parser, segment, half);
    case P2I_HTTP_IN_TRAILER:
        return p2i_http_in_trailer(parser, segment, half);
    case P2I_HTTP_IN_REST:
        return p2i_consume(UINT64_MAX);
    case P2I_HTTP_IN_TUNNEL:
        return in_tunnel(segment, half);
    case P2I_HTTP_LOST:
        return find_message(segment, half, &http->half[!segment->direction]);
    }
    return p2i_keep();
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_http_state *http = parser->state;
    struct p2i_http_half *half = &http->half[segment->direction];
    if (http->afresh) {
        return hand_over(0, awaits_websocket(half) ||
                                awaits_websocket(&http->half[!segment->direction]));
    }
    struct p2i_step step;
    uint8_t before;
    do {
        before = half->phase;
        step = take_step(parser, segment);
        /* A step that only changed the phase has not parsed the bytes in the new one. */
    } while (step.consumed == 0 && step.verdict == P2I_CONTINUE &&
             http->half[segment->direction].phase != before);
    return step;
}

/* ---- messages that are cut ---- */

static void cut_request(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                        struct p2i_http_half *half, const struct p2i_http_head *head)
{
    p2i_http_emit_request(parser, segment, head, P2I_CUT);
    note_request(half, head);
    p2i_http_expect_head(half);
    if (head->method == P2I_METHOD_CONNECT) {
        open_tunnel(half, false, p2i_packet_info_at(segment, segment->bytes.size)->time_ns);
    }
}

static void cut_reply(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                      const struct p2i_http_head *head)
{
    struct p2i_http_half *asker =
        &((struct p2i_http_state *)parser->state)->half[!segment->direction];
    if (p2i_http_is_interim(head)) {
        go_on(asker, head);
    } else {
        p2i_http_emit_reply(parser, segment, head, false, P2I_CUT);
        (void)answer(asker);
    }
}

/* Emits a head that is cut here, perhaps in its first line. */
static void cut_head(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                     struct p2i_http_half *half)
{
    struct p2i_http_head part = half->head;
    if (!part.started && !p2i_http_start_cut(&part, segment->bytes)) {
        return;
    }
    p2i_http_headers_cut(&part, segment->bytes);
    if (part.status == 0) {
        cut_request(parser, segment, half, &part);
    } else {
        cut_reply(parser, segment, &part);
    }
}

/* A request may follow a refused body, with its first line cut. */
static void settle_cut(struct p2i_http_half *half, struct p2i_view bytes)
{
    struct p2i_http_head head = {0};
    if (half->expectation == P2I_HTTP_ANSWERED && p2i_http_start_cut(&head, bytes) &&
        head.status == 0) {
        p2i_http_expect_head(half);
    }
}

/* A segment cut in the first line of a message, behind another that is cut, is out of sync. But
 * if the bytes right behind a gap begin a message of the kind that this side has sent before,
 * they are taken for one: gaps of a snaplen end where a segment begins. */
static void find_cut(const struct p2i_stream_segment *segment, struct p2i_http_half *half,
                     struct p2i_http_half *peer)
{
    struct p2i_http_head head = {0};
    if (segment->offset == half->gap_end && p2i_http_start_cut(&head, segment->bytes) &&
        (head.status == 0) == half->asks) {
        p2i_http_expect_head(half);
        if (head.status != 0) {
            forget_older(peer);
        }
    }
}

/* Emits the record of the message that ends here, with `lost` bytes of the direction lost so
 * far. `ended`: its sender ended it. */
static void cut_message(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                        uint64_t lost, bool ended)
{
    struct p2i_http_state *http = parser->state;
    struct p2i_http_half *half = &http->half[segment->direction];
    const struct p2i_http_body *body = &half->body;
    settle_cut(half, segment->bytes);
    if (half->phase == P2I_HTTP_LOST) {
        find_cut(segment, half, &http->half[!segment->direction]);
    }
    switch ((enum p2i_http_phase)half->phase) {
    case P2I_HTTP_IN_HEAD:
        cut_head(parser, segment, half);
        break;
    case P2I_HTTP_IN_LONG_HEAD:
        p2i_http_emit_waiting(parser, segment->direction, half->head.content_length, P2I_CUT);
        break;
    case P2I_HTTP_IN_CHUNKS:
    case P2I_HTTP_IN_TRAILER:
    case P2I_HTTP_IN_REST:
        ended = ended && half->phase == P2I_HTTP_IN_REST && p2i_http_body_is_whole(body, lost);
        p2i_http_emit_waiting(parser, segment->direction,
                              p2i_http_body_seen(body, segment->offset, lost),
                              ended ? P2I_WHOLE : P2I_CUT);
        break;
    case P2I_HTTP_IN_DATA:
    case P2I_HTTP_IN_TUNNEL:
    case P2I_HTTP_LOST:
        break;
    }
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    struct p2i_http_state *http = parser->state;
    struct p2i_http_half *half = &http->half[segment->direction];
    struct p2i_http_half *peer = &http->half[!segment->direction];
    cut_message(parser, segment, segment->lost - missing, false);
    if (half->phase == P2I_HTTP_IN_DATA) {
        p2i_http_lose_data(half, segment->bytes.size + missing);
    } else if (half->phase != P2I_HTTP_IN_TUNNEL) {
        p2i_http_get_lost(half, false);
    }
    half->gap_end = segment->offset + segment->bytes.size + missing;
    if (peer->phase == P2I_HTTP_IN_TUNNEL) {
        http->afresh = true;
    }
    if (peer->expectation == P2I_HTTP_AWAITED) {
        peer->expectation = P2I_HTTP_ANSWERED;
    }
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_http_state *http = parser->state;
    struct p2i_http_half *half = &http->half[segment->direction];
    cut_message(parser, segment, segment->lost, segment->ended);
    if (half->phase != P2I_HTTP_IN_TUNNEL) {
        p2i_http_get_lost(half, false);
    }
}

static void at_end(struct p2i_parser *parser)
{
    const struct p2i_http_state *http = parser->state;
    for (int direction = 0; direction < 2; direction++) {
        const struct p2i_http_body *body = &http->half[direction].body;
        p2i_http_emit_waiting(parser, (enum p2i_direction)direction, body->counted, P2I_CUT);
    }
}

/* ---- recognition ---- */

static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    enum { BLANKS_MAX = 64 };
    size_t blanks = p2i_line_ends(p2i_view_first(bytes, BLANKS_MAX));
    struct p2i_view line = p2i_view_first(p2i_view_from(bytes, blanks), P2I_LINE_MAX);
    if (blanks == BLANKS_MAX) {
        return P2I_MATCH_NO;
    }
    struct p2i_http_head head = {0};
    enum p2i_match match = p2i_http_start(&head, line);
    return match == P2I_MATCH_MORE && line.size == P2I_LINE_MAX ? P2I_MATCH_YES : match;
}

static bool probe_cut(const struct p2i_ends *ends, enum p2i_direction direction,
                      struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    struct p2i_http_head head = {0};
    return p2i_http_start_cut(&head, p2i_view_from(bytes, p2i_line_ends(bytes)));
}

/* Outstanding requests may be forgotten, except HEAD, whose reply has no body. */
static bool is_dormant(const struct p2i_parser *parser)
{
    const struct p2i_http_state *http = parser->state;
    for (int i = 0; i < 2; i++) {
        const struct p2i_http_half *half = &http->half[i];
        if (half->phase != P2I_HTTP_IN_HEAD || half->waiting != NULL || half->mid_line ||
            (half->outstanding > 0 && half->heads != 0)) {
            return false;
        }
    }
    return !http->afresh;
}

const struct p2i_protocol p2i_http = {
    .id = P2I_ID_HTTP,
    .state_size = sizeof(struct p2i_http_state),
    .over = {[P2I_OVER_TCP] = true},
    .probe = probe,
    .probe_cut = probe_cut,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
    .is_dormant = is_dormant,
};
