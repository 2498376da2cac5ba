/* SPDX-License-Identifier: MIT */
/* The name of whom an X.509 certificate (RFC 5280) was issued to, and nothing else of it. Reads
 * DER, and BER of definite lengths; a certificate that was cut gives what lies before the cut. */
#ifndef P2I_PROTOCOL_TLS_X509_H
#define P2I_PROTOCOL_TLS_X509_H

#include "base/view.h"

enum { P2I_X509_NAME_MAX = 1024 }; /* bytes; enough of a buffer for any name met in practice */

/* The first common name of the subject, else the first dNSName of subjectAltName, else an empty
 * view. UTF8String, PrintableString, TeletexString, IA5String, NumericString and VisibleString are
 * given as their bytes, and live as long as `certificate`; BMPString and UniversalString become
 * UTF-8 in `buffer`, cut on a character boundary where `capacity` is too small. */
struct p2i_view p2i_x509_name(struct p2i_view certificate, uint8_t *buffer, size_t capacity);

#endif
