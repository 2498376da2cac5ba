/* SPDX-License-Identifier: MIT */
#include "protocol/stream.h"

#include "protocol/mail/charsets.h"
#include "protocol/stream_internal.h"

bool p2i_stream_setting_open(struct p2i_stream_setting *setting)
{
    setting->pool = p2i_pool_new();
    setting->charsets = p2i_charsets_new();
    return setting->pool != NULL && setting->charsets != NULL;
}

void p2i_stream_setting_close(struct p2i_stream_setting *setting)
{
    p2i_pool_free(setting->pool);
    p2i_charsets_free(setting->charsets);
}

void p2i_stream_start(struct p2i_stream *stream, const struct p2i_stream_setting *setting,
                      struct p2i_ends ends, const struct p2i_sink *sink,
                      struct p2i_account *account)
{
    stream->parser.ends = ends;
    stream->parser.settings = setting->settings;
    stream->parser.sink = sink;
    stream->parser.pool = setting->pool;
    stream->parser.account = account;
    stream->parser.charsets = setting->charsets;
}

static void drop_held(struct p2i_stream *stream, struct p2i_stream_half *half)
{
    const struct p2i_parser *parser = &stream->parser;
    p2i_pool_put(parser->pool, parser->account, half->held, half->held_capacity);
    p2i_pool_put(parser->pool, parser->account, half->held_origin, sizeof *half->held_origin);
    half->held = NULL;
    half->held_origin = NULL;
    half->held_size = half->held_capacity = half->need = 0;
}

void p2i_stream_ignore_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                            struct p2i_stream_half *half)
{
    setting->books.ignored_bytes += half->held_size;
    half->offset += half->held_size;
    drop_held(stream, half);
}

static struct p2i_piece piece_of(const struct p2i_stream *stream, enum p2i_direction direction,
                                 const struct p2i_offer *offer)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    return (struct p2i_piece){
        .direction = direction,
        .bytes = p2i_view_first(offer->bytes, P2I_HEAD_MAX),
        .origin = offer->fresh > 0 ? offer->held_origin : offer->last,
        .last = offer->last,
        .fresh = offer->fresh,
        .offset = half->offset,
        .lost = half->lost,
        .full = offer->bytes.size >= P2I_HEAD_MAX,
        .peer_seen = stream->half[!direction].seen,
    };
}

struct p2i_piece p2i_stream_held_piece(const struct p2i_stream *stream,
                                       enum p2i_direction direction)
{
    static const struct p2i_origin nowhere;
    const struct p2i_stream_half *half = &stream->half[direction];
    struct p2i_offer offer = {
        .bytes = p2i_view_of(half->held, half->held_size),
        .fresh = half->held_size,
        .held_origin = half->held_origin,
        .last = half->held_origin != NULL ? half->held_origin : &nowhere,
    };
    return piece_of(stream, direction, &offer);
}

static void free_parser(struct p2i_stream *stream)
{
    struct p2i_parser *parser = &stream->parser;
    if (parser->protocol == NULL) {
        return;
    }
    if (parser->protocol->free != NULL) {
        parser->protocol->free(parser);
    }
    p2i_pool_put(parser->pool, parser->account, parser->state, parser->protocol->state_size);
    parser->state = NULL;
    parser->protocol = NULL;
}

void p2i_stream_finish(struct p2i_stream *stream, struct p2i_stream_setting *setting)
{
    free_parser(stream);
    stream->finished = true;
    for (int direction = 0; direction < 2; direction++) {
        p2i_stream_ignore_held(stream, setting, &stream->half[direction]);
        p2i_stream_drop_opening(stream, &stream->half[direction]);
    }
}

bool p2i_stream_attach(struct p2i_stream *stream, const struct p2i_protocol *protocol)
{
    struct p2i_parser *parser = &stream->parser;
    if (protocol->state_size > 0) {
        parser->state = p2i_pool_get(parser->pool, parser->account, protocol->state_size, NULL);
        if (parser->state == NULL) {
            return false;
        }
        memset(parser->state, 0, protocol->state_size);
    }
    parser->protocol = protocol;
    if (stream->id == P2I_ID_UNKNOWN) {
        stream->id = protocol->id;
    }
    return true;
}

/* The parser has ended in the middle of the conversation: look at what follows afresh. */
static void begin_anew(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                       const struct p2i_protocol *next)
{
    free_parser(stream);
    for (int direction = 0; direction < 2; direction++) {
        struct p2i_stream_half *half = &stream->half[direction];
        half->probes = 0;
        half->skip = 0;
        half->need = 0;
        half->closed = false;
        half->midway = false;
    }
    if (next != NULL && !p2i_stream_attach(stream, next)) {
        p2i_stream_finish(stream, setting);
    }
}

static void skip_offered(struct p2i_stream_setting *setting, struct p2i_stream_half *half,
                         struct p2i_offer *offer)
{
    size_t size = offer->bytes.size;
    if (half->skip < size) {
        size = (size_t)half->skip;
    }
    if (half->skip != UINT64_MAX) {
        half->skip -= size;
    }
    setting->books.parsed_bytes += size;
    p2i_offer_advance(half, offer, size);
}

/* One call of the parser. False: it wants more bytes, or the stream has finished. */
static bool parse_once(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                       enum p2i_direction direction, struct p2i_offer *offer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    struct p2i_piece piece = piece_of(stream, direction, offer);
    struct p2i_step step = stream->parser.protocol->data(&stream->parser, &piece);
    if (step.consumed > piece.bytes.size) {
        half->skip = step.consumed == UINT64_MAX ? UINT64_MAX : step.consumed - piece.bytes.size;
        step.consumed = piece.bytes.size;
    }
    setting->books.parsed_bytes += step.consumed;
    p2i_offer_advance(half, offer, (size_t)step.consumed);
    half->need = (uint32_t)(step.need < P2I_HEAD_MAX ? step.need : P2I_HEAD_MAX);
    if (step.verdict == P2I_FINISHED) {
        p2i_stream_finish(stream, setting);
        return false;
    }
    if (step.verdict == P2I_ANEW) {
        begin_anew(stream, setting, step.next);
        return !stream->finished;
    }
    if (step.consumed == 0 && piece.full && half->skip == 0) {
        /* More than can be held, and the parser can't do with less. */
        setting->books.overfull_count++;
        setting->books.ignored_bytes += piece.bytes.size;
        if (stream->parser.protocol->gap != NULL) {
            stream->parser.protocol->gap(&stream->parser, &piece, 0);
        }
        p2i_offer_advance(half, offer, piece.bytes.size);
        half->need = 0;
        return true;
    }
    return step.consumed > 0 && offer->bytes.size >= half->need;
}

/* Works through an offer until it is empty or more is needed. */
static void work(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 enum p2i_direction direction, struct p2i_offer *offer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    bool go_on = true;
    while (go_on && offer->bytes.size > 0 && !stream->finished) {
        if (half->skip > 0) {
            skip_offered(setting, half, offer);
        } else if (stream->parser.protocol == NULL) {
            go_on = p2i_stream_recognise(stream, setting, direction, offer);
        } else {
            go_on = parse_once(stream, setting, direction, offer);
        }
    }
    if (stream->finished) {
        setting->books.ignored_bytes += offer->bytes.size;
        p2i_offer_advance(half, offer, offer->bytes.size);
    }
}

/* Makes `held` hold at least `size` bytes, keeping what it has. */
static bool grow_held(struct p2i_stream *stream, struct p2i_stream_half *half, size_t size)
{
    const struct p2i_parser *parser = &stream->parser;
    if (half->held_origin == NULL) {
        half->held_origin =
            p2i_pool_get(parser->pool, parser->account, sizeof *half->held_origin, NULL);
        if (half->held_origin == NULL) {
            return false;
        }
    }
    if (size <= half->held_capacity) {
        return true;
    }
    size_t capacity = 0;
    uint8_t *held = p2i_pool_get(parser->pool, parser->account, size, &capacity);
    if (held == NULL) {
        return false;
    }
    if (half->held_size > 0) {
        memcpy(held, half->held, half->held_size);
    }
    p2i_pool_put(parser->pool, parser->account, half->held, half->held_capacity);
    half->held = held;
    half->held_capacity = (uint32_t)capacity;
    return true;
}

/* No memory to hold `size` more bytes: the conversation is given up. */
static void lose_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      struct p2i_stream_half *half, size_t size)
{
    setting->books.overfull_count++;
    p2i_stream_finish(stream, setting);
    setting->books.ignored_bytes += size;
    half->offset += size;
}

/* Keeps what is left of an offer for the next call. */
static void hold(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 enum p2i_direction direction, const struct p2i_offer *offer)
{
    struct p2i_stream_half *half = &stream->half[direction];
    size_t size = offer->bytes.size;
    if (offer->buffer != NULL) {
        half->held = offer->buffer;
        half->held_capacity = offer->capacity;
        half->held_origin = offer->held_origin;
        if (offer->bytes.data != half->held) {
            memmove(half->held, offer->bytes.data, size);
        }
    } else if (grow_held(stream, half, size)) {
        memcpy(half->held, offer->bytes.data, size);
    } else {
        lose_held(stream, setting, half, size);
        return;
    }
    if (offer->fresh == 0) {
        *half->held_origin = *offer->last;
    }
    half->held_size = (uint32_t)size;
}

/* Works through what was held and what is new. */
static void work_and_hold(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                          enum p2i_direction direction, struct p2i_offer *offer)
{
    const struct p2i_parser *parser = &stream->parser;
    work(stream, setting, direction, offer);
    if (offer->bytes.size > 0) {
        hold(stream, setting, direction, offer);
    } else if (offer->buffer != NULL) {
        p2i_pool_put(parser->pool, parser->account, offer->buffer, offer->capacity);
        p2i_pool_put(parser->pool, parser->account, offer->held_origin, sizeof *offer->held_origin);
    }
}

/* Moves what a direction holds into an offer. */
static struct p2i_offer take_held(struct p2i_stream_half *half)
{
    struct p2i_offer offer = {
        .bytes = p2i_view_of(half->held, half->held_size),
        .fresh = half->held_size,
        .held_origin = half->held_origin,
        .buffer = half->held,
        .capacity = half->held_capacity,
    };
    half->held = NULL;
    half->held_origin = NULL;
    half->held_size = half->held_capacity = 0;
    return offer;
}

/* Bytes of the other direction that waited for what this one had to say. */
static void offer_held(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                       enum p2i_direction direction)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (stream->finished || half->held_size == 0 || half->need > half->held_size) {
        return;
    }
    struct p2i_offer offer = take_held(half);
    struct p2i_origin origin = *offer.held_origin;
    offer.last = &origin;
    work_and_hold(stream, setting, direction, &offer);
}

void p2i_stream_data(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                     enum p2i_direction direction, struct p2i_view bytes,
                     const struct p2i_origin *origin)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (bytes.size == 0) {
        return;
    }
    half->seen = true;
    if (half->closed && !stream->finished) {
        begin_anew(stream, setting, NULL);
    }
    if (half->held_size == 0) {
        struct p2i_offer offer = {.bytes = bytes, .last = origin};
        work_and_hold(stream, setting, direction, &offer);
    } else {
        uint32_t before = half->held_size;
        if (!grow_held(stream, half, before + bytes.size)) {
            lose_held(stream, setting, half, bytes.size);
            return;
        }
        memcpy(half->held + before, bytes.data, bytes.size);
        half->held_size += (uint32_t)bytes.size;
        if (half->need > half->held_size) {
            return;
        }
        struct p2i_offer offer = take_held(half);
        offer.fresh = before;
        offer.last = origin;
        work_and_hold(stream, setting, direction, &offer);
    }
    offer_held(stream, setting, !direction);
}

bool p2i_stream_keeps_urgent(const struct p2i_stream *stream)
{
    enum { FTP = 21, TELNET = 23 };
    if (stream->parser.protocol != NULL) {
        return stream->parser.protocol->urgent_inline;
    }
    return stream->id == P2I_ID_TELNET || p2i_ends_use(&stream->parser.ends, FTP) ||
           p2i_ends_use(&stream->parser.ends, TELNET);
}

/* What a direction holds while nothing is recognised ends here. True: a parser was attached that
 * can begin with a cut message, and has been offered it. */
static bool begin_cut(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      enum p2i_direction direction)
{
    const struct p2i_stream_half *half = &stream->half[direction];
    if (stream->parser.protocol != NULL || half->held_size == 0) {
        return false;
    }
    struct p2i_view held = p2i_view_of(half->held, half->held_size);
    if (!half->midway && p2i_stream_probe_cut(stream, setting, direction, held)) {
        p2i_stream_tell_missed(stream, setting, !direction);
        offer_held(stream, setting, direction);
        return true;
    }
    p2i_stream_recognise_name(stream, setting, direction, held);
    return false;
}

void p2i_stream_gap(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                    enum p2i_direction direction, uint64_t missing)
{
    struct p2i_stream_half *half = &stream->half[direction];
    bool begun = missing > half->skip && begin_cut(stream, setting, direction);
    setting->books.lost_bytes += missing;
    half->lost += missing;
    half->seen = true;
    uint64_t skipped = missing < half->skip ? missing : half->skip;
    if (half->skip != UINT64_MAX) {
        half->skip -= skipped;
    }
    half->offset += skipped;
    missing -= skipped;
    if (missing == 0) {
        return;
    }
    if (!stream->finished) {
        if (stream->parser.protocol != NULL && stream->parser.protocol->gap != NULL) {
            struct p2i_piece piece = p2i_stream_held_piece(stream, direction);
            stream->parser.protocol->gap(&stream->parser, &piece, missing);
        }
        p2i_stream_ignore_held(stream, setting, half);
    }
    half->midway = true;
    half->offset += missing;
    if (begun) {
        offer_held(stream, setting, !direction);
    }
}

void p2i_stream_close(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                      enum p2i_direction direction, bool ended)
{
    struct p2i_stream_half *half = &stream->half[direction];
    if (half->closed || stream->finished || stream->parser.ends.transport != P2I_OVER_TCP) {
        return;
    }
    bool begun = begin_cut(stream, setting, direction);
    half->closed = true;
    if (stream->parser.protocol != NULL && stream->parser.protocol->close != NULL) {
        struct p2i_piece piece = p2i_stream_held_piece(stream, direction);
        piece.ended = ended;
        stream->parser.protocol->close(&stream->parser, &piece);
    }
    p2i_stream_ignore_held(stream, setting, half);
    if (begun) {
        offer_held(stream, setting, !direction);
    }
}

void p2i_stream_datagram(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                         enum p2i_direction direction, struct p2i_view bytes, uint64_t missing,
                         const struct p2i_origin *origin)
{
    struct p2i_stream_half *half = &stream->half[direction];
    half->seen = true;
    struct p2i_offer offer = {.bytes = bytes, .last = origin};
    bool known = stream->parser.protocol != NULL;
    if (!known && !p2i_stream_blind_to(stream, direction)) {
        enum p2i_match match = p2i_stream_probe(stream, setting, direction, bytes);
        known = match == P2I_MATCH_YES || (match == P2I_MATCH_MORE && missing > 0 &&
                                           p2i_stream_probe_cut(stream, setting, direction, bytes));
        if (!known) {
            p2i_stream_recognise_name(stream, setting, direction, bytes);
            half->probes++;
        }
    }
    if (!known || stream->finished) {
        setting->books.ignored_bytes += bytes.size;
    } else {
        struct p2i_piece piece = piece_of(stream, direction, &offer);
        piece.bytes = bytes;
        piece.missing = missing;
        setting->books.parsed_bytes += bytes.size;
        if (stream->parser.protocol->datagram(&stream->parser, &piece) == P2I_FINISHED) {
            p2i_stream_finish(stream, setting);
        }
    }
    half->offset += bytes.size;
    const struct p2i_stream_half *other = &stream->half[!direction];
    if (!known && !stream->finished && half->probes == P2I_PROBE_SEGMENTS &&
        (!other->seen || other->probes == P2I_PROBE_SEGMENTS)) {
        p2i_stream_finish(stream, setting);
    }
}

bool p2i_stream_at_rest(const struct p2i_stream *stream)
{
    for (int direction = 0; direction < 2; direction++) {
        const struct p2i_stream_half *half = &stream->half[direction];
        if (half->held_size > 0 || half->skip > 0 || half->closed) {
            return false;
        }
    }
    const struct p2i_protocol *protocol = stream->parser.protocol;
    if (protocol == NULL || protocol->state_size == 0) {
        return true;
    }
    return protocol->at_rest != NULL && protocol->at_rest(&stream->parser);
}

void p2i_stream_forget(struct p2i_stream *stream, struct p2i_stream_setting *setting)
{
    p2i_stream_finish(stream, setting);
}

void p2i_stream_end(struct p2i_stream *stream, struct p2i_stream_setting *setting)
{
    p2i_stream_close(stream, setting, P2I_FROM_INITIATOR, false);
    p2i_stream_close(stream, setting, P2I_FROM_RESPONDER, false);
    if (stream->id == P2I_ID_UNKNOWN) {
        stream->id = stream->hint; /* nothing was captured that says otherwise */
    }
    if (!stream->finished) {
        p2i_stream_finish(stream, setting);
    }
}
