/* SPDX-License-Identifier: MIT */
/* The bytes of a file, a FIFO or standard input in order, decompressed. Never seeks in a pipe. */
#ifndef P2I_CAPTURE_BYTE_SOURCE_H
#define P2I_CAPTURE_BYTE_SOURCE_H

#include "capture/capture.h"
#include "capture/formats.h"

struct p2i_byte_source;

static inline bool p2i_is_stopped(const struct p2i_capture_settings *settings)
{
    return settings->is_stopped != NULL && settings->is_stopped(settings->stop_context);
}

/* Standard input when `path` is "-"; the string, the settings and the windows (NULL: the source has
 * its own) must outlive the source. P2I_OK; P2I_INPUT; P2I_INTERNAL. Waits for the writer of a
 * FIFO.
 */
enum p2i_result p2i_byte_source_open(struct p2i_byte_source **opened, const char *path,
                                     const struct p2i_capture_settings *settings,
                                     struct p2i_decompress_windows *windows,
                                     struct p2i_error *error);
void p2i_byte_source_close(struct p2i_byte_source *source); /* NULL is fine */

/* Fills `to` with *got bytes, fewer than `size` only at the end; being stopped while a pipe gives
 * nothing looks like the end. P2I_OK; P2I_END; P2I_DAMAGED: a compressed stream ends early or is
 * corrupt; P2I_INPUT: reading failed, or decompression needs too much memory; P2I_INTERNAL. *got is
 * set in every case. Not called again after anything but P2I_OK. */
enum p2i_result p2i_byte_source_read(struct p2i_byte_source *source, uint8_t *to, size_t size,
                                     size_t *got, struct p2i_error *error);

/* Gives the descriptor back until the next read, where the file can be opened again. */
void p2i_byte_source_release_descriptor(struct p2i_byte_source *source);

/* NULL: none. */
const struct p2i_compression *p2i_byte_source_compression(const struct p2i_byte_source *source);
/* Bytes of the file as stored that have been read. */
uint64_t p2i_byte_source_position(const struct p2i_byte_source *source);

#endif
