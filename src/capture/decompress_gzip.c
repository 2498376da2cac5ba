/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952) with zlib. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "capture/gzip.h"

enum { GZIP_WINDOW = 16 + 15 }; /* zlib: gzip header, any window size */

const char *p2i_gzip_reason(const char *message)
{
    static const char *const wrapper[] = {
        "incorrect header check", "unknown compression method", "unknown header flags set",
        "header crc mismatch",    "incorrect data check",       "incorrect length check",
    };
    for (size_t i = 0; message != NULL && i < sizeof wrapper / sizeof wrapper[0]; i++) {
        if (strcmp(message, wrapper[i]) == 0) {
            return wrapper[i];
        }
    }
    return "invalid compressed data";
}

static void *open_zlib(struct p2i_decompress_window *window)
{
    (void)window; /* always 32 KiB */
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL || inflateInit2(stream, GZIP_WINDOW) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static void close_zlib(void *state)
{
    (void)inflateEnd(state);
    free(state);
}

static enum p2i_result step_zlib(void *state, struct p2i_decompress_io *io, struct p2i_error *error)
{
    z_stream *stream = state;
    stream->next_in = (z_const Bytef *)io->in;
    stream->avail_in = (uInt)io->in_size;
    stream->next_out = io->out;
    stream->avail_out = (uInt)io->out_size;
    int status = inflate(stream, Z_NO_FLUSH);
    p2i_decompress_moved(io, io->in_size - stream->avail_in, io->out_size - stream->avail_out);
    switch (status) {
    case Z_OK:
    case Z_BUF_ERROR: /* needs more input */
        return P2I_OK;
    case Z_STREAM_END: /* another member may follow (RFC 1952 section 2.2) */
        (void)inflateReset(stream);
        return P2I_END;
    case Z_MEM_ERROR:
        return p2i_fail_memory(error);
    default:
        return p2i_decompress_corrupt(error, "gzip", p2i_gzip_reason(stream->msg));
    }
}

#ifdef HAVE_ISAL /* ISA-L is used instead; a test compares it with this */
const struct p2i_decompression p2i_decompress_gzip_zlib = {
#else
const struct p2i_decompression p2i_decompress_gzip = {
#endif
    .library = "zlib",
    .open = open_zlib,
    .step = step_zlib,
    .close = close_zlib,
    .next_stream = p2i_next_gzip_member};
