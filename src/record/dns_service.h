/* SPDX-License-Identifier: MIT */
/* The parameters of service bindings (RFC 9460 section 2): the rest of SVCB and HTTPS data. */
#ifndef P2I_RECORD_DNS_SERVICE_H
#define P2I_RECORD_DNS_SERVICE_H

#include "record/dns_text.h"

/* Appends " key=value" for each that is left, as dns_text.h says; `failed` also where a value is
 * not of its key's form, or the keys are not in order. */
bool p2i_dns_put_parameters(struct p2i_buffer *out, struct p2i_cursor *at);

#endif
