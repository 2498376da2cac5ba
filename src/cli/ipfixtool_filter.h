/* SPDX-License-Identifier: MIT */
/* --filter NAME=VALUE: which records a viewer wants. All conditions must hold. */
#ifndef P2I_CLI_IPFIXTOOL_FILTER_H
#define P2I_CLI_IPFIXTOOL_FILTER_H

#include "cli/ipfixtool_layout.h"

struct p2i_condition;

/* Start with {0}. */
struct p2i_filter {
    struct p2i_condition *conditions;
    size_t count;
    struct p2i_buffer scratch;
};

/* Adds "NAME=VALUE". NULL when that was good; else what is wrong with it (static). Names: host,
 * src, dst, ip, port, sport, dport, time, record, or a field. */
const char *p2i_filter_add(struct p2i_filter *filter, const char *text);
bool p2i_filter_matches(struct p2i_filter *filter, const struct p2i_layout *layout,
                        const struct p2i_read_record *record);
/* The name of the first condition whose field no record had; NULL when there is none. */
const char *p2i_filter_unmet(const struct p2i_filter *filter);
void p2i_filter_free(struct p2i_filter *filter);

#endif
