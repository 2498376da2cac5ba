/* SPDX-License-Identifier: MIT */
/* The subscriber of a record, by all that is known. */
#ifndef P2I_ENRICH_SUBSCRIBERS_H
#define P2I_ENRICH_SUBSCRIBERS_H

#include "enrich/bindings.h"
#include "enrich/subscriber_file.h"
#include "record/record.h"

/* All that is known, to one thread. */
struct p2i_subscribers {
    const struct p2i_subscriber_file *file; /* NULL none; so the next */
    struct p2i_bindings *bindings;
    struct p2i_subscriber_memo memo; /* of the file */
};

/* Whoever has the source at the time of the record's packet info, else whoever has the destination:
 * by the file, then by RADIUS, then by PPPoE; last, whoever is in the PPPoE session in which it was
 * sent. False: nobody is known. The login lives until the bindings change. */
bool p2i_subscriber_find(struct p2i_subscribers *subscribers, const struct p2i_record_facts *facts,
                         struct p2i_subscriber *found);

#endif
