/* SPDX-License-Identifier: MIT */
#include "session/by_index.h"

#include <stdlib.h>
#include <string.h>

void p2i_by_index_free(struct p2i_by_index *storage)
{
    for (uint32_t i = 0; i < storage->slab_count; i++) {
        p2i_pages_put(storage->slabs[i]);
    }
    free(storage->slabs);
    *storage = (struct p2i_by_index){0};
}

bool p2i_by_index_begin(struct p2i_by_index *storage, uint32_t session_index, size_t size)
{
    uint32_t entries = (uint32_t)(P2I_PAGES_BYTES / size);
    while (session_index / entries >= storage->slab_count) {
        uint8_t **slabs = realloc(storage->slabs, (storage->slab_count + 1) * sizeof *slabs);
        if (slabs == NULL) {
            return false;
        }
        storage->slabs = slabs;
        slabs[storage->slab_count] = p2i_pages_get(entries * size);
        if (slabs[storage->slab_count] == NULL) {
            return false;
        }
        storage->slab_count++;
    }
    memset(p2i_by_index_at(storage, session_index, size), 0, size);
    return true;
}
