/* SPDX-License-Identifier: MIT */
/* HTTP/1.x over TCP (RFC 9110, RFC 9112): a clickstream message for each request, an http_reply
 * message for each response that is final or 101. Which side asks is seen from what it sends, so
 * conversations whose start was missed, and those of which one direction was captured, work too.
 * Bodies are stepped over unseen. */
#include "protocol/headers.h"
#include "protocol/http_head.h"
#include "protocol/protocols.h"

enum {
    CHUNK_LINE_MAX = 4096, /* chunk size with extensions, trailer or header that is skimmed */
    HEAD_QUEUE = 64, /* requests without an answer of which it is known whether they are HEAD */
};

enum phase {
    IN_HEAD = 0,
    IN_LONG_HEAD, /* behind what could be held of a head; its record is out or waiting */
    IN_CHUNKS,    /* in front of a chunk-size line */
    IN_TRAILER,
    IN_REST,   /* a body that ends with the connection */
    IN_TUNNEL, /* behind a CONNECT, or what asks for a WebSocket, that has not been answered */
    LOST,      /* looking for the start of a message */
};

/* A reply whose length is known only when its body has ended. Its strings follow it. */
struct waiting {
    struct p2i_http_reply reply;
    struct p2i_origin origin;
    size_t capacity;
};

/* How many bytes of a body were seen: those of the runs (chunks) that lie behind, and of the run
 * that begins at data_at, without those that were lost. */
struct body {
    uint64_t counted;
    uint64_t data_at;
    uint64_t data_size;
    uint64_t lost_before;
};

/* One direction. */
struct half {
    struct p2i_http_head head;
    struct body body;
    struct waiting *waiting;
    uint64_t heads;       /* bit n: the n-th of the outstanding requests is HEAD */
    uint32_t outstanding; /* requests sent in this direction that were not answered */
    uint8_t phase;
    bool mid_line;      /* the offer begins in the middle of a line that is of no interest */
    bool websocket;     /* with IN_TUNNEL: a WebSocket was asked for */
    uint64_t tunnel_ns; /* time of the packet in which the head that asks for a tunnel ended */
};

struct http {
    struct half half[2];
    bool afresh; /* the reply to CONNECT was lost: what this is now must be found out again */
};

static struct p2i_step keep(void)
{
    return (struct p2i_step){0};
}

static struct p2i_step consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

/* `size` bytes, then `more` that need not be seen. */
static struct p2i_step consume_and_skip(size_t size, uint64_t more)
{
    return consume(more > UINT64_MAX - size ? UINT64_MAX : size + more);
}

static void expect_head(struct half *half)
{
    half->head = (struct p2i_http_head){0};
    half->phase = IN_HEAD;
}

/* `mid_line`: what is offered now was looked at, and is no start of a message. */
static void get_lost(struct half *half, bool mid_line)
{
    half->head = (struct p2i_http_head){0};
    half->phase = LOST;
    half->mid_line = mid_line;
}

/* ---- records ---- */

static bool interim(const struct p2i_http_head *head)
{
    return head->status < 200 && head->status != 101;
}

/* Room to join what the values of a head are in pieces; NULL when none are or memory is out. */
static uint8_t *get_scratch(struct p2i_parser *parser, const struct p2i_http_head *head)
{
    return head->rough != 0 ? p2i_pool_get(parser->pool, parser->account, head->line, NULL) : NULL;
}

static void put_scratch(struct p2i_parser *parser, const struct p2i_http_head *head, uint8_t *block)
{
    p2i_pool_put(parser->pool, parser->account, block, head->line);
}

static void emit_request(struct p2i_parser *parser, const struct p2i_piece *piece,
                         const struct p2i_http_head *head)
{
    uint8_t *block = get_scratch(parser, head);
    uint8_t *free_part = block;
    uint8_t **scratch = block != NULL ? &free_part : NULL;
    struct p2i_view target = p2i_http_target(head, piece->bytes);
    struct p2i_clickstream message = {
        .path = target,
        .referer = p2i_http_value(head, piece->bytes, P2I_HTTP_REFERER, scratch),
        .user_agent = p2i_http_value(head, piece->bytes, P2I_HTTP_USER_AGENT, scratch),
        .cookie = p2i_http_value(head, piece->bytes, P2I_HTTP_COOKIE, scratch),
        .method = head->method,
    };
    message.host = p2i_http_host((enum p2i_method)head->method, target,
                                 p2i_http_value(head, piece->bytes, P2I_HTTP_HOST, scratch));
    message.host_type = message.host.size > 0 ? P2I_HOST_HTTP : P2I_HOST_NONE;
    p2i_emit(parser, P2I_RECORD_CLICKSTREAM, piece->direction, p2i_origin_at(piece, 0), &message);
    put_scratch(parser, head, block);
}

static struct p2i_view copy_view(uint8_t *to, struct p2i_view view)
{
    if (view.size > 0) {
        memcpy(to, view.data, view.size);
    }
    return p2i_view_of(to, view.size);
}

/* Keeps a reply until its body has ended; false when memory is out. */
static bool wait_for_body(struct p2i_parser *parser, const struct p2i_piece *piece,
                          const struct p2i_http_reply *reply)
{
    size_t capacity = 0;
    struct waiting *waiting =
        p2i_pool_get(parser->pool, parser->account,
                     sizeof *waiting + reply->content_type.size + reply->location.size, &capacity);
    if (waiting == NULL) {
        return false;
    }
    uint8_t *text = (uint8_t *)(waiting + 1);
    waiting->capacity = capacity;
    waiting->origin = *p2i_origin_at(piece, 0);
    waiting->reply = *reply;
    waiting->reply.content_type = copy_view(text, reply->content_type);
    waiting->reply.location = copy_view(text + reply->content_type.size, reply->location);
    ((struct http *)parser->state)->half[piece->direction].waiting = waiting;
    return true;
}

/* The reply goes out now, or, with `wait`, when its length is known. */
static void emit_reply(struct p2i_parser *parser, const struct p2i_piece *piece,
                       const struct p2i_http_head *head, bool wait)
{
    uint8_t *block = get_scratch(parser, head);
    uint8_t *free_part = block;
    uint8_t **scratch = block != NULL ? &free_part : NULL;
    struct p2i_http_reply message = {
        .content_type = p2i_http_value(head, piece->bytes, P2I_HTTP_CONTENT_TYPE, scratch),
        .location = p2i_http_value(head, piece->bytes, P2I_HTTP_LOCATION, scratch),
        .content_length = head->content_length,
        .result_code = head->status,
    };
    if (!wait || !wait_for_body(parser, piece, &message)) {
        p2i_emit(parser, P2I_RECORD_HTTP_REPLY, piece->direction, p2i_origin_at(piece, 0),
                 &message);
    }
    put_scratch(parser, head, block);
}

/* The reply that waits, if any, goes out. */
static void emit_waiting(struct p2i_parser *parser, enum p2i_direction direction, uint64_t length)
{
    struct half *half = &((struct http *)parser->state)->half[direction];
    struct waiting *waiting = half->waiting;
    if (waiting == NULL) {
        return;
    }
    half->waiting = NULL;
    waiting->reply.content_length = length;
    p2i_emit(parser, P2I_RECORD_HTTP_REPLY, direction, &waiting->origin, &waiting->reply);
    p2i_pool_put(parser->pool, parser->account, waiting, waiting->capacity);
}

/* ---- bodies ---- */

static void begin_body(struct half *half, const struct p2i_piece *piece, uint64_t at, uint64_t size)
{
    half->body = (struct body){.data_at = at, .data_size = size, .lost_before = piece->lost};
}

/* Body bytes seen up to `offset` of the stream, of which `lost` bytes were lost so far. */
static uint64_t body_seen(const struct body *body, uint64_t offset, uint64_t lost)
{
    uint64_t run = offset > body->data_at ? offset - body->data_at : 0;
    uint64_t seen = body->counted + (run < body->data_size ? run : body->data_size);
    uint64_t missing = lost - body->lost_before;
    return seen > missing ? seen - missing : 0;
}

/* Head of a message whose body is not empty has ended; `size` is what it took of the piece. */
static struct p2i_step enter_body(struct half *half, const struct p2i_piece *piece, size_t size)
{
    const struct p2i_http_head *head = &half->head;
    if (head->chunked) {
        begin_body(half, piece, piece->offset + size, 0);
        half->phase = IN_CHUNKS;
        return consume(size);
    }
    if (head->has_length && !head->coded) {
        uint64_t length = head->content_length;
        expect_head(half);
        return consume_and_skip(size, length);
    }
    begin_body(half, piece, piece->offset + size, UINT64_MAX);
    half->phase = IN_REST;
    return consume(UINT64_MAX);
}

/* ---- requests and replies ---- */

static void note_request(struct half *half)
{
    if (half->outstanding < HEAD_QUEUE && half->head.method == P2I_METHOD_HEAD) {
        half->heads |= UINT64_C(1) << half->outstanding;
    }
    half->outstanding += half->outstanding < UINT32_MAX;
}

/* A final reply: which method does it answer? P2I_METHOD_GET for one that asks for a WebSocket,
 * P2I_METHOD_OTHER for all else whose replies are plain. */
static enum p2i_method answer(struct half *asker)
{
    enum p2i_method method = P2I_METHOD_OTHER;
    if (asker->outstanding == 0) {
        return method;
    }
    if ((asker->heads & 1u) != 0) {
        method = P2I_METHOD_HEAD;
    } else if (asker->phase == IN_TUNNEL && asker->outstanding == 1) {
        method = asker->websocket ? P2I_METHOD_GET : P2I_METHOD_CONNECT;
    }
    asker->heads >>= 1;
    asker->outstanding--;
    return method;
}

/* After a loss, the next reply answers the last request: without pipelining that is so, and with
 * it nothing better is known. */
static void forget_older(struct half *asker)
{
    if (asker->outstanding > 1) {
        uint32_t older = asker->outstanding - 1;
        asker->heads = older < HEAD_QUEUE ? asker->heads >> older : 0;
        asker->outstanding = 1;
    }
}

/* RFC 6455 4.1: a GET, which has no body. */
static bool asks_for_websocket(const struct p2i_http_head *head)
{
    return head->websocket && head->method == P2I_METHOD_GET && !head->coded &&
           head->content_length == 0;
}

static bool awaits_websocket(const struct half *half)
{
    return half->phase == IN_TUNNEL && half->websocket;
}

/* This protocol ends here; what is behind it is known only of a WebSocket. */
static struct p2i_step hand_over(size_t size, bool websocket)
{
    return (struct p2i_step){
        .consumed = size,
        .verdict = P2I_ANEW,
        .next = websocket ? &p2i_websocket : NULL,
    };
}

static struct p2i_step request_ended(struct p2i_parser *parser, const struct p2i_piece *piece,
                                     struct half *half, size_t size)
{
    const struct p2i_http_head *head = &half->head;
    if (half->phase == IN_HEAD) {
        emit_request(parser, piece, head);
    }
    note_request(half);
    if (head->method == P2I_METHOD_CONNECT || asks_for_websocket(head)) {
        half->websocket = head->method != P2I_METHOD_CONNECT;
        expect_head(half);
        half->phase = IN_TUNNEL;
        half->tunnel_ns = p2i_origin_at(piece, size - 1)->time_ns;
        return consume(size);
    }
    if (head->chunked || (head->has_length && !head->coded)) {
        return enter_body(half, piece, size);
    }
    expect_head(half);
    return consume(size);
}

static struct p2i_step reply_ended(struct p2i_parser *parser, const struct p2i_piece *piece,
                                   struct half *half, size_t size)
{
    struct half *asker = &((struct http *)parser->state)->half[!piece->direction];
    const struct p2i_http_head *head = &half->head;
    if (interim(head)) {
        expect_head(half);
        return consume(size);
    }
    enum p2i_method method = answer(asker);
    bool switched =
        head->status == 101 || (method == P2I_METHOD_CONNECT && head->status / 100 == 2);
    bool bare = switched || method == P2I_METHOD_HEAD || head->status == 204 || head->status == 304;
    bool wait = !bare && !head->has_length;
    if (half->phase == IN_HEAD) {
        emit_reply(parser, piece, head, wait);
    } else if (!wait) {
        emit_waiting(parser, piece->direction, head->content_length);
    }
    if (switched) {
        return hand_over(size, head->status == 101 && head->websocket);
    }
    if (method == P2I_METHOD_CONNECT || method == P2I_METHOD_GET) {
        expect_head(asker);
    }
    if (!bare) {
        return enter_body(half, piece, size);
    }
    expect_head(half);
    return consume(size);
}

static struct p2i_step head_ended(struct p2i_parser *parser, const struct p2i_piece *piece,
                                  struct half *half, size_t size)
{
    return half->head.status == 0 ? request_ended(parser, piece, half, size)
                                  : reply_ended(parser, piece, half, size);
}

/* ---- one step in each phase ---- */

/* More head than can be held: a record of what is there. What follows is read for what it says
 * about the body only. */
static struct p2i_step cut_long_head(struct p2i_parser *parser, const struct p2i_piece *piece,
                                     struct half *half)
{
    struct p2i_http_head *head = &half->head;
    if (!head->started) {
        get_lost(half, true);
        return keep();
    }
    if (head->status == 0) {
        emit_request(parser, piece, head);
    } else if (!interim(head)) {
        emit_reply(parser, piece, head, true);
    }
    half->phase = IN_LONG_HEAD;
    half->mid_line = false;
    return consume(head->line);
}

static struct p2i_step in_head(struct p2i_parser *parser, const struct p2i_piece *piece,
                               struct half *half)
{
    struct p2i_http_head *head = &half->head;
    struct p2i_view bytes = piece->bytes;
    if (!head->started) {
        size_t blanks = p2i_line_ends(bytes);
        if (blanks > 0) {
            return consume(blanks);
        }
        if (p2i_http_start(head, bytes) == P2I_MATCH_NO) {
            get_lost(half, true);
            return keep();
        }
    }
    if (head->started && p2i_http_headers(head, bytes)) {
        return head_ended(parser, piece, half, head->line);
    }
    return piece->full ? cut_long_head(parser, piece, half) : keep();
}

/* Steps over complete lines up to an empty one; *ended tells whether it was found. Very long lines
 * mean nothing, whether they come in one piece or in many. */
static size_t skim_lines(struct half *half, struct p2i_view bytes, bool *ended)
{
    size_t at = 0;
    *ended = false;
    while (at < bytes.size && !*ended) {
        struct p2i_view rest = p2i_view_from(bytes, at);
        struct p2i_view line = p2i_view_first(rest, p2i_view_find(rest, '\n'));
        if (line.size == rest.size) {
            half->mid_line = half->mid_line || line.size > CHUNK_LINE_MAX;
            return half->mid_line ? bytes.size : at;
        }
        if (!half->mid_line && line.size <= CHUNK_LINE_MAX) {
            *ended = p2i_line_ends_head(line);
            if (half->phase == IN_LONG_HEAD) {
                p2i_http_framing(&half->head, line);
            }
        }
        half->mid_line = false;
        at += line.size + 1;
    }
    return at;
}

static struct p2i_step in_long_head(struct p2i_parser *parser, const struct p2i_piece *piece,
                                    struct half *half)
{
    bool ended;
    size_t size = skim_lines(half, piece->bytes, &ended);
    return ended ? head_ended(parser, piece, half, size) : consume(size);
}

static struct p2i_step in_trailer(struct p2i_parser *parser, const struct p2i_piece *piece,
                                  struct half *half)
{
    bool ended;
    size_t size = skim_lines(half, piece->bytes, &ended);
    if (ended) {
        emit_waiting(parser, piece->direction, body_seen(&half->body, piece->offset, piece->lost));
        expect_head(half);
    }
    return consume(size);
}

/* The number at the start of a chunk-size line (RFC 9112 section 7.1); false if there is none. */
static bool read_chunk_size(struct p2i_view line, uint64_t *size)
{
    uint64_t number = 0;
    size_t at = 0;
    for (; at < line.size; at++) {
        uint8_t byte = p2i_lower(line.data[at]);
        unsigned digit;
        if (byte >= '0' && byte <= '9') {
            digit = (unsigned)(byte - '0');
        } else if (byte >= 'a' && byte <= 'f') {
            digit = (unsigned)(byte - 'a' + 10);
        } else {
            break;
        }
        number = number >> 60 != 0 ? UINT64_MAX : number << 4 | digit;
    }
    *size = number;
    bool ends_well = at == line.size || line.data[at] == ';' || line.data[at] == ' ' ||
                     line.data[at] == '\t' || line.data[at] == '\r';
    return at > 0 && ends_well;
}

static struct p2i_step in_chunks(struct p2i_parser *parser, const struct p2i_piece *piece,
                                 struct half *half)
{
    struct body *body = &half->body;
    /* The line end behind the data of the chunk before was not looked at when that was stepped
     * over. */
    size_t blanks = p2i_line_ends(p2i_view_first(piece->bytes, 2));
    struct p2i_view rest = p2i_view_first(p2i_view_from(piece->bytes, blanks), CHUNK_LINE_MAX);
    struct p2i_view line = p2i_view_first(rest, p2i_view_find(rest, '\n'));
    uint64_t size = 0;
    if (line.size == rest.size && rest.size < CHUNK_LINE_MAX && !piece->full) {
        return keep();
    }
    if (line.size == rest.size || !read_chunk_size(line, &size)) {
        emit_waiting(parser, piece->direction, body_seen(body, piece->offset, piece->lost));
        get_lost(half, false);
        return keep();
    }
    size_t head_size = blanks + line.size + 1;
    body->counted += body->data_size;
    body->data_at = piece->offset + head_size;
    body->data_size = size;
    if (size == 0) {
        half->phase = IN_TRAILER;
        half->mid_line = false;
    }
    return consume_and_skip(head_size, size);
}

/* Whether what the client sends behind its CONNECT belongs to a tunnel, the reply tells. Where no
 * reply was ever seen this is a capture of one direction: bytes in a later packet than the CONNECT
 * were sent by a client that has got one. A WebSocket that was refused is seen by the request that
 * follows: the second byte of a client's frame is no letter. */
static struct p2i_step in_tunnel(const struct p2i_piece *piece, struct half *half)
{
    bool one_way = !piece->peer_seen && piece->last->time_ns > half->tunnel_ns;
    if (!one_way && !piece->full) {
        return keep();
    }
    if (half->websocket && piece->bytes.size < 2) {
        return (struct p2i_step){.need = 2};
    }
    if (half->websocket && piece->bytes.data[1] < 0x80) {
        expect_head(half);
        return keep();
    }
    return hand_over(0, half->websocket);
}

/* Looks for the start of a message behind a loss, or behind a body that was not what its head said.
 * Bodies need not end with a line, so it may be anywhere; where each hit is judged by the bytes
 * around it, only as many of the bytes seen are held as that takes. */
static struct p2i_step find_message(const struct p2i_piece *piece, struct half *half,
                                    struct half *peer)
{
    struct p2i_view bytes = piece->bytes;
    size_t hit = p2i_http_find_version(bytes, half->head.scanned);
    while (hit < bytes.size) {
        size_t begin = 0;
        struct p2i_http_head head;
        enum p2i_match match = p2i_http_judge(bytes, hit, !half->mid_line, &head, &begin);
        if (match == P2I_MATCH_YES) {
            expect_head(half);
            if (head.status != 0) {
                forget_older(peer);
            }
            return consume(begin);
        }
        if (match == P2I_MATCH_MORE && !piece->full) {
            break;
        }
        hit = p2i_http_find_version(bytes, hit + 1);
    }
    size_t line = p2i_line_before(bytes, hit);
    half->mid_line = line > 0 ? bytes.data[line - 1] != '\n' : half->mid_line;
    half->head.scanned = (uint32_t)(hit - line);
    return consume(line);
}

static struct p2i_step take_step(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct http *http = parser->state;
    struct half *half = &http->half[piece->direction];
    switch ((enum phase)half->phase) {
    case IN_HEAD:
        return in_head(parser, piece, half);
    case IN_LONG_HEAD:
        return in_long_head(parser, piece, half);
    case IN_CHUNKS:
        return in_chunks(parser, piece, half);
    case IN_TRAILER:
        return in_trailer(parser, piece, half);
    case IN_REST:
        return consume(UINT64_MAX);
    case IN_TUNNEL:
        return in_tunnel(piece, half);
    case LOST:
        return find_message(piece, half, &http->half[!piece->direction]);
    }
    return keep();
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct http *http = parser->state;
    struct half *half = &http->half[piece->direction];
    if (http->afresh) {
        return hand_over(0, awaits_websocket(half) ||
                                awaits_websocket(&http->half[!piece->direction]));
    }
    struct p2i_step step;
    uint8_t before;
    do {
        before = half->phase;
        step = take_step(parser, piece);
        /* A step that only found out where it is has not looked at the bytes as what they are. */
    } while (step.consumed == 0 && step.verdict == P2I_CONTINUE &&
             http->half[piece->direction].phase != before);
    return step;
}

/* ---- the end of what can be seen ---- */

/* The message that is being read ends here, at `lost` lost bytes; the record it gives goes out. */
static void cut_message(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t lost)
{
    struct http *http = parser->state;
    struct half *half = &http->half[piece->direction];
    const struct p2i_http_head *head = &half->head;
    switch ((enum phase)half->phase) {
    case IN_HEAD:
        if (head->started && head->status == 0) {
            emit_request(parser, piece, head);
            note_request(half);
        } else if (head->started && !interim(head)) {
            emit_reply(parser, piece, head, false);
            (void)answer(&http->half[!piece->direction]);
        }
        break;
    case IN_LONG_HEAD:
        emit_waiting(parser, piece->direction, head->content_length);
        break;
    case IN_CHUNKS:
    case IN_TRAILER:
    case IN_REST:
        emit_waiting(parser, piece->direction, body_seen(&half->body, piece->offset, lost));
        break;
    case IN_TUNNEL:
    case LOST:
        break;
    }
}

static void gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct http *http = parser->state;
    struct half *half = &http->half[piece->direction];
    cut_message(parser, piece, piece->lost - missing);
    if (half->phase != IN_TUNNEL) {
        get_lost(half, false);
    }
    if (http->half[!piece->direction].phase == IN_TUNNEL) {
        http->afresh = true;
    }
}

static void at_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct http *http = parser->state;
    struct half *half = &http->half[piece->direction];
    cut_message(parser, piece, piece->lost);
    if (half->phase != IN_TUNNEL) {
        get_lost(half, false);
    }
}

static void at_end(struct p2i_parser *parser)
{
    const struct http *http = parser->state;
    for (int direction = 0; direction < 2; direction++) {
        const struct body *body = &http->half[direction].body;
        emit_waiting(parser, (enum p2i_direction)direction, body->counted);
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

/* What is outstanding may be forgotten, but for HEAD, whose answer has no body. */
static bool at_rest(const struct p2i_parser *parser)
{
    const struct http *http = parser->state;
    for (int i = 0; i < 2; i++) {
        const struct half *half = &http->half[i];
        if (half->phase != IN_HEAD || half->waiting != NULL || half->mid_line ||
            (half->outstanding > 0 && half->heads != 0)) {
            return false;
        }
    }
    return !http->afresh;
}

const struct p2i_protocol p2i_http = {
    .id = P2I_ID_HTTP,
    .state_size = sizeof(struct http),
    .over = {[P2I_OVER_TCP] = true},
    .probe = probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
    .at_rest = at_rest,
};
