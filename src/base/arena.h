/* SPDX-License-Identifier: MIT */
/* Memory that is allocated piece by piece and freed at once. */
#ifndef P2I_BASE_ARENA_H
#define P2I_BASE_ARENA_H

#include <stddef.h>

struct p2i_arena_block;

/* Start with {0}. */
struct p2i_arena {
    struct p2i_arena_block *first;
};

/* Allocates zeroed memory, aligned for any type; it lives until p2i_arena_free(). NULL: out of
 * memory. */
void *p2i_arena_take(struct p2i_arena *arena, size_t size);
/* Copies `size` bytes and appends a NUL. NULL: out of memory. */
char *p2i_arena_text(struct p2i_arena *arena, const char *text, size_t size);
void p2i_arena_free(struct p2i_arena *arena);

#endif
