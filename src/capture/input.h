/* SPDX-License-Identifier: MIT */
/* One capture: its bytes become blocks of frames. */
#ifndef P2I_CAPTURE_INPUT_H
#define P2I_CAPTURE_INPUT_H

#include "capture/capture.h"
#include "capture/window.h"

struct p2i_input;

/* `path`, the settings and the windows must outlive the input. P2I_OK, P2I_INPUT, P2I_INTERNAL. */
enum p2i_result p2i_input_open(struct p2i_input **opened, const char *path,
                               const struct p2i_capture_settings *settings,
                               struct p2i_windows *windows, struct p2i_error *error);
void p2i_input_close(struct p2i_input *input); /* NULL is fine */

/* Puts the next frames into the block, whose old ones are gone; reads at most `read_bytes` (at
 * least a page) unless one record needs more. P2I_OK: at least one; or none, if `next_ns` is not
 * NULL: the next one needs more, and its time is in *next_ns. P2I_END.
 * P2I_DAMAGED, P2I_INPUT: no frames; goes on when p2i_input_over() is false. P2I_INTERNAL. */
enum p2i_result p2i_input_read(struct p2i_input *input, struct p2i_block *block, size_t read_bytes,
                               uint64_t *next_ns, struct p2i_error *error);
bool p2i_input_over(const struct p2i_input *input);

/* Gives the descriptor back until the next read, where that can be done. */
void p2i_input_rest(struct p2i_input *input);

/* "pcap (gzip)"; static; NULL when it is none, or before the first read. */
const char *p2i_input_format(const struct p2i_input *input);
/* Bytes of the file as stored that have been read. */
uint64_t p2i_input_position(const struct p2i_input *input);

#endif
