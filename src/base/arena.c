/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct p2i_arena_block {
    struct p2i_arena_block *next;
    alignas(max_align_t) unsigned char bytes[];
};

void *p2i_arena_take(struct p2i_arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct p2i_arena_block)) {
        return NULL;
    }
    struct p2i_arena_block *block = calloc(1, sizeof *block + size);
    if (block == NULL) {
        return NULL;
    }
    block->next = arena->first;
    arena->first = block;
    return block->bytes;
}

char *p2i_arena_text(struct p2i_arena *arena, const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? p2i_arena_take(arena, size + 1) : NULL;
    if (copy != NULL && size > 0) {
        memcpy(copy, text, size);
    }
    return copy;
}

void p2i_arena_free(struct p2i_arena *arena)
{
    while (arena->first != NULL) {
        struct p2i_arena_block *next = arena->first->next;
        free(arena->first);
        arena->first = next;
    }
}
