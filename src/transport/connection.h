/* SPDX-License-Identifier: MIT */
/* One connection to a collector, TCP or TLS, that never blocks, and what can be known of how far
 * the collector has read. Linux. */
#ifndef P2I_TRANSPORT_CONNECTION_H
#define P2I_TRANSPORT_CONNECTION_H

#include <netdb.h>

#include "pcap2ipfix/collector.h"
#include "transport/tls.h"

enum p2i_connection_state {
    P2I_CONNECTION_NONE,
    P2I_CONNECTION_CONNECTING,
    P2I_CONNECTION_SHAKING, /* TLS handshake */
    P2I_CONNECTION_OPEN,
    P2I_CONNECTION_ENDED,  /* the collector closed it, having read all that it got */
    P2I_CONNECTION_BROKEN, /* error says why */
};

/* Start with url, clock, context (NULL over TCP) and connect_ns, and descriptor -1. */
struct p2i_connection {
    const struct p2i_collector_url *url;
    const struct p2i_clock *clock;
    struct p2i_tls_context *context;
    uint64_t connect_ns; /* that an attempt may take */

    enum p2i_connection_state state;
    struct p2i_error error;
    bool hopeless; /* trying again will not help: no such name, or a certificate */
    int descriptor;
    bool wants_write;           /* besides what can always be read */
    struct addrinfo *addresses; /* of the host */
    struct addrinfo *address;   /* that is tried */
    uint64_t deadline_ns;
    struct p2i_tls_connection *tls;
    uint64_t written;       /* bytes that the system took, over TCP */
    uint64_t widest_window; /* that the collector ever offered */
};

/* Looks the name up and begins to connect. See `state`. */
void p2i_connection_start(struct p2i_connection *connection);
/* Goes on with connecting; reads and drops what the collector says, notices when it closes. */
void p2i_connection_step(struct p2i_connection *connection);
/* Hands over as much as the system takes; returns how much. */
size_t p2i_connection_write(struct p2i_connection *connection, struct p2i_view bytes);
/* Bytes in the stream so far; with TLS encrypted ones. */
uint64_t p2i_connection_sent(const struct p2i_connection *connection);
/* Of these, bytes that the collector's system has not acknowledged. */
uint64_t p2i_connection_unacknowledged(const struct p2i_connection *connection);
/* Of these, bytes that the collector has surely read. */
uint64_t p2i_connection_read(struct p2i_connection *connection);
/* Says that nothing more comes; the collector is expected to close. True: it is said. */
bool p2i_connection_finish(struct p2i_connection *connection);
/* At once. Also what is not open can be closed. */
void p2i_connection_close(struct p2i_connection *connection);
void p2i_connection_free(struct p2i_connection *connection);

#endif
