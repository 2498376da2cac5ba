/* SPDX-License-Identifier: MIT */
/* Learns the login and address of PPPoE sessions from PPP control frames. */
#ifndef P2I_ENRICH_PPPOE_H
#define P2I_ENRICH_PPPOE_H

#include "enrich/bindings.h"
#include "packet/packet.h"

/* Binds the name in a PAP request (RFC 1334) or a CHAP response (RFC 1994) to the session
 * (P2I_BOUND_PPPOE_SESSION) and to the address that IPCP acknowledged (P2I_BOUND_PPPOE, RFC 1332).
 * Ends both bindings when LCP terminates (RFC 1661). `packet` has ppp_control set. */
void p2i_pppoe_take(struct p2i_bindings *bindings, const struct p2i_packet *packet);

#endif
