/* SPDX-License-Identifier: MIT */
/* Records that were read somewhere go on as they are: each template of a reader becomes one of the
 * messages that are written. */
#ifndef P2I_IPFIX_RELAY_H
#define P2I_IPFIX_RELAY_H

#include "ipfix/message.h"
#include "ipfix/reader_raw.h"

/* The template record of a template into an empty buffer; false when out of memory. */
bool p2i_template_record(struct p2i_buffer *out, const struct p2i_read_template *template);

enum { P2I_RELAYED = 256, P2I_SWEPT = 16 };

/* Of one reader and what is written from it: what p2i_messages_define() said of templates used
 * lately. Start with {0}. */
struct p2i_relay {
    struct p2i_relayed {
        uint64_t serial; /* of the template in its reader; 0: none */
        uint16_t id;     /* under which it is written */
    } known[P2I_RELAYED];
    struct p2i_swept {
        uint32_t domain;
        uint64_t serial; /* its templates up to this one have all been made known */
    } swept[P2I_SWEPT];
    struct p2i_buffer bytes; /* of a record whose lists are rewritten */
};

/* Writes a record, and makes its template known where that is new: under its own id, or where that
 * is taken by another, under a free one. So, too, the templates that its lists use, whose ids in
 * the lists are rewritten; and where some field may be a list for all that is known, every template
 * of its domain. */
enum p2i_result p2i_relay_record(struct p2i_relay *relay, struct p2i_messages *messages,
                                 const struct p2i_raw_record *record, struct p2i_error *error);
void p2i_relay_free(struct p2i_relay *relay);

#endif
