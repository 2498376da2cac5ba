/* SPDX-License-Identifier: MIT */
/* The templates of a file or transport session, by observation domain (RFC 7011 sections 3.4 and
 * 8). One thread. */
#ifndef P2I_IPFIX_READER_TEMPLATE_H
#define P2I_IPFIX_READER_TEMPLATE_H

#include "ipfix/defects.h"
#include "ipfix/element_names.h"
#include "ipfix/midway.h"
#include "ipfix/sequence.h"
#include "pcap2ipfix/cursor.h"

struct p2i_read_field {
    uint32_t pen;
    uint16_t id;
    uint16_t length; /* bytes, or P2I_VARIABLE */
    uint8_t type;    /* as known when the template arrived */
    bool unknown;    /* the element is not known: it may be a list */
};

struct p2i_read_template {
    uint16_t id;
    uint16_t scope_count; /* the first so many fields are the scope */
    bool options;
    bool lists;      /* some field is known to be a list (RFC 6313) */
    bool opaque;     /* some field of variable length is not known */
    uint64_t serial; /* unique among all templates of its p2i_templates, past ones included */
    size_t shortest; /* bytes of the shortest record */
    size_t field_count;
    struct p2i_read_field fields[];
};

/* The templates whose ids have the same high byte. */
struct p2i_template_page {
    uint16_t count[2]; /* templates, options templates */
    struct p2i_read_template *templates[256];
};

struct p2i_domain {
    uint32_t id;
    struct p2i_sequence sequence;
    struct p2i_midway midway;
    struct p2i_template_page *pages[256];
};

/* Start with {0}. */
struct p2i_templates {
    struct p2i_domain **domains; /* hash table, open addressing */
    size_t domain_count;
    uint64_t seed; /* of the places in the table; a secret */
    size_t bytes_used;
    size_t bytes_max;   /* 0: the limit for a file */
    uint64_t defined;   /* template records read */
    uint64_t serial;    /* the newest one in use */
    bool out_of_memory; /* something was not kept: reading must end */
};

/* Returns the domain, and creates it at its first use. NULL: too many domains, or out_of_memory is
 * set. */
struct p2i_domain *p2i_templates_domain(struct p2i_templates *templates, uint32_t id);
/* NULL: not defined. The template lives until the next template set is read. */
const struct p2i_read_template *p2i_templates_find(const struct p2i_domain *domain, uint16_t id);
struct p2i_template_list {
    const struct p2i_read_template **templates;
    size_t count;
};
/* Lists the templates whose serial is above `serial`, by serial. The caller frees the array, also
 * when the list is empty. False: out of memory. */
bool p2i_templates_since(const struct p2i_domain *domain, uint64_t serial,
                         struct p2i_template_list *list);
/* Reads the records of a template set or options template set; `body` is the set without its
 * header. Reports defects, and may set out_of_memory. */
void p2i_templates_read(struct p2i_templates *templates, struct p2i_domain *domain, uint16_t set_id,
                        struct p2i_cursor body, struct p2i_element_names *names,
                        struct p2i_defects *defects);
/* Notes that an element is a list. Templates with this element change, and get new serials. */
void p2i_templates_learn_list(struct p2i_templates *templates, uint32_t pen, uint16_t id, int type);
/* Call at the end of a file that was joined midway: reports templates that never arrived. */
void p2i_templates_check_end(const struct p2i_templates *templates, struct p2i_defects *defects);
void p2i_templates_free(struct p2i_templates *templates);

#endif
