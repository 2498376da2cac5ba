/* SPDX-License-Identifier: MIT */
/* Type records (RFC 5610): names and types of our elements, for readers that do not know them. Pure
 * functions. */
#ifndef P2I_IPFIX_TYPE_RECORDS_H
#define P2I_IPFIX_TYPE_RECORDS_H

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/view.h"

enum {
    P2I_TYPE_TEMPLATE_ID = 1024, /* outside of the data templates: 256 to 522, 1280 to 1546 */
    P2I_TYPE_RECORD_MAX = 1024,  /* bytes of the longest type record */
};

/* The options template record, without a set header. Static. */
struct p2i_view p2i_type_template(void);

/* Writes the type record of an element to `out`, which has room for P2I_TYPE_RECORD_MAX bytes.
 * Returns its size. */
size_t p2i_type_record(const struct p2i_element *element, uint8_t *out);

#endif
