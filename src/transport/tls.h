/* SPDX-License-Identifier: MIT */
/* TLS for IPFIX (RFC 7011 section 11) over a non-blocking socket, for the client and, with
 * p2i_tls_server_context(), for the server. Writing to a socket without a reader raises SIGPIPE
 * unless the program ignores it. One thread for each connection. */
#ifndef P2I_TRANSPORT_TLS_H
#define P2I_TRANSPORT_TLS_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"
#include "transport/url.h"

enum p2i_tls_state {
    P2I_TLS_DONE,       /* transferred at least one byte, or completed the handshake */
    P2I_TLS_WANT_READ,  /* call again when the socket is readable */
    P2I_TLS_WANT_WRITE, /* call again when the socket is writable */
    P2I_TLS_CLOSED,     /* the peer ended its stream (close_notify) */
    P2I_TLS_FAILED,     /* `error` says why */
};

struct p2i_tls_context;
struct p2i_tls_connection;

/* Creates the context of a client with the files named in the URL. P2I_OK; P2I_USAGE: a file cannot
 * be used, or this program was built without OpenSSL; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_tls_client_context(struct p2i_tls_context **context,
                                       const struct p2i_collector_url *url,
                                       struct p2i_error *error);
/* The same for a server. `ca` "": clients need no certificate. */
enum p2i_result p2i_tls_server_context(struct p2i_tls_context **context, const char *cert,
                                       const char *key, const char *ca, struct p2i_error *error);
void p2i_tls_context_free(struct p2i_tls_context *context); /* NULL is fine */

/* Creates a connection over the descriptor. NULL: out of memory. */
struct p2i_tls_connection *p2i_tls_connection_new(struct p2i_tls_context *context, int descriptor);
/* NULL is fine; the descriptor stays open. */
void p2i_tls_connection_free(struct p2i_tls_connection *tls);

enum p2i_tls_state p2i_tls_connection_shake(struct p2i_tls_connection *tls,
                                            struct p2i_error *error);
enum p2i_tls_state p2i_tls_connection_write(struct p2i_tls_connection *tls, struct p2i_view bytes,
                                            size_t *written, struct p2i_error *error);
enum p2i_tls_state p2i_tls_connection_read(struct p2i_tls_connection *tls, uint8_t *to, size_t size,
                                           size_t *got, struct p2i_error *error);
/* Sends close_notify. */
enum p2i_tls_state p2i_tls_connection_close(struct p2i_tls_connection *tls);
/* Bytes handed to the socket so far. */
uint64_t p2i_tls_connection_sent_bytes(const struct p2i_tls_connection *tls);
/* True when the failure was about a certificate of either side: another attempt cannot succeed. */
bool p2i_tls_connection_refused(const struct p2i_tls_connection *tls);

#endif
