/* SPDX-License-Identifier: MIT */
/* Data that records get from other sources than the message: subscribers, channels, AS numbers,
 * locked lists. Opened once for a run; workers only read it. */
#ifndef P2I_ENGINE_LOOKUPS_H
#define P2I_ENGINE_LOOKUPS_H

#include "enrich/as_numbers.h"
#include "enrich/channels.h"
#include "enrich/locked.h"
#include "enrich/prefix_ranges.h"
#include "enrich/protocol_table.h"
#include "enrich/subscribers.h"
#include "record/any_message.h"
#include "record/record.h"
#include "settings/settings.h"

struct p2i_lookups {
    struct p2i_as_numbers *as_numbers; /* each NULL: not used */
    struct p2i_subscriber_file *subscribers;
    struct p2i_channels *channels;
    struct p2i_locked *locked;
    struct p2i_prefix_ranges networks; /* networks of subscribers */
    struct p2i_prefix_ranges nas;      /* RADIUS clients that are believed, where any are named */
    struct p2i_protocol_numbers numbers;
};

/* Opens all files that the settings name. Returns P2I_OK, or the reason that a file cannot be used.
 * p2i_lookups_close() must be called in any case. */
enum p2i_result p2i_lookups_open(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                                 struct p2i_error *error);
void p2i_lookups_close(struct p2i_lookups *lookups);

/* Names the captures from number `first` on, for channels by file. No worker may be looking
 * anything up. False: out of memory. */
bool p2i_lookups_name_captures(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                               uint32_t first, const char *const *paths, size_t path_count);

/* Completes the facts of a record; addresses, ports, scope, packet info and `completed_by` must
 * be set. `subscribers` belongs to the worker; for the login see p2i_subscriber_find(). */
void p2i_lookups_fill(const struct p2i_lookups *lookups, struct p2i_subscribers *subscribers,
                      enum p2i_record_kind kind, enum p2i_protocol_id protocol,
                      struct p2i_record_facts *facts);

/* Returns the message with the members that come from lookups: `message` itself, or a changed copy
 * in *copy. */
const void *p2i_lookups_message(const struct p2i_lookups *lookups, enum p2i_record_kind kind,
                                const struct p2i_record_facts *facts, const void *message,
                                union p2i_any_message *copy);

#endif
