/* SPDX-License-Identifier: MIT */
/* The two implementations of gzip. */
#ifndef P2I_CAPTURE_GZIP_H
#define P2I_CAPTURE_GZIP_H

#include "capture/decompress.h"

/* ISA-L, with which a conversion takes four fifths of the time; zlib where it is missing. */
extern const struct p2i_decompression p2i_decompress_gzip;
#ifdef HAVE_ISAL
extern const struct p2i_decompression p2i_decompress_gzip_zlib;
#endif

/* Where the next member begins: its `next_stream`. */
bool p2i_next_gzip_member(p2i_compressed_read *read, void *context, uint64_t from, uint64_t least,
                          struct p2i_stream_start *next);

/* The reason in our messages for zlib's message (may be NULL): the same for both libraries. */
const char *p2i_gzip_reason(const char *message);

#endif
