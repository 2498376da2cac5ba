/* SPDX-License-Identifier: MIT */
/* Room in a block, for those who fill it. */
#ifndef P2I_CAPTURE_BLOCK_H
#define P2I_CAPTURE_BLOCK_H

#include "capture/capture.h"

/* Buffers begin at a page, and a read brings whole pages: that is what the kernel copies fastest.
 */
enum { P2I_PAGE = 4096 };

/* The bytes of the pages that `size` bytes need. */
static inline size_t p2i_pages(size_t size)
{
    return (size + P2I_PAGE - 1) / P2I_PAGE * P2I_PAGE;
}

/* A block of other sizes than the usual ones. */
bool p2i_block_init_sized(struct p2i_block *block, size_t bytes, size_t frames);

/* Makes room for `bytes`. What the buffer held stays, but moves: only for a block whose frames
 * are not in use. False when out of memory; the block is then as before. */
bool p2i_block_reserve(struct p2i_block *block, size_t bytes);

#endif
