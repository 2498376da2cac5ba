/* SPDX-License-Identifier: MIT */
/* Names and types of common elements of IANA's registry that our records do not use, for reading
 * files of other exporters. */
#ifndef P2I_IPFIX_IANA_H
#define P2I_IPFIX_IANA_H

#include <stddef.h>
#include <stdint.h>

struct p2i_iana_element {
    uint16_t id;
    uint8_t type; /* enum p2i_type or p2i_foreign_type */
    const char *name;
};

/* The elements are static. NULL: it is not in the table. */
const struct p2i_iana_element *p2i_iana_at(size_t index); /* from 0 */
const struct p2i_iana_element *p2i_iana_find(uint16_t id);

#endif
