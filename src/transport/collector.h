/* SPDX-License-Identifier: MIT */
/* An exporter that sends to a collector. One thread. */
#ifndef P2I_TRANSPORT_COLLECTOR_H
#define P2I_TRANSPORT_COLLECTOR_H

#include "export/exporter.h"
#include "ipfix/relay.h"
#include "settings/settings.h"
#include "settings/statistics.h"

/* Creates the exporter; the first message connects. write() may wait for the collector. Records
 * that it does not take in the end are spooled, and finish() returns P2I_COLLECTOR. Keeps `summary`
 * up to date, whose `spool` has P2I_SPOOL_PATH_MAX zeroed bytes. All pointers must outlive the
 * exporter; of `ipfix` (NULL: the defaults) the form counts, and the captures of extended records.
 * Sends no type records, because collectors made for the gateway do
 * not expect them. P2I_OK; P2I_USAGE: the URL or a file named in it is wrong; P2I_INTERNAL: out of
 * memory. */
enum p2i_result p2i_collector_open(struct p2i_exporter **exporter,
                                   const struct p2i_collector_settings *settings,
                                   const struct p2i_delivery *delivery,
                                   const struct p2i_ipfix_settings *ipfix,
                                   struct p2i_collector_summary *summary, struct p2i_error *error);

/* Copies the rules by which a spool file is written; an existing file is never replaced. */
void p2i_collector_set_rules(struct p2i_exporter *exporter, const struct p2i_output_rules *rules);

#endif
