/* SPDX-License-Identifier: MIT */
/* Records as aligned tables, one for each kind. Rows are held back until a table is as wide as it
 * will be: to the end of the file, or until there are very many. */
#ifndef P2I_CLI_IPFIXTOOL_TABLE_H
#define P2I_CLI_IPFIXTOOL_TABLE_H

#include <stdio.h>

#include "cli/ipfixtool_layout.h"

struct p2i_columns {
    char **names;
    size_t count; /* 0: the usual ones of each kind */
};

struct p2i_table_group;

struct p2i_tables {
    FILE *out;
    const struct p2i_columns *columns;
    size_t width; /* of a line; 0: any */
    struct p2i_table_group *groups;
    size_t group_count;
    size_t row_count;
    size_t printed; /* tables so far */
    unsigned generation;
};

/* False when memory is out. */
bool p2i_tables_add(struct p2i_tables *tables, struct p2i_layout *layout,
                    const struct p2i_read_record *record);
/* Prints what is held back, and forgets it. */
void p2i_tables_flush(struct p2i_tables *tables);

/* Columns that a terminal needs for `text`, which is valid UTF-8. */
size_t p2i_tool_width(struct p2i_view text);
/* As much of `text` as fits into `width` columns. */
struct p2i_view p2i_tool_fit(struct p2i_view text, size_t width);

#endif
