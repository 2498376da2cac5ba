/* SPDX-License-Identifier: MIT */
/* Options about collectors, which several programs have. */
#ifndef P2I_CONFIG_DELIVERY_H
#define P2I_CONFIG_DELIVERY_H

#include "base/error.h"
#include "pcap2ipfix/collector.h"

/* Sets what `--NAME text` says: rate, pace, export-time, spool, retry. `text` must live as long as
 * the settings. P2I_USAGE. */
enum p2i_result p2i_delivery_option(struct p2i_delivery *delivery, const char *name,
                                    const char *text, struct p2i_error *error);

/* "512", "64K", "100M", "1G" (powers of 1024), up to 2^62. */
bool p2i_parse_size(const char *text, uint64_t *size);

#endif
