/* SPDX-License-Identifier: MIT */
/* Reads the name of the subject of an X.509 certificate (RFC 5280), and nothing else. Takes DER,
 * and BER of definite lengths; a cut certificate gives a name that lies before the cut. */
#ifndef P2I_PROTOCOL_TLS_X509_H
#define P2I_PROTOCOL_TLS_X509_H

#include "pcap2ipfix/view.h"

enum { P2I_X509_NAME_MAX = 1024 }; /* bytes of a buffer that holds any name met in practice */

/* The first common name of the subject, else the first dNSName of subjectAltName, else an empty
 * view. The bytes of UTF8String, PrintableString, TeletexString, IA5String, NumericString and
 * VisibleString are returned as they are, and live as long as `certificate`; BMPString and
 * UniversalString become UTF-8 in `buffer`, cut between characters where `capacity` is too
 * small. */
struct p2i_view p2i_x509_name(struct p2i_view certificate, uint8_t *buffer, size_t capacity);

#endif
