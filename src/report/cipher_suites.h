/* SPDX-License-Identifier: MIT */
/* Names of TLS cipher suites, and which are weak. Pure functions. */
#ifndef P2I_REPORT_CIPHER_SUITES_H
#define P2I_REPORT_CIPHER_SUITES_H

#include <stdbool.h>
#include <stdint.h>

/* The name in IANA's registry, without "TLS_"; NULL: not one of the usual suites. */
const char *p2i_cipher_suite_name(uint16_t suite);
/* Whether a suite protects badly or not at all: no encryption or authentication, keys made short
 * for export, RC4 (RFC 7465), DES, triple DES (RFC 8429 section 5), RC2, IDEA. */
bool p2i_cipher_suite_is_weak(uint16_t suite);
/* Whether a version must not be used any more: RFC 6176, RFC 7568, RFC 8996. */
bool p2i_tls_version_is_weak(uint16_t version);

#endif
