/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/listen_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfix/wire.h"
#include "pcap2ipfix/cursor.h"

enum {
    BUFFER_SIZE = 512 * 1024, /* at least a message and one read */
    TURNS = 16,               /* reads before another exporter has its turn */
};

struct p2i_listen_session *p2i_listen_session_new(int descriptor, struct p2i_tls_context *tls,
                                                  p2i_reader_defect *defect)
{
    struct p2i_listen_session *session = calloc(1, sizeof *session);
    struct p2i_error error;
    if (session == NULL) {
        return NULL;
    }
    session->descriptor = descriptor;
    session->buffer = descriptor >= 0 ? malloc(BUFFER_SIZE) : NULL;
    session->tls = tls != NULL ? p2i_tls_connection_new(tls, descriptor) : NULL;
    session->shaking = tls != NULL;
    if ((descriptor >= 0 && session->buffer == NULL) || (tls != NULL && session->tls == NULL) ||
        p2i_reader_open_messages(&session->reader, defect, session, &error) != P2I_OK) {
        session->descriptor = -1;
        p2i_listen_session_free(session);
        return NULL;
    }
    p2i_reader_notes(session->reader, defect);
    return session;
}

static enum p2i_result take_message(struct p2i_listen_session *session,
                                    struct p2i_listen_output *output, struct p2i_view message,
                                    struct p2i_error *error)
{
    struct p2i_read_record record;
    p2i_reader_feed(session->reader, message);
    for (;;) {
        enum p2i_result result = p2i_reader_next(session->reader, &record, error);
        if (result != P2I_OK) {
            return result == P2I_END ? P2I_OK : result;
        }
        session->records++;
        result = p2i_listen_output_put(output, &session->source, session->reader, &record, error);
        if (result != P2I_OK) {
            return result;
        }
    }
}

/* Takes the complete messages of the buffer. */
static enum p2i_result take_messages(struct p2i_listen_session *session,
                                     struct p2i_listen_output *output, struct p2i_error *error)
{
    struct p2i_view rest = p2i_view_of(session->buffer, session->size);
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && rest.size >= P2I_MESSAGE_HEADER) {
        unsigned version = p2i_load_be16(rest.data);
        size_t size = p2i_load_be16(rest.data + 2);
        if (version != P2I_IPFIX_VERSION || size < P2I_MESSAGE_HEADER) {
            return p2i_fail(error, P2I_DAMAGED,
                            "sent data that is not IPFIX: version %u, length %zu", version, size);
        }
        if (size > rest.size) {
            break;
        }
        result = take_message(session, output, p2i_view_first(rest, size), error);
        rest = p2i_view_from(rest, size);
    }
    memmove(session->buffer, session->buffer + (session->size - rest.size), rest.size);
    session->size = rest.size;
    return result;
}

static enum p2i_result read_plain(struct p2i_listen_session *session, size_t *got,
                                  struct p2i_error *error)
{
    ssize_t size = recv(session->descriptor, session->buffer + session->size,
                        BUFFER_SIZE - session->size, MSG_DONTWAIT);
    *got = size > 0 ? (size_t)size : 0;
    if (size == 0) {
        return P2I_END;
    }
    if (size < 0 && errno != EAGAIN && errno != EINTR) {
        return p2i_fail(error, P2I_DAMAGED, "%s", strerror(errno));
    }
    return P2I_OK;
}

static enum p2i_result read_tls(struct p2i_listen_session *session, size_t *got,
                                struct p2i_error *error)
{
    enum p2i_tls_state state = P2I_TLS_DONE;
    *got = 0;
    if (session->shaking) {
        state = p2i_tls_connection_shake(session->tls, error);
        session->shaking = state != P2I_TLS_DONE;
    }
    if (state == P2I_TLS_DONE) {
        state = p2i_tls_connection_read(session->tls, session->buffer + session->size,
                                        BUFFER_SIZE - session->size, got, error);
    }
    session->wants_write = state == P2I_TLS_WANT_WRITE;
    if (state == P2I_TLS_CLOSED) {
        (void)p2i_tls_connection_close(session->tls);
        return P2I_END;
    }
    if (state == P2I_TLS_FAILED) {
        error->code = P2I_DAMAGED;
        return P2I_DAMAGED;
    }
    return P2I_OK;
}

enum p2i_result p2i_listen_session_read(struct p2i_listen_session *session,
                                        struct p2i_listen_output *output, struct p2i_error *error)
{
    for (int turn = 0; turn < TURNS; turn++) {
        size_t got = 0;
        enum p2i_result result = session->tls != NULL ? read_tls(session, &got, error)
                                                      : read_plain(session, &got, error);
        session->size += got;
        if (result == P2I_END && session->size > 0) {
            result = p2i_fail(error, P2I_DAMAGED, "closed the connection within a message");
        }
        if (result != P2I_OK || got == 0) {
            return result;
        }
        result = take_messages(session, output, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}

enum p2i_result p2i_listen_session_datagram(struct p2i_listen_session *session,
                                            struct p2i_listen_output *output,
                                            struct p2i_view datagram, struct p2i_error *error)
{
    if (datagram.size < P2I_MESSAGE_HEADER || p2i_load_be16(datagram.data) != P2I_IPFIX_VERSION ||
        p2i_load_be16(datagram.data + 2) != datagram.size) {
        return p2i_fail(error, P2I_DAMAGED, "sent data that is not IPFIX");
    }
    return take_message(session, output, datagram, error);
}

void p2i_listen_session_free(struct p2i_listen_session *session)
{
    if (session == NULL) {
        return;
    }
    p2i_tls_connection_free(session->tls);
    if (session->descriptor >= 0) {
        (void)close(session->descriptor);
    }
    p2i_reader_close(session->reader);
    p2i_listen_output_source_free(&session->source);
    free(session->buffer);
    free(session);
}
