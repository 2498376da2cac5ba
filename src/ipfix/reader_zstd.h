/* SPDX-License-Identifier: MIT */
/* A zstd stream (RFC 8878) under a reader; only where zstd is built in. */
#ifndef P2I_IPFIX_READER_ZSTD_H
#define P2I_IPFIX_READER_ZSTD_H

#include <stdbool.h>

#include "base/view.h"
#include "pcap2ipfix/error.h"

struct p2i_reader_zstd;

/* Gives compressed bytes: *got of them, fewer than `size` only at the end. */
typedef enum p2i_result p2i_reader_zstd_source(void *context, uint8_t *to, size_t size, size_t *got,
                                               struct p2i_error *error);

bool p2i_is_zstd(struct p2i_view head);
/* NULL: out of memory. */
struct p2i_reader_zstd *p2i_reader_zstd_new(p2i_reader_zstd_source *source, void *context);
/* Fills `to` as far as there are bytes; *got < size is the end. P2I_DAMAGED: the stream is broken
 * or ends early (*got is what came before); else what the source said. */
enum p2i_result p2i_reader_zstd_read(struct p2i_reader_zstd *zstd, uint8_t *to, size_t size,
                                     size_t *got, struct p2i_error *error);
void p2i_reader_zstd_free(struct p2i_reader_zstd *zstd); /* NULL is fine */

#endif
