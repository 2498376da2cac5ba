/* SPDX-License-Identifier: MIT */
/* The text log of DNS records: one line for each record, columns separated by tabs. rotating.h
 * starts new files. */
#ifndef P2I_EXPORT_DNS_LOG_H
#define P2I_EXPORT_DNS_LOG_H

#include "export/exporter.h"
#include "settings/settings.h"

/* The pattern of file names, with the time of the first record; see file_name.h. */
#define P2I_DNS_LOG_PATTERN "dns_%Y%m%dT%H%M%SZ.log"

/* Checks the settings before anything is read. P2I_OK; P2I_USAGE: the format names an unknown
 * column; P2I_OUTPUT: the folder cannot be used. `error` may point to the folder's name. */
enum p2i_result p2i_dns_log_check(const struct p2i_dns_log_settings *settings,
                                  struct p2i_error *error);

/* Opens one file, for DNS records only. It gets its name when it is complete, and never replaces
 * another, whatever the rules say (NULL: {0}). `path` must outlive the exporter and its errors.
 * P2I_OK; P2I_OUTPUT: the file exists or cannot be created; P2I_INTERNAL: out of memory.
 *
 * No captured byte can end a column or a line: host and rdata are in presentation form, which is
 * printable ASCII; login has `\\`, `\t`, `\n`, `\r` for a backslash, tab, newline and carriage
 * return, and `\xHH` for other control characters. */
enum p2i_result p2i_dns_log_open(struct p2i_exporter **exporter, const char *path,
                                 const char *format, const struct p2i_output_rules *rules,
                                 struct p2i_error *error);

#endif
