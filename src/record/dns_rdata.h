/* SPDX-License-Identifier: MIT */
/* The presentation form of DNS resource record data. Pure functions. */
#ifndef P2I_RECORD_DNS_RDATA_H
#define P2I_RECORD_DNS_RDATA_H

#include "pcap2ipfix/view.h"
#include "record/record.h"

/* Appends the presentation form: printable ASCII on one line, whatever the bytes are. `rdata` is in
 * wire form without compressed names. Names are written without the last dot, the root as ".".
 * Unknown types, and data that do not fit their type, get the form of RFC 3597 section 5
 * (`\# 4 c0000201`); empty data append nothing. False: out of memory. */
bool p2i_dns_rdata_text(struct p2i_buffer *out, uint16_t rr_type, struct p2i_view rdata);

#endif
