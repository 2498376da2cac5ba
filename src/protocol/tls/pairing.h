/* SPDX-License-Identifier: MIT */
/* A ClientHello without a name, and every ServerHello before TLS 1.3, wait for the certificate.
 * This is where, and where their records are made. */
#ifndef P2I_PROTOCOL_TLS_PAIRING_H
#define P2I_PROTOCOL_TLS_PAIRING_H

#include "protocol/message.h"
#include "protocol/protocol.h"
#include "protocol/tls/hello.h"

struct p2i_tls_request {
    struct p2i_packet_info info;
    uint8_t suites[P2I_SUITES_MAX];
    uint16_t suites_length;
    uint8_t suites_size;
    uint8_t sender;
    bool waits;
};

struct p2i_tls_reply {
    struct p2i_packet_info info;
    struct p2i_ssl_reply message; /* without the host */
    enum p2i_completeness completeness;
    uint8_t sender;
    bool waits;
};

/* Of one session; zeroed at the start. */
struct p2i_tls_pairing {
    struct p2i_tls_request request;
    struct p2i_tls_reply reply;
    uint8_t *name; /* host of the session, from the pool; NULL none yet */
    size_t name_size;
    uint8_t name_type; /* enum p2i_host_type */
    bool zello;        /* the session's host is one of Zello's, and its message is out */
};

/* A ClientHello. With server_name its record goes out at once; without, only if it need not wait
 * (`wait` false: no certificate is to come), with the name of a certificate seen before. One of
 * which only a part is there goes out at once, with server_name or without a name: whether it had
 * one is not known. A request that waits already goes out first. */
void p2i_tls_pair_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                          enum p2i_direction sender, const struct p2i_packet_info *info,
                          const struct p2i_client_hello *hello, bool wait,
                          enum p2i_completeness completeness);

/* A ServerHello; it waits until p2i_tls_release(). Whether its record is whole does not depend on
 * the certificate. */
void p2i_tls_pair_reply(struct p2i_tls_pairing *pairing, enum p2i_direction sender,
                        const struct p2i_packet_info *info, const struct p2i_server_hello *hello,
                        enum p2i_completeness completeness);

/* The request that waits, if one does, goes out without a name. */
void p2i_tls_release_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing);

/* Whatever waits goes out, with the certificate's name (empty: there is none). */
void p2i_tls_release(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                     struct p2i_view certificate_name);

/* Gives memory back; nothing may wait. */
void p2i_tls_pairing_free(struct p2i_parser *parser, struct p2i_tls_pairing *pairing);

#endif
