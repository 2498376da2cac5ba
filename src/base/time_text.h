/* SPDX-License-Identifier: MIT */
/* Times as people write them. Pure functions. */
#ifndef P2I_BASE_TIME_TEXT_H
#define P2I_BASE_TIME_TEXT_H

#include "pcap2ipfix/view.h"

/* A time, as fine as it was written: 2026-01-31 is a day long, 12:00:00 a second. Unix time. */
struct p2i_time_span_ns {
    int64_t begin_ns;
    int64_t length_ns; /* at least 1 */
};

/* Parses ISO 8601 and RFC 3339: a date, optionally followed by `T` or a space and a time to the
 * minute, second, or a fraction of up to 9 digits, and `Z` or an offset from UTC; without one it is
 * UTC. Also `@` and Unix seconds, with or without a fraction. False: another form, a date that
 * there is not, or outside 1970 to 2199. */
bool p2i_time_span_parse(struct p2i_view text, struct p2i_time_span_ns *span);

/* Parses the same without `@`, or Unix seconds; fractions of seconds are dropped. False: another
 * form, or outside 1970 to 2106. */
bool p2i_time_parse(struct p2i_view text, uint32_t *time_s);

#endif
