/* SPDX-License-Identifier: MIT */
/* The frames of a capture of any format, and captures of frames. */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include "base/arena.h"
#include "pcap2ipfix/view.h"

struct frame {
    uint8_t *data; /* `size` bytes; frames may share them, so that a change begins with a copy */
    uint64_t time_ns;
    uint32_t size, original_size;
    uint16_t link_type;
};

/* Starts zeroed. Everything belongs to the arena. */
struct frames {
    struct p2i_arena arena;
    struct frame *list;
    size_t count, capacity;
};

enum { FRAMES_MAX = 20000 }; /* of a list; what is more is left out */

/* Appends the frames of a capture; none where it is not one. Aborts when memory is out, as all. */
void frames_read(struct frames *frames, struct p2i_view capture);
/* Inserts a frame before the one at `at`, or at the end. */
void frames_insert(struct frames *frames, size_t at, struct frame frame);
void frames_remove(struct frames *frames, size_t at);
/* Gives a frame a copy of its bytes, with room for `more` behind them. */
void frames_own(struct frames *frames, struct frame *frame, size_t more);
void frames_free(struct frames *frames);

/* Writes a capture of at most `most` bytes: pcap where all frames have one link type, else pcapng.
 * Frames that do not fit are left out. Returns its size; 0: there is no frame, or no room. */
size_t frames_write(const struct frames *frames, uint8_t *out, size_t most);

#endif
