/* SPDX-License-Identifier: MIT */
/* A reader and checker of IPFIX files (RFC 7011, RFC 5655) and messages of any exporter:
 *
 *     struct p2i_reader *reader;
 *     struct p2i_read_record record;
 *     enum p2i_result result = p2i_reader_open(&reader, "out.ipfix", NULL, NULL, &error);
 *     while (result == P2I_OK && (result = p2i_reader_next(reader, &record, &error)) == P2I_OK) {
 *         use(&record);
 *     }
 *     p2i_reader_close(reader);
 *
 * A reader belongs to one thread at a time. */
#ifndef PCAP2IPFIX_READER_H
#define PCAP2IPFIX_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/values.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A record as it was read. Never changes. */
struct p2i_read_record {
    uint32_t domain;
    uint32_t export_time_s; /* Unix time, of its message */
    uint32_t sequence;      /* of its message */
    uint64_t offset;        /* of its first byte in the decompressed file */
    uint16_t template_id;   /* JSON Lines: 1 + the kind that the line names, enum p2i_record_kind;
                               0: it names none */
    bool options;           /* described by an options template */
    uint16_t scope_count;   /* the first so many fields are the scope */
    size_t value_count;
    const struct p2i_value *values; /* lives until the next p2i_reader_next() */
};

struct p2i_reader;

/* Counters since the reader was opened. Never changes. */
struct p2i_reader_counts {
    uint64_t messages;  /* begun: the number of the current message, from 1 */
    uint64_t templates; /* template and options template records, without withdrawals */
    uint64_t records;   /* data records, including those of options templates */
    uint64_t defects;
};

/* Data that could not be read, since the reader was opened. Never changes. */
struct p2i_reader_losses {
    uint64_t sets;            /* data sets that could not be read to their end */
    uint64_t lists;           /* lists in records that could not be read to their end */
    uint64_t missing_records; /* according to the sequence numbers */
};

/* Reports a breach of RFC 7011 or 5655 and its offset in the decompressed file. `text` lives for
 * the call. */
typedef void p2i_reader_defect(void *context, uint64_t offset, const char *text);

/* Opens a file; "-" is standard input. gzip and, where built in, zstd are decompressed. `defect`
 * may be NULL. P2I_OK: the caller closes *reader; P2I_INPUT: cannot be opened; P2I_INTERNAL: out of
 * memory. *reader is NULL after an error. */
enum p2i_result p2i_reader_open(struct p2i_reader **reader, const char *path,
                                p2i_reader_defect *defect, void *context, struct p2i_error *error);
/* The same for bytes in memory, which the caller keeps until p2i_reader_close() and which are not
 * decompressed. */
enum p2i_result p2i_reader_open_bytes(struct p2i_reader **reader, const void *data, size_t size,
                                      p2i_reader_defect *defect, void *context,
                                      struct p2i_error *error);
/* Opens a reader of single messages, as they arrive over a network. `defect` may be NULL; values
 * that break rules are not reported. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_reader_open_messages(struct p2i_reader **reader, p2i_reader_defect *defect,
                                         void *context, struct p2i_error *error);
/* Sets the next message. p2i_reader_next() then returns its records, and P2I_END behind the last
 * one; the bytes must live until then. */
void p2i_reader_feed(struct p2i_reader *reader, struct p2i_view message);
/* Also reports findings that are not defects, with the context of the defects. */
void p2i_reader_notes(struct p2i_reader *reader, p2i_reader_defect *note);

/* Reads the next record. P2I_OK; P2I_END: there is none; P2I_DAMAGED: the file is cut or not IPFIX,
 * and cannot be read any further; P2I_INPUT: the system could not read it; P2I_INTERNAL: out of
 * memory. A breach of a rule that leaves the framing intact is a defect: the reader reports it and
 * continues behind it. */
enum p2i_result p2i_reader_next(struct p2i_reader *reader, struct p2i_read_record *record,
                                struct p2i_error *error);
void p2i_reader_close(struct p2i_reader *reader); /* NULL is fine */

struct p2i_reader_counts p2i_reader_counts(const struct p2i_reader *reader);
struct p2i_reader_losses p2i_reader_losses(const struct p2i_reader *reader);

/* True when the scope of a record is its file or message (RFC 5655 section 8.1): such a record
 * would be wrong in another file, and is not passed on. */
bool p2i_describes_its_file(const struct p2i_read_record *record);

/* The name of an element, and in *type its type: from the tables, else of a common IANA element or
 * its reverse (RFC 5103), else from type records (RFC 5610) that this reader has seen. NULL and
 * P2I_TYPE_OCTETS when none of these knows it. The name lives as long as the reader. Without a
 * reader (NULL) only the tables and IANA's elements are known. */
const char *p2i_reader_element(const struct p2i_reader *reader, uint32_t pen, uint16_t id,
                               int *type /* enum p2i_type or p2i_foreign_type */);

/* The name of a capture of extended records by its number (observationPointId), from an options
 * record that the reader has seen; pcap2ipfix writes these behind the records. NULL: not known.
 * Lives until the next p2i_reader_next(). */
const char *p2i_reader_capture(const struct p2i_reader *reader, uint64_t number);

#ifdef __cplusplus
}
#endif
#endif
