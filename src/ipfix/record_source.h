/* SPDX-License-Identifier: MIT */
/* Records of a file in one form, whether it is IPFIX of any exporter or JSON Lines as the converter
 * writes them, plain or compressed. One thread. */
#ifndef P2I_IPFIX_RECORD_SOURCE_H
#define P2I_IPFIX_RECORD_SOURCE_H

#include "pcap2ipfix/reader.h"

/* A member of a JSON record that is no element of the tables, or no value of its element. */
struct p2i_source_extra {
    struct p2i_view name; /* as it stands in the text */
    struct p2i_view json; /* its value, as it stands in the text */
};

struct p2i_source_record {
    struct p2i_read_record record;
    struct p2i_view kind; /* JSON: what the line calls it; else empty: p2i_record_parts_find() */
    size_t extra_count;
    const struct p2i_source_extra *extras;
};

struct p2i_record_source;

/* Opens a file; "-" is standard input. P2I_OK: the caller closes *source; else as
 * p2i_reader_open() and p2i_reader_next(), and *source is NULL. */
enum p2i_result p2i_record_source_open(struct p2i_record_source **source, const char *path,
                                       struct p2i_error *error);
/* Reads the next record, which lives until the next call. Results as p2i_reader_next(); P2I_DAMAGED
 * is also a line that is no JSON object, or has more than 65,535 members: error->line has its
 * number. */
enum p2i_result p2i_record_source_next(struct p2i_record_source *source,
                                       struct p2i_source_record *record, struct p2i_error *error);
/* The reader, which knows the names of elements; NULL: the file is JSON Lines, and its elements are
 * those of the tables. */
const struct p2i_reader *p2i_record_source_reader(const struct p2i_record_source *source);
/* The line of the current record, from 1; 0: the file is IPFIX. */
uint64_t p2i_record_source_line(const struct p2i_record_source *source);
void p2i_record_source_close(struct p2i_record_source *source); /* NULL is fine */

#endif
