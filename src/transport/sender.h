/* SPDX-License-Identifier: MIT */
/* Delivers messages to one collector: the common part of UDP and of TCP and TLS. One thread. */
#ifndef P2I_TRANSPORT_SENDER_H
#define P2I_TRANSPORT_SENDER_H

#include <netdb.h>

#include "settings/settings.h"
#include "transport/spool.h"
#include "transport/throttle.h"

struct p2i_sender;

struct p2i_sender_methods {
    /* Sends a message that has only data sets; may wait. P2I_OK: sent, queued or spooled;
     * P2I_OUTPUT: the spool file failed; P2I_INTERNAL: out of memory. */
    enum p2i_result (*send)(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                            struct p2i_error *error);
    /* Continues with queued messages until this time of the clock. */
    enum p2i_result (*idle)(struct p2i_sender *sender, uint64_t until_ns, struct p2i_error *error);
    /* Waits until all messages arrived or are spooled. P2I_COLLECTOR: some are spooled. */
    enum p2i_result (*finish)(struct p2i_sender *sender, struct p2i_error *error);
    void (*free)(struct p2i_sender *sender);
};

struct p2i_sender {
    const struct p2i_sender_methods *methods;
    const char *name; /* the URL as given, for texts */
    const struct p2i_collector_url *url;
    const struct p2i_delivery *delivery;
    const struct p2i_clock *clock;
    struct p2i_collector_summary *summary;
    uint64_t *bytes_written;
    struct p2i_transport_session session; /* has the templates */
    struct p2i_rate rate;
    struct p2i_spool spool;
    struct p2i_output_rules spool_rules;
    uint64_t stopped_ns; /* when is_stopped() was first true; 0: not yet */
    char reason[256];    /* for spooling */
};

/* Creates a sender from the members of `common`, whose pointers must outlive it. P2I_OK; P2I_USAGE:
 * a file named in the URL is wrong; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_stream_sender_new(struct p2i_sender **sender, const struct p2i_sender *common,
                                      struct p2i_error *error);
enum p2i_result p2i_udp_sender_new(struct p2i_sender **sender, const struct p2i_sender *common,
                                   struct p2i_error *error);

/* The rest is for the senders. */

/* Looks up the host of the collector for sockets of this type (SOCK_STREAM, SOCK_DGRAM); after a
 * temporary failure again and again, until retry_s. Returns the result of getaddrinfo(); if it is
 * 0, the caller frees *addresses by freeaddrinfo(). */
int p2i_sender_resolve(struct p2i_sender *sender, int type, struct addrinfo **addresses);
uint64_t p2i_sender_now(const struct p2i_sender *sender);
/* Export time for message headers, Unix seconds; 0: keep the time of the capture. */
uint32_t p2i_sender_export_time(const struct p2i_sender *sender);
void p2i_sender_report(const struct p2i_sender *sender, bool usual, const char *format, ...)
    P2I_PRINTF(3, 4);
void p2i_sender_log(const struct p2i_sender *sender, bool usual, const char *level,
                    const char *format, ...) P2I_PRINTF(4, 5);
/* True when the run is stopped; notes since when. */
bool p2i_sender_is_stopped(struct p2i_sender *sender);
/* Gives up the collector: all further messages are spooled. */
enum p2i_result p2i_sender_give_up(struct p2i_sender *sender, const char *reason,
                                   struct p2i_error *error);
enum p2i_result p2i_sender_spool(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                                 struct p2i_error *error);
/* Completes the spool file. P2I_OK: nothing was spooled; P2I_COLLECTOR: something was; P2I_OUTPUT:
 * the file failed. */
enum p2i_result p2i_sender_finish_spool(struct p2i_sender *sender, struct p2i_error *error);
void p2i_sender_free_common(struct p2i_sender *sender);

#endif
