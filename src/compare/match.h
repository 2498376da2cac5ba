/* SPDX-License-Identifier: MIT */
/* Equality of text records, and pairs of those that are most alike. One thread. */
#ifndef P2I_COMPARE_MATCH_H
#define P2I_COMPARE_MATCH_H

#include "compare/text_record.h"

enum {
    P2I_GROUP_MOST = 64, /* records of a side that are tried with each of the other */
};

/* Two records, field by field: an iterator. Start with the records set, the rest 0. */
struct p2i_field_pairs {
    const struct p2i_text_record *of[2];
    size_t at[2];
    int field;
    const struct p2i_text_field *pair[2]; /* NULL: this record lacks the field */
};
/* The next field that one of the records has; false: there is none. */
bool p2i_field_pairs_next(struct p2i_field_pairs *pairs);

/* Whether the values are equal, times within the tolerance. Either may be NULL: not there. */
bool p2i_fields_equal(const struct p2i_vocabulary *words, uint64_t tolerance_s,
                      const struct p2i_text_field *a, const struct p2i_text_field *b);
/* Whether all compared fields are equal, byte for byte. */
bool p2i_records_equal(const struct p2i_vocabulary *words, const struct p2i_text_record *a,
                       const struct p2i_text_record *b);
/* Hashes of all compared fields, perhaps without `times`, or of the compared ends alone, with the
 * kind. */
void p2i_hash_content(const struct p2i_vocabulary *words, const struct p2i_text_record *record,
                      bool times, uint64_t hash[2]);
uint64_t p2i_hash_ends(const struct p2i_vocabulary *words, const struct p2i_text_record *record);
/* The first time in the record, in milliseconds; 0: it has none. */
uint64_t p2i_text_time_ms(const struct p2i_vocabulary *words, const struct p2i_text_record *record);

/* A record that has no equal, as p2i_text_encode() made it. */
struct p2i_single {
    uint64_t time_ms;
    struct p2i_buffer bytes;
    struct p2i_text_record text; /* points into `bytes` */
    struct p2i_text_field *fields;
    size_t capacity;
    bool paired;
};

/* Records of the same kind and ends. */
struct p2i_group {
    const struct p2i_vocabulary *words;
    uint64_t tolerance_s;
    struct p2i_single singles[2][P2I_GROUP_MOST];
    size_t count[2];
};

/* Takes a pair, or a record of one side alone; the other is NULL. */
typedef enum p2i_result p2i_group_take(void *context, const struct p2i_single *a,
                                       const struct p2i_single *b, struct p2i_error *error);

/* Adds a record of a side that is not full, none earlier than those before it. False: out of
 * memory.
 */
bool p2i_group_add(struct p2i_group *group, int side, uint64_t time_ms, struct p2i_view bytes);
/* Gives pairs to `take`, those with most fields in common first, then those nearer in time, then in
 * the order of reading; pairs of which all is within the tolerance in the order of time. Of records
 * without a partner the group keeps the newer half of each side, unless it is `complete`.
 * P2I_OK, or the error of `take`. */
enum p2i_result p2i_group_match(struct p2i_group *group, bool complete, p2i_group_take *take,
                                void *context, struct p2i_error *error);
void p2i_group_free(struct p2i_group *group);

#endif
