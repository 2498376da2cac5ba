/* SPDX-License-Identifier: MIT */
/* Records of frames as lines of text, for comparison. Errors end the program. */
#ifndef P2I_TESTS_REWRITE_RECORDS_H
#define P2I_TESTS_REWRITE_RECORDS_H

#include "frames.h"

/* A line for each record; starts zeroed. */
struct lines {
    char **list;
    size_t count, capacity;
    struct p2i_rewrite *rewrite; /* NULL: texts are as they are */
    bool strings;                /* print texts instead */
};

/* Adds the records of the frames. `flows`: those of all kinds. */
void convert_frames(const struct frames *frames, struct lines *lines, bool flows);

/* Prints what differs. Records come in the same order on both sides. Returns 1 when something does.
 */
int compare_lines(const struct lines *wanted, const struct lines *found);
void free_lines(struct lines *lines);

#endif
