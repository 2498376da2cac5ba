/* SPDX-License-Identifier: MIT */
/* A record as texts of fields, which does not depend on the form of its file; and the records of a
 * file in that form. One thread. */
#ifndef P2I_COMPARE_TEXT_RECORD_H
#define P2I_COMPARE_TEXT_RECORD_H

#include "compare/vocabulary.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/record_source.h"

struct p2i_record_filter;

/* A field of a text record: `text` is its JSON without quotes. */
struct p2i_text_field {
    int field;   /* of the vocabulary */
    bool number; /* stands without quotes in JSON */
    struct p2i_view text;
};

struct p2i_text_record {
    int kind;
    uint64_t number; /* in the order of reading, over all files */
    size_t field_count;
    struct p2i_text_field *fields; /* by number, each once */
};

/* Appends a record in a form that p2i_text_decode() reads. False: out of memory. */
bool p2i_text_encode(const struct p2i_text_record *record, struct p2i_buffer *out);
/* The number of fields of an encoded record, and their fields. The texts point into `bytes`. */
size_t p2i_text_count(struct p2i_view bytes);
void p2i_text_decode(struct p2i_view bytes, struct p2i_text_record *record,
                     struct p2i_text_field *room);

/* The number in a text of digits; 0: it is something else. */
uint64_t p2i_text_number(struct p2i_view text);

struct p2i_text_layout;

/* Reads one file after the other as text records. Start with words set. */
struct p2i_text_reader {
    struct p2i_vocabulary *words;
    int side;         /* for the counters of the vocabulary */
    const char *kind; /* of the records that are read; NULL: all but options records */
    struct p2i_record_filter *filter; /* which they match; NULL: any */
    /* The file. */
    struct p2i_record_source *source;
    struct p2i_text_layout *layouts; /* of its templates */
    uint32_t *occurrences;           /* by field, while a layout is made; else 0 */
    /* The record. */
    struct p2i_text_field *fields;
    size_t capacity;
    size_t *ends; /* of each text */
    uint64_t number;
    struct p2i_buffer text;
};

/* Results as p2i_record_source_open(). */
enum p2i_result p2i_text_reader_open(struct p2i_text_reader *reader, const char *path,
                                     struct p2i_error *error);
/* The next record, which lives until the next call. Results as p2i_record_source_next();
 * P2I_DAMAGED is also a record that exceeds a limit of the vocabulary. */
enum p2i_result p2i_text_reader_next(struct p2i_text_reader *reader, struct p2i_text_record *record,
                                     struct p2i_error *error);
void p2i_text_reader_close(struct p2i_text_reader *reader); /* closes the file, if one is open */
void p2i_text_reader_free(struct p2i_text_reader *reader);

#endif
