/* SPDX-License-Identifier: MIT */
#include "base/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

void *p2i_pages_get(size_t size)
{
    if (size < P2I_PAGES_BYTES / 2) {
        return aligned_alloc(64, (size + 63) / 64 * 64); /* keeps the start of small runs fast */
    }
    size_t rounded = (size + P2I_PAGES_BYTES - 1) / P2I_PAGES_BYTES * P2I_PAGES_BYTES;
    void *pages = aligned_alloc(P2I_PAGES_BYTES, rounded);
    if (pages != NULL) {
        (void)madvise(pages, rounded, MADV_HUGEPAGE); /* only a hint: may fail */
    }
    return pages;
}

void p2i_pages_put(void *pages)
{
    free(pages);
}
