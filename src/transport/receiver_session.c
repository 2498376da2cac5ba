/* SPDX-License-Identifier: MIT */
#include "transport/receiver_session.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfix/wire.h"
#include "pcap2ipfix/cursor.h"

enum {
    BUFFER_SIZE = 128 * 1024, /* at least a message and one read */
    TURNS = 16,               /* reads before another exporter has its turn */
};

void p2i_receiver_session_report(const struct p2i_receiver_session *session,
                                 enum p2i_receiver_event event, const char *text)
{
    const struct p2i_receiver_settings *settings = session->settings;
    if (settings->report != NULL) {
        settings->report(settings->context, &session->source, event, text);
    }
}

static void on_defect(void *context, uint64_t offset, const char *text)
{
    (void)offset; /* in a message */
    p2i_receiver_session_report(context, P2I_RECEIVER_DEFECT, text);
}

static void set_peer(struct p2i_receiver_session *session, const struct sockaddr_storage *peer,
                     socklen_t size)
{
    session->peer = *peer;
    session->peer_size = size;
    if (getnameinfo((const struct sockaddr *)peer, size, session->host, sizeof session->host,
                    session->port, sizeof session->port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        session->host[0] = '?';
        session->port[0] = '?';
    }
    session->source.host = session->host;
    session->source.port = session->port;
}

/* Without the descriptor. */
static void free_parts(struct p2i_receiver_session *session)
{
    p2i_tls_connection_free(session->tls);
    p2i_reader_close(session->source.reader);
    free(session->buffer);
    free(session);
}

struct p2i_receiver_session *p2i_receiver_session_new(int descriptor, struct p2i_tls_context *tls,
                                                      const struct sockaddr_storage *peer,
                                                      socklen_t peer_size,
                                                      const struct p2i_receiver_settings *settings)
{
    struct p2i_receiver_session *session = calloc(1, sizeof *session);
    struct p2i_error error;
    if (session == NULL) {
        return NULL;
    }
    session->settings = settings;
    session->descriptor = descriptor;
    set_peer(session, peer, peer_size);
    session->buffer = descriptor >= 0 ? malloc(BUFFER_SIZE) : NULL;
    session->tls = tls != NULL ? p2i_tls_connection_new(tls, descriptor) : NULL;
    session->shaking = tls != NULL;
    if ((descriptor >= 0 && session->buffer == NULL) || (tls != NULL && session->tls == NULL) ||
        p2i_reader_open_messages(&session->source.reader, on_defect, session, &error) != P2I_OK) {
        free_parts(session);
        return NULL;
    }
    p2i_reader_notes(session->source.reader, on_defect);
    return session;
}

static enum p2i_result take_message(struct p2i_receiver_session *session, struct p2i_view message,
                                    struct p2i_error *error)
{
    const struct p2i_receiver_settings *settings = session->settings;
    struct p2i_read_record record;
    p2i_reader_feed(session->source.reader, message);
    for (;;) {
        enum p2i_result result = p2i_reader_next(session->source.reader, &record, error);
        if (result != P2I_OK) {
            return result == P2I_END ? P2I_OK : result;
        }
        session->records++;
        result = settings->record(settings->context, &session->source, &record, error);
        if (result != P2I_OK) {
            return result;
        }
    }
}

/* Takes the complete messages of the buffer. */
static enum p2i_result take_messages(struct p2i_receiver_session *session, struct p2i_error *error)
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
        result = take_message(session, p2i_view_first(rest, size), error);
        rest = p2i_view_from(rest, size);
    }
    memmove(session->buffer, session->buffer + (session->size - rest.size), rest.size);
    session->size = rest.size;
    return result;
}

static enum p2i_result read_plain(struct p2i_receiver_session *session, size_t *got,
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

static enum p2i_result read_tls(struct p2i_receiver_session *session, size_t *got,
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

enum p2i_result p2i_receiver_session_read(struct p2i_receiver_session *session,
                                          struct p2i_error *error)
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
        result = take_messages(session, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}

enum p2i_result p2i_receiver_session_datagram(struct p2i_receiver_session *session,
                                              struct p2i_view datagram, struct p2i_error *error)
{
    if (datagram.size < P2I_MESSAGE_HEADER || p2i_load_be16(datagram.data) != P2I_IPFIX_VERSION ||
        p2i_load_be16(datagram.data + 2) != datagram.size) {
        return p2i_fail(error, P2I_DAMAGED, "sent data that is not IPFIX");
    }
    return take_message(session, datagram, error);
}

void p2i_receiver_session_free(struct p2i_receiver_session *session, enum p2i_result why)
{
    if (session == NULL) {
        return;
    }
    if (session->settings->closed != NULL) {
        session->settings->closed(session->settings->context, &session->source, why);
    }
    p2i_tls_connection_free(session->tls);
    session->tls = NULL;
    if (session->descriptor >= 0) {
        (void)close(session->descriptor);
    }
    free_parts(session);
}
