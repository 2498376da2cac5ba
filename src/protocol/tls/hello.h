/* SPDX-License-Identifier: MIT */
/* What ClientHello and ServerHello say (RFC 8446 4.1.2, 4.1.3; RFC 5246 7.4.1; RFC 6101 5.6.1 and
 * appendix E for the SSL 2.0 form). Pure functions over the body of one handshake message, without
 * its type and length; views live as long as the body. For TLS over TCP and over QUIC alike.
 *
 * A body that was cut, or whose lengths are wrong, gives what was read before that; a name is
 * given whole or not at all. */
#ifndef P2I_PROTOCOL_TLS_HELLO_H
#define P2I_PROTOCOL_TLS_HELLO_H

#include "base/view.h"

enum { P2I_SUITES_MAX = 32 }; /* bytes: sixteen suites of two */

struct p2i_client_hello {
    struct p2i_view host;           /* server_name; empty when there is none */
    uint16_t version;               /* legacy_version */
    uint16_t suites_length;         /* bytes of cipher suites as sent; 0: that was cut off */
    uint8_t suites_size;            /* bytes used in suites */
    uint8_t suites[P2I_SUITES_MAX]; /* the first ones, two bytes each; of an SSL 2.0 cipher spec,
                                       which has three, the last two, that hold the TLS suite */
    bool early_data;                /* offered: data may follow before a second hello */
    bool complete;                  /* read to its end */
};

struct p2i_server_hello {
    uint16_t version; /* supported_versions when present, else the hello's own */
    uint16_t cipher_suite;
    uint8_t compression_method;
    bool retry;     /* a HelloRetryRequest (RFC 8446 4.1.3) */
    bool encrypted; /* TLS 1.3 or a draft of it: nothing more can be read behind it */
};

/* False when there is no version of TLS. `whole`: the message was not cut; then a list of suites
 * that does not fit into it is no list, while of a message that was cut the suites in front of the
 * cut are there. */
bool p2i_client_hello_read(struct p2i_view body, bool whole, struct p2i_client_hello *hello);

/* CLIENT-HELLO of SSL 2.0, from its message type (1) on. */
bool p2i_ssl2_client_hello_read(struct p2i_view body, bool whole, struct p2i_client_hello *hello);

/* False when version and cipher suite could not be read. Of a message that was cut in front of
 * supported_versions, a suite that belongs to TLS 1.3 alone tells that version. */
bool p2i_server_hello_read(struct p2i_view body, bool whole, struct p2i_server_hello *hello);

/* SERVER-HELLO of SSL 2.0, from its message type (4) on. `cipher_suite` is the first of the specs
 * offered (the client chooses), its last two bytes. False when the version or that suite could not
 * be read; a session that is resumed has no suite. */
bool p2i_ssl2_server_hello_read(struct p2i_view body, struct p2i_server_hello *hello,
                                struct p2i_view *certificate);

#endif
