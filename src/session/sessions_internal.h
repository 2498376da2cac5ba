/* SPDX-License-Identifier: MIT */
/* The sessions of a worker from the inside: what sessions.c, segments.c and lifetime.c share. */
#ifndef P2I_SESSION_SESSIONS_INTERNAL_H
#define P2I_SESSION_SESSIONS_INTERNAL_H

#include "session/capture_clock.h"
#include "session/expected_sessions.h"
#include "session/expiry.h"
#include "session/flows.h"
#include "session/session.h"
#include "session/stream_state.h"
#include "session/syn_watch.h"
#include "session/table.h"

struct p2i_sessions {
    struct p2i_session_settings settings;
    struct p2i_table *table;
    struct p2i_capture_clock clock;
    struct p2i_expiry expiry;
    struct p2i_stream_states streams;
    struct p2i_flows flows;
    struct p2i_expected expected;
    struct p2i_syn_watches syn_watches;
    struct p2i_session_counts counts;
    uint64_t seed;                     /* of the places in the table */
    const struct p2i_session *current; /* whose messages are coming */
    uint64_t completed_by, order;      /* of the messages that are coming */
    uint32_t stamp_s;                  /* of the packet that is handled */
    /* What the last packet with an odd stamp did: if the next one agrees, its session was seen at
     * the time to which the clock leaps. */
    uint32_t odd_index; /* P2I_NO_SESSION: it has none, or not here */
    uint64_t odd_number;
};

/* Begins a session with a packet from that end of the key. NULL: out of memory. */
struct p2i_session *p2i_sessions_begin(struct p2i_sessions *sessions, uint64_t hash,
                                       const struct p2i_key *key, unsigned from,
                                       const struct p2i_packet *packet, uint64_t number);
/* Ends a session that is in the wheel: it has its say, and its memory is free. */
void p2i_sessions_end(struct p2i_sessions *sessions, struct p2i_session *session);

/* Notes that a packet has another time than the clock, or another than the packet before. Sessions
 * that are over end. */
void p2i_sessions_move_clock(struct p2i_sessions *sessions, uint32_t stamp_s, uint64_t number);

/* Ends the sessions of this one's shard that were silent longest, but never `keep`, until the shard
 * is within its limit. */
void p2i_sessions_evict(struct p2i_sessions *sessions, const struct p2i_session *keep);

/* segments.c: handles a TCP segment that belongs to the session. */
void p2i_sessions_handle_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                                 enum p2i_direction direction, const struct p2i_packet *packet);

/* An announcement takes effect when the session begins, or with its first payload: there are
 * servers that open a data channel before they accept it. */
void p2i_sessions_note_announced(struct p2i_sessions *sessions, struct p2i_session *session);

/* The session's payload is looked at from now on. Without memory it is not. */
void p2i_sessions_open_stream(struct p2i_sessions *sessions, struct p2i_session *session);
/* Its session was given a packet: it may have finished, or need more memory than there is. */
void p2i_sessions_after_payload(struct p2i_sessions *sessions, struct p2i_session *session);

#endif
