/* SPDX-License-Identifier: MIT */
/* Prints records one below the other, a field a line. */
#ifndef P2I_CLI_IPFIXTOOL_VERTICAL_H
#define P2I_CLI_IPFIXTOOL_VERTICAL_H

#include <stdio.h>

#include "cli/ipfixtool/table.h"

/* Start with out and columns set. */
struct p2i_vertical {
    FILE *out;
    const struct p2i_columns *columns; /* none: all fields of the record */
    struct p2i_buffer cell;
    uint64_t printed; /* records so far */
};

/* False when out of memory. */
bool p2i_vertical_print(struct p2i_vertical *vertical, const struct p2i_layout *layout,
                        const struct p2i_read_record *record);
void p2i_vertical_free(struct p2i_vertical *vertical);

#endif
