/* SPDX-License-Identifier: MIT */
/* The subscriber of a record, from all sources. */
#ifndef P2I_ENRICH_SUBSCRIBERS_H
#define P2I_ENRICH_SUBSCRIBERS_H

#include "enrich/bindings.h"
#include "enrich/subscriber_file.h"
#include "record/record.h"

/* The sources of one thread. */
struct p2i_subscribers {
    const struct p2i_subscriber_file *file; /* NULL: none */
    const struct p2i_bindings *bindings;    /* NULL: none */
    struct p2i_subscriber_memo memo;        /* of the file */
};

/* Finds the subscriber of the source address at the time of the packet info, else of the
 * destination address: in the file, then by RADIUS, then by PPPoE; last, the login of the PPPoE
 * session in which the packet was sent. False: not known. The login lives until the packet that
 * completed the message is released (bindings.h). */
bool p2i_subscriber_find(struct p2i_subscribers *subscribers, const struct p2i_record_facts *facts,
                         struct p2i_subscriber *found);

#endif
