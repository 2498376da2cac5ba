/* SPDX-License-Identifier: MIT */
/* Times as operators write them. */
#ifndef P2I_ENRICH_TIME_TEXT_H
#define P2I_ENRICH_TIME_TEXT_H

#include "base/view.h"

/* Unix seconds, or ISO 8601: a date, with `T` (or a space) and a time to the minute or second, with
 * `Z` or the distance from UTC; without that it is UTC. False: it is not of that form, or outside
 * 1970 to 2106. */
bool p2i_time_parse(struct p2i_view text, uint32_t *time_s);

#endif
