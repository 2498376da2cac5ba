/* SPDX-License-Identifier: MIT */
/* Encoded records become IPFIX messages (RFC 7011 section 3), for a file or a transport session:
 * one message at a time in each observation domain, templates in front of the first record that
 * needs them, sequence numbers. Where a message goes is the receiver's business. One thread. */
#ifndef P2I_IPFIX_MESSAGE_H
#define P2I_IPFIX_MESSAGE_H

#include "base/error.h"
#include "record/record.h"

/* What a user may choose about IPFIX, for files and collectors alike. Zeros: as documented. */
struct p2i_wire_form {
    const uint32_t *domains; /* observation domain by enum p2i_record_kind; must live as long as the
                                exporter; NULL: those of the templates */
    bool ipv6_distinct;      /* IPv6 addresses have elements of their own in every template */
};

/* A capture that a file is made of. */
struct p2i_file_source {
    const char *name;
    uint64_t size_bytes;        /* 0 not known */
    uint64_t packets;           /* this and the times: 0 until all is read */
    uint64_t first_ms, last_ms; /* Unix time of its packets */
};

struct p2i_ipfix_settings {
    bool element_types;     /* RFC 5610 type records in front of the templates */
    uint16_t message_limit; /* bytes; 65535 for files */
    struct p2i_wire_form form;
    uint32_t file_options;                 /* bits of enum p2i_file_option; none for collectors */
    const struct p2i_file_source *sources; /* looked at when the file is finished */
    size_t source_count;
};

/* Takes a complete message; `message` lives for the call. Where `define` is set, templates and type
 * records are not put into the messages: it is told each template record once, before the first
 * message that needs it; `set_id` is 2 or 3 (options). */
struct p2i_message_receiver {
    enum p2i_result (*take)(void *context, struct p2i_view message, struct p2i_error *error);
    void *context;
    enum p2i_result (*define)(void *context, uint32_t domain, uint16_t set_id,
                              struct p2i_view record, struct p2i_error *error);
};

struct p2i_messages;

/* `settings` is copied. A message is longer than its limit only where a single record is. NULL
 * when out of memory. */
struct p2i_messages *p2i_messages_new(const struct p2i_ipfix_settings *settings,
                                      struct p2i_message_receiver receiver);
void p2i_messages_free(struct p2i_messages *messages); /* what is not flushed is lost */

/* Adds a record to the message of its domain; gives away the message that it does not fit into.
 * Errors: those of the receiver, P2I_INTERNAL. */
enum p2i_result p2i_messages_add(struct p2i_messages *messages, const struct p2i_record *record,
                                 struct p2i_error *error);

/* For records of any template. Finds the template in the domain, whatever its id there, or adds it
 * under its own id or, where that has another template, under a free one. `record` is the template
 * record (RFC 7011 sections 3.4.1 and 3.4.2) of set `set_id`; `*id` is what records are added by.
 * P2I_DAMAGED: more domains or templates than there can be, or than is sane. */
enum p2i_result p2i_messages_define(struct p2i_messages *messages, uint32_t domain, uint16_t set_id,
                                    struct p2i_view record, uint32_t time_s, uint16_t *id,
                                    struct p2i_error *error);
/* Whether a template has the id in the domain. */
bool p2i_messages_defines(const struct p2i_messages *messages, uint32_t domain, uint16_t id);
enum p2i_result p2i_messages_add_raw(struct p2i_messages *messages, uint32_t domain, uint16_t id,
                                     struct p2i_view bytes, uint32_t time_s,
                                     struct p2i_error *error);

/* Data records in the message that is being taken. */
uint32_t p2i_messages_taken(const struct p2i_messages *messages);
/* Bytes of the messages that are begun. */
size_t p2i_messages_pending(const struct p2i_messages *messages);
/* Gives away the messages that are begun; nothing where none is. */
enum p2i_result p2i_messages_push(struct p2i_messages *messages, struct p2i_error *error);

/* Gives away the messages that are begun, by domain in the order of their first records. When no
 * record has been added ever, one message is made for the domain of clickstream records that says
 * what could have come: the type records, or just a header with export time `time_s`. */
enum p2i_result p2i_messages_flush(struct p2i_messages *messages, uint32_t time_s,
                                   struct p2i_error *error);

#endif
