/* SPDX-License-Identifier: MIT */
/* Memory that is taken segment by segment and freed at once. */
#ifndef P2I_CONFIG_KEEP_H
#define P2I_CONFIG_KEEP_H

#include <stddef.h>

struct p2i_kept_block;

/* Start with {0}. */
struct p2i_kept {
    struct p2i_kept_block *first;
};

/* Zeroed, aligned for any type; lives until p2i_kept_free(). NULL: out of memory. */
void *p2i_keep(struct p2i_kept *kept, size_t size);
/* A copy of `size` bytes with a NUL behind them; NULL likewise. */
char *p2i_keep_text(struct p2i_kept *kept, const char *text, size_t size);
void p2i_kept_free(struct p2i_kept *kept);

#endif
