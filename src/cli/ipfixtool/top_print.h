/* SPDX-License-Identifier: MIT */
/* Shows what top has counted: the most frequent first. */
#ifndef P2I_CLI_IPFIXTOOL_TOP_PRINT_H
#define P2I_CLI_IPFIXTOOL_TOP_PRINT_H

#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/top_key.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/tally.h"

enum p2i_top_by { TOP_BY_RECORDS, TOP_BY_BYTES, TOP_BY_PACKETS, TOP_BY_DISTINCT };

/* The sums of an entry, of flow records. */
enum { TOP_BYTES, TOP_PACKETS };

struct p2i_top_settings {
    struct p2i_columns fields;
    struct p2i_columns distinct; /* whose values are counted */
    enum p2i_top_by by;
    const char *by_field; /* of TOP_BY_DISTINCT */
    uint64_t every_s;     /* 0: no buckets of time */
    size_t limit;         /* rows, of each bucket; 0: all */
    uint64_t records;     /* that were counted */
};

/* Prints the counts, and on standard error what is approximate. Counts of the same text become one.
 * P2I_OK; P2I_OUTPUT: the temporary file of a large table failed; P2I_INTERNAL. */
enum p2i_result p2i_top_print(const struct p2i_top_settings *settings, const struct p2i_form *form,
                              const struct p2i_top_keys *keys, struct p2i_tally *tally,
                              size_t width, struct p2i_error *error);

#endif
