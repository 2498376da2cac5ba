/* SPDX-License-Identifier: MIT */
/* The BPF expressions of a command line become one. */
#ifndef P2I_CONFIG_FILTERS_H
#define P2I_CONFIG_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Start with {0}. */
struct p2i_filters {
    const char **expressions; /* of -f; each borrowed */
    size_t count;
    char *from_file; /* text of -F; NULL: none */
    char *joined;    /* several of them */
};

enum p2i_result p2i_filters_add(struct p2i_filters *filters, const char *expression,
                                struct p2i_error *error);
/* Instead of a file read before. P2I_INPUT: it cannot be read. */
enum p2i_result p2i_filters_read(struct p2i_filters *filters, const char *path,
                                 struct p2i_error *error);
/* One expression that says what all of them say together, into *expression; it lives as long as
 * the filters. Left alone when there are none. */
enum p2i_result p2i_filters_join(struct p2i_filters *filters, const char **expression,
                                 struct p2i_error *error);
void p2i_filters_free(struct p2i_filters *filters);

#endif
