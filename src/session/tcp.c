/* SPDX-License-Identifier: MIT */
#include "session/tcp.h"

bool p2i_tcp_is_first_syn(const struct p2i_packet *packet)
{
    return (packet->tcp_flags & (P2I_TCP_SYN | P2I_TCP_ACK)) == P2I_TCP_SYN;
}

/* The sequence number behind a repeated or late SYN is at, or shortly before, the first known. */
bool p2i_tcp_is_port_reuse(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet)
{
    enum { LATE_SYN_BYTES = 1 << 20 };
    if (!p2i_tcp_is_first_syn(packet)) {
        return false;
    }
    if ((session->seen & 1U << direction) == 0) {
        return session->closed != 0;
    }
    uint32_t behind = session->base[direction] - (packet->tcp_sequence + 1);
    if ((session->syn & 1U << direction) != 0) {
        return behind != 0;
    }
    return behind > LATE_SYN_BYTES || session->closed == 3;
}

/* Where the direction's stream begins, as far as can be told: behind its SYN; else where its peer's
 * acknowledgement says, if the first payload is not far behind that; else with its first payload.
 * (An acknowledgement's own sequence number may be one too low: a keep-alive.) */
void p2i_tcp_note_beginning(struct p2i_session *session, enum p2i_direction direction,
                            const struct p2i_packet *packet, uint32_t sequence)
{
    enum { NEAR_BYTES = 64 << 10 };
    uint8_t bit = (uint8_t)(1U << direction);
    bool is_syn = (packet->tcp_flags & P2I_TCP_SYN) != 0;
    bool tells =
        packet->payload_length > 0 || (packet->tcp_flags & (P2I_TCP_SYN | P2I_TCP_FIN)) != 0;
    if (((session->syn | session->payload) & bit) == 0 && tells) {
        bool near_acknowledged =
            (session->acknowledged & bit) != 0 && sequence - session->base[direction] < NEAR_BYTES;
        if (is_syn || !near_acknowledged) {
            session->base[direction] = session->next[direction] = sequence;
        }
    }
    session->syn |= is_syn ? bit : 0;
    session->seen |= bit;
    uint8_t peer = (uint8_t)(1U << !direction);
    if (((session->syn | session->payload) & peer) == 0 && (packet->tcp_flags & P2I_TCP_ACK) != 0) {
        session->base[!direction] = session->next[!direction] = packet->tcp_acknowledgement;
        session->acknowledged |= peer;
    }
}

bool p2i_tcp_has_new_bytes(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet, uint32_t sequence)
{
    return packet->payload_length > 0 &&
           (int32_t)(sequence + packet->payload_length - session->next[direction]) > 0;
}

bool p2i_tcp_is_quiet(const struct p2i_session *session, const struct p2i_packet *packet)
{
    return packet->payload_length == 0 && session->held == 0 &&
           (packet->tcp_flags & (P2I_TCP_FIN | P2I_TCP_RST)) == 0;
}
