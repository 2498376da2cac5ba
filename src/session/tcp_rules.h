/* SPDX-License-Identifier: MIT */
/* What the header of a segment says of its session (RFC 9293). One place for the rules; who calls
 * them acts on the answers. They ask: what has the end host taken? */
#ifndef P2I_SESSION_TCP_RULES_H
#define P2I_SESSION_TCP_RULES_H

#include "packet/packet.h"
#include "packet/transport.h"
#include "session/held_segments.h"
#include "session/table.h"

/* How far ahead of what was taken a segment may be where the peer's window is not known. */
enum { P2I_TCP_USUAL_WINDOW = 4 << 20 };

/* SYN without ACK. */
bool p2i_tcp_is_first_syn(const struct p2i_packet *packet);

/* True for a SYN whose number is not that of the session. */
bool p2i_tcp_is_other_syn(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet);

/* Notes where the direction's stream begins, and the other's, as far as the segment can tell.
 * `sequence` is that of its first byte of payload. */
void p2i_tcp_note_beginning(struct p2i_session *session, enum p2i_direction direction,
                            const struct p2i_packet *packet, uint32_t sequence);

/* Notes the window of a SYN, and whether windows are scaled. */
void p2i_tcp_note_scale(struct p2i_session *session, enum p2i_direction direction,
                        const struct p2i_packet *packet);

/* Notes the window of any other segment. The largest counts: a smaller one later does not take back
 * what was granted. */
static inline void p2i_tcp_note_window(struct p2i_session *session, enum p2i_direction direction,
                                       const struct p2i_packet *packet)
{
    uint16_t window = p2i_tcp_window(packet);
    if (window > session->window[direction]) {
        session->window[direction] = window;
    }
}

/* The direction's stream begins at `sequence`, behind its SYN. */
void p2i_tcp_begin_at(struct p2i_session *session, enum p2i_direction direction, uint32_t sequence);

/* True when the number is not further ahead than the peer's window allows. */
bool p2i_tcp_in_window(const struct p2i_session *session, enum p2i_direction direction,
                       uint32_t sequence);

/* True when the number is further from what was taken than the peer's window, on either side: it is
 * of another stream. */
bool p2i_tcp_is_foreign(const struct p2i_session *session, enum p2i_direction direction,
                        uint32_t number);

/* True when a RST ends the session for who gets it (RFC 9293 section 3.10.7.4). */
bool p2i_tcp_reset_counts(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet);

/* True when the checksums of the packet are wrong and its sender has shown that it can do right:
 * the receiver has dropped it, or the capture is wrong about it. Notes the sender's right ones. */
bool p2i_tcp_is_doubtful(struct p2i_session *session, enum p2i_direction direction,
                         const struct p2i_packet *packet);

/* True when the payload has bytes that were not seen yet. */
bool p2i_tcp_has_new_bytes(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet, uint32_t sequence);

/* True for a segment that carries nothing and has no end to tell, as every other one. */
bool p2i_tcp_is_quiet(const struct p2i_session *session, const struct p2i_packet *packet);

#endif
