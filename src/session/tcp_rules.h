/* SPDX-License-Identifier: MIT */
/* Rules of TCP (RFC 9293) for one segment of a session. They answer one question: did the end host
 * accept the segment? The caller acts on the answers. */
#ifndef P2I_SESSION_TCP_RULES_H
#define P2I_SESSION_TCP_RULES_H

#include "packet/packet.h"
#include "packet/transport.h"
#include "session/table.h"

/* Assumed window where the peer's is not known. */
enum { P2I_TCP_USUAL_WINDOW = 4 << 20 };

/* True for SYN without ACK. */
bool p2i_tcp_is_first_syn(const struct p2i_packet *packet);

/* True for a SYN whose number differs from that of the session. */
bool p2i_tcp_is_other_syn(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet);

/* Notes the beginning of both directions, as far as the segment shows it. `sequence` is that of its
 * first payload byte. */
void p2i_tcp_note_beginning(struct p2i_session *session, enum p2i_direction direction,
                            const struct p2i_packet *packet, uint32_t sequence);

/* Notes the window of a SYN and its window scale. */
void p2i_tcp_note_scale(struct p2i_session *session, enum p2i_direction direction,
                        const struct p2i_packet *packet);

/* Notes the window of another segment. The largest window counts, because a receiver cannot take
 * back what it has granted. */
static inline void p2i_tcp_note_window(struct p2i_session *session, enum p2i_direction direction,
                                       const struct p2i_packet *packet)
{
    uint16_t window = p2i_tcp_window(packet);
    if (window > session->window[direction]) {
        session->window[direction] = window;
    }
}

/* Sets the beginning of a direction's stream, behind its SYN. */
void p2i_tcp_begin_at(struct p2i_session *session, enum p2i_direction direction, uint32_t sequence);

/* True when the number is inside the peer's window, or before it. */
bool p2i_tcp_in_window(const struct p2i_session *session, enum p2i_direction direction,
                       uint32_t sequence);

/* True when the number is more than a window away in either direction: it belongs to another
 * stream. */
bool p2i_tcp_is_foreign(const struct p2i_session *session, enum p2i_direction direction,
                        uint32_t number);

/* True when a RST ends the session for its receiver (RFC 9293 section 3.10.7.4). */
bool p2i_tcp_reset_counts(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet);

/* True when the packet has a wrong checksum and its sender has sent correct ones: the receiver
 * dropped it, or the capture is wrong. Notes correct checksums. */
bool p2i_tcp_is_doubtful(struct p2i_session *session, enum p2i_direction direction,
                         const struct p2i_packet *packet);

/* True when the payload has bytes beyond those seen. */
bool p2i_tcp_has_new_bytes(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet, uint32_t sequence);

/* True for a segment without payload, FIN or RST while nothing is held. */
bool p2i_tcp_is_quiet(const struct p2i_session *session, const struct p2i_packet *packet);

#endif
