/* SPDX-License-Identifier: MIT */
/* Blocks of memory in a few sizes that are used again and again, so that nothing is
 * allocated per packet in the steady state. One pool belongs to one thread. */
#ifndef P2I_BASE_POOL_H
#define P2I_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct p2i_pool;

/* What an owner holds of a pool, in bytes of its blocks; `limit` is looked at by the owner. */
struct p2i_account {
    uint64_t used;
    uint64_t limit;
};

struct p2i_pool *p2i_pool_new(void);
/* Frees every block, also those still in use. NULL is fine. */
void p2i_pool_free(struct p2i_pool *pool);

/* A block of at least `size` bytes, not cleared, charged to `account`; `*capacity` (if not NULL)
 * is what it really holds. NULL when out of memory or `size` is over 16 MiB. */
void *p2i_pool_get(struct p2i_pool *pool, struct p2i_account *account, size_t size,
                   size_t *capacity);
/* Gives back a block of `size` (as asked, or its capacity). NULL is fine. */
void p2i_pool_put(struct p2i_pool *pool, struct p2i_account *account, void *block, size_t size);

/* What the pool has from the system at present, without what the system needs for that. */
uint64_t p2i_pool_taken_bytes(const struct p2i_pool *pool);

#endif
