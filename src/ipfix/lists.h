/* SPDX-License-Identifier: MIT */
/* Lists in data records (RFC 6313): which templates they use, and whether they can be read. Pure
 * but for what the visitor does. */
#ifndef P2I_IPFIX_LISTS_H
#define P2I_IPFIX_LISTS_H

#include "ipfix/reader_template.h"

enum { P2I_LISTS_DEEP = 16 }; /* lists within lists; deeper ones are not looked into */

struct p2i_list_visitor {
    /* The template whose id is in the two bytes at `id`, in the record that is walked; NULL: there
     * is none, what is described by it is skipped. */
    const struct p2i_read_template *(*find)(void *context, const uint8_t *id);
    /* What cannot be read, and where in the record; NULL: does not matter. */
    void (*damaged)(void *context, const uint8_t *where, const char *text);
    void *context;
    const struct p2i_element_names *names; /* of those in basicLists */
};

/* Visits the lists in a record of `template`, and those within them, in their order. */
void p2i_lists_walk(const struct p2i_list_visitor *visitor,
                    const struct p2i_read_template *template, struct p2i_view record);

#endif
