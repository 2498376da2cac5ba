/* SPDX-License-Identifier: MIT */
/* Reading IPFIX messages of anyone (RFC 7011, RFC 5655), ours or not. */
#ifndef PCAP2IPFIX_READER_H
#define PCAP2IPFIX_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types of RFC 5610 section 3.1 and RFC 6313 that others use; the rest is enum p2i_type. */
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

/* A field of a record as it was read. Lists (RFC 6313) are given as their bytes. */
struct p2i_value {
    uint32_t pen;
    uint16_t id;
    uint16_t size;       /* bytes at data */
    const uint8_t *data; /* lives until the next p2i_reader_next() */
};

struct p2i_read_record {
    uint32_t domain;
    uint32_t export_time_s;
    uint32_t sequence; /* of its message */
    uint64_t offset;   /* of its first byte in the file */
    uint16_t template_id;
    bool options;         /* described by an options template */
    uint16_t scope_count; /* leading fields that are scope */
    size_t value_count;
    const struct p2i_value *values;
};

struct p2i_reader;

/* So far. */
struct p2i_reader_counts {
    uint64_t messages;  /* begun; the number of the current one, from 1 */
    uint64_t templates; /* template and options template records, without withdrawals */
    uint64_t records;   /* data records, with those of options templates */
    uint64_t defects;
};

/* A breach of RFC 7011 or 5655; `text` lives for the call. */
typedef void p2i_reader_defect(void *context, uint64_t offset, const char *text);

/* "-" is standard input; gzip is decompressed. `defect` may be NULL. */
enum p2i_result p2i_reader_open(struct p2i_reader **reader, const char *path,
                                p2i_reader_defect *defect, void *context, struct p2i_error *error);
/* The same over bytes in memory, which the caller keeps until close; gzip is not decompressed. */
enum p2i_result p2i_reader_open_bytes(struct p2i_reader **reader, const void *data, size_t size,
                                      p2i_reader_defect *defect, void *context,
                                      struct p2i_error *error);
/* P2I_OK, P2I_END, P2I_DAMAGED (cut or not IPFIX: nothing more can be read), P2I_INPUT,
 * P2I_INTERNAL (out of memory). What breaks a rule but not the framing is a defect: the reader
 * tells it and goes on behind it. */
enum p2i_result p2i_reader_next(struct p2i_reader *reader, struct p2i_read_record *record,
                                struct p2i_error *error);
void p2i_reader_close(struct p2i_reader *reader); /* NULL is fine */

struct p2i_reader_counts p2i_reader_counts(const struct p2i_reader *reader);

/* The name and type of an element: from the tables, else of a common IANA element or the reverse
 * of one (RFC 5103), else from type records (RFC 5610) that this reader has seen, else NULL and
 * octets. Lives as long as the reader. */
const char *p2i_reader_element(const struct p2i_reader *reader, uint32_t pen, uint16_t id,
                               int *type /* enum p2i_type or p2i_foreign_type */);

#ifdef __cplusplus
}
#endif
#endif
