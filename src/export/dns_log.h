/* SPDX-License-Identifier: MIT */
/* The text log of DNS records: one line a record, columns separated by tabs, in files of limited
 * size and time. */
#ifndef P2I_EXPORT_DNS_LOG_H
#define P2I_EXPORT_DNS_LOG_H

#include "export/export.h"
#include "pcap2ipfix/convert.h"

/* `settings` and its strings must live as long as the exporter and its errors. P2I_USAGE: the
 * format names no such column; P2I_OUTPUT: the folder cannot be used.
 *
 * A file is named dns_YYYYMMDDTHHMMSSZ_NNNNNN.log by the time of its first record (UTC) and its
 * number in the run, from 1. It has its name when it is complete: when it has reached
 * settings->file_bytes, when settings->file_seconds of capture time have passed since its first
 * record, or at the end. A file that exists is never replaced: P2I_OUTPUT. Without records there is
 * no file. Records of other kinds only tell the time.
 *
 * No byte of a name can end a column or a line: host and rdata are in presentation form, which is
 * printable ASCII; in login, a backslash, tab, newline and carriage return are written `\\`, `\t`,
 * `\n`, `\r`, other control characters `\xHH`. */
enum p2i_result p2i_dns_log_open(struct p2i_exporter **exporter,
                                 const struct p2i_dns_log_settings *settings,
                                 struct p2i_error *error);

#endif
