/* SPDX-License-Identifier: MIT */
/* Room in a block, for those who fill it. */
#ifndef P2I_CAPTURE_BLOCK_H
#define P2I_CAPTURE_BLOCK_H

#include "capture/capture.h"

/* A block of other sizes than the usual ones; the buffer begins at a page. */
bool p2i_block_init_sized(struct p2i_block *block, size_t bytes, size_t frames);

/* Makes room for `bytes`. What the buffer held stays, but moves: only for a block whose frames
 * are not in use. False when memory is out; the block is then as before. */
bool p2i_block_reserve(struct p2i_block *block, size_t bytes);

#endif
