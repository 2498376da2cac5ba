/* SPDX-License-Identifier: MIT */
/* The stream of a session that is still parsed: it passes payload to the parsers in order and holds
 * segments that came early (RFC 9293 section 3.10.7.4, as seen by an observer). */
#ifndef P2I_SESSION_STREAM_STATE_H
#define P2I_SESSION_STREAM_STATE_H

#include "session/held_segments.h"
#include "session/table.h"

struct p2i_stray_segments;

/* Three cache lines, the last two by direction. */
struct p2i_stream_state {
    struct p2i_stray_segments *strays; /* NULL: none, the usual case */
    uint32_t fin[2]; /* sequence number behind the last byte; valid with has_fin of the session */
    uint32_t acknowledged[2]; /* by direction: acknowledged by the peer up to here; maintained while
                                 segments are held */
    struct p2i_stream stream;
};
_Static_assert(sizeof(struct p2i_stream_state) == 192, "a stream is three cache lines");

/* Prefetches the stream state of a session, if it has one. */
static inline void p2i_stream_state_prefetch(const struct p2i_session *session)
{
    const char *stream = (const char *)session->stream;
    for (size_t at = 0; stream != NULL && at < sizeof(struct p2i_stream_state); at += 64) {
        __builtin_prefetch(stream + at);
    }
}

/* A packet by its capture; number 0: none. */
struct p2i_packet_place {
    uint64_t packet;
    uint32_t capture;
};

/* Shared by all streams of a worker. */
struct p2i_stream_states {
    struct p2i_stream_worker stream;
    struct p2i_message_sink sink;
    struct p2i_session_counts *counts;
    uint32_t out_of_order_bytes; /* limit of held bytes, by direction */
    /* The packet behind the first gap since this was cleared, or that the snaplen cut. */
    struct p2i_packet_place gap;
};

/* Allocates the stream state of a session. NULL: out of memory. */
struct p2i_stream_state *p2i_stream_state_new(struct p2i_stream_states *all,
                                              const struct p2i_session *session,
                                              struct p2i_account *account);

/* Handles a TCP segment with payload or FIN, and any segment while others are held. `sequence` is
 * that of the first payload byte. Advances session->next. */
void p2i_stream_state_segment(struct p2i_stream_states *all, struct p2i_session *session,
                              enum p2i_direction direction, const struct p2i_packet *packet,
                              uint32_t sequence);

void p2i_stream_state_datagram(struct p2i_stream_states *all, struct p2i_session *session,
                               enum p2i_direction direction, const struct p2i_packet *packet);

/* Closes both directions: delivers held segments with gaps, then reports the end to the parsers.
 * `reset`: a RST ended the session. */
void p2i_stream_state_close(struct p2i_stream_states *all, struct p2i_session *session, bool reset);

/* After an idle time: declares gaps before held segments and delivers them. If the parsers lose
 * nothing by it, the stream state is then freed and session->dormant set; the next payload begins a
 * new stream state. */
void p2i_stream_state_go_dormant(struct p2i_stream_states *all, struct p2i_session *session);

/* Frees the stream state; session->stream becomes NULL. */
void p2i_stream_state_end(struct p2i_stream_states *all, struct p2i_session *session);

#endif
