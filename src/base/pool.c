/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/pages.h"

/* Block sizes: 32, 48, 64, 80, 96, 112, 128, 160 ... four steps to each doubling. */
enum { SMALLEST_SHIFT = 5, LARGEST_SHIFT = 24 };
enum { KEPT_BYTES = 4 << 10 }; /* larger blocks go back to the system when they are freed */
enum { KEPT_CLASSES = (12 - SMALLEST_SHIFT) * 4 + 1 };

/* Small blocks are cut from chunks. A chunk serves one block size while any of its blocks is in
 * use; an empty chunk can serve another size. So no memory stays reserved for a size that is no
 * longer needed. */
enum { CHUNK_BYTES = 16 << 10 };

/* Each slab doubles the pool up to P2I_PAGES_BYTES, so that a small pool is cheap. */
enum { FIRST_SLAB_BYTES = 2 * CHUNK_BYTES };

struct block {
    struct block *next;
};

struct ring {
    struct ring *next;
    struct ring *previous;
};

/* Header at the beginning of each chunk, which is aligned to its size. */
struct chunk {
    struct ring ring;   /* links chunks of one class that have room, or empty chunks */
    struct block *free; /* freed blocks */
    uint32_t cut;       /* bytes handed out so far, with this header */
    uint32_t used;      /* number of blocks in use */
    uint32_t block_bytes;
    uint32_t class;
};

struct large {
    struct ring ring;
    max_align_t bytes[];
};

/* A piece of system memory that holds many chunks. */
struct slab {
    unsigned char *chunks;
    size_t bytes;
};

struct p2i_pool {
    struct ring room[KEPT_CLASSES]; /* heads: chunks of the class that have room */
    struct ring empty;              /* head: chunks without a class */
    struct ring released;           /* head: those whose memory the system has got back */
    size_t empty_count;             /* of chunks in `empty` */
    bool refused;                   /* the system had no memory */
    struct slab *slabs;             /* sorted by address */
    size_t slab_count;
    uint64_t slab_bytes;
    uint64_t small_bytes; /* blocks in use that are cut from chunks */
    uint64_t large_bytes; /* all other blocks in use */
    size_t stray_count;   /* small blocks among large_bytes */
    struct ring large;    /* head; blocks allocated from the system one by one */
};

static unsigned class_of(size_t size)
{
    if (size <= (size_t)1 << SMALLEST_SHIFT) {
        return 0;
    }
    /* The two bits below the highest bit of size - 1 are the quarter of the doubling. */
    unsigned long long last = size - 1;
    unsigned shift = 63U - (unsigned)__builtin_clzll(last);
    unsigned quarter = (unsigned)(last >> (shift - 2)) & 3;
    return (shift - SMALLEST_SHIFT) * 4 + quarter + 1;
}

static size_t size_of_class(unsigned class)
{
    if (class == 0) {
        return (size_t)1 << SMALLEST_SHIFT;
    }
    unsigned shift = SMALLEST_SHIFT + (class - 1) / 4;
    size_t size = ((size_t)1 << shift) + ((size_t)((class - 1) % 4 + 1) << (shift - 2));
    /* Keeps every block aligned for any type. */
    return (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

static void ring_init(struct ring *head)
{
    head->next = head->previous = head;
}

static void ring_add(struct ring *head, struct ring *ring)
{
    *ring = (struct ring){head->next, head};
    ring->next->previous = ring;
    head->next = ring;
}

static void ring_remove(struct ring *ring)
{
    ring->next->previous = ring->previous;
    ring->previous->next = ring->next;
}

static bool ring_is_empty(const struct ring *head)
{
    return head->next == head;
}

struct p2i_pool *p2i_pool_new(void)
{
    struct p2i_pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL) {
        for (size_t i = 0; i < KEPT_CLASSES; i++) {
            ring_init(&pool->room[i]);
        }
        ring_init(&pool->empty);
        ring_init(&pool->released);
        ring_init(&pool->large);
    }
    return pool;
}

void p2i_pool_free(struct p2i_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->slab_count; i++) {
        p2i_pages_put(pool->slabs[i].chunks);
    }
    free(pool->slabs);
    for (struct ring *ring = pool->large.next; ring != &pool->large;) {
        struct ring *next = ring->next;
        free(ring);
        ring = next;
    }
    free(pool);
}

static void *get_large(struct p2i_pool *pool, size_t bytes)
{
    struct large *large = malloc(offsetof(struct large, bytes) + bytes);
    if (large == NULL) {
        pool->refused = true;
        return NULL;
    }
    ring_add(&pool->large, &large->ring);
    pool->large_bytes += bytes;
    return large->bytes;
}

static void put_large(struct p2i_pool *pool, void *block, size_t bytes)
{
    pool->large_bytes -= bytes;
    struct large *large =
        (struct large *)(void *)((unsigned char *)block - offsetof(struct large, bytes));
    ring_remove(&large->ring);
    free(large);
}

/* True when much chunk memory is free but unusable, because a few blocks of other sizes keep each
 * chunk. Adding chunks would then only repeat this for one size after another. */
static bool is_scattered(const struct p2i_pool *pool)
{
    return pool->slab_bytes > P2I_PAGES_BYTES + pool->small_bytes + pool->small_bytes / 2;
}

static bool add_slab(struct p2i_pool *pool)
{
    struct slab *slabs = realloc(pool->slabs, (pool->slab_count + 1) * sizeof *slabs);
    if (slabs == NULL) {
        return false;
    }
    pool->slabs = slabs;
    /* Doubles the pool. */
    size_t bytes = pool->slab_count == 0                 ? FIRST_SLAB_BYTES
                   : pool->slab_bytes >= P2I_PAGES_BYTES ? P2I_PAGES_BYTES
                                                         : (size_t)pool->slab_bytes;
    unsigned char *chunks =
        bytes < P2I_PAGES_BYTES ? aligned_alloc(CHUNK_BYTES, bytes) : p2i_pages_get(bytes);
    if (chunks == NULL) {
        return false;
    }
    size_t at = pool->slab_count++;
    pool->slab_bytes += bytes;
    for (; at > 0 && (uintptr_t)slabs[at - 1].chunks > (uintptr_t)chunks; at--) {
        slabs[at] = slabs[at - 1];
    }
    slabs[at] = (struct slab){chunks, bytes};
    for (size_t end = bytes; end > 0; end -= CHUNK_BYTES) {
        ring_add(&pool->empty, (struct ring *)(void *)(chunks + end - CHUNK_BYTES));
    }
    pool->empty_count += bytes / CHUNK_BYTES;
    return true;
}

/* True when a small block lies in a slab, false when the system allocated it. */
static bool is_cut(const struct p2i_pool *pool, const void *block)
{
    size_t low = 0;
    size_t high = pool->slab_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct slab *slab = &pool->slabs[middle];
        if ((uintptr_t)block < (uintptr_t)slab->chunks) {
            high = middle;
        } else if ((uintptr_t)block - (uintptr_t)slab->chunks >= slab->bytes) {
            low = middle + 1;
        } else {
            return true;
        }
    }
    return false;
}

/* Returns a chunk without a class. NULL: out of memory, or the pool is scattered. */
static struct chunk *take_empty(struct p2i_pool *pool)
{
    struct ring *ring = pool->released.next;
    if (pool->empty_count == 0 && ring_is_empty(&pool->released) &&
        (is_scattered(pool) || !add_slab(pool))) {
        return NULL;
    }
    if (pool->empty_count > 0) {
        ring = pool->empty.next;
        pool->empty_count--;
    }
    ring_remove(ring);
    return (struct chunk *)(void *)ring;
}

/* Gives the memory of the chunk that has been empty for longest back to the system, but for the
 * page with its header, if more than an eighth of the pool is empty: what is needed now may be
 * large blocks. */
static void release_empty(struct p2i_pool *pool)
{
    enum { PAGE = 4 << 10, KEPT = P2I_PAGES_BYTES / CHUNK_BYTES };
    if (pool->empty_count <= KEPT || pool->empty_count * CHUNK_BYTES <= pool->slab_bytes / 8) {
        return;
    }
    struct ring *oldest = pool->empty.previous;
    ring_remove(oldest);
    pool->empty_count--;
    ring_add(&pool->released, oldest);
    (void)madvise((unsigned char *)oldest + PAGE, CHUNK_BYTES - PAGE, MADV_DONTNEED);
}

/* Returns a chunk of the class with room. NULL: out of memory, or the pool is scattered and the
 * block has to come from the system. */
static struct chunk *chunk_with_room(struct p2i_pool *pool, unsigned class)
{
    if (!ring_is_empty(&pool->room[class])) {
        return (struct chunk *)(void *)pool->room[class].next;
    }
    struct chunk *chunk = take_empty(pool);
    if (chunk == NULL) {
        return NULL;
    }
    *chunk = (struct chunk){
        .cut = (sizeof *chunk + 63) / 64 * 64,
        .block_bytes = (uint32_t)size_of_class(class),
        .class = class,
    };
    ring_add(&pool->room[class], &chunk->ring);
    return chunk;
}

static bool has_room(const struct chunk *chunk)
{
    return chunk->free != NULL || chunk->cut + chunk->block_bytes <= CHUNK_BYTES;
}

static void *get_small(struct p2i_pool *pool, unsigned class)
{
    struct chunk *chunk = chunk_with_room(pool, class);
    if (chunk == NULL) {
        return NULL;
    }
    struct block *block = chunk->free;
    if (block != NULL) {
        chunk->free = block->next;
        __builtin_prefetch(block->next); /* the next block to be returned */
    } else {
        block = (struct block *)(void *)((unsigned char *)chunk + chunk->cut);
        chunk->cut += chunk->block_bytes;
    }
    chunk->used++;
    pool->small_bytes += chunk->block_bytes;
    if (!has_room(chunk)) {
        ring_remove(&chunk->ring);
    }
    return block;
}

static void put_small(struct p2i_pool *pool, void *at)
{
    size_t offset = (uintptr_t)at % CHUNK_BYTES;
    struct chunk *chunk = (struct chunk *)(void *)((unsigned char *)at - offset);
    struct block *block = at;
    bool had_room = has_room(chunk);
    block->next = chunk->free;
    chunk->free = block;
    chunk->used--;
    pool->small_bytes -= chunk->block_bytes;
    if (chunk->used == 0) {
        if (had_room) {
            ring_remove(&chunk->ring);
        }
        ring_add(&pool->empty, &chunk->ring);
        pool->empty_count++;
        release_empty(pool);
    } else if (!had_room) {
        ring_add(&pool->room[chunk->class], &chunk->ring);
    }
}

void *p2i_pool_get(struct p2i_pool *pool, struct p2i_account *account, size_t size,
                   size_t *capacity)
{
    if (size > (size_t)1 << LARGEST_SHIFT) {
        return NULL;
    }
    unsigned class = class_of(size);
    size_t bytes = size_of_class(class);
    void *block = bytes > KEPT_BYTES ? NULL : get_small(pool, class);
    if (block == NULL) {
        block = get_large(pool, bytes);
        pool->stray_count += block != NULL && bytes <= KEPT_BYTES;
    }
    if (block != NULL) {
        account->used += bytes;
        if (capacity != NULL) {
            *capacity = bytes;
        }
    }
    return block;
}

void *p2i_pool_grow(struct p2i_pool *pool, struct p2i_account *account, void *block, size_t used,
                    size_t size, size_t *capacity)
{
    size_t before = *capacity;
    void *larger = p2i_pool_get(pool, account, size, capacity);
    if (larger == NULL) {
        *capacity = before;
        return NULL;
    }
    if (used > 0) {
        memcpy(larger, block, used);
    }
    p2i_pool_put(pool, account, block, before);
    return larger;
}

void p2i_pool_put(struct p2i_pool *pool, struct p2i_account *account, void *block, size_t size)
{
    if (block == NULL) {
        return;
    }
    size_t bytes = size_of_class(class_of(size));
    account->used -= bytes;
    if (bytes > KEPT_BYTES) {
        put_large(pool, block, bytes);
    } else if (pool->stray_count > 0 && !is_cut(pool, block)) {
        put_large(pool, block, bytes);
        pool->stray_count--;
    } else {
        put_small(pool, block);
    }
}

void p2i_pool_note_refusal(struct p2i_pool *pool)
{
    pool->refused = true;
}

bool p2i_pool_was_refused(const struct p2i_pool *pool)
{
    return pool->refused;
}

uint64_t p2i_pool_taken_bytes(const struct p2i_pool *pool)
{
    return pool->slab_bytes + pool->large_bytes;
}
