/* SPDX-License-Identifier: MIT */
/* Numbers of autonomous systems by address, from a MaxMind database such as GeoLite2-ASN. */
#ifndef P2I_ENRICH_AS_NUMBERS_H
#define P2I_ENRICH_AS_NUMBERS_H

#include "packet/packet.h"
#include "pcap2ipfix/error.h"

struct p2i_as_numbers;

/* Opens the database; any thread may query it. P2I_OK; P2I_USAGE: it cannot be read, is not such a
 * database, or the program was built without libmaxminddb; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_as_numbers_open(struct p2i_as_numbers **numbers, const char *path,
                                    struct p2i_error *error);
void p2i_as_numbers_close(struct p2i_as_numbers *numbers); /* NULL is fine */

/* The AS number of an address; 0: not known, or `numbers` is NULL. */
uint32_t p2i_as_number(const struct p2i_as_numbers *numbers, const struct p2i_address *address,
                       uint8_t ip_version);

#endif
