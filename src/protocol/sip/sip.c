/* SPDX-License-Identifier: MIT */
/* SIP over UDP and TCP (RFC 3261): a sip message for each request and response. Over UDP each
 * datagram is one message and the parser keeps no state. Over TCP messages follow one another, with
 * keep-alives between them (RFC 5626 section 3.5.1); bodies are skipped unless they may contain
 * SDP. */
#include "protocol/http/headers.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/sip/gateways.h"
#include "protocol/sip/head.h"

/* One direction. Positions count from the start of the buffer: the start of a message or, while
 * `lost`, a possible start of a line. */
struct half {
    uint32_t line;      /* start of the first incomplete line */
    uint32_t scanned;   /* end of the bytes searched: no line end between `line` and here or, while
                           `lost`, no version up to here */
    uint32_t head_size; /* 0: the head has not ended */
    bool lost;          /* looking for the start of a message */
    bool mid_line;      /* while `lost`: the buffer begins in the middle of a line */
    uint64_t total;     /* bytes of the message, with head_size */
    uint64_t skip;      /* bytes to skip: the rest of a body of which bytes were lost */
};

struct sip {
    struct half half[2];
};

static void expect_message(struct half *half)
{
    *half = (struct half){0};
}

/* `mid_line`: the buffer was searched and does not begin a message. */
static void get_lost(struct half *half, bool mid_line)
{
    *half = (struct half){.lost = true, .mid_line = mid_line};
}

/* ---- records ---- */

/* A message, or the beginning of one. */
struct message {
    struct p2i_sip_start start;
    struct p2i_sip_head head;
    struct p2i_view lines; /* of headers */
    struct p2i_view body;  /* as much of it as there is */
    uint64_t length;       /* of the body */
    enum p2i_completeness completeness;
};

/* Reads a message. If it is cut, its first line is enough; otherwise it needs a header, or the
 * beginning of one. `head_size`: 0 when the head has not ended. `length`: of the body when the head
 * does not give it. `completeness`: not P2I_WHOLE when more follows. Returns false when there is
 * too little for a record. */
static bool read_message(struct p2i_view bytes, size_t head_size, uint64_t length,
                         enum p2i_completeness completeness, struct message *message)
{
    bool cut = completeness != P2I_WHOLE;
    if (p2i_sip_start(bytes, &message->start) != P2I_MATCH_YES) {
        return false;
    }
    size_t end = head_size > 0 ? head_size : bytes.size;
    message->lines = p2i_view_from(p2i_view_first(bytes, end), message->start.size);
    message->completeness = completeness;
    if (head_size > 0) {
        p2i_sip_read_head(message->lines, &message->head);
    } else {
        p2i_sip_read_open_head(message->lines, cut, &message->head);
    }
    message->length = message->head.has_length ? message->head.content_length : length;
    message->body = p2i_view_from(bytes, end);
    if (message->length < message->body.size) {
        message->body.size = (size_t)message->length;
    }
    return head_size > 0 || cut || message->head.any ||
           p2i_match_header(message->lines) == P2I_MATCH_YES;
}

static void emit(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                 const struct message *message)
{
    const struct p2i_view *value = message->head.value;
    struct p2i_view agent =
        value[value[P2I_SIP_USER_AGENT].size > 0 ? P2I_SIP_USER_AGENT : P2I_SIP_SERVER];
    size_t room = message->lines.size + message->body.size;
    uint8_t *block = p2i_pool_get(parser->pool, parser->account, room, NULL);
    uint8_t *free_part = block;
    uint8_t **scratch = block != NULL ? &free_part : NULL;
    struct p2i_sip sip = {
        .method = message->start.status == 0 ? message->start.method
                                             : p2i_sip_cseq_method(value[P2I_SIP_CSEQ]),
        .uri = message->start.uri,
        .from = p2i_unfold(value[P2I_SIP_FROM], scratch),
        .to = p2i_unfold(value[P2I_SIP_TO], scratch),
        .call_id = p2i_unfold(value[P2I_SIP_CALL_ID], scratch),
        .user_agent = p2i_unfold(agent, scratch),
        .content_type = p2i_unfold(value[P2I_SIP_CONTENT_TYPE], scratch),
        .cseq = p2i_unfold(value[P2I_SIP_CSEQ], scratch),
        .status_code = message->start.status,
    };
    if (scratch != NULL) {
        sip.gateways = p2i_sip_gateways(message->lines, sip.content_type, message->body,
                                        message->body.size == message->length, scratch);
    }
    p2i_emit_part(parser, P2I_RECORD_SIP, segment->direction, p2i_packet_info_at(segment, 0), &sip,
                  message->completeness);
    p2i_pool_put(parser->pool, parser->account, block, room);
}

/* ---- TCP ---- */

/* Continues the search for the end of the head. NO: the first line does not begin a message. */
static enum p2i_match find_head_end(struct half *half, struct p2i_view bytes)
{
    for (;;) {
        size_t end = half->scanned + p2i_view_find(p2i_view_from(bytes, half->scanned), '\n');
        half->scanned = (uint32_t)end;
        if (end == bytes.size) {
            return P2I_MATCH_MORE;
        }
        struct p2i_sip_start start;
        if (half->line == 0 && p2i_sip_start(bytes, &start) != P2I_MATCH_YES) {
            return P2I_MATCH_NO;
        }
        struct p2i_view line = p2i_view_from(p2i_view_first(bytes, end), half->line);
        half->line = half->scanned = (uint32_t)(end + 1);
        if (p2i_line_ends_head(line)) {
            half->head_size = half->line;
            return P2I_MATCH_YES;
        }
    }
}

/* Ends the current message here and emits its record. */
static void cut_message(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                        const struct half *half, enum p2i_completeness completeness)
{
    struct message message;
    if (!half->lost && half->skip == 0 &&
        read_message(segment->bytes, half->head_size, 0, completeness, &message)) {
        emit(parser, segment, &message);
    }
}

/* The head exceeds the buffer: emits a record of the bytes there are. */
static struct p2i_step cut_long_head(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment, struct half *half)
{
    size_t size = half->line;
    cut_message(parser, segment, half, P2I_LIMITED);
    get_lost(half, true);
    return p2i_consume(size);
}

static uint64_t message_size(uint64_t head_size, uint64_t length)
{
    return length > UINT64_MAX - head_size ? UINT64_MAX : head_size + length;
}

static bool wants_body(const struct message *message)
{
    return p2i_sip_may_hold_sdp(message->head.value[P2I_SIP_CONTENT_TYPE]);
}

static struct p2i_step in_message(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment, struct half *half)
{
    struct p2i_view bytes = segment->bytes;
    size_t blanks = half->scanned == 0 ? p2i_line_ends(bytes) : 0;
    if (blanks > 0) {
        return p2i_consume(blanks);
    }
    enum p2i_match match = half->head_size == 0 ? find_head_end(half, bytes) : P2I_MATCH_YES;
    if (match == P2I_MATCH_MORE) {
        return segment->full ? cut_long_head(parser, segment, half)
                             : p2i_consume_and_wait(segment, 0);
    }
    /* Over TCP a message without a length has no body (RFC 3261 section 18.3). */
    struct message message;
    if (match == P2I_MATCH_NO || !read_message(bytes, half->head_size, 0, P2I_WHOLE, &message)) {
        get_lost(half, true);
        return p2i_keep();
    }
    half->total = message_size(half->head_size, message.length);
    if (half->total > bytes.size && wants_body(&message)) {
        if (!segment->full) {
            return (struct p2i_step){.need = (size_t)half->total};
        }
        message.completeness = P2I_LIMITED;
    }
    struct p2i_step step = {.consumed = half->total};
    emit(parser, segment, &message);
    expect_message(half);
    return step;
}

/* Looks for the start of a message behind a loss, or behind bytes that begin none. Bodies need
 * not end with a line, so a message may begin anywhere. Each hit is judged by the bytes around it,
 * and only as many bytes are kept as that needs. */
static struct p2i_step find_message(const struct p2i_stream_segment *segment, struct half *half)
{
    struct p2i_view bytes = segment->bytes;
    size_t hit = p2i_sip_find_version(bytes, half->scanned);
    while (hit < bytes.size) {
        size_t begin = 0;
        enum p2i_match match = p2i_sip_judge(bytes, hit, !half->mid_line, &begin);
        if (match == P2I_MATCH_YES) {
            expect_message(half);
            return p2i_consume(begin);
        }
        if (match == P2I_MATCH_MORE && !segment->full) {
            break;
        }
        hit = p2i_sip_find_version(bytes, hit + 1);
    }
    size_t line = p2i_line_before(bytes, hit);
    half->mid_line = line > 0 ? bytes.data[line - 1] != '\n' : half->mid_line;
    half->scanned = (uint32_t)(hit - line);
    return p2i_consume_and_wait(segment, line);
}

static struct p2i_step on_data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct sip *)parser->state)->half[segment->direction];
    if (half->skip > 0) {
        uint64_t skip = half->skip;
        half->skip = 0;
        return p2i_consume(skip);
    }
    for (;;) {
        bool was_lost = half->lost;
        struct p2i_step step =
            was_lost ? find_message(segment, half) : in_message(parser, segment, half);
        /* A step that only changed the state has not parsed the bytes yet. */
        if (step.consumed > 0 || half->lost == was_lost) {
            return step;
        }
    }
}

/* If all lost bytes belong to the body, the start of the next message is still known. */
static void on_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                   uint64_t missing)
{
    struct half *half = &((struct sip *)parser->state)->half[segment->direction];
    uint64_t gone = segment->bytes.size + missing;
    uint64_t left = half->head_size > 0 ? half->total : half->skip;
    cut_message(parser, segment, half, P2I_CUT);
    get_lost(half, false);
    if (left > 0 && left >= gone) {
        expect_message(half);
        half->skip = left - gone;
    }
}

static void on_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct sip *)parser->state)->half[segment->direction];
    cut_message(parser, segment, half, P2I_CUT);
    get_lost(half, false);
}

static bool is_dormant(const struct p2i_parser *parser)
{
    const struct sip *sip = parser->state;
    for (int i = 0; i < 2; i++) {
        const struct half *half = &sip->half[i];
        if (half->lost || half->scanned > 0 || half->skip > 0) {
            return false;
        }
    }
    return true;
}

/* ---- UDP ---- */

/* Bytes of the head; 0 when the head does not end in `bytes`. */
static size_t head_size(struct p2i_view bytes)
{
    struct half half = {0};
    return find_head_end(&half, bytes) == P2I_MATCH_YES ? half.head_size : 0;
}

/* Any other datagram is a keep-alive (RFC 5626 section 3.5) or belongs to another protocol on
 * the same ports. */
static enum p2i_verdict on_datagram(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment)
{
    size_t at = p2i_line_ends(segment->bytes);
    struct p2i_view bytes = p2i_view_from(segment->bytes, at);
    size_t head = head_size(bytes);
    struct message message;
    if (read_message(bytes, head, UINT64_MAX, segment->missing > 0 ? P2I_CUT : P2I_WHOLE,
                     &message)) {
        if (head > 0 && message.body.size == message.length) {
            message.completeness = P2I_WHOLE; /* the missing bytes do not belong to it */
        }
        emit(parser, segment, &message);
    }
    return P2I_CONTINUE;
}

/* ---- recognition ---- */

static enum p2i_match probe_stream(const struct p2i_ends *ends, struct p2i_view bytes)
{
    enum { PORT_SIP = 5060, BLANKS_MAX = 64 };
    struct p2i_sip_start start;
    size_t blanks = p2i_line_ends(p2i_view_first(bytes, BLANKS_MAX));
    if (blanks == BLANKS_MAX) {
        return P2I_MATCH_NO;
    }
    /* A keep-alive alone. The message may come much later, and would get the time of the keep-
     * alive. */
    if (blanks == bytes.size && blanks > 1 && p2i_ends_use(ends, PORT_SIP)) {
        return P2I_MATCH_YES;
    }
    struct p2i_view line = p2i_view_first(p2i_view_from(bytes, blanks), P2I_LINE_MAX);
    enum p2i_match match = p2i_sip_start(line, &start);
    return match == P2I_MATCH_MORE && line.size == P2I_LINE_MAX ? P2I_MATCH_YES : match;
}

static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)direction;
    if (ends->transport == P2I_OVER_TCP) {
        return probe_stream(ends, bytes);
    }
    struct p2i_sip_start start;
    struct p2i_view message = p2i_view_from(bytes, p2i_line_ends(bytes));
    bool begins = p2i_sip_start(message, &start) == P2I_MATCH_YES;
    return begins ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_protocol p2i_sip = {
    .id = P2I_ID_SIP,
    .state_size = sizeof(struct sip),
    .over = {[P2I_OVER_UDP] = true, [P2I_OVER_TCP] = true},
    .probe = probe,
    .data = on_data,
    .gap = on_gap,
    .close = on_close,
    .datagram = on_datagram,
    .is_dormant = is_dormant,
};
