/* SPDX-License-Identifier: MIT */
/* X.509 certificates (RFC 5280). */
#ifndef P2I_REWRITE_X509_H
#define P2I_REWRITE_X509_H

#include "rewrite/internal.h"

/* Substitutes names and addresses, and overwrites keys, serial numbers, signatures and what else is
 * not understood. Lengths, types, algorithms and dates stay. */
void p2i_write_certificate(struct p2i_writing *writing, struct p2i_bytes der);

#endif
