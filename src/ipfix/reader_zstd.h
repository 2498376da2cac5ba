/* SPDX-License-Identifier: MIT */
/* Decompresses a zstd stream (RFC 8878) for a reader; only in builds with zstd. One thread. */
#ifndef P2I_IPFIX_READER_ZSTD_H
#define P2I_IPFIX_READER_ZSTD_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

struct p2i_reader_zstd;

/* Reads `size` compressed bytes; fewer, in *got, only at the end. */
typedef enum p2i_result p2i_reader_zstd_source(void *context, uint8_t *to, size_t size, size_t *got,
                                               struct p2i_error *error);

/* True when a file that begins so is compressed with zstd. */
bool p2i_is_zstd(struct p2i_view head);
/* NULL: out of memory. */
struct p2i_reader_zstd *p2i_reader_zstd_new(p2i_reader_zstd_source *source, void *context);
/* Reads `size` bytes into `to`; fewer, in *got, only at the end. P2I_OK; P2I_DAMAGED: the stream is
 * broken or ends early, *got bytes came before; else the result of the source. */
enum p2i_result p2i_reader_zstd_read(struct p2i_reader_zstd *zstd, uint8_t *to, size_t size,
                                     size_t *got, struct p2i_error *error);
void p2i_reader_zstd_free(struct p2i_reader_zstd *zstd); /* NULL is fine */

#endif
