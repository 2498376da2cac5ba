/* SPDX-License-Identifier: MIT */
/* Makes one page (HTML) of records: what was converted, what was said, by whom.
 *
 *     struct p2i_report *report;
 *     struct p2i_buffer page = {0};
 *     enum p2i_result result = p2i_report_new(&report, &settings, &error);
 *     if (result == P2I_OK) {
 *         result = p2i_report_add(report, "out.ipfix", &error);
 *     }
 *     if (result == P2I_OK) {
 *         result = p2i_report_write(report, &page, &error);
 *     }
 *     p2i_report_free(report);
 *
 * The page needs no other file and no network; a Content-Security-Policy in it allows its own style
 * and script alone. Values of records are escaped. Passwords are not in it. Counting takes bounded
 * memory: where that was too small, the page says so.
 *
 * A report belongs to one thread at a time. */
#ifndef PCAP2IPFIX_REPORT_H
#define PCAP2IPFIX_REPORT_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/values.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_report;
struct p2i_record_filter;

struct p2i_report_settings {
    size_t struct_size;               /* sizeof(struct p2i_report_settings), set by the caller */
    uint64_t memory_bytes;            /* for counting */
    size_t rows;                      /* of a table, at most */
    const char *title;                /* of the page; NULL: a usual one */
    const char *const *arguments;     /* of the command that makes the page, for whoever signs it */
    size_t argument_count;            /* 0: it is not shown */
    struct p2i_record_filter *filter; /* only records that match it; NULL: all */
};

/* The settings, and what they point at, must live until the report is freed. P2I_OK: the caller
 * frees *report; P2I_INTERNAL: out of memory. *report is NULL after an error. */
enum p2i_result p2i_report_new(struct p2i_report **report,
                               const struct p2i_report_settings *settings, struct p2i_error *error);
/* Adds all records of a file, IPFIX of any exporter or JSON Lines; "-" is standard input. P2I_OK;
 * P2I_INPUT: the file cannot be opened or read; P2I_DAMAGED: it is cut, or neither IPFIX nor JSON
 * Lines: the records before that were added, and the page says so; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_report_add(struct p2i_report *report, const char *path,
                               struct p2i_error *error);
/* Adds the statistics of a conversion: what pcap2ipfix --stats-file has written. P2I_OK; P2I_INPUT:
 * the file cannot be read; P2I_DAMAGED: it is something else; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_report_add_statistics(struct p2i_report *report, const char *path,
                                          struct p2i_error *error);
/* Appends the page to `page`, once. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_report_write(struct p2i_report *report, struct p2i_buffer *page,
                                 struct p2i_error *error);
void p2i_report_free(struct p2i_report *report); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
