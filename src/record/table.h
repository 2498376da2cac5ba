/* SPDX-License-Identifier: MIT */
/* The private half of the tables of fields.def. All tables are static. */
#ifndef P2I_RECORD_TABLE_H
#define P2I_RECORD_TABLE_H

#include "pcap2ipfix/fields.h"

struct p2i_record_table {
    uint16_t string_count; /* fields of variable length, which bound the size of a record */
    uint16_t octets_count;
    struct p2i_template templates[2][2]; /* plain, extended; of each IPv4, IPv6 */
};

const struct p2i_record_table *p2i_record_table_of(enum p2i_record_kind kind);

/* True when only extended records have the element, and no registry but the one of another vendor
 * knows it. */
bool p2i_element_is_borrowed(const struct p2i_element *element);

/* The element that replaces IP_SOURCE or IP_DESTINATION for IPv6 addresses; any other element is
 * returned unchanged. */
const struct p2i_element *p2i_element_distinct(const struct p2i_element *element);

#endif
