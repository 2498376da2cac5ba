/* SPDX-License-Identifier: MIT */
/* Kinds of records by name. */
#ifndef P2I_CONFIG_RECORDS_H
#define P2I_CONFIG_RECORDS_H

#include <stddef.h>

#include "pcap2ipfix/record.h"

/* All names, for messages. */
#define P2I_RECORD_NAMES                                                                           \
    "clickstream, http_reply, ssl_reply, sip, ftp, im, mail, raw, dns, flow, biflow, all"

/* Bits by enum p2i_record_kind for a name of `size` bytes. "all" excludes biflow, which repeats the
 * facts of flow. 0: the name is unknown. */
uint32_t p2i_records_named(const char *name, size_t size);
const char *p2i_records_name(enum p2i_record_kind kind); /* static */

#endif
