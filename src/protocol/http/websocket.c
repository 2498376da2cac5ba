/* SPDX-License-Identifier: MIT */
#include "protocol/http/websocket.h"

#include "pcap2ipfix/cursor.h"
#include "protocol/http/websocket_inflate.h"
#include "protocol/im/zello.h"
#include "protocol/protocols.h"

enum opcode { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

enum {
    FIN = 0x80,
    COMPRESSED = 0x40, /* RSV1 (RFC 7692 section 6) */
    RESERVED = 0x30,
    OPCODE = 0x0f,
    CONTROL = 0x08,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    MASK_SIZE = 4,
    BELIEVED_MAX = 64 << 10, /* most payload of a frame that is believed behind a loss */
    CHUNK = 1024,            /* bytes unmasked at once; a multiple of MASK_SIZE */
    TEXT_FIRST = 256,        /* first size of a message's buffer */
    COST_OF_TEXT = 8,        /* of P2I_WEBSOCKET_PATIENCE */
    COST_OF_OTHER = 1,
};

enum phase {
    IN_FRAMES = 0,
    BEHIND_LOSS, /* the next bytes follow a gap directly */
    LOST,        /* searching for a text message */
    DONE,        /* nothing more is read in this direction */
};

/* A frame's header (RFC 6455 5.2). */
struct header {
    uint64_t length;
    size_t size; /* bytes of the header itself; with MORE: bytes needed to go on */
    uint8_t first;
    bool masked;
    bool minimal; /* the length has its shortest form, as it must */
    uint8_t mask[MASK_SIZE];
};

/* The message being read, with its text so far. */
struct message {
    struct p2i_packet_info info;
    uint8_t *text;
    size_t capacity;
    uint32_t size;
    bool open;       /* frames of it, or bytes of this frame, are still to come */
    bool wanted;     /* it is text, and no byte is missing so far */
    bool compressed; /* its bytes are compressed and can be inflated */
};

/* One direction. */
struct half {
    struct message message;
    struct p2i_inflater *inflater; /* NULL: nothing compressed so far */
    uint64_t frame_left;           /* bytes of a data frame not seen yet */
    uint64_t search_end;           /* offset in the stream where the search for a message ends */
    uint8_t mask[MASK_SIZE];       /* zeros: none */
    uint8_t mask_at;               /* of the next byte */
    uint8_t phase;                 /* enum phase */
    bool last;                     /* the frame is the message's last one */
    bool known;                    /* a frame was seen: `masked` holds for all frames */
    bool masked;
};

struct websocket {
    struct half half[2];
    const struct p2i_text_protocol *spoken; /* NULL: not recognised yet */
    void *spoken_state;
    uint32_t spent; /* of P2I_WEBSOCKET_PATIENCE */
};

/* The arguments of one call. */
struct work {
    struct p2i_parser *parser;
    struct websocket *websocket;
    struct half *half;
    const struct p2i_stream_segment *segment;
};

static struct work work_of(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct websocket *websocket = parser->state;
    return (struct work){
        .parser = parser,
        .websocket = websocket,
        .half = &websocket->half[segment->direction],
        .segment = segment,
    };
}

/* ---- frame headers ---- */

/* Reads a frame header. NO: this is none. MORE: the bytes so far fit one. */
static enum p2i_match read_header(struct p2i_view bytes, struct header *header)
{
    struct p2i_cursor cursor = p2i_cursor_of(bytes);
    *header = (struct header){.first = p2i_u8(&cursor), .size = 2};
    uint8_t opcode = header->first & OPCODE;
    bool control = (opcode & CONTROL) != 0;
    if ((header->first & RESERVED) != 0 || (control ? opcode > PONG : opcode > BINARY) ||
        ((header->first & COMPRESSED) != 0 && opcode != TEXT && opcode != BINARY) ||
        (control && (header->first & FIN) == 0)) {
        return cursor.failed ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    uint8_t second = p2i_u8(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    header->masked = (second & MASKED) != 0;
    header->length = second & LENGTH;
    if (control && header->length >= LENGTH_16) {
        return P2I_MATCH_NO;
    }
    header->size += header->masked ? MASK_SIZE : 0;
    header->minimal = true;
    if (header->length == LENGTH_16) {
        header->size += sizeof(uint16_t);
        header->length = p2i_be16(&cursor);
        header->minimal = header->length >= LENGTH_16;
    } else if (header->length == LENGTH_64) {
        header->size += sizeof(uint64_t);
        header->length = p2i_be64(&cursor);
        header->minimal = header->length > UINT16_MAX;
    }
    struct p2i_view mask = p2i_take(&cursor, header->masked ? MASK_SIZE : 0);
    if (mask.size > 0) {
        memcpy(header->mask, mask.data, sizeof header->mask);
    }
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    return header->length >> 63 == 0 ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* True when the frame follows the standard exactly and is like the frames before it. Asked where
 * the place of frames is not known. */
static bool is_strict(const struct half *half, const struct header *header)
{
    bool compressed = (header->first & COMPRESSED) != 0;
    return header->minimal && header->length <= BELIEVED_MAX &&
           (!half->known || header->masked == half->masked) &&
           (!compressed || half->inflater != NULL);
}

/* ---- messages ---- */

static void forget_text(struct p2i_parser *parser, struct message *message)
{
    p2i_pool_put(parser->pool, parser->account, message->text, message->capacity);
    message->text = NULL;
    message->capacity = 0;
    message->size = 0;
}

static void forget_window(struct half *half)
{
    if (half->inflater != NULL) {
        p2i_inflater_forget(half->inflater);
    }
}

/* Drops the message: it cannot be read any more. */
static void spoil(struct p2i_parser *parser, struct half *half)
{
    forget_text(parser, &half->message);
    if (half->message.compressed) {
        forget_window(half);
    }
    half->message.wanted = false;
    half->message.compressed = false;
}

/* The number and kind of the lost frames is not known: drops message and window. */
static void lose_track(struct p2i_parser *parser, struct half *half, enum phase phase)
{
    spoil(parser, half);
    forget_window(half);
    half->message.open = false;
    half->frame_left = 0;
    half->phase = (uint8_t)phase;
}

/* Appends to the message. False: it is too long, or out of memory. */
static bool append(struct p2i_parser *parser, struct message *message, struct p2i_view bytes)
{
    size_t size = message->size + bytes.size;
    if (size > P2I_WEBSOCKET_TEXT_MAX) {
        return false;
    }
    if (size > message->capacity) {
        size_t wish = 2 * message->capacity > TEXT_FIRST ? 2 * message->capacity : TEXT_FIRST;
        size_t capacity = message->capacity;
        uint8_t *text = p2i_pool_grow(parser->pool, parser->account, message->text, message->size,
                                      wish > size ? wish : size, &capacity);
        if (text == NULL) {
            return false;
        }
        message->text = text;
        message->capacity = capacity;
    }
    if (bytes.size > 0) {
        memcpy(message->text + message->size, bytes.data, bytes.size);
    }
    message->size = (uint32_t)size;
    return true;
}

static void recognise(struct websocket *websocket, struct p2i_parser *parser, struct p2i_view text,
                      enum p2i_completeness completeness)
{
    static const struct p2i_text_protocol *const known[] = {&p2i_zello};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i]->probe(text, completeness)) {
            void *state = p2i_pool_get(parser->pool, parser->account, known[i]->state_size, NULL);
            if (state != NULL) {
                memset(state, 0, known[i]->state_size);
                websocket->spoken = known[i];
                websocket->spoken_state = state;
            }
            return;
        }
    }
}

/* Gives the text, whole or not, to the text protocols. */
static void deliver(const struct work *work, enum p2i_completeness completeness)
{
    const struct message *message = &work->half->message;
    struct p2i_view text = p2i_view_of(message->text, message->size);
    struct websocket *websocket = work->websocket;
    if (websocket->spoken == NULL) {
        websocket->spent += COST_OF_TEXT;
        recognise(websocket, work->parser, text, completeness);
    }
    if (websocket->spoken != NULL) {
        websocket->spoken->message(work->parser, websocket->spoken_state, work->segment->direction,
                                   &message->info, text, completeness);
    }
}

/* Takes text of the message. A message that is too long is still inflated, because later ones
 * may refer back to it. */
static void take_text(const struct work *work, struct p2i_view bytes)
{
    struct message *message = &work->half->message;
    if (!message->wanted) {
        return;
    }
    struct p2i_view fits = p2i_view_first(bytes, P2I_WEBSOCKET_TEXT_MAX - message->size);
    bool had = append(work->parser, message, fits);
    if (had && fits.size == bytes.size) {
        return;
    }
    if (had) {
        deliver(work, P2I_LIMITED);
    }
    forget_text(work->parser, message);
    message->wanted = false;
}

/* Inflates bytes of a compressed message. False: they cannot be inflated. */
static bool take_compressed(const struct work *work, struct p2i_view bytes)
{
    uint8_t out[2 * CHUNK];
    size_t written;
    do {
        if (!p2i_inflate(work->parser, work->half->inflater, &bytes, out, sizeof out, &written)) {
            return false;
        }
        take_text(work, p2i_view_of(out, written));
    } while (bytes.size > 0 || written == sizeof out);
    return true;
}

/* Takes unmasked payload. */
static void take_payload(const struct work *work, struct p2i_view bytes)
{
    struct half *half = work->half;
    if (!half->message.compressed) {
        take_text(work, bytes);
    } else if (!take_compressed(work, bytes)) {
        spoil(work->parser, half);
    }
}

/* Ends a message whose rest was not captured. */
static void cut_message(const struct work *work)
{
    struct message *message = &work->half->message;
    if (message->open && message->wanted && message->size > 0) {
        deliver(work, P2I_CUT);
        message->wanted = false;
    }
}

/* Ends a message with its last frame. */
static void end_message(const struct work *work)
{
    struct half *half = work->half;
    struct message *message = &half->message;
    if (message->compressed) {
        (void)take_compressed(work, p2i_inflate_tail());
        if (!p2i_inflater_end_message(half->inflater)) {
            spoil(work->parser, half);
        }
    }
    if (message->wanted) {
        deliver(work, P2I_WHOLE);
    } else {
        work->websocket->spent += COST_OF_OTHER;
    }
    forget_text(work->parser, message);
    message->open = false;
}

static void end_frame(const struct work *work)
{
    if (work->half->last && work->half->message.open) {
        end_message(work);
    }
}

/* ---- frames ---- */

/* Makes the inflater when it is first needed. False: there can be none. */
static bool can_inflate(struct p2i_parser *parser, struct half *half)
{
    if (half->inflater == NULL) {
        half->inflater = p2i_inflater_new(parser);
    }
    return half->inflater != NULL && !p2i_inflater_spent(half->inflater);
}

static void begin_message(const struct work *work, const struct header *header, size_t at)
{
    struct half *half = work->half;
    if (half->message.open) { /* the message before it never ended, against RFC 6455 5.4 */
        spoil(work->parser, half);
    }
    bool compressed = (header->first & COMPRESSED) != 0;
    half->message.open = true;
    half->message.compressed = compressed && can_inflate(work->parser, half);
    half->message.wanted =
        (header->first & OPCODE) == TEXT && compressed == half->message.compressed;
    half->message.info = *p2i_packet_info_at(work->segment, at);
}

/* Begins a data frame with its header at `at`. */
static void begin_data(const struct work *work, const struct header *header, size_t at)
{
    struct half *half = work->half;
    if ((header->first & OPCODE) != CONTINUATION) {
        begin_message(work, header, at);
    }
    half->last = (header->first & FIN) != 0;
    half->frame_left = header->length;
    half->mask_at = 0;
    memcpy(half->mask, header->mask, sizeof half->mask);
}

/* Takes the header of a frame, and all of a control frame. Returns their bytes, which may exceed
 * the segment; 0: too few bytes. */
static uint64_t take_frame(const struct work *work, size_t at)
{
    struct half *half = work->half;
    struct header header;
    enum p2i_match match = read_header(p2i_view_from(work->segment->bytes, at), &header);
    if (match == P2I_MATCH_YES && half->phase == BEHIND_LOSS && !is_strict(half, &header)) {
        match = P2I_MATCH_NO;
    }
    if (match == P2I_MATCH_MORE) {
        return 0;
    }
    if (match == P2I_MATCH_NO) {
        p2i_report_broken(work->parser);
        lose_track(work->parser, half, LOST);
        half->search_end = work->segment->offset + at + P2I_WEBSOCKET_SEARCH;
        return 0;
    }
    half->phase = IN_FRAMES;
    half->known = true;
    half->masked = header.masked;
    if ((header.first & CONTROL) != 0) {
        half->phase = (header.first & OPCODE) == CLOSE ? DONE : IN_FRAMES;
        return header.size + header.length;
    }
    begin_data(work, &header, at);
    if (half->frame_left == 0) {
        end_frame(work);
    }
    return header.size;
}

/* Takes payload of a data frame, or the rest of it if it is not needed. Returns its bytes. */
static uint64_t take_data(const struct work *work, size_t at)
{
    struct half *half = work->half;
    uint64_t taken = half->frame_left;
    if (half->message.open && (half->message.wanted || half->message.compressed)) {
        struct p2i_view rest = p2i_view_from(work->segment->bytes, at);
        struct p2i_view now = p2i_view_first(rest, CHUNK);
        now = taken < now.size ? p2i_view_first(now, (size_t)taken) : now;
        uint8_t clear[CHUNK];
        for (size_t i = 0; i < now.size; i++) {
            clear[i] = now.data[i] ^ half->mask[(half->mask_at + i) % MASK_SIZE];
        }
        half->mask_at = (uint8_t)((half->mask_at + now.size) % MASK_SIZE);
        take_payload(work, p2i_view_of(clear, now.size));
        taken = now.size;
    }
    half->frame_left -= taken;
    if (half->frame_left == 0) {
        end_frame(work);
    }
    return taken;
}

/* ---- losses ---- */

/* Judges whether a text message with a JSON object begins here. With MORE, `*need` is set to the
 * bytes needed. */
static enum p2i_match judge(const struct half *half, struct p2i_view bytes, size_t *need)
{
    struct header header;
    enum p2i_match match = read_header(bytes, &header);
    *need = header.size;
    if (match != P2I_MATCH_YES) {
        return match;
    }
    if (!is_strict(half, &header) || header.length < 2) {
        return P2I_MATCH_NO;
    }
    *need = header.size + 2;
    if (bytes.size < *need) {
        return P2I_MATCH_MORE;
    }
    uint8_t first = bytes.data[header.size] ^ header.mask[0];
    uint8_t second = bytes.data[header.size + 1] ^ header.mask[1];
    bool object = first == '{' && (second == '"' || second == ' ' || second == '\t' ||
                                   second == '\r' || second == '\n');
    return object ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* Searches for a frame to continue with. */
static struct p2i_step find_text(const struct work *work)
{
    struct half *half = work->half;
    const struct p2i_stream_segment *segment = work->segment;
    uint64_t left = half->search_end > segment->offset ? half->search_end - segment->offset : 0;
    struct p2i_view bytes = segment->bytes;
    size_t at = p2i_view_find(bytes, FIN | TEXT);
    while (at < bytes.size && at < left) {
        size_t need = 0;
        enum p2i_match match = judge(half, p2i_view_from(bytes, at), &need);
        if (match == P2I_MATCH_MORE) {
            return (struct p2i_step){.consumed = at, .need = need};
        }
        if (match == P2I_MATCH_YES) {
            half->phase = IN_FRAMES;
            return p2i_consume(at);
        }
        at++;
        at += p2i_view_find(p2i_view_from(bytes, at), FIN | TEXT);
    }
    if (at >= left) {
        half->phase = DONE;
    }
    return p2i_consume(at < bytes.size ? at : bytes.size);
}

static void on_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                   uint64_t missing)
{
    struct work work = work_of(parser, segment);
    struct half *half = work.half;
    if (half->phase == DONE || half->phase == LOST) {
        return;
    }
    cut_message(&work);
    if (missing == 0 || missing > half->frame_left) {
        lose_track(parser, half, BEHIND_LOSS);
        return;
    }
    spoil(parser, half);
    half->frame_left -= missing;
    if (half->frame_left == 0) {
        end_frame(&work);
    }
}

static void on_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct work work = work_of(parser, segment);
    cut_message(&work);
}

/* ---- interface ---- */

static bool is_over(const struct websocket *websocket)
{
    return (websocket->half[0].phase == DONE && websocket->half[1].phase == DONE) ||
           (websocket->spoken == NULL && websocket->spent >= P2I_WEBSOCKET_PATIENCE);
}

static struct p2i_step read_frames(const struct work *work)
{
    const struct half *half = work->half;
    size_t size = work->segment->bytes.size;
    uint64_t at = 0;
    while (at < size && half->phase <= BEHIND_LOSS && !is_over(work->websocket)) {
        uint64_t taken =
            half->frame_left > 0 ? take_data(work, (size_t)at) : take_frame(work, (size_t)at);
        if (taken == 0) {
            break;
        }
        at += taken;
    }
    return p2i_consume(at);
}

static struct p2i_step on_data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct work work = work_of(parser, segment);
    struct p2i_step step;
    uint8_t before;
    do {
        before = work.half->phase;
        step = before == LOST ? find_text(&work) : read_frames(&work);
        /* A step that only changed the phase has not parsed the bytes in the new one. */
    } while (step.consumed == 0 && work.half->phase != before);
    if (work.half->phase == DONE) {
        step.consumed = UINT64_MAX;
    }
    step.verdict = is_over(work.websocket) ? P2I_FINISHED : P2I_CONTINUE;
    return step;
}

static void on_free(struct p2i_parser *parser)
{
    struct websocket *websocket = parser->state;
    if (websocket->spoken != NULL) {
        websocket->spoken->free(parser, websocket->spoken_state);
        p2i_pool_put(parser->pool, parser->account, websocket->spoken_state,
                     websocket->spoken->state_size);
    }
    for (int direction = 0; direction < 2; direction++) {
        forget_text(parser, &websocket->half[direction].message);
        p2i_inflater_free(parser, websocket->half[direction].inflater);
    }
}

/* Never recognised by its bytes, which could be anything: HTTP hands over to it. */
static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    (void)bytes;
    return P2I_MATCH_NO;
}

const struct p2i_protocol p2i_websocket = {
    .id = P2I_ID_ZELLO,
    .state_size = sizeof(struct websocket),
    .over = {[P2I_OVER_TCP] = true},
    .probe = probe,
    .data = on_data,
    .gap = on_gap,
    .close = on_close,
    .free = on_free,
};
