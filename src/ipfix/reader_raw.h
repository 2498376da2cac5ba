/* SPDX-License-Identifier: MIT */
/* The inner view of a reader, for code that passes records on: encoded bytes, templates, losses.
 * One thread. */
#ifndef P2I_IPFIX_READER_RAW_H
#define P2I_IPFIX_READER_RAW_H

#include "ipfix/reader_template.h"
#include "pcap2ipfix/reader.h"

/* The encoded form of the record that p2i_reader_next() returned last; lives until the next call.
 */
struct p2i_raw_record {
    const struct p2i_read_template *template;
    struct p2i_view bytes;
    uint32_t domain;
    uint32_t export_time_s;
    const struct p2i_domain *templates;    /* of its domain, including those of its lists */
    const struct p2i_element_names *names; /* of the reader */
    uint64_t serial;                       /* the newest serial of the reader's templates */
};
struct p2i_raw_record p2i_reader_raw(const struct p2i_reader *reader);

/* Data that could not be read, since the reader was opened. */
struct p2i_reader_losses {
    uint64_t sets;            /* data sets that could not be read to their end */
    uint64_t lists;           /* lists in records that could not be read to their end */
    uint64_t missing_records; /* according to the sequence numbers */
};
struct p2i_reader_losses p2i_reader_losses(const struct p2i_reader *reader);

/* Also reports findings that are not defects, with the context of the defects. */
void p2i_reader_notes(struct p2i_reader *reader, p2i_reader_defect *note);

/* Opens a reader of single messages, as they arrive over a network. `defect` may be NULL; values
 * that break rules are not reported. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_reader_open_messages(struct p2i_reader **reader, p2i_reader_defect *defect,
                                         void *context, struct p2i_error *error);
/* Sets the next message. p2i_reader_next() then returns its records, and P2I_END behind the last
 * one; the bytes must live until then. */
void p2i_reader_feed(struct p2i_reader *reader, struct p2i_view message);

#endif
