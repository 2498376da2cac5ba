/* SPDX-License-Identifier: MIT */
/* Reports sessions and their packets to whoever wants to know them beside the records. Costs
 * nothing but a test where nobody does. */
#ifndef P2I_SESSION_OBSERVER_H
#define P2I_SESSION_OBSERVER_H

#include "pcap2ipfix/engine.h"
#include "session/by_index.h"
#include "session/table.h"

/* What a session has been so far. */
struct p2i_session_totals {
    uint64_t packets[2], bytes[2]; /* by end of the key */
    uint64_t first_ns, last_ns;
    uint64_t records;    /* emitted and selected */
    uint64_t unselected; /* emitted, but their kind is not selected */
    uint64_t lost_bytes;
    uint64_t packet; /* number of its first packet in its capture */
    uint32_t capture;
    bool evicted;
};

struct p2i_session_observer {
    /* A session has begun or ended; the facts live for the call. NULL: not wanted. */
    void (*session)(void *context, const struct p2i_session_facts *facts);
    /* A packet of a session. NULL: not wanted. */
    void (*packet)(void *context, const struct p2i_packet_facts *facts);
    void *context;
    bool on;                    /* one of them is wanted */
    struct p2i_by_index totals; /* struct p2i_session_totals, when sessions are wanted */
};

/* The totals of a session; only when sessions are wanted. */
static inline struct p2i_session_totals *
p2i_observer_totals(const struct p2i_session_observer *observer, uint32_t session_index)
{
    return p2i_by_index_at(&observer->totals, session_index, sizeof(struct p2i_session_totals));
}

void p2i_observer_free(struct p2i_session_observer *observer);

/* A session begins with the packet. False: out of memory. */
bool p2i_observer_begin(struct p2i_session_observer *observer, const struct p2i_session *session,
                        const struct p2i_packet *packet);
/* Counts a packet that end `from` of the key sent. */
void p2i_observer_count(struct p2i_session_observer *observer, const struct p2i_session *session,
                        unsigned from, const struct p2i_packet *packet);
/* Reports a packet of the session. A watched SYN is reported when it comes, but counted when it is
 * known which session it belongs to. */
void p2i_observer_packet(struct p2i_session_observer *observer, const struct p2i_session *session,
                         const struct p2i_packet *packet);
void p2i_observer_end(struct p2i_session_observer *observer, const struct p2i_session *session);

#endif
