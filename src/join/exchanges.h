/* SPDX-License-Identifier: MIT */
/* Exchanges that are not given out yet, in the order of their first records, and the groups in
 * which halves find each other. One thread. */
#ifndef P2I_JOIN_EXCHANGES_H
#define P2I_JOIN_EXCHANGES_H

#include "join/half.h"
#include "pcap2ipfix/join.h"

struct p2i_join_group;

/* An exchange. Its texts stand one behind the other in `asked`: login, host, request. */
struct p2i_held {
    struct p2i_held *next;            /* in the order of the first records */
    struct p2i_held *before, *behind; /* of those that wait in the group */
    struct p2i_join_group *group;     /* of its key; NULL: no other half can come */
    struct p2i_join_group *session;
    const char *kind; /* static */
    uint64_t request_ns, reply_ns;
    int64_t status;          /* -1: none */
    uint8_t *asked, *answer; /* NULL: nothing */
    uint32_t login_size, host_size, request_size, answer_size;
    uint32_t charged; /* bytes of all that */
    uint16_t client_port, server_port;
    uint8_t client_size, server_size; /* of the addresses */
    bool has_request, has_reply, request_exact, reply_exact;
    bool matches; /* the filter: one of its records does */
    bool waits;   /* is between first and last of the group */
    uint8_t client[16], server[16];
};

/* What stands under a key: exchanges that wait for their other half, or a session. */
struct p2i_join_group {
    struct p2i_join_group *next; /* in the bucket */
    uint64_t key;
    uint32_t users; /* exchanges, and 1 while it has a flow */
    bool has_flow;
    union {
        struct {
            struct p2i_held *first, *last; /* that wait, in order */
            struct p2i_held *latest;       /* of MATCH_SAME: also when it waits no more */
        };
        struct {
            uint64_t id; /* of the session */
            uint64_t bytes, packets;
            uint8_t *login; /* NULL: none known */
            uint32_t login_size;
            struct p2i_join_group *newer_flow;
        };
    };
};

/* Start with {0}. */
struct p2i_exchanges {
    struct p2i_join_group **buckets;
    size_t bucket_count, group_count;
    struct p2i_held *first, *last;
    struct p2i_join_group *oldest_flow, *newest_flow;
    uint64_t bytes; /* that they take */
};

/* The group of a key. NULL: there is none, or, with `make`, out of memory. */
struct p2i_join_group *p2i_exchanges_group(struct p2i_exchanges *exchanges, uint64_t key,
                                           bool make);
/* A new exchange with this half, behind all others. `session`: key of the session's group. NULL:
 * out of memory. */
struct p2i_held *p2i_exchanges_add(struct p2i_exchanges *exchanges, const struct p2i_half *half,
                                   uint64_t session);
/* Adds the other half, or more of a half, to an exchange. False: out of memory. */
bool p2i_exchanges_extend(struct p2i_exchanges *exchanges, struct p2i_held *held,
                          const struct p2i_half *half);
/* From now on the exchange waits for its other half; or it does no longer. */
void p2i_exchanges_wait(struct p2i_held *held);
void p2i_exchanges_settle(struct p2i_held *held);
/* No other half can come: the exchange leaves its group. */
void p2i_exchanges_close(struct p2i_exchanges *exchanges, struct p2i_held *held);
/* Adds a flow to its session. False: out of memory. */
bool p2i_exchanges_add_flow(struct p2i_exchanges *exchanges, const struct p2i_half *half,
                            uint64_t session);
/* Shows an exchange; views live as long as it does. */
void p2i_exchanges_show(const struct p2i_held *held, struct p2i_exchange *out);
/* Forgets the oldest exchange; where there is none, the session whose flow came first. */
void p2i_exchanges_drop(struct p2i_exchanges *exchanges);
void p2i_exchanges_free(struct p2i_exchanges *exchanges);

#endif
