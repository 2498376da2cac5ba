/* SPDX-License-Identifier: MIT */
/* An exporter whose destination is a collector. */
#ifndef P2I_TRANSPORT_COLLECTOR_H
#define P2I_TRANSPORT_COLLECTOR_H

#include "export/exporter.h"
#include "ipfix/relay.h"
#include "pcap2ipfix/collector.h"

/* Does not connect yet: the first message does. write() may wait for the collector; what it does
 * not take in the end is spooled, and finish() gives P2I_COLLECTOR then. `summary` is kept up to
 * date; all that is given must live as long as the exporter. `form` may be NULL. P2I_USAGE: the
 * URL, or a file that it names. A collector gets no type records: those made for the gateway do not
 * expect them. */
enum p2i_result p2i_collector_open(struct p2i_exporter **exporter,
                                   const struct p2i_collector_settings *settings,
                                   const struct p2i_delivery *delivery,
                                   const struct p2i_wire_form *form,
                                   struct p2i_collector_summary *summary, struct p2i_error *error);

/* What is spooled is synced by it; else nothing is. */
void p2i_collector_sync(struct p2i_exporter *exporter, struct p2i_sync *sync);

/* Instead of write(): a record that was read somewhere. */
enum p2i_result p2i_collector_relay(struct p2i_exporter *exporter, struct p2i_relay *relay,
                                    const struct p2i_raw_record *record, struct p2i_error *error);

#endif
