/* SPDX-License-Identifier: MIT */
/* Prints records as SQL that SQLite, DuckDB and others read: a table for each kind, and a row for
 * each record. Numbers are INTEGER (32 bits), BIGINT or DOUBLE; texts, addresses, times
 * (2026-01-31T23:59:59Z) and 64-bit identifiers, which are larger than the integers of SQL, are
 * TEXT. */
#ifndef P2I_CLI_IPFIXTOOL_SQL_H
#define P2I_CLI_IPFIXTOOL_SQL_H

#include <stdio.h>

#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/layout.h"

struct p2i_sql_table {
    char kind[24];
    struct p2i_columns columns; /* that it has so far */
};

/* Start with out and columns set. */
struct p2i_sql {
    FILE *out;
    const struct p2i_columns *columns; /* empty: all fields of the record */
    struct p2i_sql_table *tables;
    size_t table_count;
    struct p2i_buffer text;
};

/* Begin and end the transaction that all rows are in. */
void p2i_sql_begin(const struct p2i_sql *sql);
void p2i_sql_end(const struct p2i_sql *sql);
/* Prints the row of a record; before that its table, or the columns that its table lacks. False:
 * out of memory. */
bool p2i_sql_add(struct p2i_sql *sql, struct p2i_layout *layout,
                 const struct p2i_read_record *record);
void p2i_sql_free(struct p2i_sql *sql);

#endif
