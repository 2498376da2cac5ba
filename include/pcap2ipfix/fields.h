/* SPDX-License-Identifier: MIT */
/* The record tables: the only place where a field is defined. Templates, encoder, decoder, JSON,
 * type records, manual and registries all come from them. Everything returned is static and
 * constant; any thread may call the functions. */
#ifndef PCAP2IPFIX_FIELDS_H
#define PCAP2IPFIX_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/record.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    P2I_PEN = 43823,
    P2I_PEN_REVERSE = 29305, /* RFC 5103: an IANA element, of the other direction */
    P2I_PEN_FLOWMON = 8057,  /* as the next one: of elements that extended records borrow */
    P2I_PEN_CERT = 6871,
    P2I_VARIABLE = 65535,
};

/* RFC 7012 section 3.1; the values are those of RFC 5610 section 3.1. */
enum p2i_type {
    P2I_TYPE_OCTETS = 0,
    P2I_TYPE_UNSIGNED8 = 1,
    P2I_TYPE_UNSIGNED16 = 2,
    P2I_TYPE_UNSIGNED32 = 3,
    P2I_TYPE_UNSIGNED64 = 4,
    P2I_TYPE_MAC = 12,
    P2I_TYPE_STRING = 13,
    P2I_TYPE_SECONDS = 14,
    P2I_TYPE_MILLISECONDS = 15,
    P2I_TYPE_NANOSECONDS = 17,
    P2I_TYPE_IPV4 = 18,
    P2I_TYPE_IPV6 = 19,
};

/* The meaning of a number; the values are those of RFC 5610 section 3.6. */
enum p2i_semantics {
    P2I_SEMANTICS_DEFAULT = 0,
    P2I_SEMANTICS_QUANTITY = 1,
    P2I_SEMANTICS_TOTAL = 2, /* a counter that goes on from record to record */
    P2I_SEMANTICS_DELTA = 3, /* a counter that starts at 0 in each record */
    P2I_SEMANTICS_IDENTIFIER = 4,
    P2I_SEMANTICS_FLAGS = 5,
};

/* An information element: one of P2I_PEN, or one of IANA's or of others that the records use. Never
 * changes. */
struct p2i_element {
    uint32_t pen; /* 0 IANA, P2I_PEN, P2I_PEN_REVERSE ... */
    uint16_t id;
    uint8_t type;      /* enum p2i_type */
    uint8_t semantics; /* enum p2i_semantics */
    const char *name;
    const char *meaning; /* one line */
    const char *source;  /* RFC and section, or "doc" */
};

/* One field of a record in a template. Never changes. */
struct p2i_field {
    const struct p2i_element *element;
    uint16_t length; /* bytes on the wire, or P2I_VARIABLE */
};

/* The template of one kind of record and IP version. New members come at the end. */
struct p2i_template {
    const char *name;    /* of the record: "clickstream" ... */
    const char *meaning; /* one line: when the record is emitted */
    enum p2i_record_kind kind;
    uint8_t ip_version; /* 4 or 6 */
    uint16_t id;        /* template id: 256..266, IPv6 +256, extended +1024 */
    uint32_t domain;    /* observation domain */
    size_t field_count;
    const struct p2i_field *fields;
    bool extended; /* the documented fields, and behind them those that lead to the packet */
};

/* The name of a kind, as in JSON and options: "clickstream" ... NULL: there is no such kind, so
 * that a loop from 0 ends behind the last one. */
const char *p2i_record_name(enum p2i_record_kind kind);
/* The template of a kind that there is; `ip_version` is 4 or 6. */
const struct p2i_template *p2i_template_of(enum p2i_record_kind kind, uint8_t ip_version);
/* The same for extended records (the setting `extended`). Its fields begin with those of the plain
 * template. */
const struct p2i_template *p2i_extended_template_of(enum p2i_record_kind kind, uint8_t ip_version);
/* NULL when the records have no template with this id. */
const struct p2i_template *p2i_template_by_id(uint16_t id);
/* All elements of the tables, each once, in the order of the tables; elements that several records
 * share come first. Sets *count. */
const struct p2i_element *p2i_elements(size_t *count);
/* NULL when the element is not in the tables. */
const struct p2i_element *p2i_element_find(uint32_t pen, uint16_t id);

#ifdef __cplusplus
}
#endif
#endif
