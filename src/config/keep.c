/* SPDX-License-Identifier: MIT */
#include "config/keep.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct p2i_kept_block {
    struct p2i_kept_block *next;
    alignas(max_align_t) unsigned char bytes[];
};

void *p2i_keep(struct p2i_kept *kept, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct p2i_kept_block)) {
        return NULL;
    }
    struct p2i_kept_block *block = calloc(1, sizeof *block + size);
    if (block == NULL) {
        return NULL;
    }
    block->next = kept->first;
    kept->first = block;
    return block->bytes;
}

char *p2i_keep_text(struct p2i_kept *kept, const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? p2i_keep(kept, size + 1) : NULL;
    if (copy != NULL && size > 0) {
        memcpy(copy, text, size);
    }
    return copy;
}

void p2i_kept_free(struct p2i_kept *kept)
{
    while (kept->first != NULL) {
        struct p2i_kept_block *next = kept->first->next;
        free(kept->first);
        kept->first = next;
    }
}
