/* SPDX-License-Identifier: MIT */
/* Joins the BPF expressions of a command line. */
#ifndef P2I_CONFIG_FILTERS_H
#define P2I_CONFIG_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/values.h"

/* Start with {0}. */
struct p2i_filters {
    const char **expressions; /* of -f; each borrowed */
    size_t count;
    char *from_file;          /* text of -F; NULL: none */
    struct p2i_buffer joined; /* all of them, if several */
};

enum p2i_result p2i_filters_add(struct p2i_filters *filters, const char *expression,
                                struct p2i_error *error);
/* Reads an expression from a file; it replaces that of an earlier file. P2I_OK; P2I_INPUT: it
 * cannot be read; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_filters_read(struct p2i_filters *filters, const char *path,
                                 struct p2i_error *error);
/* Sets *expression to one that matches where all of them match; it lives as long as the filters. It
 * stays as it is if there are none. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_filters_join(struct p2i_filters *filters, const char **expression,
                                 struct p2i_error *error);
void p2i_filters_free(struct p2i_filters *filters);

#endif
