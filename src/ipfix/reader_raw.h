/* SPDX-License-Identifier: MIT */
/* The inner view of a reader, for code that passes records on: encoded bytes and templates. One
 * thread. */
#ifndef P2I_IPFIX_READER_RAW_H
#define P2I_IPFIX_READER_RAW_H

#include "ipfix/reader_input.h"
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
    uint64_t reader;                       /* random: no two readers have the same */
};
/* `template` is NULL when p2i_reader_next() did not return a record. */
struct p2i_raw_record p2i_reader_raw(const struct p2i_reader *reader);
/* Memory of what the reader has learned: templates, names, captures. */
size_t p2i_reader_bytes(const struct p2i_reader *reader);
/* The bytes under the reader, which it keeps: for files that begin otherwise than IPFIX. */
struct p2i_reader_input *p2i_reader_input_of(struct p2i_reader *reader);

#endif
