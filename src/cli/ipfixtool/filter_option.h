/* SPDX-License-Identifier: MIT */
/* -f FILTER of the verbs: may be repeated, and a record must match all. */
#ifndef P2I_CLI_IPFIXTOOL_FILTER_OPTION_H
#define P2I_CLI_IPFIXTOOL_FILTER_OPTION_H

#include "pcap2ipfix/nearest.h"
#include "pcap2ipfix/record_filter.h"

/* Start with {.verb = ...}; p2i_filter_option_free(). */
struct p2i_filter_option {
    const char *verb;
    struct p2i_record_filter *filter; /* NULL: no -f was given */
    const char **texts;               /* borrowed from argv */
    size_t count;
};

/* Adds the text of one -f. TOOL_OK; TOOL_USAGE: it is wrong, which was reported with the place;
 * TOOL_INTERNAL: out of memory. */
int p2i_filter_option_add(struct p2i_filter_option *option, const char *text);
/* Sets *matches; true without a filter. P2I_OK; P2I_INTERNAL: out of memory, with `error`. */
enum p2i_result p2i_filter_option_match(struct p2i_filter_option *option,
                                        const struct p2i_reader *reader,
                                        const struct p2i_read_record *record, bool *matches,
                                        struct p2i_error *error);
/* Field `index` of the filter, from 0. False: there are fewer. */
bool p2i_filter_option_field(const struct p2i_filter_option *option, size_t index,
                             struct p2i_filter_field *field);
/* Reports a field that is neither known nor in the files, with its place and the nearest of the
 * names that were offered. Returns TOOL_USAGE. */
int p2i_filter_option_refuse(const struct p2i_filter_option *option,
                             const struct p2i_filter_field *field,
                             const struct p2i_nearest *nearest);
/* TOOL_OK; TOOL_USAGE: a field is neither known nor was it met so far, which was reported. For
 * verbs whose records have no names but those of the tables: before they begin. */
int p2i_filter_option_require_known(const struct p2i_filter_option *option);
/* For verbs that read their files once: reports fields that no record had, when all were read.
 * TOOL_OK; TOOL_USAGE: one is not known either. */
int p2i_filter_option_report_unmet(const struct p2i_filter_option *option);
void p2i_filter_option_free(struct p2i_filter_option *option);

#endif
