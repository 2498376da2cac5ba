/* SPDX-License-Identifier: MIT */
/* A non-blocking connection to a collector over TCP or TLS, which also reports how far the
 * collector has read. Linux only. One thread. */
#ifndef P2I_TRANSPORT_CONNECTION_H
#define P2I_TRANSPORT_CONNECTION_H

#include <netdb.h>

#include "base/clock.h"
#include "pcap2ipfix/collector.h"
#include "transport/tls.h"

enum p2i_connection_state {
    P2I_CONNECTION_NONE,
    P2I_CONNECTION_CONNECTING,
    P2I_CONNECTION_SHAKING, /* TLS handshake */
    P2I_CONNECTION_OPEN,
    P2I_CONNECTION_ENDED,  /* the collector closed it after reading everything it got */
    P2I_CONNECTION_BROKEN, /* error says why */
};

/* Start with clock, context (NULL for TCP), connect_ns, lookup, addresses and descriptor -1;
 * pointers are borrowed, but the addresses are owned. */
struct p2i_connection {
    const struct p2i_clock *clock;
    struct p2i_tls_context *context;
    uint64_t connect_ns; /* limit of one attempt */

    enum p2i_connection_state state;
    struct p2i_error error;
    bool hopeless; /* another attempt cannot succeed: unknown name, or a certificate */
    int descriptor;
    bool wants_write;           /* wait until it is writable, not only readable */
    int lookup;                 /* result of getaddrinfo() for the host ... */
    struct addrinfo *addresses; /* ... and its addresses */
    struct addrinfo *address;   /* the one being tried */
    uint64_t deadline_ns;
    struct p2i_tls_connection *tls;
    uint64_t written;       /* TCP: bytes that the system accepted */
    uint64_t widest_window; /* largest window that the collector offered, bytes */
};

/* Begins to connect; `state` has the result. */
void p2i_connection_start(struct p2i_connection *connection);
/* Continues to connect; reads and drops bytes of the collector; notices when it closes. */
void p2i_connection_step(struct p2i_connection *connection);
/* Writes as many bytes as the system accepts; returns how many. */
size_t p2i_connection_write(struct p2i_connection *connection, struct p2i_view bytes);
/* Bytes written to the stream so far; for TLS, encrypted bytes. */
uint64_t p2i_connection_sent(const struct p2i_connection *connection);
/* Of these, bytes not acknowledged by the collector's system. */
uint64_t p2i_connection_unacknowledged(const struct p2i_connection *connection);
/* Of these, bytes that the collector has certainly read. */
uint64_t p2i_connection_read(struct p2i_connection *connection);
/* Ends the stream, so that the collector closes. True: done; false: call again when writable. */
bool p2i_connection_finish(struct p2i_connection *connection);
/* Closes at once, in any state; it can be started again. */
void p2i_connection_close(struct p2i_connection *connection);
void p2i_connection_free(struct p2i_connection *connection);

#endif
