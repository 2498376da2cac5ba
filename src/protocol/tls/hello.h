/* SPDX-License-Identifier: MIT */
/* Reads ClientHello and ServerHello (RFC 8446 4.1.2, 4.1.3; RFC 5246 7.4.1; RFC 6101 5.6.1 and
 * appendix E for the SSL 2.0 form), of TLS over TCP and over QUIC. Pure functions over the body of
 * one handshake message, without its type and length; views live as long as the body.
 *
 * A body that was cut, or has wrong lengths, gives the fields before that; a name is given whole
 * or not at all. */
#ifndef P2I_PROTOCOL_TLS_HELLO_H
#define P2I_PROTOCOL_TLS_HELLO_H

#include "pcap2ipfix/view.h"

enum { P2I_TLS_RANDOM_SIZE = 32 };
/* The random value of a HelloRetryRequest: SHA-256 of that word (RFC 8446 4.1.3). Static. */
extern const uint8_t p2i_tls_retry_random[P2I_TLS_RANDOM_SIZE];

enum { P2I_SUITES_MAX = 32 }; /* bytes: sixteen suites of two */

struct p2i_client_hello {
    struct p2i_view host;           /* server_name; empty when there is none */
    uint16_t version;               /* legacy_version */
    uint16_t suites_length;         /* bytes of cipher suites as sent; 0: cut off */
    uint8_t suites_size;            /* bytes used in suites */
    uint8_t suites[P2I_SUITES_MAX]; /* the first ones, two bytes each; of an SSL 2.0 cipher spec,
                                       which has three, the last two, which are the TLS suite */
    bool early_data;                /* offered: data may come before a second hello */
    bool complete;                  /* read up to its end */
};

struct p2i_server_hello {
    uint16_t version; /* from supported_versions if present, else the version of the hello */
    uint16_t cipher_suite;
    uint8_t compression_method;
    bool retry;     /* a HelloRetryRequest (RFC 8446 4.1.3) */
    bool encrypted; /* TLS 1.3 or a draft of it: everything behind it is encrypted */
};

/* False: the version is not one of TLS. `whole`: the message was not cut; then a list of suites
 * that does not fit is ignored, while a cut message gives the suites before the cut. */
bool p2i_client_hello_read(struct p2i_view body, bool whole, struct p2i_client_hello *hello);

/* Reads a CLIENT-HELLO of SSL 2.0, from its message type (1) on. Returns as above. */
bool p2i_ssl2_client_hello_read(struct p2i_view body, bool whole, struct p2i_client_hello *hello);

/* False: version or cipher suite could not be read. If a message was cut before
 * supported_versions, a suite of TLS 1.3 alone shows that version. */
bool p2i_server_hello_read(struct p2i_view body, bool whole, struct p2i_server_hello *hello);

/* Reads a SERVER-HELLO of SSL 2.0, from its message type (4) on. `cipher_suite` is the last two
 * bytes of the first offered spec (the client chooses). False: the version or that suite could
 * not be read; a resumed session has no suite. */
bool p2i_ssl2_server_hello_read(struct p2i_view body, struct p2i_server_hello *hello,
                                struct p2i_view *certificate);

#endif
