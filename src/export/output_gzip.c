/* SPDX-License-Identifier: MIT */
#include "export/output_gzip.h"

#include <stdlib.h>
#define ZLIB_CONST /* what is packed is only read */
#include <zlib.h>

enum {
    OUT_SIZE = 64 * 1024,
    PIECE_MAX = 1 << 30,   /* zlib counts in unsigned int */
    GZIP_WINDOW = 15 + 16, /* largest window, with a gzip header */
    MEMORY_LEVEL = 8,      /* zlib's default */
    COMPRESSION = 6,       /* likewise */
};

struct p2i_gzip {
    z_stream stream;
    uint8_t out[OUT_SIZE];
};

struct p2i_gzip *p2i_gzip_new(void)
{
    struct p2i_gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip != NULL && deflateInit2(&gzip->stream, COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                     MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return gzip;
}

static enum p2i_result deflate_all(struct p2i_gzip *gzip, int flush, p2i_gzip_take *take,
                                   void *context, struct p2i_error *error)
{
    do {
        gzip->stream.next_out = gzip->out;
        gzip->stream.avail_out = OUT_SIZE;
        if (deflate(&gzip->stream, flush) == Z_STREAM_ERROR) {
            return p2i_fail(error, P2I_INTERNAL, "zlib fails");
        }
        enum p2i_result result =
            take(context, p2i_view_of(gzip->out, OUT_SIZE - gzip->stream.avail_out), error);
        if (result != P2I_OK) {
            return result;
        }
    } while (gzip->stream.avail_out == 0);
    return P2I_OK;
}

enum p2i_result p2i_gzip_write(struct p2i_gzip *gzip, struct p2i_view bytes, bool last,
                               p2i_gzip_take *take, void *context, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    do {
        struct p2i_view piece = p2i_view_first(bytes, PIECE_MAX);
        bytes = p2i_view_from(bytes, piece.size);
        gzip->stream.next_in = piece.data;
        gzip->stream.avail_in = (uInt)piece.size;
        int flush = last && bytes.size == 0 ? Z_FINISH : Z_NO_FLUSH;
        result = deflate_all(gzip, flush, take, context, error);
    } while (result == P2I_OK && bytes.size > 0);
    return result;
}

void p2i_gzip_free(struct p2i_gzip *gzip)
{
    if (gzip != NULL) {
        (void)deflateEnd(&gzip->stream);
        free(gzip);
    }
}
