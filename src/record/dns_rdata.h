/* SPDX-License-Identifier: MIT */
/* Data of DNS resource records for people. Pure functions. */
#ifndef P2I_RECORD_DNS_RDATA_H
#define P2I_RECORD_DNS_RDATA_H

#include "base/view.h"
#include "record/record.h"

/* Appends the presentation form: printable ASCII on one line, whatever the bytes are. `rdata` is
 * in plain wire form, without compressed names; so are the names written: without the last dot, and
 * the root as ".". Types that are not known, and data that are not what their type says, come in
 * the form of RFC 3597 section 5 (`\# 4 c0000201`); empty data give nothing. False when memory is
 * out. */
bool p2i_dns_rdata_text(struct p2i_buffer *out, uint16_t rr_type, struct p2i_view rdata);

#endif
