/* SPDX-License-Identifier: MIT */
/* Reports sessions and their packets to whoever wants to know them beside the records. Costs
 * nothing but a test where nobody does. */
#ifndef P2I_SESSION_OBSERVER_H
#define P2I_SESSION_OBSERVER_H

#include "pcap2ipfix/engine.h"
#include "session/by_index.h"
#include "session/stream_state.h"
#include "session/table.h"

enum { P2I_FIRST_BYTES = 16, P2I_OBSERVED_COUNTERS = 16 };

/* What a session has been so far. */
struct p2i_session_totals {
    uint64_t packets[2], bytes[2]; /* by end of the key */
    uint64_t first_ns, last_ns;
    uint64_t records;    /* emitted and selected */
    uint64_t unselected; /* emitted, but their kind is not selected */
    uint64_t lost_bytes;
    uint64_t packet; /* number of its first packet in its capture */
    uint64_t last_packet;
    uint64_t message_packet; /* with the first byte of its last message ... */
    uint64_t message_parsed; /* ... and bytes that the worker had parsed before it was emitted */
    uint32_t capture, last_capture;
    struct p2i_packet_place decided; /* where a reason for giving no record was met first */
    struct p2i_features features;
    uint8_t first_bytes[2][P2I_FIRST_BYTES]; /* of its payload, by end of the key */
    uint8_t first_size[2];
    uint8_t first_syns; /* bitmap of ends that sent a SYN without ACK */
    uint8_t message_from;
    bool early_gap; /* no protocol could be recognised behind it */
};

struct p2i_session_observer {
    /* A session has begun or ended; the facts live for the call. NULL: not wanted. */
    void (*session)(void *context, const struct p2i_session_facts *facts);
    /* A packet of a session. NULL: not wanted. */
    void (*packet)(void *context, const struct p2i_packet_facts *facts);
    void *context;
    bool on; /* one of them is wanted */
    /* By enum p2i_protocol_id: packets would give raw records, but those are not selected. NULL:
     * none. */
    const bool *unselected_raw;
    struct p2i_by_index totals; /* struct p2i_session_totals, when sessions are wanted */
    /* Counters of the worker as they were when they were last noted. */
    uint64_t noted[P2I_OBSERVED_COUNTERS];
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
/* Counts a packet that end `from` of the key sent, before it is handled. `features`: those of the
 * packet; NULL: not known. */
void p2i_observer_count(struct p2i_session_observer *observer, const struct p2i_session *session,
                        unsigned from, const struct p2i_packet *packet,
                        const struct p2i_features *features);
/* Notes that the worker's counters were moved by this session since the last call, and the place of
 * its first gap. NULL: by none. */
void p2i_observer_note_counts(struct p2i_session_observer *observer,
                              const struct p2i_session *session,
                              const struct p2i_session_counts *counts,
                              const struct p2i_stream_states *streams);
/* Notes a message of end `from` that begins in a packet, and before whose end the worker had parsed
 * so many bytes: several records of one message have the same number there. */
void p2i_observer_emit(struct p2i_session_observer *observer, const struct p2i_session *session,
                       unsigned from, bool selected, const struct p2i_packet_info *info,
                       uint64_t parsed_bytes);
/* Notes a message that cannot be read. */
void p2i_observer_broken(struct p2i_session_observer *observer, const struct p2i_session *session);
/* Notes a feature of a session. */
void p2i_observer_note(struct p2i_session_observer *observer, const struct p2i_session *session,
                       enum p2i_feature feature);
/* Reports a packet of the session. A watched SYN is reported when it comes, but counted when it is
 * known which session it belongs to. */
void p2i_observer_packet(struct p2i_session_observer *observer, const struct p2i_session *session,
                         const struct p2i_packet *packet);
/* The same for a watched SYN, which was reported with another session before. */
void p2i_observer_packet_again(struct p2i_session_observer *observer,
                               const struct p2i_session *session, const struct p2i_packet *packet);
void p2i_observer_end(struct p2i_session_observer *observer, const struct p2i_session *session);

#endif
