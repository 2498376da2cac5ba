/* SPDX-License-Identifier: MIT */
#include "capture/hash_stored.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "capture/capture.h"

enum {
    PIECE_BYTES = P2I_BLOCK_BYTES,
    PIECES_MAX = 8, /* more would leave the cache */
};

/* Copied bytes that are not hashed yet. */
struct piece {
    struct piece *next;
    size_t size;
    uint8_t bytes[PIECE_BYTES];
};

struct p2i_stored_hashes {
    pthread_mutex_t mutex; /* of everything here and in the hashes, except what `busy` protects */
    pthread_cond_t done;   /* a thread has hashed a piece; the adder waits for it */
    struct p2i_stored_hash *first, *last; /* in the order of opening */
    struct piece *free;
    size_t piece_limit;
    _Atomic size_t piece_count; /* in use */
    _Atomic size_t queued;      /* of these, in queues */
};

struct p2i_stored_hash {
    struct p2i_stored_hashes *hashes;
    struct p2i_stored_hash *next;
    struct p2i_sha256 *sha256;       /* of the thread that has set `busy`; else of the adder */
    bool busy;                       /* a thread hashes a piece */
    struct piece *head, *tail;       /* the queue */
    struct piece *filling;           /* the adder's; NULL: none */
    uint64_t byte_count;             /* added */
    struct p2i_capture_facts *facts; /* they get the result when the queue is empty; NULL: bytes
                                        may still be added */
};

struct p2i_stored_hashes *p2i_stored_hashes_new(uint64_t bytes)
{
    struct p2i_stored_hashes *hashes = calloc(1, sizeof *hashes);
    if (hashes == NULL) {
        return NULL;
    }
    uint64_t pieces = bytes / sizeof(struct piece);
    hashes->piece_limit = pieces < PIECES_MAX ? (size_t)pieces : PIECES_MAX;
    (void)pthread_mutex_init(&hashes->mutex, NULL);
    (void)pthread_cond_init(&hashes->done, NULL);
    return hashes;
}

/* ---- the mutex is held ---- */

/* NULL: there is no room. */
static struct piece *new_piece(struct p2i_stored_hashes *hashes)
{
    struct piece *piece = hashes->free;
    if (hashes->piece_count >= hashes->piece_limit) {
        return NULL;
    }
    if (piece != NULL) {
        hashes->free = piece->next;
    } else {
        piece = malloc(sizeof *piece);
    }
    if (piece != NULL) {
        piece->next = NULL;
        piece->size = 0;
        hashes->piece_count++;
    }
    return piece;
}

/* The next one is taken first: it is in the cache. */
static void give_back(struct p2i_stored_hashes *hashes, struct piece *piece)
{
    piece->next = hashes->free;
    hashes->free = piece;
    hashes->piece_count--;
}

static void append_filling(struct p2i_stored_hash *hash)
{
    struct piece *piece = hash->filling;
    if (piece == NULL) {
        return;
    }
    *(hash->head != NULL ? &hash->tail->next : &hash->head) = piece;
    hash->tail = piece;
    hash->filling = NULL;
    hash->hashes->queued++;
}

static void drop_queue(struct p2i_stored_hash *hash)
{
    append_filling(hash);
    while (hash->head != NULL) {
        struct piece *piece = hash->head;
        hash->head = piece->next;
        hash->hashes->queued--;
        give_back(hash->hashes, piece);
    }
}

static void free_hash(struct p2i_stored_hash *hash)
{
    p2i_sha256_free(hash->sha256);
    free(hash);
}

static void unlink_and_free(struct p2i_stored_hash *hash)
{
    struct p2i_stored_hashes *hashes = hash->hashes;
    struct p2i_stored_hash **at = &hashes->first;
    struct p2i_stored_hash *before = NULL;
    while (*at != hash) {
        before = *at;
        at = &before->next;
    }
    *at = hash->next;
    hashes->last = hashes->last == hash ? before : hashes->last;
    free_hash(hash);
}

/* Gives the result where nothing is left to hash. */
static void complete(struct p2i_stored_hash *hash)
{
    struct p2i_capture_facts *facts = hash->facts;
    if (facts != NULL && hash->head == NULL && !hash->busy) {
        facts->hashed = p2i_sha256_finish(hash->sha256, facts->sha256);
        facts->hashed_bytes = hash->byte_count;
        unlink_and_free(hash);
    }
}

/* Hashes the first piece of the queue; the mutex is not held meanwhile. */
static void hash_piece(struct p2i_stored_hash *hash)
{
    struct p2i_stored_hashes *hashes = hash->hashes;
    struct piece *piece = hash->head;
    hash->head = piece->next;
    hash->busy = true;
    hashes->queued--;
    (void)pthread_mutex_unlock(&hashes->mutex);
    p2i_sha256_add(hash->sha256, piece->bytes, piece->size);
    (void)pthread_mutex_lock(&hashes->mutex);
    hash->busy = false;
    give_back(hashes, piece);
    (void)pthread_cond_broadcast(&hashes->done);
}

static struct p2i_stored_hash *choose(const struct p2i_stored_hashes *hashes)
{
    struct p2i_stored_hash *hash = hashes->first;
    while (hash != NULL && (hash->busy || hash->head == NULL)) {
        hash = hash->next;
    }
    return hash;
}

void p2i_stored_hashes_free(struct p2i_stored_hashes *hashes)
{
    if (hashes == NULL) {
        return;
    }
    while (hashes->first != NULL) {
        struct p2i_stored_hash *hash = hashes->first;
        hashes->first = hash->next;
        drop_queue(hash);
        free_hash(hash);
    }
    while (hashes->free != NULL) {
        struct piece *piece = hashes->free;
        hashes->free = piece->next;
        free(piece);
    }
    (void)pthread_cond_destroy(&hashes->done);
    (void)pthread_mutex_destroy(&hashes->mutex);
    free(hashes);
}

/* ---- any thread ---- */

bool p2i_stored_hashes_work(struct p2i_stored_hashes *hashes)
{
    if (atomic_load_explicit(&hashes->queued, memory_order_relaxed) == 0) {
        return false;
    }
    (void)pthread_mutex_lock(&hashes->mutex);
    struct p2i_stored_hash *hash = choose(hashes);
    if (hash != NULL) {
        hash_piece(hash);
        complete(hash);
    }
    (void)pthread_mutex_unlock(&hashes->mutex);
    return hash != NULL;
}

bool p2i_stored_hashes_has_room(const struct p2i_stored_hashes *hashes)
{
    return atomic_load_explicit(&hashes->queued, memory_order_relaxed) == 0 ||
           atomic_load_explicit(&hashes->piece_count, memory_order_relaxed) < hashes->piece_limit;
}

static bool has_ended(const struct p2i_stored_hashes *hashes)
{
    bool ended = false;
    for (struct p2i_stored_hash *hash = hashes->first; hash != NULL; hash = hash->next) {
        ended |= hash->facts != NULL;
    }
    return ended;
}

void p2i_stored_hashes_finish(struct p2i_stored_hashes *hashes)
{
    (void)pthread_mutex_lock(&hashes->mutex);
    while (has_ended(hashes)) {
        struct p2i_stored_hash *hash = choose(hashes);
        if (hash != NULL) {
            hash_piece(hash);
            complete(hash);
        } else {
            (void)pthread_cond_wait(&hashes->done, &hashes->mutex);
        }
    }
    (void)pthread_mutex_unlock(&hashes->mutex);
}

/* ---- the reader of a capture ---- */

struct p2i_stored_hash *p2i_stored_hash_new(struct p2i_stored_hashes *hashes)
{
    struct p2i_stored_hash *hash = calloc(1, sizeof *hash);
    if (hash == NULL) {
        return NULL;
    }
    hash->hashes = hashes;
    hash->sha256 = p2i_sha256_new();
    if (hash->sha256 == NULL) {
        free(hash);
        return NULL;
    }
    (void)pthread_mutex_lock(&hashes->mutex);
    *(hashes->last != NULL ? &hashes->last->next : &hashes->first) = hash;
    hashes->last = hash;
    (void)pthread_mutex_unlock(&hashes->mutex);
    return hash;
}

static void wait_until_idle(struct p2i_stored_hash *hash)
{
    while (hash->busy) {
        (void)pthread_cond_wait(&hash->hashes->done, &hash->hashes->mutex);
    }
}

/* Gets a piece to fill, for which it may have to hash one. False: there is none, and all bytes
 * before are hashed. */
static bool find_piece(struct p2i_stored_hash *hash)
{
    struct p2i_stored_hashes *hashes = hash->hashes;
    if (hash->filling != NULL) {
        return true;
    }
    (void)pthread_mutex_lock(&hashes->mutex);
    hash->filling = new_piece(hashes);
    while (hash->filling == NULL && (hash->busy || hash->head != NULL)) {
        if (hash->busy) {
            wait_until_idle(hash);
        } else {
            hash_piece(hash);
        }
        hash->filling = new_piece(hashes);
    }
    (void)pthread_mutex_unlock(&hashes->mutex);
    return hash->filling != NULL;
}

void p2i_stored_hash_add(struct p2i_stored_hash *hash, const uint8_t *bytes, size_t size)
{
    hash->byte_count += size;
    while (size > 0 && find_piece(hash)) {
        struct piece *piece = hash->filling;
        size_t room = sizeof piece->bytes - piece->size;
        size_t count = size < room ? size : room;
        memcpy(piece->bytes + piece->size, bytes, count);
        piece->size += count;
        bytes += count;
        size -= count;
        if (piece->size == sizeof piece->bytes) {
            (void)pthread_mutex_lock(&hash->hashes->mutex);
            append_filling(hash);
            (void)pthread_mutex_unlock(&hash->hashes->mutex);
        }
    }
    p2i_sha256_add(hash->sha256, bytes, size);
}

void p2i_stored_hash_end(struct p2i_stored_hash *hash, struct p2i_capture_facts *facts)
{
    struct p2i_stored_hashes *hashes = hash->hashes;
    (void)pthread_mutex_lock(&hashes->mutex);
    append_filling(hash);
    hash->facts = facts;
    complete(hash);
    (void)pthread_mutex_unlock(&hashes->mutex);
}

void p2i_stored_hash_drop(struct p2i_stored_hash *hash)
{
    if (hash == NULL) {
        return;
    }
    struct p2i_stored_hashes *hashes = hash->hashes;
    (void)pthread_mutex_lock(&hashes->mutex);
    wait_until_idle(hash);
    drop_queue(hash);
    unlink_and_free(hash);
    (void)pthread_mutex_unlock(&hashes->mutex);
}
