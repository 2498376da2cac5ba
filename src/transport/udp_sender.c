/* SPDX-License-Identifier: MIT */
/* UDP (RFC 7011 section 10.3): nothing is acknowledged, so templates are repeated, and datagrams
 * are sent no faster than a receiver with a usual buffer reads them. */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pcap2ipfix/cursor.h"
#include "transport/sender.h"

enum {
    TEMPLATE_MESSAGES = 1024, /* of a domain, after which its templates are sent again */
    /* The default receive buffer of Linux has 212,992 bytes; a datagram of 1,400 bytes takes 2,304
     * of them, and a small one more than 700. A burst takes half of the buffer. At this rate a
     * receiver that shares its processor can pause some 40 ms without a loss. */
    DATAGRAM_LEAST = 1000, /* least bytes that a datagram counts as */
    BURST_BYTES = 64 * 1024,
    DEFAULT_RATE = 3 * 1000 * 1000,
    ANSWER_NS = 50000000, /* at the end, wait for an ICMP answer that no one listens */
};
#define NS_PER_S UINT64_C(1000000000)

struct udp {
    struct p2i_sender sender;  /* first, so that it is the same address */
    int descriptor;            /* -1: it could not be opened ... */
    struct p2i_error unopened; /* ... and this says why */
    struct p2i_buffer frame;
};

static void note_refused(struct udp *udp)
{
    if (udp->sender.summary->refused++ == 0) {
        p2i_sender_report(&udp->sender, false, "port unreachable");
    }
}

static enum p2i_result connect_first(struct udp *udp, const struct addrinfo *addresses,
                                     struct p2i_error *error)
{
    int system_error = EADDRNOTAVAIL;
    for (const struct addrinfo *at = addresses; at != NULL; at = at->ai_next) {
        int descriptor = socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor >= 0 && connect(descriptor, at->ai_addr, at->ai_addrlen) == 0) {
            udp->descriptor = descriptor;
            return P2I_OK;
        }
        system_error = errno;
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
    }
    return p2i_fail(error, P2I_COLLECTOR, "%s", strerror(system_error));
}

static enum p2i_result open_socket(struct udp *udp, struct p2i_error *error)
{
    struct addrinfo *addresses = NULL;
    int result = p2i_sender_resolve(&udp->sender, SOCK_DGRAM, &addresses);
    if (result != 0) {
        return p2i_fail(error, P2I_COLLECTOR, "%s", gai_strerror(result));
    }
    enum p2i_result connected = connect_first(udp, addresses, error);
    freeaddrinfo(addresses);
    return connected;
}

/* An ICMP answer to an earlier datagram appears as an error of this one, which was then not sent.
 */
static bool put_datagram(struct udp *udp, struct p2i_view datagram)
{
    for (int tries = 0; tries < 100; tries++) {
        if (send(udp->descriptor, datagram.data, datagram.size, MSG_NOSIGNAL) >= 0) {
            return true;
        }
        if (errno == ECONNREFUSED) {
            note_refused(udp);
        } else if (errno == ENOBUFS || errno == EAGAIN) {
            const struct p2i_clock *clock = udp->sender.clock;
            clock->wait(clock->context, -1, false, 1000000);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return false;
}

/* Sends one message of the frame. */
static enum p2i_result send_datagram(struct udp *udp, struct p2i_view datagram,
                                     struct p2i_error *error)
{
    struct p2i_sender *sender = &udp->sender;
    uint64_t wait_ns;
    while ((wait_ns = p2i_rate_wait(&sender->rate, p2i_sender_now(sender))) > 0) {
        sender->clock->wait(sender->clock->context, -1, false, wait_ns);
    }
    p2i_rate_take(&sender->rate, datagram.size > DATAGRAM_LEAST ? datagram.size : DATAGRAM_LEAST);
    *sender->bytes_written += datagram.size;
    return put_datagram(udp, datagram) ? P2I_OK
                                       : p2i_fail(error, P2I_COLLECTOR, "%s", strerror(errno));
}

static enum p2i_result send_frame(struct udp *udp, struct p2i_error *error)
{
    struct p2i_view rest = p2i_view_of(udp->frame.data, udp->frame.size);
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && rest.size > 0) {
        size_t size = p2i_load_be16(rest.data + 2);
        result = send_datagram(udp, p2i_view_first(rest, size), error);
        rest = p2i_view_from(rest, size);
    }
    udp->frame.size = 0;
    return result;
}

/* Sends the new templates of the domain, and from time to time all of them, with the export time of
 * the message that needs them. */
static bool put_templates(struct udp *udp, uint32_t time_s, uint32_t domain)
{
    struct p2i_sender *sender = &udp->sender;
    struct p2i_template_timer timer = {sender->delivery->udp_template_timer_s, TEMPLATE_MESSAGES};
    p2i_transport_session_age_templates(&sender->session, domain, time_s, p2i_sender_now(sender),
                                        &timer);
    return p2i_transport_session_put_templates(&sender->session, domain, time_s,
                                               sender->delivery->udp_message_limit, &udp->frame);
}

static enum p2i_result send_over_socket(struct udp *udp, const struct p2i_outgoing *outgoing,
                                        struct p2i_error *error)
{
    struct p2i_sender *sender = &udp->sender;
    uint32_t time_s = p2i_sender_export_time(sender);
    uint32_t templates_s = time_s != 0 ? time_s : p2i_load_be32(outgoing->message.data + 4);
    uint32_t domain = p2i_load_be32(outgoing->message.data + 12);
    if (!put_templates(udp, templates_s, domain) ||
        !p2i_transport_session_put(&sender->session, outgoing, time_s, SIZE_MAX, &udp->frame)) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = send_frame(udp, error);
    if (result == P2I_OK) {
        sender->summary->messages++;
        sender->summary->records_sent += outgoing->records;
    }
    return result;
}

static enum p2i_result send_message(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                                    struct p2i_error *error)
{
    struct udp *udp = (struct udp *)sender;
    enum p2i_result result = P2I_OK;
    if (sender->spool.file == NULL && udp->descriptor < 0) {
        *error = udp->unopened;
        result = P2I_COLLECTOR;
    }
    if (sender->spool.file == NULL && result == P2I_OK) {
        result = send_over_socket(udp, outgoing, error);
    } else if (sender->spool.file != NULL) {
        return p2i_sender_spool(sender, outgoing, error);
    }
    if (result != P2I_COLLECTOR) {
        return result;
    }
    char reason[sizeof error->text];
    memcpy(reason, error->text, sizeof reason);
    result = p2i_sender_give_up(sender, reason, error);
    return result == P2I_OK ? p2i_sender_spool(sender, outgoing, error) : result;
}

static enum p2i_result idle(struct p2i_sender *sender, uint64_t until_ns, struct p2i_error *error)
{
    (void)error;
    for (uint64_t now = p2i_sender_now(sender); now < until_ns && !p2i_sender_is_stopped(sender);
         now = p2i_sender_now(sender)) {
        uint64_t wait_ns = until_ns - now < NS_PER_S / 4 ? until_ns - now : NS_PER_S / 4;
        sender->clock->wait(sender->clock->context, -1, false, wait_ns);
    }
    return P2I_OK;
}

static enum p2i_result finish(struct p2i_sender *sender, struct p2i_error *error)
{
    struct udp *udp = (struct udp *)sender;
    if (sender->spool.file != NULL || udp->descriptor < 0) {
        return p2i_sender_finish_spool(sender, error);
    }
    sender->clock->wait(sender->clock->context, udp->descriptor, false, ANSWER_NS);
    int system_error = 0;
    socklen_t size = sizeof system_error;
    (void)getsockopt(udp->descriptor, SOL_SOCKET, SO_ERROR, &system_error, &size);
    if (system_error == ECONNREFUSED) {
        note_refused(udp);
    }
    if (sender->summary->refused > 0) {
        return p2i_fail(error, P2I_COLLECTOR,
                        "%.80s: port unreachable, %" PRIu64
                        " times; the records sent then are lost",
                        sender->name, sender->summary->refused);
    }
    return P2I_OK;
}

static void free_udp(struct p2i_sender *sender)
{
    struct udp *udp = (struct udp *)sender;
    if (udp->descriptor >= 0) {
        (void)close(udp->descriptor);
    }
    p2i_buffer_free(&udp->frame);
    p2i_sender_free_common(sender);
    free(udp);
}

static const struct p2i_sender_methods methods = {send_message, idle, finish, free_udp};

enum p2i_result p2i_udp_sender_new(struct p2i_sender **sender, const struct p2i_sender *common,
                                   struct p2i_error *error)
{
    *sender = NULL;
    struct udp *udp = calloc(1, sizeof *udp);
    if (udp == NULL) {
        return p2i_fail_memory(error);
    }
    udp->sender = *common;
    udp->sender.methods = &methods;
    udp->descriptor = -1;
    uint64_t rate = common->delivery->rate_bytes > 0 ? common->delivery->rate_bytes : DEFAULT_RATE;
    p2i_rate_init(&udp->sender.rate, rate, BURST_BYTES, p2i_sender_now(&udp->sender));
    (void)open_socket(udp, &udp->unopened); /* a failure matters when there is a record */
    *sender = &udp->sender;
    return P2I_OK;
}
