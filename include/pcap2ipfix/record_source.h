/* SPDX-License-Identifier: MIT */
/* Records of a file in one form, whether it is IPFIX of any exporter or JSON Lines as pcap2ipfix
 * writes them, plain or compressed:
 *
 *     struct p2i_record_source *source;
 *     struct p2i_source_record record;
 *     enum p2i_result result = p2i_record_source_open(&source, path, &error);
 *     while (result == P2I_OK &&
 *            (result = p2i_record_source_next(source, &record, &error)) == P2I_OK) {
 *         use(&record.record);
 *     }
 *     p2i_record_source_close(source);
 *
 * A source belongs to one thread at a time. */
#ifndef PCAP2IPFIX_RECORD_SOURCE_H
#define PCAP2IPFIX_RECORD_SOURCE_H

#include "pcap2ipfix/reader.h"
#include "pcap2ipfix/record_parts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A member of a JSON record that is no element of the tables, or no value of its element. Never
 * changes. */
struct p2i_source_extra {
    struct p2i_view name; /* as it stands in the text */
    struct p2i_view json; /* its value, as it stands in the text */
};

/* A record as it was read. What is not of JSON is empty in IPFIX. Never changes. */
struct p2i_source_record {
    struct p2i_read_record record;
    struct p2i_view line; /* JSON: the whole object */
    struct p2i_view kind; /* JSON: what the line calls it; IPFIX: p2i_record_parts_find() */
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

/* The name of the capture that an extended record, the current one, is from. In IPFIX the names
 * stand behind the records: for the first record a regular file is read a second time, to its end;
 * of standard input only those are known that were read. Empty: not known. Lives until the next
 * p2i_record_source_next(). */
struct p2i_view p2i_record_source_capture(struct p2i_record_source *source,
                                          const struct p2i_source_record *record,
                                          const struct p2i_record_parts *parts);

/* Appends what the JSON Lines of pcap2ipfix have behind the fields of an extended record: "cut",
 * "capture", "packet", "time" and "community_id"; "lost_bytes" and "cut_bytes" of flows are in JSON
 * alone. Nothing for other records. `capture` is the name; empty: the number stands for it. False:
 * out of memory. */
bool p2i_append_extension_json(struct p2i_buffer *out, const struct p2i_read_record *record,
                               const struct p2i_record_parts *parts, struct p2i_view capture);

#ifdef __cplusplus
}
#endif
#endif
