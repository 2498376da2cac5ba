/* SPDX-License-Identifier: MIT */
/* The time that a record describes, for records of any exporter. */
#ifndef P2I_IPFIX_RECORD_TIME_H
#define P2I_IPFIX_RECORD_TIME_H

#include "ipfix/file_options.h"
#include "pcap2ipfix/reader.h"

/* From TIME_STAMP, else the start and end of a flow, else an observation time, rounded outward to
 * full seconds. `known` is false when the record has none of them. Pure. */
struct p2i_time_span p2i_record_times(const struct p2i_read_record *record);

#endif
