/* SPDX-License-Identifier: MIT */
/* gzip is undone by one of two libraries. */
#ifndef P2I_CAPTURE_GZIP_H
#define P2I_CAPTURE_GZIP_H

#include "capture/decompress.h"

extern const struct p2i_decompression
    p2i_decompress_gzip; /* ISA-L, twice as fast; zlib without it */
#ifdef HAVE_ISAL
extern const struct p2i_decompression p2i_decompress_gzip_zlib;
#endif

/* What is told of zlib's message (NULL too): the same, whichever library is used. */
const char *p2i_gzip_reason(const char *message);

#endif
