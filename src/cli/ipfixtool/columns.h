/* SPDX-License-Identifier: MIT */
/* Columns of tables and CSV: lists of names of fields. */
#ifndef P2I_CLI_IPFIXTOOL_COLUMNS_H
#define P2I_CLI_IPFIXTOOL_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

/* Owns the names. Start with {0}. */
struct p2i_columns {
    char **names;
    size_t count; /* 0: the default columns of each kind */
};

/* The next three return false when out of memory. */
bool p2i_columns_add(struct p2i_columns *columns, const char *name, size_t size);
/* Adds names separated by commas. */
bool p2i_columns_add_list(struct p2i_columns *columns, const char *list);
/* Adds the fields of a kind of our records, plain or extended, in both IP versions, each once. */
bool p2i_columns_add_kind(struct p2i_columns *columns, const char *kind, bool extended);
/* Adds those of an option. Returns an exit status, after a message. */
int p2i_columns_option(struct p2i_columns *columns, const char *verb, const char *option,
                       const char *list);
/* Whether a name is in the list; case does not matter. */
bool p2i_columns_has(const struct p2i_columns *columns, const char *name);
void p2i_columns_free(struct p2i_columns *columns);

#endif
