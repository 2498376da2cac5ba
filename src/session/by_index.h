/* SPDX-License-Identifier: MIT */
/* Storage beside the sessions, for what only some runs keep of each: an entry of a fixed size by
 * session index, in slabs, so that entries never move. */
#ifndef P2I_SESSION_BY_INDEX_H
#define P2I_SESSION_BY_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pages.h"

/* Start zeroed. */
struct p2i_by_index {
    uint8_t **slabs;
    uint32_t slab_count;
};

void p2i_by_index_free(struct p2i_by_index *storage);

/* Zeroes the entry of a new session, which has `size` bytes, the same for all entries. False: out
 * of memory. */
bool p2i_by_index_begin(struct p2i_by_index *storage, uint32_t session_index, size_t size);

/* The entry of a session; lives as long as the session. */
static inline void *p2i_by_index_at(const struct p2i_by_index *storage, uint32_t session_index,
                                    size_t size)
{
    uint32_t entries = (uint32_t)(P2I_PAGES_BYTES / size);
    return storage->slabs[session_index / entries] + session_index % entries * size;
}

#endif
