/* SPDX-License-Identifier: MIT */
/* Corrections of the clocks that stamped captures. */
#ifndef P2I_BASE_TIME_OFFSET_H
#define P2I_BASE_TIME_OFFSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/capture_name.h"

/* Added to the times of the packets of a capture. */
struct p2i_time_offset {
    const char *capture; /* its name as given, or the last part of that; NULL: every capture that
                            has no offset of its own */
    int64_t ns;
};

static inline bool p2i_time_offset_names(const struct p2i_time_offset *offset, const char *path)
{
    return offset->capture != NULL && p2i_capture_is_named(path, offset->capture);
}

/* The offset of a capture, of several the last. */
static inline int64_t p2i_time_offset_of(const struct p2i_time_offset *offsets, size_t count,
                                         const char *path)
{
    int64_t ns = 0;
    bool named = false;
    for (size_t i = 0; i < count; i++) {
        bool names = p2i_time_offset_names(&offsets[i], path);
        if (names || (offsets[i].capture == NULL && !named)) {
            ns = offsets[i].ns;
            named = names;
        }
    }
    return ns;
}

#endif
