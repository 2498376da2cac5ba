/* SPDX-License-Identifier: MIT */
/* How messages get to one collector: what UDP and the streams have in common. One thread. */
#ifndef P2I_TRANSPORT_SENDER_H
#define P2I_TRANSPORT_SENDER_H

#include "transport/spool.h"
#include "transport/throttle.h"

struct p2i_sender;

struct p2i_sender_methods {
    /* Takes a message with data sets only; may wait. P2I_OK also when it ends up in the spool;
     * P2I_OUTPUT: there neither. */
    enum p2i_result (*send)(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                            struct p2i_error *error);
    /* Goes on with what was taken until then. */
    enum p2i_result (*idle)(struct p2i_sender *sender, uint64_t until_ns, struct p2i_error *error);
    /* Waits until all has arrived, or is spooled; P2I_COLLECTOR: not all has arrived. */
    enum p2i_result (*finish)(struct p2i_sender *sender, struct p2i_error *error);
    void (*free)(struct p2i_sender *sender);
};

struct p2i_sender {
    const struct p2i_sender_methods *methods;
    const char *name; /* for texts: the URL as given */
    const struct p2i_collector_url *url;
    const struct p2i_delivery *delivery;
    const struct p2i_clock *clock;
    struct p2i_collector_summary *summary;
    uint64_t *bytes_written;
    struct p2i_transport_session session; /* templates are defined here */
    struct p2i_rate rate;
    struct p2i_spool spool;
    struct p2i_sync *sync; /* of the spool file; NULL: it is not synced */
    uint64_t stopped_ns;   /* when the run was first seen stopped; 0: not yet */
    char reason[256];      /* why it spools */
};

/* The pointers in `common` must live as long as the sender. P2I_USAGE, P2I_INTERNAL. */
enum p2i_result p2i_stream_sender_new(struct p2i_sender **sender, const struct p2i_sender *common,
                                      struct p2i_error *error);
enum p2i_result p2i_udp_sender_new(struct p2i_sender **sender, const struct p2i_sender *common,
                                   struct p2i_error *error);

/* For the senders. */
uint64_t p2i_sender_now(const struct p2i_sender *sender);
uint32_t p2i_sender_export_time(const struct p2i_sender *sender); /* 0: the capture's */
void p2i_sender_report(const struct p2i_sender *sender, bool usual, const char *format, ...)
    P2I_PRINTF(3, 4);
void p2i_sender_log(const struct p2i_sender *sender, bool usual, const char *level,
                    const char *format, ...) P2I_PRINTF(4, 5);
/* Whether the run is stopped; notes since when. */
bool p2i_sender_is_stopped(struct p2i_sender *sender);
/* From now on all goes to the spool file. */
enum p2i_result p2i_sender_give_up(struct p2i_sender *sender, const char *reason,
                                   struct p2i_error *error);
enum p2i_result p2i_sender_spool(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                                 struct p2i_error *error);
/* P2I_OK where nothing was spooled, else completes the file: P2I_COLLECTOR. */
enum p2i_result p2i_sender_finish_spool(struct p2i_sender *sender, struct p2i_error *error);
void p2i_sender_free_common(struct p2i_sender *sender);

#endif
