/* SPDX-License-Identifier: MIT */
#include "session/tcp_rules.h"

#include "packet/transport.h"
#include "session/held_segments.h"

static uint8_t bit_of(enum p2i_direction direction)
{
    return (uint8_t)(1U << direction);
}

bool p2i_tcp_is_first_syn(const struct p2i_packet *packet)
{
    return (packet->tcp_flags & (P2I_TCP_SYN | P2I_TCP_ACK)) == P2I_TCP_SYN;
}

/* A repeated or late SYN has a number at, or shortly before, the first known number. */
bool p2i_tcp_is_other_syn(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet)
{
    enum { LATE_SYN_BYTES = 1 << 20 };
    if ((session->seen & bit_of(direction)) == 0) {
        return p2i_tcp_is_first_syn(packet) && (session->closed != 0 || session->reset != 0);
    }
    uint32_t behind = session->base[direction] - (packet->tcp_sequence + 1);
    if ((session->syn & bit_of(direction)) != 0) {
        return behind != 0;
    }
    return behind > LATE_SYN_BYTES || p2i_session_has_ended(session);
}

void p2i_tcp_begin_at(struct p2i_session *session, enum p2i_direction direction, uint32_t sequence)
{
    session->base[direction] = session->next[direction] = sequence;
}

/* Window scale of a direction; -1: not known. Stored in 4 bits as shift + 1. */
static int shift_of(const struct p2i_session *session, enum p2i_direction direction)
{
    return (session->window_shifts >> 4 * direction & 15) - 1;
}

static void set_shift(struct p2i_session *session, enum p2i_direction direction, int shift)
{
    unsigned others = session->window_shifts & ~(15U << 4 * direction);
    session->window_shifts = (uint8_t)(others | (unsigned)(shift + 1) << 4 * direction);
}

/* Windows are scaled only if both SYNs have the option (RFC 7323 section 2.2); those of the SYNs
 * themselves never are. */
void p2i_tcp_note_scale(struct p2i_session *session, enum p2i_direction direction,
                        const struct p2i_packet *packet)
{
    if (packet->transport_header == NULL) {
        return; /* a watched SYN was copied without its header */
    }
    int shift = p2i_tcp_window_shift(packet);
    if (shift < 0) {
        shift = 0;
        if ((packet->tcp_flags & P2I_TCP_ACK) != 0) {
            set_shift(session, !direction, 0);
        }
    }
    set_shift(session, direction, shift);
    uint16_t window = (uint16_t)(p2i_tcp_window(packet) >> shift);
    if (window > session->window[direction]) {
        session->window[direction] = window;
    }
}

static uint32_t window_of(const struct p2i_session *session, enum p2i_direction receiver)
{
    int shift = shift_of(session, receiver);
    if (shift < 0 || session->window[receiver] == 0) {
        return P2I_TCP_USUAL_WINDOW;
    }
    return (uint32_t)session->window[receiver] << shift;
}

/* The stream of a direction begins behind its SYN; else at the peer's acknowledgement, if the first
 * payload is not far behind that; else with the first payload. (The sequence number of a pure
 * acknowledgement may be one too low: a keep-alive.) */
void p2i_tcp_note_beginning(struct p2i_session *session, enum p2i_direction direction,
                            const struct p2i_packet *packet, uint32_t sequence)
{
    enum { NEAR_BYTES = 64 << 10 };
    uint8_t bit = bit_of(direction);
    uint8_t peer = bit_of(!direction);
    bool is_syn = (packet->tcp_flags & P2I_TCP_SYN) != 0;
    if ((session->begun & bit) == 0 &&
        (packet->payload_length > 0 || is_syn || (packet->tcp_flags & P2I_TCP_FIN) != 0)) {
        bool near_acknowledged =
            (session->acknowledged & bit) != 0 && sequence - session->base[direction] < NEAR_BYTES;
        if (is_syn || !near_acknowledged) {
            p2i_tcp_begin_at(session, direction, sequence);
        }
    }
    session->seen |= bit;
    if (is_syn) {
        session->syn |= bit;
        session->begun |= bit;
    }
    if ((session->begun & peer) == 0 && (packet->tcp_flags & P2I_TCP_ACK) != 0) {
        p2i_tcp_begin_at(session, !direction, packet->tcp_acknowledgement);
        session->acknowledged = (session->acknowledged | (unsigned)peer) & 3;
    }
}

bool p2i_tcp_in_window(const struct p2i_session *session, enum p2i_direction direction,
                       uint32_t sequence)
{
    int32_t ahead = p2i_sequence_distance(sequence, session->next[direction]);
    return ahead <= 0 || (uint32_t)ahead <= window_of(session, !direction);
}

bool p2i_tcp_is_foreign(const struct p2i_session *session, enum p2i_direction direction,
                        uint32_t number)
{
    uint32_t window = window_of(session, !direction);
    return number - session->next[direction] + window > 2 * window;
}

bool p2i_tcp_reset_counts(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet)
{
    bool known = ((session->begun | session->acknowledged) & bit_of(direction)) != 0;
    uint32_t window = window_of(session, !direction);
    if (known && packet->tcp_sequence - session->next[direction] <= window) {
        return true;
    }
    if ((packet->tcp_flags & P2I_TCP_ACK) != 0 && (session->syn & bit_of(direction)) == 0) {
        /* Refuses a SYN (number 0), or answers in a session whose own numbers are not known. */
        uint32_t taken = packet->tcp_acknowledgement - session->base[!direction];
        return taken <= session->next[!direction] - session->base[!direction] + 1;
    }
    return !known;
}

bool p2i_tcp_is_doubtful(struct p2i_session *session, enum p2i_direction direction,
                         const struct p2i_packet *packet)
{
    unsigned bit = bit_of(direction);
    enum p2i_checksum ip = p2i_ip_checksum(packet);
    enum p2i_checksum tcp = p2i_tcp_checksum(packet);
    bool doubtful = (ip == P2I_CHECKSUM_WRONG && (session->right_ip & bit) != 0) ||
                    (tcp == P2I_CHECKSUM_WRONG && (session->right_tcp & bit) != 0);
    session->right_ip = (session->right_ip | (ip == P2I_CHECKSUM_RIGHT ? bit : 0)) & 3;
    session->right_tcp = (session->right_tcp | (tcp == P2I_CHECKSUM_RIGHT ? bit : 0)) & 3;
    return doubtful;
}

bool p2i_tcp_has_new_bytes(const struct p2i_session *session, enum p2i_direction direction,
                           const struct p2i_packet *packet, uint32_t sequence)
{
    return packet->payload_length > 0 &&
           p2i_sequence_distance(sequence + packet->payload_length, session->next[direction]) > 0;
}

bool p2i_tcp_is_quiet(const struct p2i_session *session, const struct p2i_packet *packet)
{
    return packet->payload_length == 0 && session->held == 0 &&
           (packet->tcp_flags & (P2I_TCP_FIN | P2I_TCP_RST)) == 0;
}
