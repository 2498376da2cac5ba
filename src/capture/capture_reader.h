/* SPDX-License-Identifier: MIT */
/* One capture: its bytes become blocks of frames. */
#ifndef P2I_CAPTURE_CAPTURE_READER_H
#define P2I_CAPTURE_CAPTURE_READER_H

#include "capture/capture.h"
#include "capture/decompress_window.h"

struct p2i_capture_reader;

/* `path`, the settings and the windows must outlive the input. P2I_OK, P2I_INPUT, P2I_INTERNAL. */
enum p2i_result p2i_capture_reader_open(struct p2i_capture_reader **opened, const char *path,
                                        const struct p2i_capture_settings *settings,
                                        struct p2i_decompress_windows *windows,
                                        struct p2i_error *error);
void p2i_capture_reader_close(struct p2i_capture_reader *reader); /* NULL is fine */

/* Puts the next frames into the block, whose old ones are gone; reads at most `read_bytes` (at
 * least a page) unless one record needs more. P2I_OK: at least one; or none, if `next_ns` is not
 * NULL: the next one needs more, and its time is in *next_ns. P2I_END.
 * P2I_DAMAGED, P2I_INPUT: no frames; goes on when p2i_capture_reader_is_done() is false.
 * P2I_INTERNAL. */
enum p2i_result p2i_capture_reader_read(struct p2i_capture_reader *reader, struct p2i_block *block,
                                        size_t read_bytes, uint64_t *next_ns,
                                        struct p2i_error *error);
bool p2i_capture_reader_is_done(const struct p2i_capture_reader *reader);

/* Gives the descriptor back until the next read, where that can be done. */
void p2i_capture_reader_release_descriptor(struct p2i_capture_reader *reader);

/* "pcap (gzip)"; static; NULL when it is none, or before the first read. */
const char *p2i_capture_reader_format(const struct p2i_capture_reader *reader);
/* Bytes of the file as stored that have been read. */
uint64_t p2i_capture_reader_position(const struct p2i_capture_reader *reader);

#endif
