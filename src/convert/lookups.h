/* SPDX-License-Identifier: MIT */
/* What is known beside the captures: opened once for a run, asked by every worker. */
#ifndef P2I_CONVERT_LOOKUPS_H
#define P2I_CONVERT_LOOKUPS_H

#include "pcap2ipfix/convert.h"
#include "record/as_numbers.h"
#include "record/record.h"

struct p2i_lookups {
    struct p2i_as_numbers *as_numbers; /* NULL none */
};

/* P2I_OK, or what kept a file from being used; p2i_lookups_close() in any case. */
enum p2i_result p2i_lookups_open(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                                 struct p2i_error *error);
void p2i_lookups_close(struct p2i_lookups *lookups);

/* Adds what is known to the facts of a record whose addresses, ports and origin are there. */
void p2i_lookups_fill(const struct p2i_lookups *lookups, enum p2i_record_kind kind,
                      enum p2i_protocol_id protocol, struct p2i_record_facts *facts);

#endif
