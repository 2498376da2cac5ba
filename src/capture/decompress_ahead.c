/* SPDX-License-Identifier: MIT */
#include "capture/decompress_ahead.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "capture/ahead_part.h"
#include "capture/formats.h"

enum {
    READ_PIECES = 8,                /* of the part that is read: more would leave the cache */
    PART_PIECES = 32,               /* of a part behind it */
    STORE_PIECES = 2 * READ_PIECES, /* of a stream; with more no part is added */
    PARTS_MAX = 8,
    PART_BYTES = 512 << 10,   /* estimate: a decompressor without its window */
    CAPTURE_BYTES = 1 << 20,  /* estimate: decompressor of a capture that was opened early */
    EARLY_WINDOW = 512 << 10, /* its window at most */
    CAPTURES_MAX = 8,
};

struct p2i_ahead {
    pthread_mutex_t mutex; /* of everything here and in the streams, except what `busy` protects */
    pthread_cond_t done;   /* a thread has finished; the reader waits for it */
    struct p2i_ahead_stream *first, *last; /* in the order of opening */
    _Atomic bool has_streams;
    struct p2i_ahead_pieces pieces; /* the reader's part is a quarter */
    size_t captures;
};

struct p2i_ahead_stream {
    struct p2i_ahead *ahead;
    struct p2i_ahead_stream *previous, *next;
    struct p2i_compressed_input compressed;
    struct p2i_ahead_input input;
    struct p2i_ahead_part *first, *last; /* the first is the one that is read */
    struct p2i_ahead_part *spare;        /* was read; NULL: none */
    size_t part_count;
    size_t dropped_count;  /* parts that busy threads free */
    bool extending;        /* a thread looks for the next part, or makes it */
    bool whole;            /* there are no more parts */
    uint64_t start;        /* of the last stream that is known, or guessed */
    uint64_t window_bytes; /* of the next part */
    bool withdrawn;        /* only the reader decompresses */
    uint64_t position;     /* of the reader */
};

struct p2i_ahead *p2i_ahead_new(uint64_t bytes)
{
    struct p2i_ahead *ahead = calloc(1, sizeof *ahead);
    if (ahead == NULL) {
        return NULL;
    }
    uint64_t captures = bytes / 2 / CAPTURE_BYTES;
    ahead->captures = captures < CAPTURES_MAX ? (size_t)captures : CAPTURES_MAX;
    ahead->pieces.limit =
        (size_t)((bytes - ahead->captures * CAPTURE_BYTES) / sizeof(struct p2i_ahead_piece));
    (void)pthread_mutex_init(&ahead->mutex, NULL);
    (void)pthread_cond_init(&ahead->done, NULL);
    return ahead;
}

void p2i_ahead_free(struct p2i_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    p2i_ahead_pieces_free(&ahead->pieces);
    (void)pthread_cond_destroy(&ahead->done);
    (void)pthread_mutex_destroy(&ahead->mutex);
    free(ahead);
}

size_t p2i_ahead_captures(const struct p2i_ahead *ahead)
{
    return ahead->captures;
}

/* ---- parts; the mutex is held ---- */

/* Drops the parts behind this one, which is the last then. */
static void drop_behind(struct p2i_ahead_stream *stream, struct p2i_ahead_part *part)
{
    struct p2i_ahead_part *next = part->next;
    while (next != NULL) {
        struct p2i_ahead_part *dropped = next;
        next = next->next;
        stream->part_count--;
        if (dropped->busy) {
            dropped->dropped = true;
            stream->dropped_count++;
        } else {
            p2i_ahead_part_free(dropped, &stream->ahead->pieces);
        }
    }
    part->next = NULL;
    stream->last = part;
}

/* The part goes on alone: no stream begins at its end, or nothing was made of it. */
static void forget_end(struct p2i_ahead_stream *stream, struct p2i_ahead_part *part)
{
    drop_behind(stream, part);
    stream->start = part->end > 0 ? part->end : stream->start;
    part->end = 0;
    part->reached = false;
}

/* Before a thread decompresses. */
static void begin_work(struct p2i_ahead_stream *stream, struct p2i_ahead_part *part)
{
    if (part->end > 0 && part->place > part->end) {
        forget_end(stream, part); /* it was found too late */
    }
    p2i_decompressor_stop_at(part->decompressor, part->end);
    part->busy = true;
}

/* Afterwards. Returns the result for the reader. */
static enum p2i_result end_work(struct p2i_ahead_stream *stream, struct p2i_ahead_part *part,
                                enum p2i_result result)
{
    part->busy = false;
    part->reached = result == P2I_END && p2i_decompressor_has_stopped(part->decompressor);
    part->ended = result != P2I_OK && !part->reached;
    uint64_t stop = p2i_decompressor_stop(part->decompressor);
    part->place = p2i_decompressor_place(part->decompressor);
    bool passed = stop > 0 && part->place > stop;
    if (part->dropped) {
        return result;
    }
    if (part->ended || passed) {
        forget_end(stream, part);
        stream->whole = true; /* sizes and headers mislead, or the file ends */
    }
    return part->reached ? P2I_OK : result;
}

/* Goes on with the next part: the first one is read up to its end. */
static void advance(struct p2i_ahead_stream *stream)
{
    struct p2i_ahead_part *part = stream->first;
    struct p2i_ahead_part *next = part->next;
    if (next == NULL || !p2i_decompress_window_pass(p2i_decompressor_window(part->decompressor),
                                                    p2i_decompressor_window(next->decompressor))) {
        stream->whole |= next != NULL;
        forget_end(stream, part);
        return;
    }
    stream->first = next;
    stream->part_count--;
    if (stream->spare == NULL && part->charge > 0) {
        stream->spare = part;
    } else {
        p2i_ahead_part_free(part, &stream->ahead->pieces);
    }
}

/* ---- ahead of the reader ---- */

/* Some of the pieces are left for the part that is read first. */
static bool has_piece(const struct p2i_ahead_stream *stream, const struct p2i_ahead_part *part)
{
    const struct p2i_ahead *ahead = stream->ahead;
    bool read = part == stream->first;
    size_t kept = read && stream == ahead->first ? 0 : ahead->pieces.limit / 4;
    return part->piece_count < (read ? READ_PIECES : PART_PIECES) &&
           ahead->pieces.count + kept < ahead->pieces.limit;
}

static struct p2i_ahead_part *choose_part(const struct p2i_ahead_stream *stream, bool may_wait)
{
    struct p2i_ahead_part *part = stream->first;
    while (part != NULL && (part->busy || part->in_order || part->reached || part->ended ||
                            !has_piece(stream, part))) {
        part = part->next;
    }
    bool can = part != NULL && !stream->withdrawn &&
               (may_wait || stream->input.is_ready(stream->input.context));
    return can ? part : NULL;
}

static size_t charge_of(const struct p2i_ahead_stream *stream)
{
    return (size_t)((PART_BYTES + stream->window_bytes) / P2I_AHEAD_PIECE_BYTES);
}

/* True when a part may be added to the stream, or should be looked for. */
static bool may_extend(const struct p2i_ahead_stream *stream)
{
    const struct p2i_ahead *ahead = stream->ahead;
    if (!stream->input.seeks || stream != ahead->first || stream->whole || stream->withdrawn ||
        stream->extending || stream->first->in_order) {
        return false;
    }
    size_t pieces = 0;
    for (const struct p2i_ahead_part *part = stream->first; part != NULL; part = part->next) {
        pieces += part->piece_count;
    }
    size_t charge = stream->spare != NULL ? 0 : charge_of(stream);
    return stream->last->end == 0 ||
           (stream->part_count < PARTS_MAX && pieces < STORE_PIECES &&
            ahead->pieces.count + charge + ahead->pieces.limit / 4 < ahead->pieces.limit);
}

/* Makes the part that begins at `offset`; the mutex is not held. Without memory there is none. */
static struct p2i_ahead_part *make_part(const struct p2i_ahead_stream *stream,
                                        struct p2i_ahead_part *spare, uint64_t offset)
{
    struct p2i_ahead_part *part = spare;
    if (part != NULL) {
        p2i_decompressor_restart(part->decompressor, offset);
    } else {
        part = p2i_ahead_part_new(&stream->compressed, offset);
    }
    return part;
}

/* Adds a part to the stream. The mutex is held, but not meanwhile. */
static void add_part(struct p2i_ahead_stream *stream)
{
    struct p2i_ahead_pieces *pieces = &stream->ahead->pieces;
    uint64_t offset = stream->last->end;
    uint64_t window_bytes = stream->window_bytes;
    struct p2i_ahead_part *spare = stream->spare;
    size_t charge = charge_of(stream);
    if (spare != NULL && spare->charge < charge) {
        p2i_ahead_part_free(spare, pieces);
        spare = NULL;
    }
    charge = spare != NULL ? spare->charge : charge;
    pieces->count += spare != NULL ? 0 : charge;
    stream->spare = NULL;
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    struct p2i_ahead_part *part = make_part(stream, spare, offset);
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    if (part == NULL) {
        pieces->count -= charge;
        stream->whole = true;
        return;
    }
    *part = (struct p2i_ahead_part){
        .decompressor = part->decompressor, .charge = charge, .place = offset};
    p2i_decompressor_window(part->decompressor)->loan = window_bytes + 1;
    if (stream->last->end != offset) { /* it was forgotten meanwhile */
        p2i_ahead_part_free(part, pieces);
        return;
    }
    stream->last->next = part;
    stream->last = part;
    stream->start = offset;
    stream->part_count++;
}

/* Looks for the end of the last part, and adds the part behind it. The mutex is held, but not
 * meanwhile. */
static void extend(struct p2i_ahead_stream *stream)
{
    struct p2i_ahead *ahead = stream->ahead;
    stream->extending = true;
    if (stream->last->end > 0) {
        add_part(stream);
    } else {
        const struct p2i_compressed_input *input = &stream->compressed;
        uint64_t start = stream->start;
        uint64_t place = stream->last->place;
        uint64_t least = (place > start ? place : start) + P2I_PART_BYTES;
        (void)pthread_mutex_unlock(&ahead->mutex);
        struct p2i_stream_start next = {0};
        bool found = input->compression->decompression->next_stream(input->read, input->context,
                                                                    start, least, &next);
        (void)pthread_mutex_lock(&ahead->mutex);
        if (stream->start == start && stream->last->end == 0) {
            stream->last->end = found ? next.offset : 0;
            stream->window_bytes = next.window_bytes;
            stream->whole |= !found || charge_of(stream) > ahead->pieces.limit / 2;
        }
    }
    stream->extending = false;
}

static void fill(struct p2i_ahead_stream *stream, struct p2i_ahead_part *part,
                 struct p2i_ahead_piece *piece)
{
    struct p2i_ahead *ahead = stream->ahead;
    begin_work(stream, part);
    (void)pthread_mutex_unlock(&ahead->mutex);
    bool put_off = !p2i_ahead_part_fill(part, piece, stream->input.is_ready, stream->input.context);
    (void)pthread_mutex_lock(&ahead->mutex);
    piece->result = end_work(stream, part, piece->result);
    part->in_order |= put_off;
    if (piece->size > 0 || part->ended) {
        p2i_ahead_part_append(part, piece);
    } else {
        p2i_ahead_piece_free(&ahead->pieces, piece);
    }
    if (part->dropped) {
        stream->dropped_count--;
        p2i_ahead_part_free(part, &ahead->pieces);
    }
}

bool p2i_ahead_work(struct p2i_ahead *ahead, bool may_wait)
{
    if (!atomic_load_explicit(&ahead->has_streams, memory_order_relaxed)) {
        return false;
    }
    (void)pthread_mutex_lock(&ahead->mutex);
    bool did = false;
    struct p2i_ahead_stream *stream = ahead->first;
    for (; stream != NULL; stream = did ? NULL : stream->next) {
        struct p2i_ahead_part *part = choose_part(stream, may_wait);
        struct p2i_ahead_piece *piece = part != NULL ? p2i_ahead_piece_new(&ahead->pieces) : NULL;
        if (piece != NULL) {
            fill(stream, part, piece);
            did = true;
        } else if (part == NULL && may_extend(stream)) {
            extend(stream);
            did = true;
        }
    }
    if (did) {
        (void)pthread_cond_signal(&ahead->done);
    }
    (void)pthread_mutex_unlock(&ahead->mutex);
    return did;
}

/* ---- the reader ---- */

struct p2i_ahead_stream *p2i_ahead_stream_new(struct p2i_ahead *ahead,
                                              const struct p2i_compressed_input *compressed,
                                              const struct p2i_ahead_input *input, bool early)
{
    struct p2i_ahead_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return NULL;
    }
    stream->ahead = ahead;
    stream->compressed = *compressed;
    stream->input = *input;
    stream->part_count = 1;
    stream->first = stream->last = p2i_ahead_part_new(compressed, 0);
    if (stream->first == NULL) {
        free(stream);
        return NULL;
    }
    stream->first->in_order = !early;
    if (early) {
        p2i_decompressor_window(stream->first->decompressor)->loan = EARLY_WINDOW;
    }
    (void)pthread_mutex_lock(&ahead->mutex);
    stream->previous = ahead->last;
    *(ahead->last != NULL ? &ahead->last->next : &ahead->first) = stream;
    ahead->last = stream;
    atomic_store_explicit(&ahead->has_streams, true, memory_order_relaxed);
    (void)pthread_mutex_unlock(&ahead->mutex);
    return stream;
}

static bool is_busy(const struct p2i_ahead_stream *stream)
{
    const struct p2i_ahead_part *part = stream->first;
    while (part != NULL && !part->busy) {
        part = part->next;
    }
    return part != NULL || stream->extending || stream->dropped_count > 0;
}

static void wait_until_idle(struct p2i_ahead_stream *stream)
{
    while (is_busy(stream)) {
        (void)pthread_cond_wait(&stream->ahead->done, &stream->ahead->mutex);
    }
}

void p2i_ahead_stream_free(struct p2i_ahead_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    struct p2i_ahead *ahead = stream->ahead;
    (void)pthread_mutex_lock(&ahead->mutex);
    stream->withdrawn = true;
    wait_until_idle(stream);
    drop_behind(stream, stream->first);
    p2i_ahead_part_free(stream->first, &ahead->pieces);
    p2i_ahead_part_free(stream->spare, &ahead->pieces);
    *(stream->previous != NULL ? &stream->previous->next : &ahead->first) = stream->next;
    *(stream->next != NULL ? &stream->next->previous : &ahead->last) = stream->previous;
    atomic_store_explicit(&ahead->has_streams, ahead->first != NULL, memory_order_relaxed);
    (void)pthread_mutex_unlock(&ahead->mutex);
    free(stream);
}

bool p2i_ahead_stream_begin(struct p2i_ahead_stream *stream)
{
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    wait_until_idle(stream);
    bool begun = p2i_decompress_window_settle(p2i_decompressor_window(stream->first->decompressor));
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    return begun;
}

void p2i_ahead_stream_withdraw(struct p2i_ahead_stream *stream)
{
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    stream->withdrawn = true;
    wait_until_idle(stream);
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
}

/* Moves bytes out of the queue; the mutex is held, but not while they are copied: no other thread
 * touches a finished piece. The result behind the bytes is returned only when more were wanted. */
static enum p2i_result take(struct p2i_ahead_stream *stream, uint8_t *to, size_t size, size_t *got,
                            struct p2i_error *error)
{
    struct p2i_ahead_part *part = stream->first;
    struct p2i_ahead_piece *piece = part->head;
    size_t count = piece->size - piece->used;
    count = count < size - *got ? count : size - *got;
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    if (count > 0) {
        memcpy(to + *got, piece->bytes + piece->used, count);
    }
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    piece->used += count;
    *got += count;
    part->byte_count -= count;
    stream->position = p2i_ahead_piece_position(piece);
    if (piece->used < piece->size || (piece->result != P2I_OK && *got == size)) {
        return P2I_OK;
    }
    enum p2i_result result = piece->result;
    if (result != P2I_OK) {
        stream->position = piece->marks[piece->mark_count - 1].position;
        *error = piece->error;
    }
    p2i_ahead_part_drop_head(part, &stream->ahead->pieces);
    return result;
}

/* Decompresses where the queue is empty; the mutex is held, but not meanwhile. */
static enum p2i_result decompress_here(struct p2i_ahead_stream *stream, uint8_t *to, size_t size,
                                       size_t *got, struct p2i_error *error)
{
    struct p2i_ahead_part *part = stream->first;
    size_t count;
    begin_work(stream, part);
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    enum p2i_result result =
        p2i_decompress_some(part->decompressor, to + *got, size - *got, &count, error);
    stream->position = p2i_decompressor_position(part->decompressor);
    *got += count;
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    return end_work(stream, part, result);
}

enum p2i_result p2i_ahead_stream_read(struct p2i_ahead_stream *stream, uint8_t *to, size_t size,
                                      size_t *got, struct p2i_error *error)
{
    struct p2i_ahead *ahead = stream->ahead;
    enum p2i_result result = P2I_OK;
    *got = 0;
    (void)pthread_mutex_lock(&ahead->mutex);
    while (result == P2I_OK && *got < size) {
        if (stream->first->head != NULL) {
            result = take(stream, to, size, got, error);
        } else if (stream->first->busy) {
            (void)pthread_cond_wait(&ahead->done, &ahead->mutex);
        } else if (stream->first->reached) {
            advance(stream);
        } else {
            result = decompress_here(stream, to, size, got, error);
        }
    }
    stream->first->in_order = false;
    (void)pthread_mutex_unlock(&ahead->mutex);
    return result;
}

bool p2i_ahead_stream_is_ready(struct p2i_ahead_stream *stream, size_t size)
{
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    const struct p2i_ahead_part *part = stream->first;
    size_t bytes = part->byte_count;
    while (part->reached && part->next != NULL) {
        part = part->next;
        bytes += part->byte_count;
    }
    bool own = !part->busy && (part->in_order || stream->withdrawn || part->reached ||
                               !has_piece(stream, part)); /* no thread goes ahead */
    bool ready = bytes >= size || part->ended || (own && stream->input.regular);
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    return ready;
}

uint64_t p2i_ahead_stream_position(const struct p2i_ahead_stream *stream)
{
    return stream->position;
}
