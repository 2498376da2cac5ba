/* SPDX-License-Identifier: MIT */
/* --filter NAME=VALUE of ipfixtool view: conditions of records, which must all hold. */
#ifndef P2I_CLI_IPFIXTOOL_VIEW_FILTER_H
#define P2I_CLI_IPFIXTOOL_VIEW_FILTER_H

#include "cli/ipfixtool/layout.h"

struct p2i_condition;

/* Start with {0}. */
struct p2i_view_filter {
    struct p2i_condition *conditions;
    size_t count;
    struct p2i_buffer scratch;
};

/* Adds "NAME=VALUE"; NAME is host, src, dst, ip, port, sport, dport, time, record, or a field,
 * which is not checked here. P2I_OK; P2I_USAGE: it is wrong, with a text and a suggestion;
 * P2I_INTERNAL: out of memory. */
enum p2i_result p2i_view_filter_add(struct p2i_view_filter *filter, const char *text,
                                    struct p2i_error *error);
/* Name of the field of condition `index`; NULL: it is not about a field. */
const char *p2i_view_filter_field(const struct p2i_view_filter *filter, size_t index);
bool p2i_view_filter_matches(struct p2i_view_filter *filter, const struct p2i_layout *layout,
                             const struct p2i_read_record *record);
/* The name of the first condition whose field no record had; NULL when there is none. */
const char *p2i_view_filter_unmet(const struct p2i_view_filter *filter);
/* Whether a field of our tables can have this value; other fields can have any. False: P2I_USAGE is
 * in the error. */
bool p2i_view_filter_check_value(const char *name, const char *value, struct p2i_error *error);
void p2i_view_filter_free(struct p2i_view_filter *filter);

#endif
