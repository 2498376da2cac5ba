/* SPDX-License-Identifier: MIT */
/* The part of a session that still has something to say: its way through the parsers, and what
 * came before its turn (RFC 9293 section 3.10.7.4, from a bystander's view). */
#ifndef P2I_SESSION_STREAM_STATE_H
#define P2I_SESSION_STREAM_STATE_H

#include "session/held_segments.h"
#include "session/table.h"

struct p2i_stray_segments;

/* What every segment looks at stands first. */
struct p2i_stream_state {
    struct p2i_stray_segments *strays; /* NULL: none, as nearly always */
    uint32_t fin[2];          /* sequence number behind the last byte, see has_fin of the session */
    uint32_t acknowledged[2]; /* bytes of a direction that its peer has acknowledged, up to here;
                                 kept while something is held */
    struct p2i_stream stream;
    struct p2i_held_list held[2]; /* by direction: in the window, waiting for their turn */
};

/* Gets the session of a session into the cache, if it has one. */
static inline void p2i_stream_state_prefetch(const struct p2i_session *session)
{
    const char *stream = (const char *)session->stream;
    for (size_t at = 0; stream != NULL && at < sizeof(struct p2i_stream_state); at += 64) {
        __builtin_prefetch(stream + at);
    }
}

/* What streams of a worker share. */
struct p2i_stream_states {
    struct p2i_stream_worker stream;
    struct p2i_sink sink;
    struct p2i_session_counts *counts;
    uint32_t out_of_order_bytes; /* held for a direction */
};

/* NULL: out of memory. */
struct p2i_stream_state *p2i_stream_state_new(struct p2i_stream_states *all,
                                              const struct p2i_session *session,
                                              struct p2i_account *account);

/* A TCP segment with payload or FIN, and any while something is held. `sequence` is that of the
 * payload's first byte. Moves session->next on. */
void p2i_stream_state_segment(struct p2i_stream_states *all, struct p2i_session *session,
                              enum p2i_direction direction, const struct p2i_packet *packet,
                              uint32_t sequence);

void p2i_stream_state_datagram(struct p2i_stream_states *all, struct p2i_session *session,
                               enum p2i_direction direction, const struct p2i_packet *packet);

/* Gives what is held to the parsers, with gaps, and tells them that no more comes in either
 * direction; `reset`: because a RST ended both. */
void p2i_stream_state_close(struct p2i_stream_states *all, struct p2i_session *session, bool reset);

/* After a silence: what is missing in front of held segments will not come any more. Then gives its
 * memory back if nothing is lost by that; session->dormant is then set, and a new
 * session takes up the session with its next payload. */
void p2i_stream_state_go_dormant(struct p2i_stream_states *all, struct p2i_session *session);

/* Ends it and gives its memory back; session->session becomes NULL. */
void p2i_stream_state_end(struct p2i_stream_states *all, struct p2i_session *session);

#endif
