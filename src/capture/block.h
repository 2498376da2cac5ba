/* SPDX-License-Identifier: MIT */
/* Buffers of a block, for the functions that fill it. */
#ifndef P2I_CAPTURE_BLOCK_H
#define P2I_CAPTURE_BLOCK_H

#include "capture/capture.h"

/* Buffers are aligned to pages and reads take whole pages: the kernel copies these fastest. */
enum { P2I_PAGE = 4096 };

/* Rounds up to whole pages. */
static inline size_t p2i_whole_pages(size_t size)
{
    return (size + P2I_PAGE - 1) / P2I_PAGE * P2I_PAGE;
}

/* Allocates a block with other sizes than the usual ones. False: out of memory. */
bool p2i_block_init_sized(struct p2i_block *block, size_t bytes, size_t frames);

/* Grows the buffer to `bytes`. It keeps its contents but may move, so no frame of the block may be
 * in use. False: out of memory, and the block is unchanged. */
bool p2i_block_reserve(struct p2i_block *block, size_t bytes);

/* Marks the frames that are before from_ns, or not before to_ns, to be skipped; 0: no limit. */
void p2i_block_choose_time(struct p2i_block *block, uint64_t from_ns, uint64_t to_ns);

#endif
