/* SPDX-License-Identifier: MIT */
/* bzip2. */
#include "capture/decompress.h"

#ifdef HAVE_BZ2

#include <bzlib.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MEMORY = 4 << 20 }; /* for the largest block size, 900 kB */

struct bzip2 {
    bz_stream stream;
    struct p2i_decompress_window *window;
    bool started; /* within a stream */
};

static void close_bzip2(void *state)
{
    struct bzip2 *bzip2 = state;
    if (bzip2->started) {
        (void)BZ2_bzDecompressEnd(&bzip2->stream);
    }
    free(bzip2);
}

static void *open_bzip2(struct p2i_decompress_window *window)
{
    struct bzip2 *bzip2 = calloc(1, sizeof *bzip2);
    if (bzip2 != NULL) {
        bzip2->window = window;
    }
    return bzip2;
}

static enum p2i_result start(struct bzip2 *bzip2, struct p2i_error *error)
{
    enum p2i_result result = p2i_decompress_window_need(bzip2->window, MEMORY, error);
    bzip2->stream = (bz_stream){0};
    if (result == P2I_OK && BZ2_bzDecompressInit(&bzip2->stream, 0, 0) != BZ_OK) {
        result = p2i_fail_memory(error);
    }
    bzip2->started = result == P2I_OK;
    return result;
}

static enum p2i_result step_bzip2(void *state, struct p2i_decompress_io *io,
                                  struct p2i_error *error)
{
    struct bzip2 *bzip2 = state;
    bz_stream *stream = &bzip2->stream;
    if (!bzip2->started) {
        enum p2i_result result = start(bzip2, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    stream->next_in = (char *)io->in;
    stream->avail_in = (unsigned)io->in_size;
    stream->next_out = (char *)io->out;
    stream->avail_out = (unsigned)io->out_size;
    int status = BZ2_bzDecompress(stream);
    p2i_decompress_moved(io, io->in_size - stream->avail_in, io->out_size - stream->avail_out);
    switch (status) {
    case BZ_OK:
        return P2I_OK;
    case BZ_STREAM_END: /* another stream may follow */
        (void)BZ2_bzDecompressEnd(stream);
        bzip2->started = false;
        return P2I_END;
    case BZ_MEM_ERROR:
        return p2i_fail_memory(error);
    case BZ_DATA_ERROR_MAGIC:
        return p2i_decompress_corrupt(error, "bzip2", "no header of a stream");
    default:
        return p2i_decompress_corrupt(error, "bzip2", "invalid compressed data");
    }
}

const struct p2i_decompression p2i_decompress_bzip2 = {
    .library = "libbz2", .open = open_bzip2, .step = step_bzip2, .close = close_bzip2};

#else

const struct p2i_decompression p2i_decompress_bzip2 = {.library = "libbz2"};

#endif
