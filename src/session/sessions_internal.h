/* SPDX-License-Identifier: MIT */
/* Internals of a worker's sessions, shared by sessions.c, tcp_segments.c and lifetime.c. */
#ifndef P2I_SESSION_SESSIONS_INTERNAL_H
#define P2I_SESSION_SESSIONS_INTERNAL_H

#include "session/capture_clock.h"
#include "session/expiry.h"
#include "session/flows.h"
#include "session/observer.h"
#include "session/session.h"
#include "session/stream_state.h"
#include "session/syn_watch.h"
#include "session/table.h"

struct p2i_sessions {
    struct p2i_session_settings settings;
    struct p2i_session_table *table;
    struct p2i_capture_clock clock;
    struct p2i_expiry expiry;
    struct p2i_stream_states streams;
    struct p2i_flows flows;
    struct p2i_session_observer observer;
    bool counts_lost;    /* flow records have the lost and cut bytes of their sessions ... */
    uint64_t lost_noted; /* ... and so many have been noted there */
    uint64_t cut_noted;
    bool notes_counts; /* either is wanted, or an observer */
    struct p2i_syn_watches syn_watches;
    struct p2i_session_counts counts;
    const struct p2i_arrivals *arrivals; /* that are handled at present */
    const struct p2i_session *current;   /* the session whose messages are being emitted */
    uint64_t completed_by, order;        /* sort keys of those messages */
    uint32_t stamp_s;                    /* of the current packet */
    uint8_t announced; /* enum p2i_protocol_id: announced for the session of the current packet */
    /* The session that the last packet with an odd stamp belongs to. If the next packet agrees with
     * the stamp, that session was last seen at the time to which the clock leaps. */
    uint32_t odd_index; /* P2I_NO_SESSION: none, or not this worker's */
    uint64_t odd_number;
};

/* Begins a session with a packet that end `from` of the key sent. NULL: out of memory. */
struct p2i_session *p2i_sessions_begin(struct p2i_sessions *sessions, uint64_t hash,
                                       const struct p2i_session_key *key, unsigned from,
                                       const struct p2i_packet *packet, uint64_t number);
/* Ends a session that is in the wheel: emits its last messages and frees its memory. `end` (enum
 * p2i_flow_end): why, unless its packets have ended it. */
void p2i_sessions_end(struct p2i_sessions *sessions, struct p2i_session *session, uint8_t end);

void p2i_sessions_note_new_counts(struct p2i_sessions *sessions, const struct p2i_session *session);

/* Notes in the session's totals and flow counters, where they are wanted, that it has moved the
 * worker's counters since the last call. NULL: none has. */
static inline void p2i_sessions_note_counts(struct p2i_sessions *sessions,
                                            const struct p2i_session *session)
{
    if (sessions->notes_counts) {
        p2i_sessions_note_new_counts(sessions, session);
    }
}

/* Moves the clock for a packet whose second differs from the clock's, or whose predecessor was odd.
 * Ends expired sessions. */
void p2i_sessions_move_clock(struct p2i_sessions *sessions, uint32_t stamp_s, uint64_t number);

/* Ends the longest idle sessions of the shard of `keep`, but never `keep`, until the shard is
 * within its memory limit. */
void p2i_sessions_evict(struct p2i_sessions *sessions, const struct p2i_session *keep);

/* Counts a SYN that was never answered as a packet of this session. */
void p2i_sessions_count_syn(struct p2i_sessions *sessions, struct p2i_session *session,
                            const struct p2i_syn_watch *syn);

/* Handles a TCP segment of the session (tcp_segments.c). */
void p2i_sessions_handle_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                                 enum p2i_direction direction, const struct p2i_packet *packet);

/* Applies the announcement of the current packet to its session. Called at its beginning and at its
 * first payload, because some servers open a data connection before they accept the transfer. */
void p2i_sessions_note_announced(struct p2i_sessions *sessions, struct p2i_session *session);

/* Begins to parse the session's payload. Without memory the payload is ignored. */
void p2i_sessions_open_stream(struct p2i_sessions *sessions, struct p2i_session *session);
/* Called after the stream got a packet: ends it if it has finished, and frees memory if the shard
 * is over its limit. */
void p2i_sessions_after_payload(struct p2i_sessions *sessions, struct p2i_session *session);

#endif
