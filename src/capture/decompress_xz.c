/* SPDX-License-Identifier: MIT */
/* xz (the .xz file format, version 1.1). */
#include "capture/decompress.h"

#ifdef HAVE_LZMA

#include <lzma.h>
#include <stdlib.h>

struct xz {
    lzma_stream stream;
    struct p2i_decompress_window *window;
};

/* Starts with the smallest memory limit: the decoder then stops at each block header, which names
 * the dictionary size, and reports the memory it needs. */
static bool start(struct xz *xz)
{
    return lzma_stream_decoder(&xz->stream, 1, 0) == LZMA_OK;
}

static void close_xz(void *state)
{
    struct xz *xz = state;
    lzma_end(&xz->stream);
    free(xz);
}

static void *open_xz(struct p2i_decompress_window *window)
{
    struct xz *xz = calloc(1, sizeof *xz);
    if (xz == NULL) {
        return NULL;
    }
    xz->stream = (lzma_stream)LZMA_STREAM_INIT;
    xz->window = window;
    if (!start(xz)) {
        close_xz(xz);
        return NULL;
    }
    return xz;
}

/* The memory that the decoder reports is the dictionary plus less than 1 MiB. */
static enum p2i_result allow(struct xz *xz, struct p2i_error *error)
{
    enum { MIB = 1 << 20 };
    uint64_t need = lzma_memusage(&xz->stream);
    enum p2i_result result = p2i_decompress_window_need(xz->window, need / MIB * MIB, error);
    if (result == P2I_OK && lzma_memlimit_set(&xz->stream, need) != LZMA_OK) {
        result = p2i_fail_memory(error);
    }
    return result;
}

static enum p2i_result failed(struct p2i_error *error, lzma_ret status)
{
    static const char *const reasons[] = {
        [LZMA_FORMAT_ERROR] = "no header of a stream",
        [LZMA_OPTIONS_ERROR] = "options that this version does not know",
        [LZMA_DATA_ERROR] = "invalid compressed data",
    };
    if (status == LZMA_MEM_ERROR) {
        return p2i_fail_memory(error);
    }
    const char *reason =
        (size_t)status < sizeof reasons / sizeof reasons[0] ? reasons[status] : NULL;
    return p2i_decompress_corrupt(error, "xz", reason != NULL ? reason : "no reason given");
}

static enum p2i_result step_xz(void *state, struct p2i_decompress_io *io, struct p2i_error *error)
{
    struct xz *xz = state;
    lzma_stream *stream = &xz->stream;
    stream->next_in = io->in;
    stream->avail_in = io->in_size;
    stream->next_out = io->out;
    stream->avail_out = io->out_size;
    lzma_ret status = lzma_code(stream, LZMA_RUN);
    p2i_decompress_moved(io, io->in_size - stream->avail_in, io->out_size - stream->avail_out);
    switch (status) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* needs more input */
        return P2I_OK;
    case LZMA_STREAM_END: /* another stream may follow */
        return start(xz) ? P2I_END : p2i_fail_memory(error);
    case LZMA_MEMLIMIT_ERROR: {
        enum p2i_result result = allow(xz, error);
        return result == P2I_OK ? step_xz(state, io, error) : result;
    }
    default:
        return failed(error, status);
    }
}

const struct p2i_decompression p2i_decompress_xz = {
    .library = "liblzma", .open = open_xz, .step = step_xz, .close = close_xz};

#else

const struct p2i_decompression p2i_decompress_xz = {.library = "liblzma"};

#endif
