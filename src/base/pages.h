/* SPDX-License-Identifier: MIT */
/* Large segments of memory that are accessed at random: on huge pages where the system has them, so
 * that an access does not cost a walk through the page tables too. */
#ifndef P2I_BASE_PAGES_H
#define P2I_BASE_PAGES_H

#include <stddef.h>

enum { P2I_PAGES_BYTES = 2 << 20 }; /* what a segment should be a multiple of */

/* Not cleared; aligned to 64 bytes at least. NULL: out of memory. */
void *p2i_pages_get(size_t size);
void p2i_pages_put(void *pages); /* NULL is fine */

#endif
