/* SPDX-License-Identifier: MIT */
/* What a report knows: counted record by record. One thread. */
#ifndef P2I_REPORT_COLLECT_H
#define P2I_REPORT_COLLECT_H

#include "ipfix/field_places.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/record_source.h"
#include "pcap2ipfix/tally.h"
#include "pcap2ipfix/values.h"
#include "report/tables.h"
#include "report/timeline.h"

enum { P2I_REPORT_CAPTURES = 10000 }; /* more are not kept */

/* A capture as an options record describes it; texts are shown ones. */
struct p2i_report_capture {
    char *name, *hash, *program;
    uint64_t bytes, packets;
    uint64_t first_ms, last_ms;
};

struct p2i_collected {
    struct p2i_field_finder finder;
    struct p2i_tally *tables[TABLE_COUNT];
    struct p2i_timeline timeline;
    uint64_t records[P2I_REPORT_KINDS]; /* by kind; the last one: of other exporters */
    uint64_t cut;                       /* messages that are not whole, as extended records say */
    struct p2i_report_capture *captures;
    size_t capture_count;
    struct p2i_buffer key, cell;
};

/* False: out of memory; the caller frees what there is. */
bool p2i_collect_begin(struct p2i_collected *collected, uint64_t memory_bytes);
/* False: out of memory. */
bool p2i_collect(struct p2i_collected *collected, const struct p2i_source_record *record);
void p2i_collect_free(struct p2i_collected *collected);

#endif
