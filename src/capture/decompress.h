/* SPDX-License-Identifier: MIT */
/* Decompresses streams. This file has the common part; each compression has its own
 * decompress_NAME.c and a row of the table in formats.h. */
#ifndef P2I_CAPTURE_DECOMPRESS_H
#define P2I_CAPTURE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "capture/decompress_window.h"
#include "pcap2ipfix/view.h"

/* Input and output of a step, which advances the pointers. An input buffer stays in place until it
 * is used up. */
struct p2i_decompress_io {
    const uint8_t *in; /* compressed */
    size_t in_size;
    uint8_t *out;
    size_t out_size; /* room; never 0 */
    bool ended;      /* no more input follows */
};

/* Reads stored bytes from `offset` into `to`: *got of them, fewer than `size` only at the end. A
 * pipe is read from where it is, which is the same. Returns P2I_OK or P2I_INPUT. */
typedef enum p2i_result p2i_compressed_read(void *context, uint64_t offset, uint8_t *to,
                                            size_t size, size_t *got, struct p2i_error *error);

/* Reads up to `size` bytes; none where reading fails. */
static inline struct p2i_view p2i_compressed_at(p2i_compressed_read *read, void *context,
                                                uint64_t offset, uint8_t *to, size_t size)
{
    size_t got;
    struct p2i_error ignored;
    bool fine = read(context, offset, to, size, &got, &ignored) == P2I_OK;
    return p2i_view_of(to, fine ? got : 0);
}

/* Where a stream begins behind others in a file. It is a guess: nothing was decompressed. */
struct p2i_stream_start {
    uint64_t offset;
    uint64_t window_bytes; /* of the streams before it */
};

enum {
    P2I_PART_BYTES = 512 << 10,  /* compressed bytes that are worth to be decompressed aside */
    P2I_SEARCH_BYTES = 16 << 20, /* streams that are longer are not found */
    P2I_SEARCH_STEPS = 2048,     /* nor those behind so many streams and blocks */
};

/* The functions of a compression. */
struct p2i_decompression {
    const char *library;
    /* Allocates the state; `window` outlives it. NULL: out of memory. The function itself is NULL
     * when the library was not built in. */
    void *(*open)(struct p2i_decompress_window *window);
    /* Decompresses until input or output is used up; without input (in_size 0) it returns the
     * output that it still holds. Returns P2I_OK; P2I_END: a stream is complete, another may
     * follow; P2I_DAMAGED: corrupt; P2I_INPUT: the window is too large; P2I_INTERNAL: out of
     * memory. Output written before an error is valid. */
    enum p2i_result (*step)(void *state, struct p2i_decompress_io *io, struct p2i_error *error);
    void (*close)(void *state);
    /* Finds the next stream that begins at `least` or behind it. One begins at `from`. `read` can
     * read anywhere. False: there is none up to P2I_SEARCH_BYTES behind `least`. NULL: streams of
     * this compression are not found. */
    bool (*next_stream)(p2i_compressed_read *read, void *context, uint64_t from, uint64_t least,
                        struct p2i_stream_start *next);
};

/* The first bytes of a stream, which may contain the window size. */
struct p2i_stream_head {
    uint8_t bytes[18];
    size_t size;
};

/* Copies the missing bytes from the input. */
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

/* How much input a decoder gets that, when it finds damage, does not say how much output it has
 * written in the same call: one block at a time, and none while it may hold output. So all output
 * before the damage is returned, however the output is cut. */
struct p2i_decompress_wish {
    size_t first;        /* bytes asked for at the beginning of a frame */
    size_t block_header; /* bytes of the next block's header that it asks for with each block */
    size_t wanted;       /* bytes that it asks for; 0: at the beginning of a frame */
    bool holds;          /* it may hold output */
    bool all;            /* give it all there is */
};

static inline size_t p2i_decompress_input(const struct p2i_decompress_wish *wish, size_t size)
{
    size_t wanted = wish->wanted > 0 ? wish->wanted : wish->first;
    wanted -= wanted > wish->block_header ? wish->block_header : 0;
    return wish->all ? size : wish->holds ? 0 : size < wanted ? size : wanted;
}

static inline void p2i_decompress_moved(struct p2i_decompress_io *io, size_t read, size_t written)
{
    io->in += read;
    io->in_size -= read;
    io->out += written;
    io->out_size -= written;
}

/* Reports "the NAME stream is corrupt: REASON". Returns P2I_DAMAGED. */
enum p2i_result p2i_decompress_corrupt(struct p2i_error *error, const char *compression,
                                       const char *reason);

struct p2i_compression;
struct p2i_decompressor;

/* What a decompressor reads. */
struct p2i_compressed_input {
    const struct p2i_compression *compression;
    struct p2i_decompress_windows *windows; /* limit shared by all captures; NULL: none */
    p2i_compressed_read *read;
    void *context;
};

/* `offset`: where its first stream begins. NULL: out of memory. */
struct p2i_decompressor *p2i_decompressor_new(const struct p2i_compressed_input *input,
                                              uint64_t offset);
void p2i_decompressor_free(struct p2i_decompressor *decompressor); /* NULL is fine */

/* Fills `to` with *got bytes, fewer than `size` only at the end. Returns P2I_OK; P2I_END: the
 * stream is complete; P2I_DAMAGED: truncated or corrupt; P2I_INPUT: reading failed or the window is
 * too large; P2I_INTERNAL: out of memory. Must not be called again after anything but P2I_OK. */
enum p2i_result p2i_decompress(struct p2i_decompressor *decompressor, uint8_t *to, size_t size,
                               size_t *got, struct p2i_error *error);
/* The same, but stops, with at least one byte, where more compressed bytes must be read. */
enum p2i_result p2i_decompress_some(struct p2i_decompressor *decompressor, uint8_t *to, size_t size,
                                    size_t *got, struct p2i_error *error);
/* The same, for threads that must not grow the window: it stops before that, with P2I_OK and
 * *put_off set, and the next call goes on from there. */
enum p2i_result p2i_decompress_put_off(struct p2i_decompressor *decompressor, uint8_t *to,
                                       size_t size, size_t *got, bool *put_off,
                                       struct p2i_error *error);
struct p2i_decompress_window *p2i_decompressor_window(struct p2i_decompressor *decompressor);

/* From now on it ends, with P2I_END, where a stream begins at this offset; 0: nowhere. It goes past
 * an offset where none does. */
void p2i_decompressor_stop_at(struct p2i_decompressor *decompressor, uint64_t offset);
uint64_t p2i_decompressor_stop(const struct p2i_decompressor *decompressor);
/* True when it has ended there. It may be given another offset, and goes on. */
bool p2i_decompressor_has_stopped(const struct p2i_decompressor *decompressor);
/* Makes one that has stopped go on with the stream that begins at this offset. */
void p2i_decompressor_restart(struct p2i_decompressor *decompressor, uint64_t offset);
/* Where the first stored byte is that is not decompressed yet, and the first that is not read. */
uint64_t p2i_decompressor_place(const struct p2i_decompressor *decompressor);
uint64_t p2i_decompressor_position(const struct p2i_decompressor *decompressor);

#endif
