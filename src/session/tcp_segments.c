/* SPDX-License-Identifier: MIT */
/* Handles the TCP segments of a session: beginning, payload and end. */
#include "session/sessions_internal.h"
#include "session/tcp_rules.h"

/* Payload that is not parsed only advances the sequence number. */
static void pass_payload(struct p2i_sessions *sessions, struct p2i_session *session,
                         enum p2i_direction direction, const struct p2i_packet *packet,
                         uint32_t sequence)
{
    uint32_t end = sequence + packet->payload_length;
    if ((int32_t)(end - session->next[direction]) > 0) {
        session->next[direction] = end;
    }
    sessions->streams.stream.counts.ignored_bytes += packet->payload.size;
}

static void take_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                         enum p2i_direction direction, const struct p2i_packet *packet,
                         uint32_t sequence)
{
    bool first = session->payload == 0 && packet->payload_length > 0;
    bool again =
        session->closed == 3 && p2i_tcp_has_new_bytes(session, direction, packet, sequence);
    bool wakes = session->dormant && packet->payload_length > 0;
    if (session->stream == NULL && (first || again || wakes)) {
        p2i_sessions_open_stream(sessions, session);
    }
    if (packet->payload_length > 0) {
        session->payload |= (uint8_t)(1U << direction);
        session->begun |= (uint8_t)(1U << direction);
        session->dormancy_tried = false;
        if (session->phase == P2I_PHASE_OPENING) {
            session->phase = P2I_PHASE_OPEN;
        }
    }
    if (session->stream == NULL) {
        pass_payload(sessions, session, direction, packet, sequence);
        return;
    }
    p2i_stream_state_segment(&sessions->streams, session, direction, packet, sequence);
}

/* True when the receiver accepts the FIN. */
static bool fin_counts(const struct p2i_session *session, enum p2i_direction direction,
                       const struct p2i_packet *packet, uint32_t sequence)
{
    return session->stream != NULL
               ? (session->has_fin & 1U << direction) != 0
               : p2i_tcp_in_window(session, direction, sequence + packet->payload_length);
}

static void take_end(struct p2i_sessions *sessions, struct p2i_session *session,
                     enum p2i_direction direction, const struct p2i_packet *packet,
                     uint32_t sequence)
{
    unsigned bit = 1U << direction;
    bool is_reset = (packet->tcp_flags & P2I_TCP_RST) != 0;
    if (is_reset ? !p2i_tcp_reset_counts(session, direction, packet) ||
                       p2i_tcp_is_doubtful(session, direction, packet)
                 : !fin_counts(session, direction, packet, sequence)) {
        sessions->counts.out_of_window_ends++;
        return;
    }
    if (is_reset) {
        session->reset = (session->reset | bit) & 3;
    } else {
        session->closed = (session->closed | bit) & 3;
    }
    if (p2i_session_has_ended(session) && session->phase != P2I_PHASE_CLOSED) {
        session->phase = P2I_PHASE_CLOSED;
        p2i_expiry_reschedule(&sessions->expiry, session);
    }
}

/* A sender that continues after a RST has not sent the RST. */
static void take_back_reset(struct p2i_session *session, enum p2i_direction direction,
                            const struct p2i_packet *packet, uint32_t sequence)
{
    if ((packet->tcp_flags & P2I_TCP_RST) == 0 &&
        p2i_sequence_distance(sequence, session->next[direction]) >= 0 &&
        p2i_tcp_in_window(session, direction, sequence)) {
        session->reset = (session->reset & ~(1U << direction)) & 3;
        session->phase = p2i_session_has_ended(session) ? P2I_PHASE_CLOSED : P2I_PHASE_OPEN;
    }
}

void p2i_sessions_handle_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                                 enum p2i_direction direction, const struct p2i_packet *packet)
{
    bool is_syn = (packet->tcp_flags & P2I_TCP_SYN) != 0;
    uint32_t sequence = packet->tcp_sequence + (is_syn ? 1U : 0U);
    sessions->counts.payload_bytes += packet->payload.size;
    if (session->begun != 3 || is_syn) {
        p2i_tcp_note_beginning(session, direction, packet, sequence);
    }
    if (is_syn) {
        p2i_tcp_note_scale(session, direction, packet);
        (void)p2i_tcp_is_doubtful(session, direction, packet); /* notes correct checksums */
    } else if (session->stream != NULL || session->payload == 0) {
        p2i_tcp_note_window(session, direction, packet);
    }
    if ((session->reset & 1U << direction) != 0) {
        take_back_reset(session, direction, packet, sequence);
    }
    if (p2i_tcp_is_quiet(session, packet)) {
        return;
    }
    if (session->stream != NULL || packet->payload_length > 0) {
        take_segment(sessions, session, direction, packet, sequence);
    }
    if ((packet->tcp_flags & (P2I_TCP_FIN | P2I_TCP_RST)) != 0) {
        take_end(sessions, session, direction, packet, sequence);
    }
    if (session->stream != NULL) {
        const struct p2i_stream *stream = &session->stream->stream;
        if (stream->half[0].closed && stream->half[1].closed) {
            p2i_stream_state_end(&sessions->streams, session);
        } else {
            p2i_sessions_after_payload(sessions, session);
        }
    }
}
