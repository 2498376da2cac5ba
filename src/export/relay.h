/* SPDX-License-Identifier: MIT */
/* Records that were read somewhere go on as they are: each template of a reader becomes one of the
 * messages that are written. */
#ifndef P2I_EXPORT_RELAY_H
#define P2I_EXPORT_RELAY_H

#include "export/message.h"
#include "export/reader_template.h"
#include "pcap2ipfix/reader.h"

/* What stands behind the record that p2i_reader_next() gave last; until the next one. */
struct p2i_raw_record {
    const struct p2i_read_template *template;
    struct p2i_view bytes;
    uint32_t domain;
    uint32_t export_time_s;
};
struct p2i_raw_record p2i_reader_raw(const struct p2i_reader *reader);

/* The template record of a template into an empty buffer; false when memory is out. */
bool p2i_template_record(struct p2i_buffer *out, const struct p2i_read_template *template);

/* A reader of single messages as they come, one whole message at a time. */
enum p2i_result p2i_reader_open_messages(struct p2i_reader **reader, struct p2i_error *error);
/* The next message, whose records p2i_reader_next() then gives, with P2I_END behind the last. The
 * bytes must live until then. */
void p2i_reader_feed(struct p2i_reader *reader, struct p2i_view message);

/* Of one reader and what is written from it. Start with {0}. It remembers a fixed number of
 * templates, however often a reader is given others. */
struct p2i_relay {
    struct p2i_relayed *templates;
};

/* The id under which records of this template are written; makes it known where it is new. */
enum p2i_result p2i_relay_template(struct p2i_relay *relay, struct p2i_messages *messages,
                                   const struct p2i_raw_record *record, uint16_t *id,
                                   struct p2i_error *error);
/* That, and the record. */
enum p2i_result p2i_relay_record(struct p2i_relay *relay, struct p2i_messages *messages,
                                 const struct p2i_raw_record *record, struct p2i_error *error);
void p2i_relay_free(struct p2i_relay *relay);

#endif
