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

/* What says which end of a session is the server. */
enum p2i_server_rule {
    SERVER_BY_PORTS,        /* the end that has the port of its protocol, else the lower port */
    SERVER_IS_SOURCE,       /* a reply */
    SERVER_IS_DESTINATION,  /* a request */
    SERVER_BY_STATUS_CODE,  /* the source, unless the value is 0 */
    SERVER_BY_EVENT,        /* the source, if the value is 2: mail that was fetched */
    SERVER_BY_DIRECTION,    /* the source, if the value is 1: raw packets of the other end */
    SERVER_BY_BIFLOW,       /* the source, if the value is 2 (RFC 5103 section 6.3) */
    SERVER_BY_DNS_RESPONSE, /* the source, if the value is 1 */
    SERVER_BY_RDATA,        /* the source, if the value is not empty; else by ports */
};

struct p2i_filter_binding {
    uint32_t domain;
    uint16_t template_id;
    bool options;
    size_t value_count;
    struct p2i_value *elements; /* of each value: pen and id */
    struct p2i_record_parts parts;
    int rr_type; /* index of RRTYPE, or -1 */
    enum p2i_server_rule server_rule;
    int server_at;                  /* index of the value that the rule looks at, or -1 */
    int protocol_at;                /* index of DPI_PROTOCOL or VDPI_PROTO, or -1 */
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

/* Sets the rule for the records of a binding. */
void p2i_bind_server(struct p2i_filter_binding *binding, const struct p2i_read_record *record);
/* Whether the source of the record is the server. */
bool p2i_source_is_server(const struct p2i_filter_binding *binding,
                          const struct p2i_read_record *record);

#endif
