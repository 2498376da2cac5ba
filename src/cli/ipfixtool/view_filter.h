/* SPDX-License-Identifier: MIT */
/* --filter NAME=VALUE: which records a viewer wants. All conditions must hold. */
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

/* Adds "NAME=VALUE". P2I_USAGE: what is wrong with it, and what was meant; P2I_INTERNAL. Names:
 * host, src, dst, ip, port, sport, dport, time, record, or a field, which is not checked here. */
enum p2i_result p2i_view_filter_add(struct p2i_view_filter *filter, const char *text,
                                    struct p2i_error *error);
/* The name of condition `index` if it is that of a field; NULL: it is not. */
const char *p2i_view_filter_field(const struct p2i_view_filter *filter, size_t index);
bool p2i_view_filter_matches(struct p2i_view_filter *filter, const struct p2i_layout *layout,
                             const struct p2i_read_record *record);
/* The name of the first condition whose field no record had; NULL when there is none. */
const char *p2i_view_filter_unmet(const struct p2i_view_filter *filter);
/* Whether a field of our tables can have this value; others can have any. P2I_USAGE in the error.
 */
bool p2i_view_filter_check_value(const char *name, const char *value, struct p2i_error *error);
void p2i_view_filter_free(struct p2i_view_filter *filter);

#endif
