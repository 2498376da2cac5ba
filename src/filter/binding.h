/* SPDX-License-Identifier: MIT */
/* Bindings: where the records of a template have the fields of a filter's conditions. */
#ifndef P2I_FILTER_BINDING_H
#define P2I_FILTER_BINDING_H

#include "filter/filter.h"

/* Where a record has the values of a condition. */
struct p2i_bound_field {
    int at[2];  /* indexes of values; -1: none. Of client and server: of the source, destination */
    bool range; /* all values from at[0] to at[1] that have the element of at[0] */
    int type;   /* of the values: enum p2i_type or p2i_foreign_type */
    enum p2i_filter_class class;
};

struct p2i_filter_binding {
    uint32_t domain;
    uint16_t template_id;
    bool options;
    uint64_t generation; /* an options record, which may name an element, begins another one */
    size_t value_count;
    struct p2i_value *elements; /* of each value: pen and id */
    struct p2i_record_parts parts;
    int rr_type;                    /* index of RRTYPE, or -1 */
    struct p2i_bound_field *fields; /* of each condition */
};

/* The binding of a record; lives until the next call. NULL: out of memory. Notes the conditions
 * whose field the record has. */
const struct p2i_filter_binding *p2i_filter_binding_of(struct p2i_record_filter *filter,
                                                       const struct p2i_reader *reader,
                                                       const struct p2i_read_record *record);
/* Forgets all bindings, as when the conditions have changed. */
void p2i_filter_bindings_free(struct p2i_record_filter *filter);

static inline bool p2i_filter_same_element(const struct p2i_value *a, const struct p2i_value *b)
{
    return a->id == b->id && a->pen == b->pen;
}
/* The index of the first value of an element; -1: there is none. */
int p2i_filter_index(const struct p2i_read_record *record, uint32_t pen, uint16_t id);

#endif
