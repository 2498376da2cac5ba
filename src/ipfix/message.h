/* SPDX-License-Identifier: MIT */
/* Packs encoded records into IPFIX messages (RFC 7011 section 3) for a file or a transport session:
 * one open message for each observation domain, templates in front of the first record that needs
 * them, sequence numbers. Complete messages go to a receiver. One thread. */
#ifndef P2I_IPFIX_MESSAGE_H
#define P2I_IPFIX_MESSAGE_H

#include "pcap2ipfix/error.h"
#include "record/record.h"

/* The user's choices about IPFIX, for files and collectors alike. Zeros are the defaults. */
struct p2i_wire_form {
    const uint32_t *domains; /* observation domain by enum p2i_record_kind; must outlive the
                                exporter; NULL: the domains of the templates */
    bool extended;           /* the records are */
    bool ipv6_distinct;      /* elements of IPv6 addresses differ from IPv4's in every template */
};

/* A capture that a file was made from. */
struct p2i_file_source {
    const char *name;
    uint64_t size_bytes;        /* 0: not known */
    uint64_t packets;           /* like the times, 0 until the capture is read */
    uint64_t first_ms, last_ms; /* Unix time of its first and last packet, milliseconds */
    bool hashed;                /* the next one is known: the capture was read to its end */
    uint8_t sha256[32];         /* of the stored bytes */
};

struct p2i_ipfix_settings {
    bool element_types;     /* RFC 5610 type records in front of the templates */
    uint16_t message_limit; /* bytes; 65535 for files */
    struct p2i_wire_form form;
    uint32_t file_options;                 /* bits of enum p2i_file_option; none for collectors */
    const struct p2i_file_source *sources; /* borrowed; read when the output is finished */
    size_t source_count;
};

/* `take` gets each complete message, which lives for the call. Where `define` is set, messages have
 * no template sets and no type records: `define` gets each template record once, before the first
 * message that needs it; `set_id` is P2I_SET_TEMPLATES or P2I_SET_OPTIONS_TEMPLATES. */
struct p2i_message_receiver {
    enum p2i_result (*take)(void *context, struct p2i_view message, struct p2i_error *error);
    void *context;
    enum p2i_result (*define)(void *context, uint32_t domain, uint16_t set_id,
                              struct p2i_view record, struct p2i_error *error);
};

struct p2i_messages;

/* Copies `settings`. A message exceeds its limit only when a single record does. NULL: out of
 * memory. */
struct p2i_messages *p2i_messages_new(const struct p2i_ipfix_settings *settings,
                                      struct p2i_message_receiver receiver);
void p2i_messages_free(struct p2i_messages *messages); /* drops open messages; NULL is fine */

/* Adds a record to the message of its domain. A message without room for it goes to the receiver
 * first. P2I_OK; P2I_INTERNAL: out of memory; else the receiver's error. */
enum p2i_result p2i_messages_add(struct p2i_messages *messages, const struct p2i_record *record,
                                 struct p2i_error *error);

/* Defines a template of another exporter. When the domain already has the same template under any
 * id, uses that; else adds it under its own id, or under a free one when another template has that
 * id. `record` is the template record (RFC 7011 sections 3.4.1 and 3.4.2) of set `set_id`. Sets *id
 * for p2i_messages_add_raw(). P2I_OK; P2I_DAMAGED: too many domains or templates; P2I_INTERNAL: out
 * of memory; else the receiver's error. */
enum p2i_result p2i_messages_define(struct p2i_messages *messages, uint32_t domain, uint16_t set_id,
                                    struct p2i_view record, uint32_t time_s, uint16_t *id,
                                    struct p2i_error *error);
/* True when a template has this id in the domain. */
bool p2i_messages_defines(const struct p2i_messages *messages, uint32_t domain, uint16_t id);
/* Adds a data record of a template defined by p2i_messages_define(); results as p2i_messages_add().
 */
enum p2i_result p2i_messages_add_raw(struct p2i_messages *messages, uint32_t domain, uint16_t id,
                                     struct p2i_view bytes, uint32_t time_s,
                                     struct p2i_error *error);

/* Data records in the message that the receiver is taking. */
uint32_t p2i_messages_taken(const struct p2i_messages *messages);
/* Bytes of all open messages. */
size_t p2i_messages_pending(const struct p2i_messages *messages);
/* Hands all open messages to the receiver. Errors: those of the receiver. */
enum p2i_result p2i_messages_push(struct p2i_messages *messages, struct p2i_error *error);

/* Hands all open messages to the receiver, domains in the order of their first records. When no
 * record was ever added, makes one message in the domain of clickstream records, so that a file is
 * not empty: the type records, or only a header, with export time `time_s`. Errors: those of the
 * receiver. */
enum p2i_result p2i_messages_flush(struct p2i_messages *messages, uint32_t time_s,
                                   struct p2i_error *error);

#endif
