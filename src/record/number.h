/* SPDX-License-Identifier: MIT */
/* Values of types that p2i_value_number() does not read (RFC 7011 section 6.1). Pure functions. */
#ifndef P2I_RECORD_NUMBER_H
#define P2I_RECORD_NUMBER_H

#include "pcap2ipfix/view.h"

/* A signed number of 1 to 8 bytes. */
int64_t p2i_number_signed(struct p2i_view value);
/* A floating-point number of 4 or 8 bytes: a float64 may be sent in 4 (RFC 7011 section 6.2). */
double p2i_number_real(struct p2i_view value);

/* The greatest number of an unsigned type; 0: the type is another one. */
uint64_t p2i_number_most(int type);

#endif
