/* SPDX-License-Identifier: MIT */
/* Compressed streams become bytes. What is the same for all compressions is here; each has a file
 * of its own, unpack_NAME.c, and a row of the table in formats.h. */
#ifndef P2I_CAPTURE_DECOMPRESS_H
#define P2I_CAPTURE_DECOMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "capture/decompress_window.h"

/* Where a step reads and writes; it moves on. A buffer of input stays where it is until all of it
 * has been used. */
struct p2i_decompress_io {
    const uint8_t *in; /* compressed */
    size_t in_size;
    uint8_t *out;
    size_t out_size; /* room; never 0 */
    bool ended;      /* no more input follows */
};

/* How a compression is undone. */
struct p2i_decompression {
    const char *library;
    /* The `window` stays. NULL: out of memory. A NULL function: this program was built without the
     * library. */
    void *(*open)(struct p2i_decompress_window *window);
    /* Does something, unless it needs more input, of which there may be none; what it holds of the
     * output is given before more input is read, and when that has ended. P2I_OK; P2I_END: a
     * stream is over and whole, and another one may follow; P2I_DAMAGED: it is corrupt; P2I_INPUT:
     * the window is too large; P2I_INTERNAL: out of memory. What was written before counts. */
    enum p2i_result (*step)(void *state, struct p2i_decompress_io *io, struct p2i_error *error);
    void (*close)(void *state);
};

/* The first bytes of a stream, in which it may say how much memory it needs. */
struct p2i_stream_head {
    uint8_t bytes[18];
    size_t size;
};

/* Takes a copy of what is still missing. */
static inline void p2i_stream_head_fill(struct p2i_stream_head *head,
                                        const struct p2i_decompress_io *io)
{
    size_t size = sizeof head->bytes - head->size;
    size = io->in_size < size ? io->in_size : size;
    if (size > 0) {
        memcpy(head->bytes + head->size, io->in, size);
        head->size += size;
    }
}

static inline void p2i_decompress_moved(struct p2i_decompress_io *io, size_t read, size_t written)
{
    io->in += read;
    io->in_size -= read;
    io->out += written;
    io->out_size -= written;
}

/* "the gzip stream is corrupt: REASON". */
enum p2i_result p2i_decompress_corrupt(struct p2i_error *error, const char *compression,
                                       const char *reason);

/* Gives the compressed bytes: *got of them, as many as there are up to `size`. P2I_OK or P2I_INPUT.
 */
typedef enum p2i_result p2i_compressed_read(void *context, uint8_t *to, size_t size, size_t *got,
                                            struct p2i_error *error);

struct p2i_compression;
struct p2i_decompressor;

/* `windows`: what all captures share; NULL: nothing. NULL: out of memory. */
struct p2i_decompressor *p2i_decompressor_new(const struct p2i_compression *compression,
                                              struct p2i_decompress_windows *windows,
                                              p2i_compressed_read *read, void *context);
void p2i_decompressor_free(struct p2i_decompressor *decompressor); /* NULL is fine */

/* Fills `to` with *got bytes, fewer than `size` only at the end. P2I_OK; P2I_END when the stream
 * is over and whole; P2I_DAMAGED when it ends early or is corrupt; P2I_INPUT, P2I_INTERNAL. Not
 * called again after anything but P2I_OK. */
enum p2i_result p2i_decompress(struct p2i_decompressor *decompressor, uint8_t *to, size_t size,
                               size_t *got, struct p2i_error *error);

#endif
