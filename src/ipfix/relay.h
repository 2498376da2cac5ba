/* SPDX-License-Identifier: MIT */
/* Passes records of a reader on unchanged: each template of the reader becomes a template of the
 * messages that are written. One thread. */
#ifndef P2I_IPFIX_RELAY_H
#define P2I_IPFIX_RELAY_H

#include "ipfix/message.h"
#include "ipfix/reader_raw.h"

/* Encodes a template as a template record into an empty buffer. False: out of memory. */
bool p2i_template_record(struct p2i_buffer *out, const struct p2i_read_template *template);

enum { P2I_RELAYED = 256, P2I_SWEPT = 16 };

/* State for a reader and the messages made from it: remembers the results of p2i_messages_define()
 * for templates used recently, and forgets them when the records of another reader come. Start with
 * {0}. */
struct p2i_relay {
    uint64_t reader;
    struct p2i_relayed {
        uint64_t serial; /* of the template in its reader; 0: none */
        uint16_t id;     /* its id in the messages */
    } known[P2I_RELAYED];
    struct p2i_swept {
        uint32_t domain;
        uint64_t serial; /* all its templates up to this one are defined */
    } swept[P2I_SWEPT];
    struct p2i_buffer bytes; /* a record whose lists are rewritten */
};

/* Writes a record, and first defines its template if that is new: under its own id, or under a free
 * one when another template has that id. Does the same for the templates that its lists use, and
 * rewrites their ids in the lists; when a field of unknown type may be a list, defines every
 * template of the domain. Results: as p2i_messages_define(). */
enum p2i_result p2i_relay_record(struct p2i_relay *relay, struct p2i_messages *messages,
                                 const struct p2i_raw_record *record, struct p2i_error *error);
void p2i_relay_free(struct p2i_relay *relay);

#endif
