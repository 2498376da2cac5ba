/* SPDX-License-Identifier: MIT */
/* Autonomous systems of addresses, from a MaxMind database (GeoLite2-ASN and its like). */
#ifndef P2I_ENRICH_AS_NUMBERS_H
#define P2I_ENRICH_AS_NUMBERS_H

#include "base/error.h"
#include "packet/packet.h"

struct p2i_as_numbers;

/* P2I_USAGE: it is no such database, cannot be read, or the program was built without libmaxminddb.
 * May be asked from any thread. */
enum p2i_result p2i_as_numbers_open(struct p2i_as_numbers **numbers, const char *path,
                                    struct p2i_error *error);
void p2i_as_numbers_close(struct p2i_as_numbers *numbers); /* NULL is fine */

/* 0: not known, also when `numbers` is NULL. */
uint32_t p2i_as_number(const struct p2i_as_numbers *numbers, const struct p2i_address *address,
                       uint8_t ip_version);

#endif
