/* SPDX-License-Identifier: MIT */
/* Large areas of memory with random access, on huge pages where the system has them: this saves
 * most of the page table walks. */
#ifndef P2I_BASE_PAGES_H
#define P2I_BASE_PAGES_H

#include <stddef.h>

enum { P2I_PAGES_BYTES = 2 << 20 }; /* size of a huge page; sizes should be a multiple */

/* Allocates `size` bytes, not cleared, aligned to at least 64 bytes. NULL: out of memory. */
void *p2i_pages_get(size_t size);
void p2i_pages_put(void *pages); /* NULL is fine */

#endif
