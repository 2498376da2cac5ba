/* SPDX-License-Identifier: MIT */
/* Transport session with one exporter (RFC 7011 section 2): bytes of a stream or datagrams become
 * messages, and their records go to the output. */
#ifndef P2I_CLI_IPFIXTOOL_LISTEN_SESSION_H
#define P2I_CLI_IPFIXTOOL_LISTEN_SESSION_H

#include <sys/socket.h>

#include "cli/ipfixtool/listen_output.h"
#include "transport/tls.h"

struct p2i_listen_session {
    int descriptor; /* of a stream; -1: datagrams come through p2i_listen_session_datagram() */
    struct p2i_tls_connection *tls;
    bool shaking, wants_write;
    struct sockaddr_storage peer;
    socklen_t peer_size;
    struct p2i_reader *reader;
    struct p2i_listen_output_source source;
    uint8_t *buffer; /* of a stream: an incomplete message */
    size_t size;
    uint64_t records;
    uint64_t heard; /* when it was heard last, by the clock of its owner */
    bool blamed;    /* bad datagrams were reported */
    void *owner;    /* set by the owner */
};

/* `defect` is called for violations of the protocol, with the session as context. Takes over the
 * descriptor (-1: datagrams) if it returns a session. NULL: out of memory. */
struct p2i_listen_session *p2i_listen_session_new(int descriptor, struct p2i_tls_context *tls,
                                                  p2i_reader_defect *defect);
/* Reads all that is available. P2I_OK; P2I_END: the exporter closed the connection; P2I_DAMAGED:
 * its data are not IPFIX, or the connection broke; P2I_OUTPUT, P2I_INTERNAL: the output failed. */
enum p2i_result p2i_listen_session_read(struct p2i_listen_session *session,
                                        struct p2i_listen_output *output, struct p2i_error *error);
enum p2i_result p2i_listen_session_datagram(struct p2i_listen_session *session,
                                            struct p2i_listen_output *output,
                                            struct p2i_view datagram, struct p2i_error *error);
void p2i_listen_session_free(struct p2i_listen_session *session); /* NULL is fine */

#endif
