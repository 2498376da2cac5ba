/* SPDX-License-Identifier: MIT */
/* Memory blocks of a few sizes, recycled so that the steady state allocates nothing per packet. One
 * pool belongs to one thread. */
#ifndef P2I_BASE_POOL_H
#define P2I_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct p2i_pool;

/* Memory charged to one owner, in bytes of blocks. The pool keeps `used`; the owner enforces
 * `limit`. */
struct p2i_account {
    uint64_t used;
    uint64_t limit;
};

struct p2i_pool *p2i_pool_new(void);
/* Frees all blocks, also those in use. NULL is fine. */
void p2i_pool_free(struct p2i_pool *pool);

/* Returns a block of at least `size` bytes, not cleared, and charges it to `account`. *capacity (if
 * not NULL) becomes the usable size. NULL: out of memory, or `size` is over 16 MiB. */
void *p2i_pool_get(struct p2i_pool *pool, struct p2i_account *account, size_t size,
                   size_t *capacity);
/* Replaces `block` (NULL at first) by one of at least `size` bytes that begins with its first
 * `used` bytes. `*capacity` is that of the old block and becomes that of the new one. NULL, with
 * the old block as it was, where p2i_pool_get() gives NULL. */
void *p2i_pool_grow(struct p2i_pool *pool, struct p2i_account *account, void *block, size_t used,
                    size_t size, size_t *capacity);
/* Returns a block to the pool. `size` is the size asked for or the capacity. NULL is fine. */
void p2i_pool_put(struct p2i_pool *pool, struct p2i_account *account, void *block, size_t size);

/* Notes that the system refused memory to an owner of the pool beside it, as p2i_pool_get() notes
 * it for blocks: what the owner makes is then incomplete. */
void p2i_pool_note_refusal(struct p2i_pool *pool);
/* Whether the system has ever refused memory. */
bool p2i_pool_was_refused(const struct p2i_pool *pool);

/* Bytes that the pool holds from the system now, without the allocator's own overhead. */
uint64_t p2i_pool_taken_bytes(const struct p2i_pool *pool);

#endif
