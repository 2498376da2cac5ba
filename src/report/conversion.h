/* SPDX-License-Identifier: MIT */
/* What the statistics of conversions say (pcap2ipfix --stats-file). One thread. */
#ifndef P2I_REPORT_CONVERSION_H
#define P2I_REPORT_CONVERSION_H

#include "pcap2ipfix/error.h"
#include "report/html.h"

/* A file of statistics. */
struct p2i_conversion {
    char *path;
    struct p2i_buffer text; /* of the file: a JSON object */
};

/* Reads a file. P2I_OK: the caller frees it; P2I_INPUT: it cannot be read; P2I_DAMAGED: it is
 * something else; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_conversion_read(struct p2i_conversion *conversion, const char *path,
                                    struct p2i_error *error);
void p2i_conversion_free(struct p2i_conversion *conversion);
/* The version, the command, the captures, the damage, and all counters that are not 0. */
void p2i_conversion_print(struct p2i_html *html, const struct p2i_conversion *conversion);

#endif
