/* SPDX-License-Identifier: MIT */
/* Decompresses captures ahead of their reader, on any thread that has nothing better to do. The
 * reader gets the same bytes and the same errors at the same places as without.
 *
 * Each stream has a queue of pieces that are decompressed but not read, and one thread at a time
 * adds to it. Where the queue is empty the reader decompresses itself, so it never depends on
 * another thread, except on one that is at work on its stream.
 *
 * Members of gzip and frames of zstd are decompressed side by side: the stream that is read has a
 * chain of parts, each with a decompressor and a queue. Where a part begins is a guess. The part
 * before it decides: when its decompressor ends a member or frame exactly there, the reader goes on
 * with the next part, in the state that one decompressor alone would be in. When it does not, the
 * parts behind it are dropped and it goes on alone. So damage and misleading sizes cost work, and
 * change nothing else. */
#ifndef P2I_CAPTURE_DECOMPRESS_AHEAD_H
#define P2I_CAPTURE_DECOMPRESS_AHEAD_H

#include <stdbool.h>

#include "capture/decompress.h"

struct p2i_ahead;        /* of all captures of a run; streams take their pieces from it */
struct p2i_ahead_stream; /* one compressed capture */

/* `bytes`: memory for pieces and for decompressors of captures whose turn has not come. NULL: out
 * of memory. */
struct p2i_ahead *p2i_ahead_new(uint64_t bytes);
void p2i_ahead_free(struct p2i_ahead *ahead); /* after its streams; NULL is fine */
/* How many captures may be opened before their turn. */
size_t p2i_ahead_captures(const struct p2i_ahead *ahead);

/* Decompresses one piece of one stream, or looks for its next part. `may_wait`: also where the
 * input is a pipe that has nothing to read. False: there is nothing to do. Any thread may call it
 * while streams are open. */
bool p2i_ahead_work(struct p2i_ahead *ahead, bool may_wait);

/* The functions below are called by the reader alone, on one thread at a time. */

/* How a stream may be read; called by one thread at a time. */
struct p2i_ahead_input {
    bool regular;                          /* a file: reading never has to wait */
    bool seeks;                            /* several threads may read, each from its offset */
    bool (*is_ready)(const void *context); /* false: reading even one byte might have to wait */
    const void *context;
};

/* Without `early` nothing is decompressed ahead before the first read; with it
 * p2i_ahead_stream_begin() must be called before. NULL: out of memory. */
struct p2i_ahead_stream *p2i_ahead_stream_new(struct p2i_ahead *ahead,
                                              const struct p2i_compressed_input *compressed,
                                              const struct p2i_ahead_input *input, bool early);
/* Waits for threads that are at work on the stream. NULL is fine. */
void p2i_ahead_stream_free(struct p2i_ahead_stream *stream);
/* The turn of a stream has come that was opened early. False: there is no memory left for its
 * window, so the capture must be opened anew. */
bool p2i_ahead_stream_begin(struct p2i_ahead_stream *stream);
/* From now on only the reader decompresses the stream. */
void p2i_ahead_stream_withdraw(struct p2i_ahead_stream *stream);

/* As p2i_decompress(). */
enum p2i_result p2i_ahead_stream_read(struct p2i_ahead_stream *stream, uint8_t *to, size_t size,
                                      size_t *got, struct p2i_error *error);
/* False: reading `size` bytes means to decompress first, or to wait for a thread that does. */
bool p2i_ahead_stream_is_ready(struct p2i_ahead_stream *stream, size_t size);
/* Stored bytes that were needed for what was read so far. */
uint64_t p2i_ahead_stream_position(const struct p2i_ahead_stream *stream);

#endif
