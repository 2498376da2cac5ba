/* SPDX-License-Identifier: MIT */
/* What comes from one exporter: bytes of a stream or datagrams become messages, these records for
 * the output. */
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
    uint8_t *buffer; /* of a stream: what is not a whole message yet */
    size_t size;
    uint64_t records;
    uint64_t heard; /* larger than that of who was heard before */
    bool blamed;    /* that it sends what is not IPFIX was said */
    void *owner;    /* of whoever has made it */
};

/* `defect` is told what breaks the protocol, with the session for context. NULL when out of memory.
 */
struct p2i_listen_session *p2i_listen_session_new(int descriptor, struct p2i_tls_context *tls,
                                                  p2i_reader_defect *defect);
/* Takes what has come. P2I_OK; P2I_END: the exporter has closed; P2I_DAMAGED: what it sends is not
 * IPFIX, or it is gone (`error` says which); else the output failed. */
enum p2i_result p2i_listen_session_read(struct p2i_listen_session *session,
                                        struct p2i_listen_output *output, struct p2i_error *error);
enum p2i_result p2i_listen_session_datagram(struct p2i_listen_session *session,
                                            struct p2i_listen_output *output,
                                            struct p2i_view datagram, struct p2i_error *error);
void p2i_listen_session_free(struct p2i_listen_session *session); /* NULL is fine */

#endif
