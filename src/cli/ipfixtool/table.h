/* SPDX-License-Identifier: MIT */
/* Prints records as aligned tables: one for each kind, in the order of their first records. Rows
 * are held until the widths of the columns are known. When there are too many, those of the first
 * kind are printed with the widths so far, and the others are stored in a temporary file. */
#ifndef P2I_CLI_IPFIXTOOL_TABLE_H
#define P2I_CLI_IPFIXTOOL_TABLE_H

#include <stdio.h>

#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/layout.h"

struct p2i_table_column {
    char *name;
    size_t width;
    bool used;   /* some row has a value */
    bool number; /* all values are digits */
    bool whole;  /* is never cut: time and addresses */
};

/* Rows in the temporary file. */
struct p2i_table_extent {
    long offset;
    size_t rows, text_size;
};

/* The table of a kind. */
struct p2i_table_group {
    char kind[24];
    uint32_t domain;
    bool foreign; /* described by its template alone */
    bool begun;   /* its head is printed: rows follow at once */
    struct p2i_table_column *columns;
    size_t column_count;
    struct p2i_buffer text; /* of the cells in memory */
    size_t *ends;           /* of each cell in text, row by row */
    size_t rows, row_capacity;
    size_t row_count; /* all, also those not in memory */
    struct p2i_table_extent *extents;
    size_t extent_count;
};

struct p2i_tables {
    FILE *out;
    const struct p2i_columns *columns;
    size_t width;     /* of a line; 0: any */
    const char *noun; /* of a row, in heads; NULL: record */
    struct p2i_table_group *groups;
    size_t group_count;
    size_t held_rows, held_bytes;
    FILE *spill;    /* NULL: none yet */
    FILE *prepared; /* for it; NULL: none */
    size_t printed; /* tables so far */
    unsigned generation;
};

/* P2I_OK; P2I_INTERNAL; P2I_OUTPUT: the temporary file failed. */
enum p2i_result p2i_tables_add(struct p2i_tables *tables, struct p2i_layout *layout,
                               const struct p2i_read_record *record, struct p2i_error *error);
/* Adds a row whose cells are texts: of the table `kind`, with all columns that `columns` names, of
 * which `whole` says which are never cut. Results as above. */
enum p2i_result p2i_tables_add_cells(struct p2i_tables *tables, const char *kind, const bool *whole,
                                     const struct p2i_view *cells, struct p2i_error *error);
/* Prints all rows and forgets them. Results as above. */
enum p2i_result p2i_tables_flush(struct p2i_tables *tables, struct p2i_error *error);
void p2i_tables_free(struct p2i_tables *tables);

/* Prints the rows of a group that are in memory, after its head if not `begun`. `known`: row_count
 * is final. */
void p2i_table_print(struct p2i_tables *tables, struct p2i_table_group *group, bool known);
/* Prints the number of rows below a table that began without it. */
void p2i_table_print_count(const struct p2i_tables *tables, const struct p2i_table_group *group);

/* Opens the temporary file, while the program may still do so. A failure is reported when it is
 * needed. */
void p2i_tables_prepare(struct p2i_tables *tables);
/* Frees memory: prints rows of the first group, stores those of the others in the file. */
enum p2i_result p2i_tables_relieve(struct p2i_tables *tables, struct p2i_error *error);
/* Reads the rows of an extent into the group. */
enum p2i_result p2i_table_recall(struct p2i_tables *tables, struct p2i_table_group *group,
                                 const struct p2i_table_extent *extent, struct p2i_error *error);
/* Reserves memory for `rows` rows; false: out of memory. */
bool p2i_table_reserve(struct p2i_table_group *group, size_t rows);

/* Columns that a terminal needs for `text`, which is valid UTF-8. */
size_t p2i_tool_width(struct p2i_view text);
/* Columns of the terminal of standard output; 0: it is none. */
size_t p2i_tool_terminal_width(void);
/* As much of `text` as fits into `width` columns. */
struct p2i_view p2i_tool_fit(struct p2i_view text, size_t width);

#endif
