/* SPDX-License-Identifier: MIT */
/* A reader of IPFIX files (RFC 7011, RFC 5655) of any exporter:
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

#ifdef __cplusplus
extern "C" {
#endif

/* Types of RFC 5610 section 3.1 and RFC 6313 that our records do not use; see also enum p2i_type.
 */
enum p2i_foreign_type {
    P2I_TYPE_SIGNED8 = 5,
    P2I_TYPE_SIGNED16 = 6,
    P2I_TYPE_SIGNED32 = 7,
    P2I_TYPE_SIGNED64 = 8,
    P2I_TYPE_FLOAT32 = 9,
    P2I_TYPE_FLOAT64 = 10,
    P2I_TYPE_BOOLEAN = 11, /* 1 true, 2 false */
    P2I_TYPE_MICROSECONDS = 16,
    P2I_TYPE_NANOSECONDS = 17,
    P2I_TYPE_BASIC_LIST = 20,
    P2I_TYPE_SUB_TEMPLATE_LIST = 21,
    P2I_TYPE_SUB_TEMPLATE_MULTI_LIST = 22,
};

/* A field of a record as it was read; a list (RFC 6313) is its encoded bytes. */
struct p2i_value {
    uint32_t pen;
    uint16_t id;
    uint16_t size;       /* bytes at data */
    const uint8_t *data; /* lives until the next p2i_reader_next() */
};

struct p2i_read_record {
    uint32_t domain;
    uint32_t export_time_s; /* Unix time, of its message */
    uint32_t sequence;      /* of its message */
    uint64_t offset;        /* of its first byte in the decompressed file */
    uint16_t template_id;
    bool options;         /* described by an options template */
    uint16_t scope_count; /* the first so many fields are the scope */
    size_t value_count;
    const struct p2i_value *values; /* lives until the next p2i_reader_next() */
};

struct p2i_reader;

/* Counters since the reader was opened. */
struct p2i_reader_counts {
    uint64_t messages;  /* begun: the number of the current message, from 1 */
    uint64_t templates; /* template and options template records, without withdrawals */
    uint64_t records;   /* data records, including those of options templates */
    uint64_t defects;
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
/* Reads the next record. P2I_OK; P2I_END: there is none; P2I_DAMAGED: the file is cut or not IPFIX,
 * and cannot be read any further; P2I_INPUT: the system could not read it; P2I_INTERNAL: out of
 * memory. A breach of a rule that leaves the framing intact is a defect: the reader reports it and
 * continues behind it. */
enum p2i_result p2i_reader_next(struct p2i_reader *reader, struct p2i_read_record *record,
                                struct p2i_error *error);
void p2i_reader_close(struct p2i_reader *reader); /* NULL is fine */

struct p2i_reader_counts p2i_reader_counts(const struct p2i_reader *reader);

/* The name of an element, and in *type its type: from the tables, else of a common IANA element or
 * its reverse (RFC 5103), else from type records (RFC 5610) that this reader has seen. NULL and
 * P2I_TYPE_OCTETS when none of these knows it. The name lives as long as the reader. */
const char *p2i_reader_element(const struct p2i_reader *reader, uint32_t pen, uint16_t id,
                               int *type /* enum p2i_type or p2i_foreign_type */);

#ifdef __cplusplus
}
#endif
#endif
