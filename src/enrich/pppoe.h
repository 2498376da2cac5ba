/* SPDX-License-Identifier: MIT */
/* PPP control frames in PPPoE sessions: who is in a session, and which address it was given. */
#ifndef P2I_ENRICH_PPPOE_H
#define P2I_ENRICH_PPPOE_H

#include "enrich/bindings.h"
#include "packet/packet.h"

/* Binds P2I_BOUND_PPPOE_SESSION to the name in a PAP request (RFC 1334) or a CHAP response (RFC
 * 1994), P2I_BOUND_PPPOE to it for the address that IPCP acknowledged (RFC 1332), and ends both
 * when LCP terminates (RFC 1661). `packet` has ppp_control set. */
void p2i_pppoe_take(struct p2i_bindings *bindings, const struct p2i_packet *packet);

#endif
