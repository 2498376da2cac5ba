/* SPDX-License-Identifier: MIT */
#include "session/syn_watch.h"

#include <stdlib.h>

#include "session/tcp_rules.h"

void p2i_syn_watches_free(struct p2i_syn_watches *watches)
{
    free(watches->watches);
    watches->watches = NULL;
}

static struct p2i_syn_watch *watches_of(const struct p2i_syn_watches *watches, unsigned shard)
{
    return &watches->watches[(size_t)shard * P2I_SYN_WATCHES];
}

/* The watched SYN of a direction; NULL: none. */
static struct p2i_syn_watch *find(const struct p2i_syn_watches *watches,
                                  const struct p2i_session *session, enum p2i_direction direction)
{
    if (session->syn_watched == 0) {
        return NULL;
    }
    struct p2i_syn_watch *of = watches_of(watches, session->shard);
    for (unsigned i = 0; i < P2I_SYN_WATCHES; i++) {
        if (of[i].used && of[i].session == session->index && of[i].direction == direction) {
            return &of[i];
        }
    }
    return NULL;
}

bool p2i_syn_forget(struct p2i_syn_watches *watches, struct p2i_session *session,
                    struct p2i_syn_watch *forgotten)
{
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        struct p2i_syn_watch *watch = find(watches, session, direction);
        if (watch != NULL) {
            *forgotten = *watch;
            watch->used = false;
            return true;
        }
    }
    session->syn_watched = 0;
    return false;
}

/* A SYN that is sent again is not forgotten. False: out of memory. */
static bool watch_syn(struct p2i_syn_watches *watches, struct p2i_session *session,
                      const struct p2i_syn_watch *syn, struct p2i_syn_watch *forgotten)
{
    if (watches->watches == NULL) {
        watches->watches = calloc((size_t)P2I_SHARDS * P2I_SYN_WATCHES, sizeof *watches->watches);
        if (watches->watches == NULL) {
            watches->out_of_memory = true;
            return false;
        }
    }
    struct p2i_syn_watch *place = find(watches, session, (enum p2i_direction)syn->direction);
    if (place == NULL) {
        uint8_t *next = &watches->next[session->shard];
        place = &watches_of(watches, session->shard)[*next];
        *next = (uint8_t)((*next + 1) % P2I_SYN_WATCHES);
    }
    *forgotten = *place;
    forgotten->used =
        place->used && (place->session != syn->session || place->direction != syn->direction ||
                        place->number != syn->number);
    *place = *syn;
    session->syn_watched = 1;
    return true;
}

/* Copies a SYN for the session that may begin with it, without views. */
static struct p2i_syn_watch syn_without_views(const struct p2i_session *session,
                                              enum p2i_direction direction,
                                              const struct p2i_packet *packet, uint64_t number)
{
    struct p2i_syn_watch syn = {
        .packet = *packet,
        .packet_number = number,
        .session = session->index,
        .number = packet->tcp_sequence + 1,
        .direction = (uint8_t)direction,
        .answers = !p2i_tcp_is_first_syn(packet),
        .used = true,
    };
    syn.packet.transport_header = syn.packet.mpls = syn.packet.source_mac =
        syn.packet.destination_mac = NULL;
    syn.packet.mpls_size = 0;
    syn.packet.ip = syn.packet.payload = (struct p2i_view){0};
    syn.packet.payload_length = 0;
    return syn;
}

static enum p2i_syn_verdict restart_from(struct p2i_syn_watch *watch, struct p2i_syn_watch *first)
{
    *first = *watch;
    watch->used = false;
    return P2I_SYN_RESTART;
}

static bool peer_was_seen(const struct p2i_session *session, enum p2i_direction direction)
{
    return (session->seen & 1U << !direction) != 0;
}

/* Handles a SYN or SYN-ACK whose number differs from that of the session. */
static enum p2i_syn_verdict look_at_other(struct p2i_syn_watches *watches,
                                          struct p2i_session *session, enum p2i_direction direction,
                                          const struct p2i_packet *packet, uint64_t number,
                                          struct p2i_syn_watch *forgotten)
{
    struct p2i_syn_watch syn = syn_without_views(session, direction, packet, number);
    bool answers_peer = syn.answers && peer_was_seen(session, direction);
    syn.doubtful = p2i_tcp_is_doubtful(session, direction, packet);
    if (syn.doubtful && syn.answers) {
        return P2I_SYN_IGNORED;
    }
    if (p2i_session_has_ended(session) && !answers_peer && !syn.doubtful) {
        return P2I_SYN_RESTART;
    }
    return watch_syn(watches, session, &syn, forgotten) ? P2I_SYN_WATCHED : P2I_SYN_IGNORED;
}

/* True when the packet acknowledges a watched SYN, and possibly payload behind it. */
static bool acknowledges(const struct p2i_syn_watch *watch, const struct p2i_packet *packet)
{
    return (packet->tcp_flags & P2I_TCP_ACK) != 0 &&
           packet->tcp_acknowledgement - watch->number <= UINT16_MAX;
}

/* True when the sender of a watched SYN continues from its number, and its peer was not captured. A
 * number that is next in the session anyway proves nothing. */
static bool goes_on(const struct p2i_session *session, enum p2i_direction direction,
                    const struct p2i_syn_watch *own, const struct p2i_packet *packet)
{
    return !peer_was_seen(session, direction) && !own->doubtful &&
           packet->tcp_sequence == own->number && own->number != session->next[direction];
}

/* A segment without SYN shows from which of two numbers its sender or its peer continues. */
static enum p2i_syn_verdict look_at_next(struct p2i_syn_watches *watches,
                                         struct p2i_session *session, enum p2i_direction direction,
                                         const struct p2i_packet *packet,
                                         struct p2i_syn_watch *first)
{
    struct p2i_syn_watch *own = find(watches, session, direction);
    struct p2i_syn_watch *peers = find(watches, session, !direction);
    if (own == NULL && peers == NULL) {
        session->syn_watched = 0; /* newer SYNs took their places */
    }
    if (own != NULL && goes_on(session, direction, own, packet)) {
        return restart_from(own, first);
    }
    if (peers == NULL || !acknowledges(peers, packet) ||
        !p2i_tcp_is_foreign(session, !direction, packet->tcp_acknowledgement) ||
        p2i_tcp_is_doubtful(session, direction, packet)) {
        return P2I_SYN_GO_ON;
    }
    if (!peers->answers || (session->payload & 1U << !direction) != 0) {
        return restart_from(peers, first); /* the capture lacks the SYN or its answer */
    }
    /* Of several SYN-ACKs, the one that the initiator acknowledges counts. */
    p2i_tcp_begin_at(session, !direction, peers->number);
    peers->used = false;
    return P2I_SYN_GO_ON;
}

enum p2i_syn_verdict p2i_syn_look(struct p2i_syn_watches *watches, struct p2i_session *session,
                                  enum p2i_direction direction, const struct p2i_packet *packet,
                                  uint64_t number, struct p2i_syn_watch *other)
{
    other->used = false;
    if ((packet->tcp_flags & P2I_TCP_SYN) == 0) {
        return look_at_next(watches, session, direction, packet, other);
    }
    struct p2i_syn_watch *peers = find(watches, session, !direction);
    bool is_first = p2i_tcp_is_first_syn(packet);
    if (!is_first && peers != NULL && !peers->answers && acknowledges(peers, packet) &&
        !p2i_tcp_is_doubtful(session, direction, packet)) {
        return restart_from(peers, other);
    }
    if (is_first && peers != NULL && peers->answers &&
        peers->packet.tcp_acknowledgement == packet->tcp_sequence + 1 &&
        (session->payload & 1U << !direction) != 0) {
        return restart_from(peers, other); /* the answer was captured before the SYN */
    }
    if (p2i_tcp_is_other_syn(session, direction, packet)) {
        return look_at_other(watches, session, direction, packet, number, other);
    }
    return P2I_SYN_GO_ON;
}
