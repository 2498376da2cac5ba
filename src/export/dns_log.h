/* SPDX-License-Identifier: MIT */
/* The text log of DNS records: one line a record, columns separated by tabs. Its files follow one
 * another as rotating.h says. */
#ifndef P2I_EXPORT_DNS_LOG_H
#define P2I_EXPORT_DNS_LOG_H

#include "export/exporter.h"
#include "pcap2ipfix/convert.h"

/* Name of a file, by the time of its first record; see file_name.h. */
#define P2I_DNS_LOG_PATTERN "dns_%Y%m%dT%H%M%SZ.log"

/* Before anything is read. P2I_USAGE: the format names no such column; P2I_OUTPUT: the folder
 * cannot be used; it must live as long as the error. */
enum p2i_result p2i_dns_log_check(const struct p2i_dns_log_settings *settings,
                                  struct p2i_error *error);

/* One file, for DNS records alone. It has its name when it is complete, and never replaces another:
 * P2I_OUTPUT. `path` and `sync` must live as long as the exporter and its errors.
 *
 * No byte of a name can end a column or a line: host and rdata are in presentation form, which is
 * printable ASCII; in login, a backslash, tab, newline and carriage return are written `\\`, `\t`,
 * `\n`, `\r`, other control characters `\xHH`. */
enum p2i_result p2i_dns_log_open(struct p2i_exporter **exporter, const char *path,
                                 const char *format, struct p2i_sync *sync,
                                 struct p2i_error *error);

#endif
