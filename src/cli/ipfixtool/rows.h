/* SPDX-License-Identifier: MIT */
/* Rows that a verb has made of records, as a table, CSV, TSV or JSON Lines. */
#ifndef P2I_CLI_IPFIXTOOL_ROWS_H
#define P2I_CLI_IPFIXTOOL_ROWS_H

#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/form.h"
#include "cli/ipfixtool/table.h"
#include "pcap2ipfix/error.h"

enum p2i_cell_kind {
    CELL_NUMBER, /* in JSON without quotes; null when it is empty */
    CELL_WORD,   /* made here: a time, an address, a name */
    CELL_TEXT,   /* from the traffic: may be anything */
};

struct p2i_row_column {
    const char *name;
    enum p2i_cell_kind kind;
    bool whole; /* is never cut in a table */
    bool usual; /* is in the table without --fields */
};

/* Start with the members up to `width` set. */
struct p2i_rows {
    FILE *out;
    const struct p2i_form *form; /* table, CSV, TSV or JSON */
    const char *title;           /* of the table */
    const char *noun;            /* of a row in its head: "exchange" */
    const struct p2i_row_column *columns;
    size_t column_count;
    size_t width; /* of a line of the table; 0: any */
    /* Columns that are printed. */
    size_t *shown;
    size_t shown_count;
    struct p2i_tables tables;
    struct p2i_columns names;
    struct p2i_buffer line, cell;
};

/* Chooses the columns of a list, or without one (count 0) the usual ones of a table, all of the
 * other forms; prints the head of CSV and TSV. P2I_OK; P2I_USAGE: there is no such column,
 * error->text has the nearest; P2I_INTERNAL. */
enum p2i_result p2i_rows_begin(struct p2i_rows *rows, const struct p2i_columns *wanted,
                               struct p2i_error *error);
/* Prints a row, of which `cells` has all columns. P2I_OK; P2I_OUTPUT: the temporary file of a
 * large table failed; P2I_INTERNAL. */
enum p2i_result p2i_rows_add(struct p2i_rows *rows, const struct p2i_view *cells,
                             struct p2i_error *error);
/* Prints what is left of a table. Results as above. */
enum p2i_result p2i_rows_end(struct p2i_rows *rows, struct p2i_error *error);
void p2i_rows_free(struct p2i_rows *rows);

#endif
