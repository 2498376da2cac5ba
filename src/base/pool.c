/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <stdlib.h>

#include "base/pages.h"

/* Sizes: 32, 48, 64, 80, 96, 112, 128, 160 ... four to each doubling. */
enum { SMALLEST_SHIFT = 5, LARGEST_SHIFT = 24, CLASSES = (LARGEST_SHIFT - SMALLEST_SHIFT) * 4 + 1 };
/* Larger blocks go back to the system at once: what is kept for one size cannot serve another, and
 * may come to as much as was ever in use of each size. */
enum { KEPT_BYTES = 1 << 10 };
enum { SLAB_BYTES = P2I_PAGES_BYTES }; /* small blocks are cut from slabs of this size */

struct block {
    struct block *next;
};

struct slab {
    struct slab *next;
    _Alignas(64) unsigned char bytes[];
};

struct ring {
    struct ring *next;
    struct ring *previous;
};

struct large {
    struct ring ring;
    max_align_t bytes[];
};

struct p2i_pool {
    struct block *free[CLASSES];
    struct slab *slabs;
    unsigned char *slab_at; /* the unused rest of the newest slab */
    size_t slab_left;
    struct ring large; /* head; blocks too large to be kept */
};

static unsigned class_of(size_t size)
{
    if (size <= (size_t)1 << SMALLEST_SHIFT) {
        return 0;
    }
    /* The two bits below the leading one of size - 1 tell the quarter. */
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
    /* Every block is aligned for any type. */
    return (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

struct p2i_pool *p2i_pool_new(void)
{
    struct p2i_pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL) {
        pool->large.next = pool->large.previous = &pool->large;
    }
    return pool;
}

void p2i_pool_free(struct p2i_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (struct slab *slab = pool->slabs; slab != NULL;) {
        struct slab *next = slab->next;
        p2i_pages_put(slab);
        slab = next;
    }
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
        return NULL;
    }
    large->ring = (struct ring){pool->large.next, &pool->large};
    large->ring.next->previous = &large->ring;
    pool->large.next = &large->ring;
    return large->bytes;
}

static void put_large(void *block)
{
    struct large *large =
        (struct large *)(void *)((unsigned char *)block - offsetof(struct large, bytes));
    large->ring.next->previous = large->ring.previous;
    large->ring.previous->next = large->ring.next;
    free(large);
}

static void *cut_from_slab(struct p2i_pool *pool, size_t bytes)
{
    if (pool->slab_left < bytes) {
        struct slab *slab = p2i_pages_get(SLAB_BYTES);
        if (slab == NULL) {
            return NULL;
        }
        slab->next = pool->slabs;
        pool->slabs = slab;
        pool->slab_at = slab->bytes;
        pool->slab_left = SLAB_BYTES - offsetof(struct slab, bytes);
    }
    void *block = pool->slab_at;
    pool->slab_at += bytes;
    pool->slab_left -= bytes;
    return block;
}

void *p2i_pool_get(struct p2i_pool *pool, struct p2i_account *account, size_t size,
                   size_t *capacity)
{
    if (size > (size_t)1 << LARGEST_SHIFT) {
        return NULL;
    }
    unsigned class = class_of(size);
    size_t bytes = size_of_class(class);
    void *block;
    if (bytes > KEPT_BYTES) {
        block = get_large(pool, bytes);
    } else if (pool->free[class] != NULL) {
        struct block *head = pool->free[class];
        pool->free[class] = head->next;
        block = head;
    } else {
        block = cut_from_slab(pool, bytes);
    }
    if (block != NULL) {
        account->used += bytes;
        if (capacity != NULL) {
            *capacity = bytes;
        }
    }
    return block;
}

void p2i_pool_put(struct p2i_pool *pool, struct p2i_account *account, void *block, size_t size)
{
    if (block == NULL) {
        return;
    }
    unsigned class = class_of(size);
    account->used -= size_of_class(class);
    if (size_of_class(class) > KEPT_BYTES) {
        put_large(block);
        return;
    }
    struct block *head = block;
    head->next = pool->free[class];
    pool->free[class] = head;
}
