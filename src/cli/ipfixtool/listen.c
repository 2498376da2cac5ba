/* SPDX-License-Identifier: MIT */
/* ipfixtool listen: a collector for tests and small sites. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/listen_session.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/stop.h"

enum {
    SOURCES_MAX = 512,
    DATAGRAM_MAX = 65535,
    RECEIVE_BUFFER = 8 << 20, /* for datagrams; the system may allow less */
    DATAGRAMS_A_TURN = 1024,
    BACKLOG = 64,
};

struct listener {
    struct p2i_collector_url url;
    const char *text; /* of the URL */
    bool quiet, verbose, once, json, no_sync;
    const char *output_path;
    uint64_t count;  /* ends after so many records; 0: never */
    uint64_t idle_s; /* ends after so long a silence; 0: never */
    int descriptor;
    struct p2i_tls_context *tls;
    struct p2i_listen_output output;
    struct p2i_listen_session *sources[SOURCES_MAX];
    size_t source_count;
    size_t last_source; /* of a datagram */
    uint64_t heard;     /* counts messages and datagrams: a clock for `heard` of sources */
    struct p2i_reader_losses losses; /* of closed sources */
    bool over;
    int status;
};

static void report(const struct listener *listener, const struct p2i_listen_session *source,
                   const char *text)
{
    char host[64] = "?";
    char port[8] = "?";
    if (listener->quiet) {
        return;
    }
    (void)getnameinfo((const struct sockaddr *)&source->peer, source->peer_size, host, sizeof host,
                      port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    fprintf(stderr, "ipfixtool: %s port %s: %s\n", host, port, text);
}

/* Reports a violation of the protocol at once. */
static void on_defect(void *context, uint64_t offset, const char *text)
{
    const struct p2i_listen_session *source = context;
    const struct listener *listener = source->owner;
    (void)offset;
    if (listener->verbose) {
        report(listener, source, text);
    }
}

/* Frees a source and keeps its losses. */
static void release(struct listener *listener, size_t at)
{
    struct p2i_reader_losses losses = p2i_reader_losses(listener->sources[at]->reader);
    listener->losses.sets += losses.sets;
    listener->losses.lists += losses.lists;
    listener->losses.missing_records += losses.missing_records;
    p2i_listen_session_free(listener->sources[at]);
    listener->sources[at] = listener->sources[--listener->source_count];
}

static int fail(struct listener *listener, const struct p2i_error *error)
{
    listener->over = true;
    const char *path = listener->output.path;
    return p2i_tool_fail(strcmp(path, "-") == 0 ? "standard output" : path, error);
}

static void close_socket(struct listener *listener)
{
    if (listener->descriptor >= 0) {
        (void)close(listener->descriptor);
    }
    listener->descriptor = -1;
}

static enum p2i_result open_address(struct listener *listener, const struct addrinfo *address)
{
    bool datagrams = listener->url.transport == P2I_COLLECTOR_UDP;
    int yes = 1;
    listener->descriptor =
        socket(address->ai_family,
               (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener->descriptor < 0) {
        return P2I_INPUT;
    }
    if (datagrams) {
        int size = RECEIVE_BUFFER;
        (void)setsockopt(listener->descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    } else {
        (void)setsockopt(listener->descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    }
    bool done = bind(listener->descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
                (datagrams || listen(listener->descriptor, BACKLOG) == 0);
    return done ? P2I_OK : P2I_INPUT;
}

/* Opens a socket on the first usable address of the host. */
static enum p2i_result open_socket(struct listener *listener, struct p2i_error *error)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses = NULL;
    int result = getaddrinfo(listener->url.host, listener->url.port, &hints, &addresses);
    if (result != 0) {
        return p2i_fail(error, P2I_INPUT, "%s", gai_strerror(result));
    }
    enum p2i_result opened = P2I_INPUT;
    for (const struct addrinfo *at = addresses; at != NULL && opened != P2I_OK; at = at->ai_next) {
        opened = open_address(listener, at);
        if (opened != P2I_OK) {
            (void)p2i_fail(error, P2I_INPUT, "%s", strerror(errno));
            close_socket(listener);
        }
    }
    freeaddrinfo(addresses);
    return opened;
}

/* Whether `a` is dropped before `b`: sources without records first, then the longest silent. */
static bool is_worse(const struct p2i_listen_session *a, const struct p2i_listen_session *b)
{
    return (a->records == 0) != (b->records == 0) ? a->records == 0 : a->heard < b->heard;
}

/* Drops a source so that another exporter can be taken. */
static void make_way(struct listener *listener)
{
    size_t worst = 0;
    for (size_t i = 1; i < listener->source_count; i++) {
        worst = is_worse(listener->sources[i], listener->sources[worst]) ? i : worst;
    }
    if (listener->source_count > 0) {
        if (listener->url.transport != P2I_COLLECTOR_UDP) {
            report(listener, listener->sources[worst], "dropped: too many connections");
        }
        release(listener, worst);
    }
}

static struct p2i_listen_session *add_source(struct listener *listener, int descriptor,
                                             const struct sockaddr_storage *peer, socklen_t size)
{
    if (listener->source_count == SOURCES_MAX) {
        make_way(listener);
    }
    struct p2i_listen_session *source =
        p2i_listen_session_new(descriptor, listener->tls, on_defect);
    if (source != NULL) {
        source->owner = listener;
        source->peer = *peer;
        source->peer_size = size;
        source->heard = ++listener->heard;
        listener->sources[listener->source_count++] = source;
    }
    return source;
}

static void accept_source(struct listener *listener)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    int descriptor = accept4(listener->descriptor, (struct sockaddr *)&peer, &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0 && add_source(listener, descriptor, &peer, size) == NULL) {
        (void)close(descriptor);
    } else if (descriptor < 0 && (errno == EMFILE || errno == ENFILE)) {
        make_way(listener);
    }
}

static void drop_source(struct listener *listener, size_t at)
{
    release(listener, at);
    listener->over = listener->over || listener->once;
}

/* Handles the result of reading a source. False: the source must be dropped. */
static bool judge(struct listener *listener, const struct p2i_listen_session *source,
                  enum p2i_result result, const struct p2i_error *error)
{
    char text[300];
    switch (result) {
    case P2I_OK:
        return true;
    case P2I_END:
        return false;
    case P2I_DAMAGED:
        (void)snprintf(text, sizeof text, "%s after %" PRIu64 " records", error->text,
                       source->records);
        report(listener, source, text);
        listener->status = p2i_tool_worse(listener->status, TOOL_DAMAGED);
        return false;
    default:
        listener->status = p2i_tool_worse(listener->status, fail(listener, error));
        return false;
    }
}

static void read_source(struct listener *listener, size_t at)
{
    struct p2i_error error = {0};
    struct p2i_listen_session *source = listener->sources[at];
    source->heard = ++listener->heard;
    enum p2i_result result = p2i_listen_session_read(source, &listener->output, &error);
    if (!judge(listener, source, result, &error)) {
        drop_source(listener, at);
    }
}

/* Each sender of datagrams is a separate transport session (RFC 7011 section 10.3.4). */
static struct p2i_listen_session *source_of(struct listener *listener,
                                            const struct sockaddr_storage *peer, socklen_t size)
{
    for (size_t i = 0; i < listener->source_count; i++) {
        size_t at = (listener->last_source + i) % listener->source_count;
        struct p2i_listen_session *source = listener->sources[at];
        if (source->peer_size == size && memcmp(&source->peer, peer, size) == 0) {
            listener->last_source = at;
            return source;
        }
    }
    return add_source(listener, -1, peer, size);
}

/* Reports an exporter of bad datagrams once only. */
static void judge_datagram(struct listener *listener, struct p2i_listen_session *source,
                           enum p2i_result result, const struct p2i_error *error)
{
    if (result == P2I_DAMAGED && source->blamed) {
        return;
    }
    source->blamed = result == P2I_DAMAGED || source->blamed;
    (void)judge(listener, source, result, error);
}

static void read_datagrams(struct listener *listener)
{
    static uint8_t bytes[DATAGRAM_MAX];
    for (int i = 0; i < DATAGRAMS_A_TURN && !listener->over; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        ssize_t got =
            recvfrom(listener->descriptor, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &size);
        if (got < 0) {
            return;
        }
        struct p2i_listen_session *source = source_of(listener, &peer, size);
        struct p2i_error error = {0};
        if (source != NULL) {
            enum p2i_result result = p2i_listen_session_datagram(
                source, &listener->output, p2i_view_of(bytes, (size_t)got), &error);
            source->heard = ++listener->heard;
            judge_datagram(listener, source, result, &error);
        }
        listener->over =
            listener->over || (listener->count > 0 && listener->output.records >= listener->count);
    }
}

/* Handles all descriptors that are ready, once. */
static void turn(struct listener *listener, const struct pollfd *ready, size_t count)
{
    for (size_t i = count; i > 1 && !listener->over; i--) {
        if (ready[i - 1].revents != 0) {
            read_source(listener, i - 2);
        }
    }
    if (ready[0].revents != 0 && !listener->over) {
        if (listener->url.transport == P2I_COLLECTOR_UDP) {
            read_datagrams(listener);
        } else {
            accept_source(listener);
        }
    }
    listener->over =
        listener->over || (listener->count > 0 && listener->output.records >= listener->count);
}

/* Waits until a descriptor is ready. False: the idle time is over. */
static bool await(struct listener *listener, struct pollfd *ready, size_t count)
{
    int timeout = listener->idle_s > 0 ? (int)(listener->idle_s * 1000) : -1;
    int found = poll(ready, count, 0);
    if (found == 0) {
        p2i_listen_output_rest(&listener->output);
        found = poll(ready, count, timeout);
    }
    return found != 0;
}

static void listen_on(struct listener *listener)
{
    struct pollfd ready[SOURCES_MAX + 1];
    bool streams = listener->url.transport != P2I_COLLECTOR_UDP;
    while (!listener->over && !p2i_tool_stopped) {
        size_t count = streams ? listener->source_count + 1 : 1;
        ready[0] = (struct pollfd){.fd = listener->descriptor, .events = POLLIN};
        for (size_t i = 1; i < count; i++) {
            const struct p2i_listen_session *source = listener->sources[i - 1];
            ready[i] =
                (struct pollfd){.fd = source->descriptor,
                                .events = (short)(source->wants_write ? POLLIN | POLLOUT : POLLIN)};
        }
        if (!await(listener, ready, count)) {
            return;
        }
        if (!p2i_tool_stopped) {
            turn(listener, ready, count);
        }
    }
}

static int run(struct listener *listener)
{
    struct p2i_error error = {0};
    enum p2i_result result = P2I_OK;
    if (listener->url.transport == P2I_COLLECTOR_TLS) {
        result = p2i_tls_server_context(&listener->tls, listener->url.cert, listener->url.key,
                                        listener->url.ca, &error);
    }
    if (result == P2I_OK) {
        result = open_socket(listener, &error);
    }
    if (result != P2I_OK) {
        (void)p2i_tool_fail(listener->text, &error);
        return result == P2I_USAGE ? TOOL_USAGE : TOOL_INPUT;
    }
    result = p2i_listen_output_open(&listener->output, listener->output_path, listener->json,
                                    !listener->no_sync, &error);
    if (result != P2I_OK) {
        return fail(listener, &error);
    }
    p2i_tool_catch_signals();
    if (!listener->quiet) {
        fprintf(stderr, "ipfixtool: listening on %s\n", listener->text);
    }
    listen_on(listener);
    if (listener->status != TOOL_OUTPUT) { /* records so far are kept */
        result = p2i_listen_output_finish(&listener->output, (uint32_t)time(NULL), &error);
        listener->status = result == P2I_OK
                               ? listener->status
                               : p2i_tool_worse(listener->status, fail(listener, &error));
    }
    if (!listener->quiet) {
        fprintf(stderr, "ipfixtool: %" PRIu64 " record%s received\n", listener->output.records,
                listener->output.records == 1 ? "" : "s");
    }
    while (listener->source_count > 0) {
        release(listener, 0);
    }
    return p2i_tool_worse(listener->status, p2i_tool_losses(NULL, &listener->losses));
}

static int set_path(char *to, const char *path)
{
    if (strlen(path) >= P2I_COLLECTOR_FILE_MAX) {
        return p2i_tool_usage("listen: '%.40s...' is too long", path);
    }
    memcpy(to, path, strlen(path) + 1);
    return TOOL_OK;
}

/* Files of options, which override those of the URL. */
struct tls_files {
    const char *cert, *key, *ca;
};

static int set_option(struct listener *listener, struct tls_files *files, int option,
                      const char *argument)
{
    switch (option) {
    case TOOL_OPTION_LISTEN_WRITE:
    case TOOL_OPTION_LISTEN_JSON:
        if (listener->output_path != NULL) {
            return p2i_tool_usage("listen: -w and -j exclude each other");
        }
        listener->output_path = argument;
        listener->json = option == TOOL_OPTION_LISTEN_JSON;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_COUNT:
        return p2i_tool_parse_number(argument, UINT64_MAX, &listener->count)
                   ? TOOL_OK
                   : p2i_tool_usage("listen: --count needs a number");
    case TOOL_OPTION_LISTEN_IDLE:
        return p2i_tool_parse_number(argument, 1000000, &listener->idle_s)
                   ? TOOL_OK
                   : p2i_tool_usage("listen: --idle needs a number of seconds");
    case TOOL_OPTION_LISTEN_ONCE:
        listener->once = true;
        return TOOL_OK;
    case TOOL_OPTION_QUIET:
        listener->quiet = true;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_VERBOSE:
        listener->verbose = true;
        return TOOL_OK;
    case TOOL_OPTION_NO_SYNC:
        listener->no_sync = true;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_CERT:
        files->cert = argument;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_KEY:
        files->key = argument;
        return TOOL_OK;
    default: /* TOOL_OPTION_LISTEN_CA */
        files->ca = argument;
        return TOOL_OK;
    }
}

static int complete(struct listener *listener, const struct tls_files *files, const char *text)
{
    struct p2i_error error;
    struct p2i_collector_url *url = &listener->url;
    listener->text = text;
    if (p2i_collector_url_parse(url, text, &error) != P2I_OK) {
        return p2i_tool_usage("listen: %s", error.text);
    }
    if (url->records != UINT32_MAX) {
        return p2i_tool_usage("listen: a listener takes all channels: remove them from '%s'", text);
    }
    int status = files->cert != NULL ? set_path(url->cert, files->cert) : TOOL_OK;
    if (status == TOOL_OK && files->key != NULL) {
        status = set_path(url->key, files->key);
    }
    if (status == TOOL_OK && files->ca != NULL) {
        status = set_path(url->ca, files->ca);
    }
    if (status != TOOL_OK) {
        return status;
    }
    if (url->transport == P2I_COLLECTOR_TLS && url->cert[0] == '\0') {
        return p2i_tool_usage("listen: TLS needs a certificate: --cert FILE");
    }
    if (url->transport == P2I_COLLECTOR_UDP && listener->once) {
        return p2i_tool_usage("listen: UDP has no connections: --count or --idle, not --once");
    }
    return listener->output_path != NULL
               ? TOOL_OK
               : p2i_tool_usage("listen: no output given: -w FILE or -j FILE");
}

int p2i_tool_listen(int argc, char **argv)
{
    struct listener *listener = calloc(1, sizeof *listener);
    struct tls_files files = {0};
    struct p2i_tool_arguments arguments;
    int status = listener != NULL ? TOOL_OK : TOOL_INTERNAL;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_LISTEN, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(listener, &files, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK && arguments.count != 1) {
        status = p2i_tool_usage("listen: one URL is needed: tcp://HOST:PORT, udp:// or tls://");
    }
    if (status == TOOL_OK && listener != NULL) {
        status = complete(listener, &files, arguments.files[0]);
    }
    if (status == TOOL_OK && listener != NULL) {
        listener->descriptor = -1;
        status = run(listener);
        p2i_listen_output_free(&listener->output);
        p2i_tls_context_free(listener->tls);
        close_socket(listener);
    }
    free(listener);
    return status;
}
