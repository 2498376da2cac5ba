/* SPDX-License-Identifier: MIT */
/* TLS under IPFIX (RFC 7011 section 11), over a socket that does not block. As the program that
 * connects; the one that listens has the same calls after p2i_tls_server_context(). A write to a
 * socket that nobody reads raises SIGPIPE unless the program ignores it. */
#ifndef P2I_TRANSPORT_TLS_H
#define P2I_TRANSPORT_TLS_H

#include "base/error.h"
#include "base/view.h"
#include "transport/url.h"

enum p2i_tls_state {
    P2I_TLS_DONE,       /* some bytes at least; or the handshake is over */
    P2I_TLS_WANT_READ,  /* again when the socket can be read */
    P2I_TLS_WANT_WRITE, /* ... or written to */
    P2I_TLS_CLOSED,     /* the peer has said that nothing more comes */
    P2I_TLS_FAILED,     /* `error` says why */
};

struct p2i_tls_context;
struct p2i_tls_connection;

/* Reads the files that the URL names. P2I_USAGE: one is not what it should be. */
enum p2i_result p2i_tls_client_context(struct p2i_tls_context **context,
                                       const struct p2i_collector_url *url,
                                       struct p2i_error *error);
/* `ca` "": clients need no certificate. */
enum p2i_result p2i_tls_server_context(struct p2i_tls_context **context, const char *cert,
                                       const char *key, const char *ca, struct p2i_error *error);
void p2i_tls_context_free(struct p2i_tls_context *context); /* NULL is fine */

/* A connection; NULL when out of memory. */
struct p2i_tls_connection *p2i_tls_connection_new(struct p2i_tls_context *context, int descriptor);
void p2i_tls_connection_free(
    struct p2i_tls_connection *tls); /* NULL is fine; the descriptor stays open */

enum p2i_tls_state p2i_tls_connection_shake(struct p2i_tls_connection *tls,
                                            struct p2i_error *error);
enum p2i_tls_state p2i_tls_connection_write(struct p2i_tls_connection *tls, struct p2i_view bytes,
                                            size_t *written, struct p2i_error *error);
enum p2i_tls_state p2i_tls_connection_read(struct p2i_tls_connection *tls, uint8_t *to, size_t size,
                                           size_t *got, struct p2i_error *error);
/* Says that nothing more comes. */
enum p2i_tls_state p2i_tls_connection_close(struct p2i_tls_connection *tls);
/* Bytes handed to the socket so far. */
uint64_t p2i_tls_connection_sent_bytes(const struct p2i_tls_connection *tls);
/* The failure was about a certificate, ours or theirs: another try will not do better. */
bool p2i_tls_connection_refused(const struct p2i_tls_connection *tls);

#endif
