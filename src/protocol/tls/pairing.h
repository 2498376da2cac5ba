/* SPDX-License-Identifier: MIT */
/* A ClientHello without a name, and every ServerHello before TLS 1.3, wait here for the
 * certificate. Makes their records. */
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

/* State of one session; zeroed at the start. */
struct p2i_tls_pairing {
    struct p2i_tls_request request;
    struct p2i_tls_reply reply;
    uint8_t *name; /* host of the session; from the pool; NULL: none yet */
    size_t name_size;
    uint8_t name_type; /* enum p2i_host_type */
    bool zello;        /* the host is one of Zello's, and its message was emitted */
};

/* Takes a ClientHello. With server_name, emits its record at once. Without, only if no
 * certificate will come (`wait` false), with the name of an earlier certificate. A cut one is
 * always emitted at once, with or without server_name, since the name may be in the lost part.
 * Emits a waiting request first. */
void p2i_tls_pair_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                          enum p2i_direction sender, const struct p2i_packet_info *info,
                          const struct p2i_client_hello *hello, bool wait,
                          enum p2i_completeness completeness);

/* Takes a ServerHello, which waits until p2i_tls_release(). The certificate does not change the
 * completeness of its record. */
void p2i_tls_pair_reply(struct p2i_tls_pairing *pairing, enum p2i_direction sender,
                        const struct p2i_packet_info *info, const struct p2i_server_hello *hello,
                        enum p2i_completeness completeness);

/* Emits the waiting request, if there is one, without a name. */
void p2i_tls_release_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing);

/* Emits what waits, with the name of the certificate (empty: there is none). */
void p2i_tls_release(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                     struct p2i_view certificate_name);

/* Gives the memory back; nothing may wait. */
void p2i_tls_pairing_free(struct p2i_parser *parser, struct p2i_tls_pairing *pairing);

#endif
