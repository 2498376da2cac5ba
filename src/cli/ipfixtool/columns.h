/* SPDX-License-Identifier: MIT */
/* Lists of names of fields, which are columns of tables and of CSV. */
#ifndef P2I_CLI_IPFIXTOOL_COLUMNS_H
#define P2I_CLI_IPFIXTOOL_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

/* Owns the names. Start with {0}. */
struct p2i_columns {
    char **names;
    size_t count; /* 0: the usual ones of each kind */
};

/* All that add are false when out of memory. */
bool p2i_columns_add(struct p2i_columns *columns, const char *name, size_t size);
/* Names with commas between them. */
bool p2i_columns_add_list(struct p2i_columns *columns, const char *list);
/* The fields of a kind of our records, in both IP versions, each once. */
bool p2i_columns_add_kind(struct p2i_columns *columns, const char *kind);
/* Upper and lower case are the same. */
bool p2i_columns_has(const struct p2i_columns *columns, const char *name);
void p2i_columns_free(struct p2i_columns *columns);

#endif
