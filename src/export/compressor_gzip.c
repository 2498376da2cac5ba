/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#define ZLIB_CONST /* zlib only reads its input */
#include <zlib.h>

#include "export/compressor.h"

enum {
    OUT_SIZE = 64 * 1024,
    INPUT_MAX = 1 << 30,   /* zlib counts in unsigned int */
    GZIP_WINDOW = 15 + 16, /* largest window, with a gzip header */
    MEMORY_LEVEL = 8,      /* zlib's default */
    COMPRESSION = 6,       /* likewise */
};

struct gzip {
    struct p2i_compressor compressor; /* first, so that it is the same address */
    z_stream stream;
    uint8_t out[OUT_SIZE];
};

static enum p2i_result deflate_all(struct gzip *gzip, int flush, p2i_compressor_take *take,
                                   void *context, struct p2i_error *error)
{
    do {
        gzip->stream.next_out = gzip->out;
        gzip->stream.avail_out = OUT_SIZE;
        if (deflate(&gzip->stream, flush) == Z_STREAM_ERROR) {
            return p2i_fail(error, P2I_INTERNAL, "zlib failed");
        }
        enum p2i_result result =
            take(context, p2i_view_of(gzip->out, OUT_SIZE - gzip->stream.avail_out), error);
        if (result != P2I_OK) {
            return result;
        }
    } while (gzip->stream.avail_out == 0);
    return P2I_OK;
}

static enum p2i_result write_gzip(struct p2i_compressor *compressor, struct p2i_view bytes,
                                  bool last, p2i_compressor_take *take, void *context,
                                  struct p2i_error *error)
{
    struct gzip *gzip = (struct gzip *)compressor;
    enum p2i_result result = P2I_OK;
    do {
        struct p2i_view input = p2i_view_first(bytes, INPUT_MAX);
        bytes = p2i_view_from(bytes, input.size);
        gzip->stream.next_in = input.data;
        gzip->stream.avail_in = (uInt)input.size;
        int flush = last && bytes.size == 0 ? Z_FINISH : Z_NO_FLUSH;
        result = deflate_all(gzip, flush, take, context, error);
    } while (result == P2I_OK && bytes.size > 0);
    return result;
}

static void free_gzip(struct p2i_compressor *compressor)
{
    struct gzip *gzip = (struct gzip *)compressor;
    (void)deflateEnd(&gzip->stream);
    free(gzip);
}

struct p2i_compressor *p2i_gzip_compressor_new(void)
{
    struct gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip == NULL) {
        return NULL;
    }
    gzip->compressor = (struct p2i_compressor){write_gzip, free_gzip};
    if (deflateInit2(&gzip->stream, COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return &gzip->compressor;
}
