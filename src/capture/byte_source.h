/* SPDX-License-Identifier: MIT */
/* Reads the bytes of a file, a FIFO or standard input in order, decompressed. Never seeks in a
 * pipe. */
#ifndef P2I_CAPTURE_BYTE_SOURCE_H
#define P2I_CAPTURE_BYTE_SOURCE_H

#include "capture/capture.h"
#include "capture/formats.h"

struct p2i_byte_source;

static inline bool p2i_is_stopped(const struct p2i_capture_settings *settings)
{
    return settings->is_stopped != NULL && settings->is_stopped(settings->stop_context);
}

/* Opens a file; "-" is standard input. The path, the settings and the windows (NULL: no shared
 * limit) must outlive the source. `early`: before its turn, which p2i_byte_source_begin()
 * announces; for regular files. Waits for the writer of a FIFO. Returns P2I_OK; P2I_INPUT: cannot
 * be opened or read; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_byte_source_open(struct p2i_byte_source **opened, const char *path,
                                     const struct p2i_capture_settings *settings,
                                     struct p2i_decompress_windows *windows, bool early,
                                     struct p2i_error *error);
/* False: the source must be opened anew, as there is no memory for its window. */
bool p2i_byte_source_begin(struct p2i_byte_source *source);
void p2i_byte_source_close(struct p2i_byte_source *source); /* NULL is fine */

/* Reads *got bytes, fewer than `size` only at the end; a stop while a pipe is silent looks like the
 * end. Returns P2I_OK; P2I_END; P2I_DAMAGED: the compressed stream is truncated or corrupt;
 * P2I_INPUT: reading failed, or decompression needs too much memory; P2I_INTERNAL: out of memory.
 * Sets *got in every case. Must not be called again after anything but P2I_OK. */
enum p2i_result p2i_byte_source_read(struct p2i_byte_source *source, uint8_t *to, size_t size,
                                     size_t *got, struct p2i_error *error);

/* Ends the hash of the stored bytes and sets the members of the facts for it, perhaps later; reads
 * what is left of a regular file for it. Nothing is set where nothing is hashed, where the rest
 * cannot be read, or when the run is stopped. Nothing may be read afterwards; the facts must
 * outlive the hashes of the run. */
void p2i_byte_source_end_hash(struct p2i_byte_source *source, struct p2i_capture_facts *facts);

/* False: the next read might have to wait, because the input is a pipe, which may have less than a
 * block to read, or because the next bytes are not decompressed yet. */
bool p2i_byte_source_is_ready(const struct p2i_byte_source *source);

/* Closes the descriptor of a regular file until the next read. */
void p2i_byte_source_release_descriptor(struct p2i_byte_source *source);

/* NULL: not compressed. */
const struct p2i_compression *p2i_byte_source_compression(const struct p2i_byte_source *source);
/* Stored (compressed) bytes read so far. */
uint64_t p2i_byte_source_position(const struct p2i_byte_source *source);

#endif
