/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/receiver.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfix/reader_raw.h"
#include "transport/receiver_session.h"
#include "transport/url.h"

enum {
    SESSIONS_MAX = 512,
    MEMORY_MAX = 128 << 20, /* of templates and names of all sources */
    DATAGRAM_MAX = 65535,
    RECEIVE_BUFFER = 8 << 20, /* for datagrams; the system may allow less */
    DATAGRAMS_A_TURN = 1024,
    BACKLOG = 64,
};

struct p2i_receiver {
    struct p2i_receiver_settings settings;
    struct p2i_collector_url url;
    int descriptor; /* -1: not open */
    struct p2i_tls_context *tls;
    struct p2i_receiver_session *sessions[SESSIONS_MAX];
    size_t session_count;
    size_t bytes;        /* of MEMORY_MAX */
    size_t last_session; /* of a datagram */
    uint64_t heard;      /* counts messages and datagrams: a clock for `heard` of sessions */
    struct pollfd ready[SESSIONS_MAX + 1];
    uint8_t datagram[DATAGRAM_MAX];
};

/* Sets a file of the settings in place of that of the URL. */
static enum p2i_result set_path(char *to, const char *path, struct p2i_error *error)
{
    if (path == NULL) {
        return P2I_OK;
    }
    if (strlen(path) >= P2I_COLLECTOR_FILE_MAX) {
        return p2i_fail(error, P2I_USAGE, "'%.40s...' is too long", path);
    }
    memcpy(to, path, strlen(path) + 1);
    return P2I_OK;
}

static enum p2i_result set_url(struct p2i_receiver *receiver, struct p2i_error *error)
{
    const struct p2i_receiver_settings *settings = &receiver->settings;
    struct p2i_collector_url *url = &receiver->url;
    enum p2i_result result = p2i_collector_url_parse(url, settings->url, error);
    if (result == P2I_OK && url->records != UINT32_MAX) {
        result = p2i_fail(error, P2I_USAGE, "a listener takes all channels: remove them from '%s'",
                          settings->url);
    }
    if (result == P2I_OK) {
        result = set_path(url->cert, settings->cert, error);
    }
    if (result == P2I_OK) {
        result = set_path(url->key, settings->key, error);
    }
    return result == P2I_OK ? set_path(url->ca, settings->ca, error) : result;
}

enum p2i_result p2i_receiver_new(struct p2i_receiver **receiver,
                                 const struct p2i_receiver_settings *settings,
                                 struct p2i_error *error)
{
    bool known = settings->struct_size >= sizeof *settings;
    *receiver = calloc(1, sizeof **receiver);
    if (*receiver == NULL) {
        return p2i_fail_memory(error);
    }
    (*receiver)->descriptor = -1;
    memcpy(&(*receiver)->settings, settings, known ? sizeof *settings : settings->struct_size);
    enum p2i_result result = set_url(*receiver, error);
    if (result != P2I_OK) {
        p2i_receiver_free(*receiver);
        *receiver = NULL;
    }
    return result;
}

static bool has_datagrams(const struct p2i_receiver *receiver)
{
    return receiver->url.transport == P2I_COLLECTOR_UDP;
}

static bool is_stopped(const struct p2i_receiver *receiver)
{
    const struct p2i_receiver_settings *settings = &receiver->settings;
    return settings->is_stopped != NULL && settings->is_stopped(settings->context);
}

static void close_socket(struct p2i_receiver *receiver)
{
    if (receiver->descriptor >= 0) {
        (void)close(receiver->descriptor);
    }
    receiver->descriptor = -1;
}

static bool open_address(struct p2i_receiver *receiver, const struct addrinfo *address)
{
    bool datagrams = has_datagrams(receiver);
    int yes = 1;
    receiver->descriptor =
        socket(address->ai_family,
               (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (receiver->descriptor < 0) {
        return false;
    }
    if (datagrams) {
        int size = RECEIVE_BUFFER;
        (void)setsockopt(receiver->descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    } else {
        (void)setsockopt(receiver->descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    }
    return bind(receiver->descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
           (datagrams || listen(receiver->descriptor, BACKLOG) == 0);
}

/* Opens a socket on the first usable address of the host. */
static enum p2i_result open_socket(struct p2i_receiver *receiver, struct p2i_error *error)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses = NULL;
    int found = getaddrinfo(receiver->url.host, receiver->url.port, &hints, &addresses);
    if (found != 0) {
        return p2i_fail(error, P2I_INPUT, "%s", gai_strerror(found));
    }
    bool opened = false;
    for (const struct addrinfo *at = addresses; at != NULL && !opened; at = at->ai_next) {
        opened = open_address(receiver, at);
        if (!opened) {
            (void)p2i_fail(error, P2I_INPUT, "%s", strerror(errno));
            close_socket(receiver);
        }
    }
    freeaddrinfo(addresses);
    return opened ? P2I_OK : P2I_INPUT;
}

enum p2i_result p2i_receiver_listen(struct p2i_receiver *receiver, struct p2i_error *error)
{
    const struct p2i_collector_url *url = &receiver->url;
    if (url->transport == P2I_COLLECTOR_TLS) {
        enum p2i_result result =
            url->cert[0] == '\0'
                ? p2i_fail(error, P2I_USAGE, "TLS needs a certificate")
                : p2i_tls_server_context(&receiver->tls, url->cert, url->key, url->ca, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return open_socket(receiver, error);
}

/* Ends a session. */
static void release(struct p2i_receiver *receiver, size_t at, enum p2i_result why)
{
    struct p2i_receiver_session *session = receiver->sessions[at];
    receiver->sessions[at] = receiver->sessions[--receiver->session_count];
    receiver->bytes -= session->bytes;
    p2i_receiver_session_free(session, why);
}

/* Whether `a` is dropped before `b`: sources without records first, then the longest silent. */
static bool is_worse(const struct p2i_receiver_session *a, const struct p2i_receiver_session *b)
{
    return (a->records == 0) != (b->records == 0) ? a->records == 0 : a->heard < b->heard;
}

/* Drops a session so that another exporter can be taken. */
static void make_way(struct p2i_receiver *receiver)
{
    size_t worst = 0;
    for (size_t i = 1; i < receiver->session_count; i++) {
        worst = is_worse(receiver->sessions[i], receiver->sessions[worst]) ? i : worst;
    }
    if (receiver->session_count > 0) {
        if (!has_datagrams(receiver)) {
            p2i_receiver_session_report(receiver->sessions[worst], P2I_RECEIVER_DROPPED,
                                        "dropped: too many connections");
        }
        release(receiver, worst, P2I_OK);
    }
}

/* Counts the memory of a source. Beyond the limit the largest sources are dropped, so that one that
 * sends more and more templates does no harm to the others. */
static void keep_to_limit(struct p2i_receiver *receiver, struct p2i_receiver_session *session)
{
    receiver->bytes -= session->bytes;
    session->bytes = p2i_reader_bytes(session->source.reader);
    receiver->bytes += session->bytes;
    while (receiver->bytes > MEMORY_MAX) {
        size_t largest = 0;
        for (size_t i = 1; i < receiver->session_count; i++) {
            bool larger = receiver->sessions[i]->bytes > receiver->sessions[largest]->bytes;
            largest = larger ? i : largest;
        }
        p2i_receiver_session_report(receiver->sessions[largest], P2I_RECEIVER_DROPPED,
                                    "dropped: too many templates");
        release(receiver, largest, P2I_OK);
    }
}

static struct p2i_receiver_session *add_session(struct p2i_receiver *receiver, int descriptor,
                                                const struct sockaddr_storage *peer, socklen_t size)
{
    if (receiver->session_count == SESSIONS_MAX) {
        make_way(receiver);
    }
    struct p2i_receiver_session *session =
        p2i_receiver_session_new(descriptor, receiver->tls, peer, size, &receiver->settings);
    if (session != NULL) {
        session->heard = ++receiver->heard;
        receiver->sessions[receiver->session_count++] = session;
    }
    return session;
}

static enum p2i_result accept_session(struct p2i_receiver *receiver, struct p2i_error *error)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    int descriptor = accept4(receiver->descriptor, (struct sockaddr *)&peer, &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0 && add_session(receiver, descriptor, &peer, size) == NULL) {
        (void)close(descriptor);
        return p2i_fail_memory(error);
    }
    if (descriptor < 0 && (errno == EMFILE || errno == ENFILE)) {
        make_way(receiver);
    }
    return P2I_OK;
}

static void report_damage(const struct p2i_receiver_session *session, const struct p2i_error *error)
{
    char text[sizeof error->text + 44];
    (void)snprintf(text, sizeof text, "%s after %" PRIu64 " records", error->text,
                   session->records);
    p2i_receiver_session_report(session, P2I_RECEIVER_DAMAGED, text);
}

static enum p2i_result read_session(struct p2i_receiver *receiver, size_t at,
                                    struct p2i_error *error)
{
    struct p2i_receiver_session *session = receiver->sessions[at];
    session->heard = ++receiver->heard;
    enum p2i_result result = p2i_receiver_session_read(session, error);
    if (result == P2I_DAMAGED) {
        report_damage(session, error);
    }
    if (result != P2I_OK) {
        release(receiver, at, result);
    } else {
        keep_to_limit(receiver, session);
    }
    return result == P2I_END || result == P2I_DAMAGED ? P2I_OK : result;
}

/* Each sender of datagrams is a separate transport session (RFC 7011 section 10.3.4). */
static struct p2i_receiver_session *session_of(struct p2i_receiver *receiver,
                                               const struct sockaddr_storage *peer, socklen_t size)
{
    for (size_t i = 0; i < receiver->session_count; i++) {
        size_t at = (receiver->last_session + i) % receiver->session_count;
        struct p2i_receiver_session *session = receiver->sessions[at];
        if (session->peer_size == size && memcmp(&session->peer, peer, size) == 0) {
            receiver->last_session = at;
            return session;
        }
    }
    return add_session(receiver, -1, peer, size);
}

static enum p2i_result read_datagram(struct p2i_receiver *receiver, struct p2i_view datagram,
                                     const struct sockaddr_storage *peer, socklen_t size,
                                     struct p2i_error *error)
{
    struct p2i_receiver_session *session = session_of(receiver, peer, size);
    if (session == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = p2i_receiver_session_datagram(session, datagram, error);
    session->heard = ++receiver->heard;
    if (result == P2I_DAMAGED && !session->blamed) {
        session->blamed = true;
        report_damage(session, error);
    }
    keep_to_limit(receiver, session);
    return result == P2I_DAMAGED ? P2I_OK : result;
}

static enum p2i_result read_datagrams(struct p2i_receiver *receiver, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (int i = 0; i < DATAGRAMS_A_TURN && result == P2I_OK && !is_stopped(receiver); i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        ssize_t got = recvfrom(receiver->descriptor, receiver->datagram, sizeof receiver->datagram,
                               0, (struct sockaddr *)&peer, &size);
        if (got < 0) {
            break;
        }
        result = read_datagram(receiver, p2i_view_of(receiver->datagram, (size_t)got), &peer, size,
                               error);
    }
    return result;
}

/* Handles all descriptors that are ready, once: the socket is the first, sessions follow. */
static enum p2i_result turn(struct p2i_receiver *receiver, size_t count, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = count; i > 1 && result == P2I_OK && !is_stopped(receiver); i--) {
        if (receiver->ready[i - 1].revents != 0) {
            result = read_session(receiver, i - 2, error);
        }
    }
    if (receiver->ready[0].revents == 0 || result != P2I_OK || is_stopped(receiver)) {
        return result;
    }
    if (has_datagrams(receiver)) {
        return read_datagrams(receiver, error);
    }
    return accept_session(receiver, error);
}

enum p2i_result p2i_receiver_wait(struct p2i_receiver *receiver, int timeout_ms,
                                  struct p2i_error *error)
{
    size_t count = has_datagrams(receiver) ? 1 : receiver->session_count + 1;
    receiver->ready[0] = (struct pollfd){.fd = receiver->descriptor, .events = POLLIN};
    for (size_t i = 1; i < count; i++) {
        const struct p2i_receiver_session *session = receiver->sessions[i - 1];
        receiver->ready[i] =
            (struct pollfd){.fd = session->descriptor,
                            .events = (short)(session->wants_write ? POLLIN | POLLOUT : POLLIN)};
    }
    int found = poll(receiver->ready, count, timeout_ms);
    if (found == 0) {
        return P2I_END;
    }
    return found > 0 ? turn(receiver, count, error) : P2I_OK; /* else a signal came */
}

void p2i_receiver_free(struct p2i_receiver *receiver)
{
    if (receiver == NULL) {
        return;
    }
    while (receiver->session_count > 0) {
        release(receiver, receiver->session_count - 1, P2I_OK);
    }
    p2i_tls_context_free(receiver->tls);
    close_socket(receiver);
    free(receiver);
}
