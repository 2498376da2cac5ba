/* SPDX-License-Identifier: MIT */
/* Times in configuration files. Pure functions. */
#ifndef P2I_ENRICH_TIME_TEXT_H
#define P2I_ENRICH_TIME_TEXT_H

#include "pcap2ipfix/view.h"

/* Parses Unix seconds, or ISO 8601: a date, optionally followed by `T` or a space and a time to the
 * minute or second, and `Z` or an offset from UTC; without one it is UTC. False: another form, or
 * outside 1970 to 2106. */
bool p2i_time_parse(struct p2i_view text, uint32_t *time_s);

#endif
