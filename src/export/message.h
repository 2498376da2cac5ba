/* SPDX-License-Identifier: MIT */
/* Encoded records become IPFIX messages (RFC 7011 section 3), for a file or a transport session:
 * one message at a time in each observation domain, templates in front of the first record that
 * needs them, sequence numbers. Where a message goes is the receiver's business. One thread. */
#ifndef P2I_EXPORT_MESSAGE_H
#define P2I_EXPORT_MESSAGE_H

#include "base/error.h"
#include "export/export.h"
#include "record/record.h"

/* Takes a complete message; `message` lives for the call. */
struct p2i_message_receiver {
    enum p2i_result (*take)(void *context, struct p2i_view message, struct p2i_error *error);
    void *context;
};

struct p2i_messages;

/* `settings` is copied. A message is longer than its limit only where a single record is. NULL
 * when memory is out. */
struct p2i_messages *p2i_messages_new(const struct p2i_ipfix_settings *settings,
                                      struct p2i_message_receiver receiver);
void p2i_messages_free(struct p2i_messages *messages); /* what is not flushed is lost */

/* Adds a record to the message of its domain; gives away the message that it does not fit into.
 * Errors: those of the receiver, P2I_INTERNAL. */
enum p2i_result p2i_messages_add(struct p2i_messages *messages, const struct p2i_record *record,
                                 struct p2i_error *error);

/* Gives away the messages that are begun, by domain in the order of their first records. When no
 * record has been added ever, one message is made for domain 1 that says what could have come: the
 * type records, or just a header with export time `time_s`. */
enum p2i_result p2i_messages_flush(struct p2i_messages *messages, uint32_t time_s,
                                   struct p2i_error *error);

#endif
