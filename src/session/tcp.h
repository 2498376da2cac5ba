/* SPDX-License-Identifier: MIT */
/* What the flags and numbers of a segment say of its session (RFC 9293). One place for the rules;
 * who calls them acts on the answers. */
#ifndef P2I_SESSION_TCP_H
#define P2I_SESSION_TCP_H

#include "packet/packet.h"
#include "session/table.h"

/* SYN without ACK. */
bool p2i_tcp_is_first_syn(const struct p2i_packet *packet);

/* True for a SYN that does not belong to what is known of the session: it begins a new one. */
bool p2i_tcp_is_port_reuse(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet);

/* Notes in the session where the direction's stream begins, and the other's, as far as the segment
 * can tell. `sequence` is that of its first byte of payload. */
void p2i_tcp_note_beginning(struct p2i_session *session, enum p2i_direction direction,
                            const struct p2i_packet *packet, uint32_t sequence);

/* True when the payload has bytes that were not seen yet. */
bool p2i_tcp_has_new_bytes(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet, uint32_t sequence);

/* True for a segment that carries nothing and has no end to tell, as every other one. */
bool p2i_tcp_is_quiet(const struct p2i_session *session, const struct p2i_packet *packet);

#endif
