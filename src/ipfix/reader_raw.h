/* SPDX-License-Identifier: MIT */
/* What a reader knows beyond its records: the bytes behind them, templates, what could not be read.
 * For those who pass records on. */
#ifndef P2I_IPFIX_READER_RAW_H
#define P2I_IPFIX_READER_RAW_H

#include "ipfix/reader_template.h"
#include "pcap2ipfix/reader.h"

/* What stands behind the record that p2i_reader_next() gave last; until the next one. */
struct p2i_raw_record {
    const struct p2i_read_template *template;
    struct p2i_view bytes;
    uint32_t domain;
    uint32_t export_time_s;
    const struct p2i_domain *templates;    /* of its domain: those of its lists are among them */
    const struct p2i_element_names *names; /* that the reader knows */
    uint64_t serial;                       /* the last that one of its templates got */
};
struct p2i_raw_record p2i_reader_raw(const struct p2i_reader *reader);

/* So far. */
struct p2i_reader_losses {
    uint64_t sets;            /* with data that could not be read, or not to their end */
    uint64_t lists;           /* in records, that could not be read to their end */
    uint64_t missing_records; /* by the sequence numbers */
};
struct p2i_reader_losses p2i_reader_losses(const struct p2i_reader *reader);

/* Has what is no defect told, too, with the context of defects. */
void p2i_reader_notes(struct p2i_reader *reader, p2i_reader_defect *note);

/* A reader of single messages as they come, one whole message at a time. `defect` may be NULL; it
 * is not told of values that break rules. */
enum p2i_result p2i_reader_open_messages(struct p2i_reader **reader, p2i_reader_defect *defect,
                                         void *context, struct p2i_error *error);
/* The next message, whose records p2i_reader_next() then gives, with P2I_END behind the last. The
 * bytes must live until then. */
void p2i_reader_feed(struct p2i_reader *reader, struct p2i_view message);

#endif
