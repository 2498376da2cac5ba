/* SPDX-License-Identifier: MIT */
/* Sessions in the order of their last packets. */
#ifndef P2I_SESSION_SILENT_H
#define P2I_SESSION_SILENT_H

#include <stddef.h>
#include <stdint.h>

struct p2i_silent {
    uint64_t last_number; /* that its last packet had when it was listed */
    uint32_t index;       /* in the table of sessions */
};

/* Sorts list[0..count) by last_number; `spare` has room for as many. */
void p2i_silent_sort(struct p2i_silent *list, struct p2i_silent *spare, size_t count);

#endif
