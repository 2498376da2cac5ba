/* SPDX-License-Identifier: MIT */
/* Filters of records: `host = .example.org and METHOD in {POST, PUT}`. ipfixtool(1) describes the
 * language.
 *
 *     struct p2i_record_filter *filter = p2i_record_filter_new();
 *     if (p2i_record_filter_add(filter, text, strlen(text), &error) == P2I_USAGE) {
 *         printf("%s\n%*s^ %s\n", text, (int)error.offset, "", error.text);
 *     }
 *     bool matches;
 *     while (p2i_reader_next(reader, &record, &error) == P2I_OK &&
 *            p2i_record_filter_match_read(filter, reader, &record, &matches) == P2I_OK) {
 *         if (matches) {
 *             use(&record);
 *         }
 *     }
 *     p2i_record_filter_free(filter);
 *
 * A filter belongs to one thread at a time. */
#ifndef PCAP2IPFIX_RECORD_FILTER_H
#define PCAP2IPFIX_RECORD_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/reader.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_record; /* of the engine */
struct p2i_record_filter;

/* A filter that every record matches. NULL: out of memory. */
struct p2i_record_filter *p2i_record_filter_new(void);
void p2i_record_filter_free(struct p2i_record_filter *filter); /* NULL is fine */

/* Adds a filter text: records must match it as well as all texts added before. The text is copied.
 * P2I_OK; P2I_USAGE: it is wrong: `error` has the reason and, in `offset`, the byte of the text
 * where it was met; P2I_INTERNAL: out of memory. After an error the filter is as it was before. */
enum p2i_result p2i_record_filter_add(struct p2i_record_filter *filter, const char *text,
                                      size_t size, struct p2i_error *error);

/* Sets *matches for a record of the engine, which has `capture` (from 1) and `packet` with or
 * without the setting `extended`. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_record_filter_match(struct p2i_record_filter *filter,
                                        const struct p2i_record *record, bool *matches);
/* The same for a record that a reader has read, or that a program has made of values from
 * elsewhere. Without a reader (NULL) fields have the names of the tables and of IANA alone. */
enum p2i_result p2i_record_filter_match_read(struct p2i_record_filter *filter,
                                             const struct p2i_reader *reader,
                                             const struct p2i_read_record *record, bool *matches);

/* A field that a filter asks for. Never changes. */
struct p2i_filter_field {
    const char *name; /* as it was written; lives as long as the filter */
    size_t text;      /* the call of p2i_record_filter_add() that had it, from 0 */
    size_t offset;    /* of the name in that text */
    bool known;       /* false: only type records (RFC 5610) of a file may name it */
    bool met;         /* a record that was matched has the field */
};

/* Field `index` of the filter, from 0, in the order of the texts. False: there are fewer. A name
 * that is neither known nor in the files is a mistake: see p2i_record_filter_offer(). */
bool p2i_record_filter_field(const struct p2i_record_filter *filter, size_t index,
                             struct p2i_filter_field *field);

struct p2i_nearest;
/* Offers all names of fields that are known without a file. */
void p2i_record_filter_offer(struct p2i_nearest *nearest);
/* What a name that is no field probably means: fields as Wireshark names them ("tcp.port": "port"),
 * and protocols ("tcp": "protocolIdentifier == tcp"). Static; NULL: nothing known. */
const char *p2i_record_filter_meant(const char *name);

#ifdef __cplusplus
}
#endif
#endif
