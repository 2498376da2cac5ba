/* SPDX-License-Identifier: MIT */
/* Recognises TLS by the headers of records and by hellos, at the start of a session or behind a
 * loss. Pure functions. */
#ifndef P2I_PROTOCOL_TLS_PROBE_H
#define P2I_PROTOCOL_TLS_PROBE_H

#include "protocol/protocol.h"

enum p2i_tls_record_type {
    P2I_TLS_CHANGE_CIPHER_SPEC = 20,
    P2I_TLS_ALERT = 21,
    P2I_TLS_HANDSHAKE = 22,
    P2I_TLS_APPLICATION_DATA = 23,
    P2I_TLS_HEARTBEAT = 24, /* RFC 6520 */
};

enum p2i_tls_message_type {
    P2I_TLS_HELLO_REQUEST = 0,
    P2I_TLS_CLIENT_HELLO = 1,
    P2I_TLS_SERVER_HELLO = 2,
    P2I_TLS_HELLO_RETRY_REQUEST = 6, /* drafts of TLS 1.3 up to 21 */
    P2I_TLS_ENCRYPTED_EXTENSIONS = 8,
    P2I_TLS_CERTIFICATE = 11,
    P2I_TLS_SUPPLEMENTAL_DATA = 23, /* RFC 4680: comes before the certificate */
    P2I_TLS_SSL2_HELLO = 0x100,     /* added to the two below: messages in the SSL 2.0 form */
    P2I_TLS_SSL2_CLIENT_HELLO = P2I_TLS_SSL2_HELLO + 1,
    P2I_TLS_SSL2_SERVER_HELLO = P2I_TLS_SSL2_HELLO + 4,
};

enum {
    P2I_TLS_RECORD_HEADER = 5,
    P2I_TLS_MESSAGE_HEADER = 4,
    P2I_TLS_HELLO_MIN = 34,        /* version and random */
    P2I_TLS_HELLO_MAX = 128 << 10, /* longer ones are no TLS */
    P2I_TLS_SSL2_HEADER_MAX = 3,
    P2I_TLS_SSL2_HELLO_HEADER = 9, /* type, version, three lengths */
};

/* See struct p2i_protocol. */
enum p2i_match p2i_tls_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes);
bool p2i_tls_probe_cut(const struct p2i_ends *ends, enum p2i_direction direction,
                       struct p2i_view bytes);

/* Do the bytes, at least one, begin with a record header? Decides as early as possible. */
enum p2i_match p2i_tls_match_record(struct p2i_view bytes);

/* Size of the header of an SSL 2.0 record, read from at least P2I_TLS_SSL2_HEADER_MAX bytes; 0:
 * it is none. In the three-byte form the third byte counts padding, which comes last and is
 * ignored. */
size_t p2i_tls_ssl2_header(struct p2i_view bytes, uint32_t *length);

/* Offset of the first record that begins with a hello, at any place in the bytes; their size if
 * there is none. Sets `*certain` to false if more bytes are needed to be sure. */
size_t p2i_tls_find_hello(struct p2i_view bytes, bool *certain);

#endif
