/* SPDX-License-Identifier: MIT */
#include "convert/lookups.h"

enum p2i_result p2i_lookups_open(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                                 struct p2i_error *error)
{
    *lookups = (struct p2i_lookups){0};
    if (settings->as_database != NULL) {
        return p2i_as_numbers_open(&lookups->as_numbers, settings->as_database, error);
    }
    return P2I_OK;
}

void p2i_lookups_close(struct p2i_lookups *lookups)
{
    p2i_as_numbers_close(lookups->as_numbers);
}

void p2i_lookups_fill(const struct p2i_lookups *lookups, enum p2i_record_kind kind,
                      enum p2i_protocol_id protocol, struct p2i_record_facts *facts)
{
    facts->channel = (uint16_t)facts->origin->interface_id;
    facts->protocol_number = p2i_protocol_facts(protocol)->number;
    facts->meta_protocol = (uint16_t)protocol;
    if (kind == P2I_RECORD_FLOW || kind == P2I_RECORD_BIFLOW) {
        facts->source_as = p2i_as_number(lookups->as_numbers, facts->source, facts->ip_version);
        facts->destination_as =
            p2i_as_number(lookups->as_numbers, facts->destination, facts->ip_version);
    }
}
