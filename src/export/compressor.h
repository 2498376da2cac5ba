/* SPDX-License-Identifier: MIT */
/* Compresses an output as one gzip member (RFC 1952) or zstd frame (RFC 8878). The header has no
 * name and no time, so that the same bytes give the same file. One thread. */
#ifndef P2I_EXPORT_COMPRESSOR_H
#define P2I_EXPORT_COMPRESSOR_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

/* Receives compressed bytes, which live for the call. An error ends the write with that error. */
typedef enum p2i_result p2i_compressor_take(void *context, struct p2i_view bytes,
                                            struct p2i_error *error);

/* The first member of the struct of each method. */
struct p2i_compressor {
    /* With `last` ends the stream: nothing may be written afterwards. */
    enum p2i_result (*write)(struct p2i_compressor *compressor, struct p2i_view bytes, bool last,
                             p2i_compressor_take *take, void *context, struct p2i_error *error);
    void (*free)(struct p2i_compressor *compressor);
};

/* Chooses the method by the ending of the name; sets *compressor to NULL for a plain file. P2I_OK;
 * P2I_USAGE: the ending stands for a compression that this program cannot write; P2I_INTERNAL: out
 * of memory. */
enum p2i_result p2i_compressor_new(struct p2i_compressor **compressor, const char *path,
                                   struct p2i_error *error);
/* Makes the same check without creating a compressor. */
enum p2i_result p2i_compressor_check(const char *path, struct p2i_error *error);

/* NULL: out of memory. */
struct p2i_compressor *p2i_gzip_compressor_new(void);
struct p2i_compressor *p2i_zstd_compressor_new(void); /* only in builds with zstd */

#endif
