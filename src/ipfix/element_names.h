/* SPDX-License-Identifier: MIT */
/* Names and types of elements: of our tables, of IANA, and learned from the file itself. */
#ifndef P2I_IPFIX_ELEMENT_NAMES_H
#define P2I_IPFIX_ELEMENT_NAMES_H

#include "base/view.h"
#include "pcap2ipfix/fields.h"

struct p2i_learned_element;

/* Start with {0}. */
struct p2i_element_names {
    struct p2i_learned_element **buckets;
    size_t count;
};

/* The name, and in *type the type (enum p2i_type or p2i_foreign_type); NULL and octets when
 * nothing is known. Lives as long as `names`. */
const char *p2i_element_name(const struct p2i_element_names *names, uint32_t pen, uint16_t id,
                             int *type);
/* The type alone; that of lists of others is known without a name, too. */
int p2i_element_type(const struct p2i_element_names *names, uint32_t pen, uint16_t id);
/* Remembers a type record (RFC 5610); what is known already stays. `name` is copied. False: it is
 * not a name, or there are too many, or out of memory. */
bool p2i_element_learn(struct p2i_element_names *names, uint32_t pen, uint16_t id, int type,
                       struct p2i_view name);
/* Makes the name of a reverse element (RFC 5103) out of that of the forward one, if known. */
void p2i_element_learn_reverse(struct p2i_element_names *names, uint16_t id);
void p2i_element_names_free(struct p2i_element_names *names);

/* Whether a field of this type may have this length in a template (RFC 7011 sections 6.2, 7). */
bool p2i_element_length_fits(int type, uint16_t length);

#endif
