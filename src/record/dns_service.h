/* SPDX-License-Identifier: MIT */
/* The parameters of service bindings, at the end of SVCB and HTTPS data (RFC 9460 section 2). Pure
 * functions. */
#ifndef P2I_RECORD_DNS_SERVICE_H
#define P2I_RECORD_DNS_SERVICE_H

#include "record/dns_text.h"

/* Appends " key=value" for each remaining parameter, under the rules of dns_text.h. The cursor also
 * has `failed` when a value does not fit its key, or keys are out of order. */
bool p2i_dns_put_parameters(struct p2i_buffer *out, struct p2i_cursor *at);

#endif
