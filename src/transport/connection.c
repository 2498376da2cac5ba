/* SPDX-License-Identifier: MIT */
#include "transport/connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    UNSENT_BYTES = 256 * 1024, /* limit of bytes in the system: enough to keep it busy */
    KEEP_IDLE_S = 30,          /* TCP keep-alive: a dead peer is noticed within a minute */
    KEEP_INTERVAL_S = 10,
    KEEP_COUNT = 3,
    FAREWELL_NS = 100000000,
    READ_TURNS = 16,          /* reads from a talkative collector at a time */
    WINDOW_SLACK = 16 * 1024, /* see p2i_connection_read() */
    BUFFER_UNKNOWN = 8 << 20, /* assumed when the system does not report the size of the buffer */
    BUFFER_MAX = 64 << 20,    /* upper limit for a reported size */
};
#define NS_PER_S UINT64_C(1000000000)

static void fail_system(struct p2i_connection *connection, int system_error)
{
    (void)p2i_fail(&connection->error, P2I_COLLECTOR, "%s", strerror(system_error));
    connection->error.system_error = system_error;
    connection->state = P2I_CONNECTION_BROKEN;
}

static uint64_t now_ns(const struct p2i_connection *connection)
{
    return connection->clock->now_ns(connection->clock->context);
}

static void set_option(int descriptor, int level, int name, int value)
{
    (void)setsockopt(descriptor, level, name, &value, sizeof value);
}

static void set_options(int descriptor)
{
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES);
}

static void drop_socket(struct p2i_connection *connection)
{
    p2i_tls_connection_free(connection->tls);
    connection->tls = NULL;
    if (connection->descriptor >= 0) {
        (void)close(connection->descriptor);
    }
    connection->descriptor = -1;
}

/* Tries the addresses from connection->address on, until one is connecting. */
static void try_addresses(struct p2i_connection *connection)
{
    for (; connection->address != NULL; connection->address = connection->address->ai_next) {
        const struct addrinfo *address = connection->address;
        drop_socket(connection);
        connection->descriptor =
            socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connection->descriptor >= 0) {
            set_options(connection->descriptor);
            if (connect(connection->descriptor, address->ai_addr, address->ai_addrlen) == 0 ||
                errno == EINPROGRESS) {
                connection->state = P2I_CONNECTION_CONNECTING;
                connection->wants_write = true;
                connection->deadline_ns = now_ns(connection) + connection->connect_ns;
                return;
            }
        }
        fail_system(connection, errno);
    }
    drop_socket(connection);
    connection->state = P2I_CONNECTION_BROKEN;
}

void p2i_connection_start(struct p2i_connection *connection)
{
    p2i_connection_close(connection);
    connection->hopeless = false;
    connection->written = 0;
    connection->widest_window = 0;
    if (connection->lookup != 0) {
        connection->hopeless = true;
        (void)p2i_fail(&connection->error, P2I_COLLECTOR, "%s", gai_strerror(connection->lookup));
        connection->state = P2I_CONNECTION_BROKEN;
        return;
    }
    connection->address = connection->addresses;
    try_addresses(connection);
}

static void try_next_address(struct p2i_connection *connection, int system_error)
{
    fail_system(connection, system_error);
    connection->address = connection->address->ai_next;
    try_addresses(connection);
}

static void begin_shaking(struct p2i_connection *connection)
{
    connection->state = P2I_CONNECTION_OPEN;
    connection->wants_write = false;
    if (connection->context == NULL) {
        return;
    }
    connection->tls = p2i_tls_connection_new(connection->context, connection->descriptor);
    if (connection->tls == NULL) {
        fail_system(connection, ENOMEM);
        return;
    }
    connection->state = P2I_CONNECTION_SHAKING;
}

static void step_connecting(struct p2i_connection *connection)
{
    struct pollfd ready = {.fd = connection->descriptor, .events = POLLOUT};
    if (poll(&ready, 1, 0) <= 0) {
        if (now_ns(connection) >= connection->deadline_ns) {
            try_next_address(connection, ETIMEDOUT);
        }
        return;
    }
    int system_error = 0;
    socklen_t size = sizeof system_error;
    (void)getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &system_error, &size);
    if (system_error != 0) {
        try_next_address(connection, system_error);
    } else {
        begin_shaking(connection);
    }
}

static void fail_tls(struct p2i_connection *connection)
{
    connection->hopeless = p2i_tls_connection_refused(connection->tls);
    connection->state = P2I_CONNECTION_BROKEN;
}

static void step_shaking(struct p2i_connection *connection)
{
    enum p2i_tls_state state = p2i_tls_connection_shake(connection->tls, &connection->error);
    connection->wants_write = state == P2I_TLS_WANT_WRITE;
    if (state == P2I_TLS_DONE) {
        connection->state = P2I_CONNECTION_OPEN;
    } else if (state == P2I_TLS_FAILED) {
        fail_tls(connection);
    } else if (state == P2I_TLS_CLOSED) {
        fail_system(connection, ECONNRESET);
    } else if (now_ns(connection) >= connection->deadline_ns) {
        fail_system(connection, ETIMEDOUT);
    }
}

/* The collector has closed. Its system sends a FIN only when nothing was left unread, and else
 * resets (RFC 1122 section 4.2.2.13): so all acknowledged bytes were read. */
static void end(struct p2i_connection *connection)
{
    int system_error = 0;
    socklen_t size = sizeof system_error;
    (void)getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &system_error, &size);
    if (system_error != 0) {
        fail_system(connection, system_error);
    } else if (p2i_connection_unacknowledged(connection) > 0) {
        fail_system(connection, ECONNRESET);
    } else {
        (void)p2i_fail(&connection->error, P2I_COLLECTOR, "the collector closed the connection");
        connection->state = P2I_CONNECTION_ENDED;
    }
}

/* Reads bytes of the collector from the socket. False: none for now. */
static bool read_plain(struct p2i_connection *connection)
{
    uint8_t dropped[4096];
    ssize_t size = recv(connection->descriptor, dropped, sizeof dropped, MSG_DONTWAIT);
    if (size == 0) {
        end(connection);
    } else if (size < 0 && errno != EAGAIN && errno != EINTR) {
        fail_system(connection, errno);
    }
    return size > 0;
}

/* Waits for the collector to close the TCP connection under TLS. */
static void await_end(struct p2i_connection *connection, uint64_t most_ns)
{
    uint64_t until_ns = now_ns(connection) + most_ns;
    while (connection->state == P2I_CONNECTION_OPEN) {
        if (read_plain(connection) || connection->state != P2I_CONNECTION_OPEN) {
            continue;
        }
        uint64_t now = now_ns(connection);
        if (now >= until_ns) {
            return;
        }
        connection->clock->wait(connection->clock->context, connection->descriptor, false,
                                until_ns - now);
    }
}

/* The collector sent close_notify; only TCP shows whether it has read everything. Most collectors
 * close at once, and would answer our close_notify with a reset; some wait for it. */
static void end_tls(struct p2i_connection *connection)
{
    await_end(connection, FAREWELL_NS);
    if (connection->state == P2I_CONNECTION_OPEN) {
        (void)p2i_tls_connection_close(connection->tls);
        (void)shutdown(connection->descriptor, SHUT_WR);
        await_end(connection, NS_PER_S);
    }
    if (connection->state == P2I_CONNECTION_OPEN) {
        fail_system(connection, ECONNRESET);
    }
}

static bool read_tls(struct p2i_connection *connection)
{
    uint8_t dropped[4096];
    size_t size = 0;
    enum p2i_tls_state state = p2i_tls_connection_read(connection->tls, dropped, sizeof dropped,
                                                       &size, &connection->error);
    if (state == P2I_TLS_FAILED) {
        fail_tls(connection);
    } else if (state == P2I_TLS_CLOSED) {
        end_tls(connection);
    }
    return state == P2I_TLS_DONE;
}

static void step_open(struct p2i_connection *connection)
{
    bool more = true;
    for (int turn = 0; more && turn < READ_TURNS; turn++) {
        more = connection->tls != NULL ? read_tls(connection) : read_plain(connection);
    }
}

void p2i_connection_step(struct p2i_connection *connection)
{
    if (connection->state == P2I_CONNECTION_CONNECTING) {
        step_connecting(connection);
    }
    if (connection->state == P2I_CONNECTION_SHAKING) {
        step_shaking(connection);
    }
    if (connection->state == P2I_CONNECTION_OPEN) {
        step_open(connection);
    }
}

static size_t write_tls(struct p2i_connection *connection, struct p2i_view bytes)
{
    size_t written = 0;
    enum p2i_tls_state state =
        p2i_tls_connection_write(connection->tls, bytes, &written, &connection->error);
    if (state == P2I_TLS_FAILED) {
        fail_tls(connection);
    } else if (state == P2I_TLS_CLOSED) {
        fail_system(connection, EPIPE);
    }
    connection->wants_write = state == P2I_TLS_WANT_WRITE;
    return written;
}

size_t p2i_connection_write(struct p2i_connection *connection, struct p2i_view bytes)
{
    if (connection->tls != NULL) {
        return write_tls(connection, bytes);
    }
    ssize_t size =
        send(connection->descriptor, bytes.data, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT);
    connection->wants_write = size < (ssize_t)bytes.size;
    if (size >= 0) {
        connection->written += (uint64_t)size;
        return (size_t)size;
    }
    if (errno != EAGAIN && errno != EINTR) {
        fail_system(connection, errno);
    }
    return 0;
}

uint64_t p2i_connection_sent(const struct p2i_connection *connection)
{
    return connection->tls != NULL ? p2i_tls_connection_sent_bytes(connection->tls)
                                   : connection->written;
}

uint64_t p2i_connection_unacknowledged(const struct p2i_connection *connection)
{
    int unacknowledged = 0;
    if (ioctl(connection->descriptor, SIOCOUTQ, &unacknowledged) != 0) {
        return UINT64_MAX;
    }
    return unacknowledged > 0 ? (uint64_t)unacknowledged : 0;
}

/* False: not reported by the system (before Linux 5.4). */
static bool find_window(const struct p2i_connection *connection, uint64_t *window)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(connection->descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd) {
        return false;
    }
    *window = info.tcpi_snd_wnd;
    return true;
}

/* Acknowledged bytes may lie unread in the receive buffer of the collector's system. The window
 * that it offers is the free room there, so: unread <= buffer - window. In measurements a buffer
 * held up to twice the widest window that was offered for it, since it grows while it fills, and
 * small segments are merged. The acknowledged bytes are read before the window, so that the sum is
 * not too large. */
uint64_t p2i_connection_read(struct p2i_connection *connection)
{
    uint64_t sent = p2i_connection_sent(connection);
    uint64_t unacknowledged = p2i_connection_unacknowledged(connection);
    uint64_t window = 0;
    uint64_t buffer = BUFFER_UNKNOWN;
    if (find_window(connection, &window)) {
        if (window > connection->widest_window) {
            connection->widest_window = window;
        }
        buffer = 2 * connection->widest_window + WINDOW_SLACK;
    }
    buffer = buffer < BUFFER_MAX ? buffer : BUFFER_MAX;
    uint64_t acknowledged = unacknowledged < sent ? sent - unacknowledged : 0;
    uint64_t read = acknowledged + window > buffer ? acknowledged + window - buffer : 0;
    return read < acknowledged ? read : acknowledged;
}

bool p2i_connection_finish(struct p2i_connection *connection)
{
    if (connection->tls != NULL) {
        enum p2i_tls_state state = p2i_tls_connection_close(connection->tls);
        connection->wants_write = state == P2I_TLS_WANT_WRITE;
        if (state == P2I_TLS_WANT_WRITE || state == P2I_TLS_WANT_READ) {
            return false;
        }
    }
    connection->wants_write = false;
    (void)shutdown(connection->descriptor, SHUT_WR);
    return true;
}

void p2i_connection_close(struct p2i_connection *connection)
{
    drop_socket(connection);
    connection->address = NULL;
    connection->state = P2I_CONNECTION_NONE;
}

void p2i_connection_free(struct p2i_connection *connection)
{
    p2i_connection_close(connection);
    if (connection->addresses != NULL) {
        freeaddrinfo(connection->addresses);
        connection->addresses = NULL;
    }
}
