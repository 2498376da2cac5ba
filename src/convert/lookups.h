/* SPDX-License-Identifier: MIT */
/* What is known beside the captures: opened once for a run, asked by every worker. */
#ifndef P2I_CONVERT_LOOKUPS_H
#define P2I_CONVERT_LOOKUPS_H

#include "enrich/as_numbers.h"
#include "enrich/channels.h"
#include "enrich/locked.h"
#include "enrich/prefix_ranges.h"
#include "enrich/protocol_table.h"
#include "enrich/subscribers.h"
#include "pcap2ipfix/convert.h"
#include "record/any_message.h"
#include "record/record.h"

struct p2i_lookups {
    struct p2i_as_numbers *as_numbers; /* NULL none; so all below */
    struct p2i_subscriber_file *subscribers;
    struct p2i_channels *channels;
    struct p2i_locked *locked;
    struct p2i_prefix_ranges networks; /* of subscribers */
    struct p2i_protocol_numbers numbers;
};

/* P2I_OK, or what kept a file from being used; p2i_lookups_close() in any case. */
enum p2i_result p2i_lookups_open(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                                 struct p2i_error *error);
void p2i_lookups_close(struct p2i_lookups *lookups);

/* Adds what is known to the facts of a record whose addresses, ports, scope and packet info are
 * there. `subscribers` are the worker's; the login lives until their bindings change. */
void p2i_lookups_fill(const struct p2i_lookups *lookups, struct p2i_subscribers *subscribers,
                      enum p2i_record_kind kind, enum p2i_protocol_id protocol,
                      struct p2i_record_facts *facts);

/* The message with what is known of it: itself, or a copy in *copy. */
const void *p2i_lookups_message(const struct p2i_lookups *lookups, enum p2i_record_kind kind,
                                const struct p2i_record_facts *facts, const void *message,
                                union p2i_any_message *copy);

#endif
