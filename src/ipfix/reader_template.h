/* SPDX-License-Identifier: MIT */
/* The templates of an IPFIX session, by observation domain (RFC 7011 sections 3.4 and 8). */
#ifndef P2I_IPFIX_READER_TEMPLATE_H
#define P2I_IPFIX_READER_TEMPLATE_H

#include "base/cursor.h"
#include "ipfix/defects.h"
#include "ipfix/element_names.h"
#include "ipfix/midway.h"
#include "ipfix/sequence.h"
#include "ipfix/wire.h"

struct p2i_read_field {
    uint32_t pen;
    uint16_t id;
    uint16_t length; /* bytes, or P2I_VARIABLE */
    uint8_t type;    /* as known when the template came */
    bool unknown;    /* nothing is known of it: it may be a list */
};

struct p2i_read_template {
    uint16_t id;
    uint16_t scope_count; /* fields in front that are scope */
    bool options;
    bool lists;      /* some field is known to be a list (RFC 6313) */
    bool opaque;     /* some field of variable length is not known */
    uint64_t serial; /* no other template of these p2i_templates ever has it */
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
    size_t bytes_used;
    size_t bytes_max; /* 0: as many as are sane for a file */
    uint64_t defined; /* template records taken in */
    uint64_t serial;  /* the last that was given */
};

/* The domain, made at its first use; NULL when there are too many, or out of memory. */
struct p2i_domain *p2i_templates_domain(struct p2i_templates *templates, uint32_t id);
/* NULL when there is none. Lives until the next template set. */
const struct p2i_read_template *p2i_templates_find(const struct p2i_domain *domain, uint16_t id);
struct p2i_template_list {
    const struct p2i_read_template **templates;
    size_t count;
};
/* Those whose serial is above `serial`, in its order; the caller frees the array, also an empty
 * one. False: out of memory. */
bool p2i_templates_since(const struct p2i_domain *domain, uint64_t serial,
                         struct p2i_template_list *list);
/* Takes in the records of a template set or options template set; `body` is the set behind its
 * header. */
void p2i_templates_read(struct p2i_templates *templates, struct p2i_domain *domain, uint16_t set_id,
                        struct p2i_cursor body, struct p2i_element_names *names,
                        struct p2i_defects *defects);
/* It has become known that an element is a list: templates that have it change, and get other
 * serials.
 */
void p2i_templates_learn_list(struct p2i_templates *templates, uint32_t pen, uint16_t id, int type);
/* At the end of a file that was joined midway: tells of templates that have not come. */
void p2i_templates_check_end(const struct p2i_templates *templates, struct p2i_defects *defects);
void p2i_templates_free(struct p2i_templates *templates);

#endif
