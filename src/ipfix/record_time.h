/* SPDX-License-Identifier: MIT */
/* When what a record tells of took place, for records of anyone. */
#ifndef P2I_IPFIX_RECORD_TIME_H
#define P2I_IPFIX_RECORD_TIME_H

#include "ipfix/file_options.h"
#include "pcap2ipfix/reader.h"

/* By TIME_STAMP, else the start and end of a flow, else an observation time: the full seconds that
 * they lie in. Not known: the record has none. */
struct p2i_time_span p2i_record_times(const struct p2i_read_record *record);

#endif
