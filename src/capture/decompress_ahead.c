/* SPDX-License-Identifier: MIT */
#include "capture/decompress_ahead.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "capture/capture.h"

enum {
    PIECE_BYTES = P2I_BLOCK_BYTES,
    STREAM_PIECES = 8,        /* of one stream: more would leave the cache */
    CAPTURE_BYTES = 1 << 20,  /* estimate: decompressor of a capture that was opened early */
    EARLY_WINDOW = 512 << 10, /* its window at most */
    CAPTURES_MAX = 8,
    MARKS = 16,
};

/* Bytes of a piece, from those of the mark before, for which the file was read up to a position. */
struct mark {
    size_t end;
    uint64_t position;
};

/* Decompressed bytes that are not read yet. */
struct piece {
    struct piece *next;
    size_t size, used;
    enum p2i_result result; /* behind the bytes */
    struct p2i_error error;
    struct mark marks[MARKS];
    size_t mark_count;
    uint8_t bytes[PIECE_BYTES];
};

struct p2i_ahead {
    pthread_mutex_t mutex; /* of everything here and in the streams, except what `busy` protects */
    pthread_cond_t done;   /* a thread has finished a piece; the reader waits for it */
    struct p2i_ahead_stream *first, *last; /* in the order of opening */
    _Atomic bool has_streams;
    struct piece *free;
    size_t piece_count, piece_limit; /* in use; the reader's part is a quarter */
    size_t captures;
};

struct p2i_ahead_stream {
    struct p2i_ahead *ahead;
    struct p2i_ahead_stream *previous, *next;
    struct p2i_ahead_input input;
    struct p2i_decompressor *decompressor; /* of the thread that has set `busy` */
    bool busy;                             /* a thread decompresses */
    bool in_order;                         /* the next piece is the reader's: it may need memory */
    bool withdrawn;                        /* so are all others */
    bool ended;                            /* nothing follows the queue */
    struct piece *head, *tail;
    size_t piece_count, byte_count; /* in the queue, not read yet */
    uint64_t position;              /* of the reader */
};

struct p2i_ahead *p2i_ahead_new(uint64_t bytes)
{
    struct p2i_ahead *ahead = calloc(1, sizeof *ahead);
    if (ahead == NULL) {
        return NULL;
    }
    uint64_t captures = bytes / 2 / CAPTURE_BYTES;
    ahead->captures = captures < CAPTURES_MAX ? (size_t)captures : CAPTURES_MAX;
    ahead->piece_limit = (size_t)((bytes - ahead->captures * CAPTURE_BYTES) / sizeof(struct piece));
    (void)pthread_mutex_init(&ahead->mutex, NULL);
    (void)pthread_cond_init(&ahead->done, NULL);
    return ahead;
}

void p2i_ahead_free(struct p2i_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    while (ahead->free != NULL) {
        struct piece *piece = ahead->free;
        ahead->free = piece->next;
        free(piece);
    }
    (void)pthread_cond_destroy(&ahead->done);
    (void)pthread_mutex_destroy(&ahead->mutex);
    free(ahead);
}

size_t p2i_ahead_captures(const struct p2i_ahead *ahead)
{
    return ahead->captures;
}

/* ---- pieces; the mutex is held ---- */

static struct piece *new_piece(struct p2i_ahead *ahead)
{
    struct piece *piece = ahead->free;
    if (piece != NULL) {
        ahead->free = piece->next;
    } else {
        piece = malloc(sizeof *piece);
    }
    if (piece != NULL) {
        piece->next = NULL;
        piece->size = piece->used = piece->mark_count = 0;
        ahead->piece_count++;
    }
    return piece;
}

/* The next one is taken first: it is in the cache. */
static void give_back(struct p2i_ahead *ahead, struct piece *piece)
{
    piece->next = ahead->free;
    ahead->free = piece;
    ahead->piece_count--;
}

static void append(struct p2i_ahead_stream *stream, struct piece *piece)
{
    if (stream->head == NULL) {
        stream->head = piece;
    } else {
        stream->tail->next = piece;
    }
    stream->tail = piece;
    stream->piece_count++;
    stream->byte_count += piece->size;
}

static void drop_head(struct p2i_ahead_stream *stream)
{
    struct piece *piece = stream->head;
    stream->head = piece->next;
    stream->piece_count--;
    give_back(stream->ahead, piece);
}

/* ---- ahead of the reader ---- */

/* Part of the pieces is left for the stream that is read first. */
static bool has_piece(const struct p2i_ahead_stream *stream)
{
    const struct p2i_ahead *ahead = stream->ahead;
    size_t kept = stream == ahead->first ? 0 : ahead->piece_limit / 4;
    return stream->piece_count < STREAM_PIECES && ahead->piece_count + kept < ahead->piece_limit;
}

static struct p2i_ahead_stream *choose(struct p2i_ahead *ahead, bool may_wait)
{
    for (struct p2i_ahead_stream *stream = ahead->first; stream != NULL; stream = stream->next) {
        if (!stream->busy && !stream->in_order && !stream->ended && has_piece(stream) &&
            (may_wait || stream->input.is_ready(stream->input.context))) {
            return stream;
        }
    }
    return NULL;
}

/* Decompresses until the piece is full, without waiting for a pipe more than once. Returns false
 * when the rest was put off. */
static bool decompress_into(struct p2i_ahead_stream *stream, struct piece *piece)
{
    bool put_off = false;
    do {
        size_t got;
        piece->result = p2i_decompress_put_off(stream->decompressor, piece->bytes + piece->size,
                                               sizeof piece->bytes - piece->size, &got, &put_off,
                                               &piece->error);
        piece->size += got;
        piece->marks[piece->mark_count++] = (struct mark){piece->size, *stream->input.position};
    } while (piece->result == P2I_OK && !put_off && piece->size < sizeof piece->bytes &&
             piece->mark_count < MARKS && stream->input.is_ready(stream->input.context));
    return !put_off;
}

static void fill_piece(struct p2i_ahead_stream *stream, struct piece *piece)
{
    bool put_off = !decompress_into(stream, piece);
    struct p2i_ahead *ahead = stream->ahead;
    (void)pthread_mutex_lock(&ahead->mutex);
    stream->busy = false;
    stream->in_order |= put_off;
    stream->ended = piece->result != P2I_OK;
    if (piece->size > 0 || stream->ended) {
        append(stream, piece);
    } else {
        give_back(ahead, piece);
    }
    (void)pthread_cond_signal(&ahead->done);
    (void)pthread_mutex_unlock(&ahead->mutex);
}

bool p2i_ahead_work(struct p2i_ahead *ahead, bool may_wait)
{
    if (!atomic_load_explicit(&ahead->has_streams, memory_order_relaxed)) {
        return false;
    }
    (void)pthread_mutex_lock(&ahead->mutex);
    struct p2i_ahead_stream *stream = choose(ahead, may_wait);
    struct piece *piece = stream != NULL ? new_piece(ahead) : NULL;
    if (piece != NULL) {
        stream->busy = true;
    }
    (void)pthread_mutex_unlock(&ahead->mutex);
    if (piece == NULL) {
        return false;
    }
    fill_piece(stream, piece);
    return true;
}

/* ---- the reader ---- */

struct p2i_ahead_stream *p2i_ahead_stream_new(struct p2i_ahead *ahead,
                                              struct p2i_decompressor *decompressor,
                                              const struct p2i_ahead_input *input, bool early)
{
    struct p2i_ahead_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return NULL;
    }
    stream->ahead = ahead;
    stream->decompressor = decompressor;
    stream->input = *input;
    stream->in_order = !early;
    if (early) {
        p2i_decompressor_window(decompressor)->loan = EARLY_WINDOW;
    }
    (void)pthread_mutex_lock(&ahead->mutex);
    stream->previous = ahead->last;
    *(ahead->last != NULL ? &ahead->last->next : &ahead->first) = stream;
    ahead->last = stream;
    atomic_store_explicit(&ahead->has_streams, true, memory_order_relaxed);
    (void)pthread_mutex_unlock(&ahead->mutex);
    return stream;
}

static void wait_until_idle(struct p2i_ahead_stream *stream)
{
    while (stream->busy) {
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
    wait_until_idle(stream);
    while (stream->head != NULL) {
        drop_head(stream);
    }
    *(stream->previous != NULL ? &stream->previous->next : &ahead->first) = stream->next;
    *(stream->next != NULL ? &stream->next->previous : &ahead->last) = stream->previous;
    atomic_store_explicit(&ahead->has_streams, ahead->first != NULL, memory_order_relaxed);
    (void)pthread_mutex_unlock(&ahead->mutex);
    struct p2i_decompressor *decompressor = stream->decompressor;
    free(stream);
    p2i_decompressor_free(decompressor);
}

bool p2i_ahead_stream_begin(struct p2i_ahead_stream *stream)
{
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    wait_until_idle(stream);
    bool begun = p2i_decompress_window_settle(p2i_decompressor_window(stream->decompressor));
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    return begun;
}

void p2i_ahead_stream_withdraw(struct p2i_ahead_stream *stream)
{
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    wait_until_idle(stream);
    stream->in_order = stream->withdrawn = true;
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
}

/* Where the file was read up to for the bytes of the piece that were read. */
static uint64_t position_of(const struct piece *piece)
{
    const struct mark *mark = piece->marks;
    while (mark->end < piece->used) {
        mark++;
    }
    return mark->position;
}

/* Moves bytes out of the queue; the mutex is held, but not while they are copied: no other thread
 * touches a finished piece. The result behind the bytes is returned only when more were wanted. */
static enum p2i_result take(struct p2i_ahead_stream *stream, uint8_t *to, size_t size, size_t *got,
                            struct p2i_error *error)
{
    struct piece *piece = stream->head;
    size_t count = piece->size - piece->used;
    count = count < size - *got ? count : size - *got;
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    if (count > 0) {
        memcpy(to + *got, piece->bytes + piece->used, count);
    }
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    piece->used += count;
    *got += count;
    stream->byte_count -= count;
    stream->position = position_of(piece);
    if (piece->used < piece->size || (piece->result != P2I_OK && *got == size)) {
        return P2I_OK;
    }
    enum p2i_result result = piece->result;
    if (result != P2I_OK) {
        stream->position = piece->marks[piece->mark_count - 1].position;
        *error = piece->error;
    }
    drop_head(stream);
    return result;
}

/* Decompresses where the queue is empty; the mutex is held, but not meanwhile. */
static enum p2i_result decompress_here(struct p2i_ahead_stream *stream, uint8_t *to, size_t size,
                                       size_t *got, struct p2i_error *error)
{
    size_t count;
    stream->busy = true;
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    enum p2i_result result =
        p2i_decompress_some(stream->decompressor, to + *got, size - *got, &count, error);
    stream->position = *stream->input.position;
    *got += count;
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    stream->busy = false;
    stream->ended = result != P2I_OK;
    return result;
}

enum p2i_result p2i_ahead_stream_read(struct p2i_ahead_stream *stream, uint8_t *to, size_t size,
                                      size_t *got, struct p2i_error *error)
{
    struct p2i_ahead *ahead = stream->ahead;
    enum p2i_result result = P2I_OK;
    *got = 0;
    (void)pthread_mutex_lock(&ahead->mutex);
    while (result == P2I_OK && *got < size) {
        if (stream->head != NULL) {
            result = take(stream, to, size, got, error);
        } else if (stream->busy) {
            (void)pthread_cond_wait(&ahead->done, &ahead->mutex);
        } else {
            result = decompress_here(stream, to, size, got, error);
        }
    }
    stream->in_order = stream->withdrawn;
    (void)pthread_mutex_unlock(&ahead->mutex);
    return result;
}

bool p2i_ahead_stream_is_ready(struct p2i_ahead_stream *stream, size_t size)
{
    (void)pthread_mutex_lock(&stream->ahead->mutex);
    bool own = !stream->busy && (stream->in_order || !has_piece(stream)); /* no thread goes ahead */
    bool ready = stream->byte_count >= size || stream->ended || (own && stream->input.regular);
    (void)pthread_mutex_unlock(&stream->ahead->mutex);
    return ready;
}

uint64_t p2i_ahead_stream_position(const struct p2i_ahead_stream *stream)
{
    return stream->position;
}
