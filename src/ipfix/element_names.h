/* SPDX-License-Identifier: MIT */
/* Names and types of elements: from our tables, from IANA, and learned from the file itself. One
 * thread. */
#ifndef P2I_IPFIX_ELEMENT_NAMES_H
#define P2I_IPFIX_ELEMENT_NAMES_H

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/view.h"

struct p2i_learned_element;

/* Start with {0}. */
struct p2i_element_names {
    struct p2i_learned_element **buckets;
    size_t count;
    size_t bytes;       /* of memory */
    uint64_t seed;      /* of the places in the table; a secret */
    bool out_of_memory; /* an element was not kept */
};

/* The name of an element, and in *type its type (enum p2i_type or p2i_foreign_type); NULL and
 * P2I_TYPE_OCTETS when it is not known. Lives as long as `names`. */
const char *p2i_element_name(const struct p2i_element_names *names, uint32_t pen, uint16_t id,
                             int *type);
/* The type alone; also knows the list elements of other enterprises that have no name here. */
int p2i_element_type(const struct p2i_element_names *names, uint32_t pen, uint16_t id);
/* Adds a type record (RFC 5610), unless the element is known already. Copies `name`. False: the
 * name is not one, there are too many elements, or out_of_memory is set. */
bool p2i_element_learn(struct p2i_element_names *names, uint32_t pen, uint16_t id, int type,
                       struct p2i_view name);
/* Derives the name of a reverse element (RFC 5103) from its forward element, if that is known. */
void p2i_element_learn_reverse(struct p2i_element_names *names, uint16_t id);
void p2i_element_names_free(struct p2i_element_names *names);

/* True when a template may give a field of this type this length (RFC 7011 sections 6.2 and 7). */
bool p2i_element_length_fits(int type, uint16_t length);

#endif
