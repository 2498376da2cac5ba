/* SPDX-License-Identifier: MIT */
/* Transport session with one exporter (RFC 7011 section 2): bytes of a stream or datagrams become
 * messages, and these records. One thread. */
#ifndef P2I_TRANSPORT_RECEIVER_SESSION_H
#define P2I_TRANSPORT_RECEIVER_SESSION_H

#include <sys/socket.h>

#include "pcap2ipfix/receiver.h"
#include "transport/tls.h"

struct p2i_receiver_session {
    struct p2i_receiver_source source; /* first, so that it is the same address */
    const struct p2i_receiver_settings *settings;
    int descriptor; /* of a stream; -1: datagrams come through p2i_receiver_session_datagram() */
    struct p2i_tls_connection *tls;
    bool shaking, wants_write;
    struct sockaddr_storage peer;
    socklen_t peer_size;
    char host[64], port[8]; /* of the peer */
    uint8_t *buffer;        /* of a stream: an incomplete message */
    size_t size;
    uint64_t records;
    uint64_t heard; /* when it was heard last, by the clock of its owner */
    size_t bytes;   /* memory of its reader, as its owner has counted it */
    bool blamed;    /* bad datagrams were reported */
};

/* `settings` must outlive the session. Takes over the descriptor (-1: datagrams) if it returns a
 * session. NULL: out of memory. */
struct p2i_receiver_session *p2i_receiver_session_new(int descriptor, struct p2i_tls_context *tls,
                                                      const struct sockaddr_storage *peer,
                                                      socklen_t peer_size,
                                                      const struct p2i_receiver_settings *settings);
/* Reads all that is available. P2I_OK; P2I_END: the exporter closed the connection; P2I_DAMAGED:
 * its data are not IPFIX, or the connection broke; P2I_INTERNAL: out of memory; else the error of
 * the record callback. */
enum p2i_result p2i_receiver_session_read(struct p2i_receiver_session *session,
                                          struct p2i_error *error);
/* The same for a datagram, but P2I_END. */
enum p2i_result p2i_receiver_session_datagram(struct p2i_receiver_session *session,
                                              struct p2i_view datagram, struct p2i_error *error);
void p2i_receiver_session_report(const struct p2i_receiver_session *session,
                                 enum p2i_receiver_event event, const char *text);
/* Tells the program `why`. NULL is fine. */
void p2i_receiver_session_free(struct p2i_receiver_session *session, enum p2i_result why);

#endif
