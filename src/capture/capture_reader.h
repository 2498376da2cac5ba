/* SPDX-License-Identifier: MIT */
/* Reads one capture: the bytes of its source become blocks of frames. */
#ifndef P2I_CAPTURE_CAPTURE_READER_H
#define P2I_CAPTURE_CAPTURE_READER_H

#include "capture/capture.h"
#include "capture/decompress_window.h"

struct p2i_capture_reader;

/* `path`, the settings and the windows must outlive the reader; `early` as for a byte source.
 * Returns P2I_OK; P2I_INPUT: cannot be opened; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_capture_reader_open(struct p2i_capture_reader **opened, const char *path,
                                        const struct p2i_capture_settings *settings,
                                        struct p2i_decompress_windows *windows, bool early,
                                        struct p2i_error *error);
/* Before the first read of a capture that was opened early. False: it must be opened anew. */
bool p2i_capture_reader_begin(struct p2i_capture_reader *reader);
void p2i_capture_reader_close(struct p2i_capture_reader *reader); /* NULL is fine */

/* Replaces the frames of the block with the next ones. Reads at most `read_bytes` (at least a page)
 * unless one record needs more. Returns P2I_OK: at least one frame, or, if `next_ns` is not NULL,
 * possibly none: the next frame needs more bytes, and its time is in *next_ns; P2I_END; P2I_DAMAGED
 * or P2I_INPUT: no frames, and reading may go on unless p2i_capture_reader_is_done(); P2I_INTERNAL:
 * out of memory. */
enum p2i_result p2i_capture_reader_read(struct p2i_capture_reader *reader, struct p2i_block *block,
                                        size_t read_bytes, uint64_t *next_ns,
                                        struct p2i_error *error);
/* False: the next read might have to wait. */
bool p2i_capture_reader_is_ready(const struct p2i_capture_reader *reader);
bool p2i_capture_reader_is_done(const struct p2i_capture_reader *reader);

/* Closes the descriptor until the next read, where the file can be reopened. */
void p2i_capture_reader_release_descriptor(struct p2i_capture_reader *reader);

/* As p2i_byte_source_end_hash(). */
void p2i_capture_reader_end_hash(struct p2i_capture_reader *reader,
                                 struct p2i_capture_facts *facts);

/* "pcap (gzip)"; static; NULL: no capture, or nothing was read yet. */
const char *p2i_capture_reader_format(const struct p2i_capture_reader *reader);
/* Stored (compressed) bytes read so far. */
uint64_t p2i_capture_reader_position(const struct p2i_capture_reader *reader);

#endif
