/* SPDX-License-Identifier: MIT */
/* Walks the lists in data records (RFC 6313) to find the templates that they use and damage in
 * them. Has no state of its own. */
#ifndef P2I_IPFIX_LISTS_H
#define P2I_IPFIX_LISTS_H

#include "ipfix/reader_template.h"

enum { P2I_LISTS_DEEP = 16 }; /* levels of nesting; deeper lists are reported as damaged */

struct p2i_list_visitor {
    /* Returns the template whose id is in the two bytes at `id`, which point into the record. NULL:
     * not defined; the data that it describes is skipped. */
    const struct p2i_read_template *(*find)(void *context, const uint8_t *id);
    /* Reports data that cannot be read, and its place in the record. NULL: no reports. */
    void (*damaged)(void *context, const uint8_t *where, const char *text);
    void *context;
    const struct p2i_element_names *names; /* of the elements in basicLists */
};

/* Visits the lists in a record of `template`, and the lists nested in them, in order. */
void p2i_lists_walk(const struct p2i_list_visitor *visitor,
                    const struct p2i_read_template *template, struct p2i_view record);

#endif
