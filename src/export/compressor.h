/* SPDX-License-Identifier: MIT */
/* Bytes of an output become a gzip member (RFC 1952) or a zstd frame (RFC 8878), without a name or
 * a time in its header: the same bytes give the same file. One thread. */
#ifndef P2I_EXPORT_COMPRESSOR_H
#define P2I_EXPORT_COMPRESSOR_H

#include <stdbool.h>

#include "base/error.h"
#include "base/view.h"

/* Takes compressed bytes, which live for the call; its result is given on. */
typedef enum p2i_result p2i_compressor_take(void *context, struct p2i_view bytes,
                                            struct p2i_error *error);

/* First in the struct of each method. */
struct p2i_compressor {
    /* With `last` the stream ends; nothing may be written afterwards. */
    enum p2i_result (*write)(struct p2i_compressor *compressor, struct p2i_view bytes, bool last,
                             p2i_compressor_take *take, void *context, struct p2i_error *error);
    void (*free)(struct p2i_compressor *compressor);
};

/* By the ending of the name; NULL in *compressor: it is to be plain. P2I_USAGE: by its name it is
 * to be compressed in a way that is not written here; P2I_INTERNAL. */
enum p2i_result p2i_compressor_new(struct p2i_compressor **compressor, const char *path,
                                   struct p2i_error *error);
/* The same without making one. */
enum p2i_result p2i_compressor_check(const char *path, struct p2i_error *error);

/* NULL: out of memory. */
struct p2i_compressor *p2i_gzip_compressor_new(void);
struct p2i_compressor *p2i_zstd_compressor_new(void); /* only where it is built in */

#endif
