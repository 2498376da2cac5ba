/* SPDX-License-Identifier: MIT */
/* Beginning and end of sessions: by packet, by time-out, and for want of memory. */
#include "base/hash.h"
#include "protocol/message.h"
#include "session/sessions_internal.h"
#include "session/tcp_rules.h"

/* Memory of a session with its slot (while the table grows) and its entry in `expired`. */
enum { SESSION_BYTES = sizeof(struct p2i_session) + 64 };

static struct p2i_shard *shard_of(struct p2i_sessions *sessions, const struct p2i_session *session)
{
    return &sessions->expiry.shards[session->shard];
}

/* The same with what is kept beside it. */
static size_t session_bytes(const struct p2i_sessions *sessions)
{
    return SESSION_BYTES + (sessions->flows.kinds != 0 ? sizeof(struct p2i_flow_counts) : 0) +
           (sessions->observer.session != NULL ? sizeof(struct p2i_session_totals) : 0);
}

static void end_flow(struct p2i_sessions *sessions, struct p2i_session *session, uint8_t end)
{
    struct p2i_flow_counts *counts = p2i_flows_at(&sessions->flows, session->index);
    p2i_flow_emit(&sessions->flows, counts, session,
                  p2i_session_has_ended(session) ? P2I_FLOW_ENDED : end, &sessions->streams.sink);
    p2i_pool_put(sessions->streams.stream.pool, &shard_of(sessions, session)->account, counts->host,
                 counts->host_size);
}

static void note_live(struct p2i_sessions *sessions, int change)
{
    if (sessions->settings.live_changed != NULL) {
        sessions->settings.live_changed(sessions->settings.context, sessions->completed_by, change);
    }
}

void p2i_sessions_count_syn(struct p2i_sessions *sessions, struct p2i_session *session,
                            const struct p2i_syn_watch *syn)
{
    sessions->counts.unanswered_syns++;
    p2i_observer_count(&sessions->observer, session, syn->direction ^ session->initiator,
                       &syn->packet, NULL);
    if (sessions->flows.kinds != 0) {
        p2i_flow_add(p2i_flows_at(&sessions->flows, session->index),
                     (enum p2i_direction)syn->direction, &syn->packet);
    }
}

static void forget_syns(struct p2i_sessions *sessions, struct p2i_session *session)
{
    struct p2i_syn_watch syn;
    while (p2i_syn_forget(&sessions->syn_watches, session, &syn)) {
        p2i_sessions_count_syn(sessions, session, &syn);
    }
}

/* Ends a session that is not in the wheel: closes its stream, emits its flow record, frees its
 * memory. */
static void end_session(struct p2i_sessions *sessions, struct p2i_session *session, uint8_t end)
{
    p2i_sessions_note_counts(sessions, sessions->current);
    sessions->current = session;
    if (session->syn_watched) {
        forget_syns(sessions, session);
    }
    if (session->stream != NULL) {
        p2i_stream_state_close(&sessions->streams, session, session->reset != 0);
        p2i_stream_state_end(&sessions->streams, session);
    }
    p2i_sessions_note_counts(sessions, session);
    if (sessions->flows.kinds != 0) {
        end_flow(sessions, session, end);
    }
    p2i_observer_end(&sessions->observer, session);
    sessions->counts.protocols[session->protocol]++;
    shard_of(sessions, session)->account.used -= session_bytes(sessions);
    p2i_session_table_remove(sessions->table, session);
    note_live(sessions, -1);
}

void p2i_sessions_end(struct p2i_sessions *sessions, struct p2i_session *session, uint8_t end)
{
    p2i_expiry_remove(&sessions->expiry, session);
    end_session(sessions, session, end);
}

/* Ends expired sessions, and makes idle ones dormant, in the order of their last packets, so that
 * the output does not depend on the number of workers. */
static void handle_expired(struct p2i_sessions *sessions, bool all)
{
    enum { FETCHED_AHEAD = 16 };
    const uint32_t *expired = sessions->expiry.expired;
    size_t count = sessions->expiry.expired_count;
    for (size_t i = 0; i < count; i++) {
        if (i + FETCHED_AHEAD < count) {
            __builtin_prefetch(p2i_session_table_at(sessions->table, expired[i + FETCHED_AHEAD]));
        }
        if (i + FETCHED_AHEAD / 2 < count) {
            const struct p2i_session *next =
                p2i_session_table_at(sessions->table, expired[i + FETCHED_AHEAD / 2]);
            p2i_stream_state_prefetch(next);
            p2i_session_table_prefetch_slot(sessions->table, next->tag);
        }
        struct p2i_session *session = p2i_session_table_at(sessions->table, expired[i]);
        sessions->order = session->last_number;
        if (all || p2i_expiry_is_over(&sessions->expiry, session)) {
            end_session(sessions, session, all ? P2I_FLOW_FORCED : P2I_FLOW_IDLE);
        } else {
            sessions->current = session;
            p2i_stream_state_go_dormant(&sessions->streams, session);
            p2i_sessions_note_counts(sessions, session);
        }
    }
}

/* The session of the odd packet that the clock now agrees with; NULL: it is not this worker's. */
static struct p2i_session *find_odd(const struct p2i_sessions *sessions)
{
    if (sessions->odd_index == P2I_NO_SESSION) {
        return NULL;
    }
    struct p2i_session *session = p2i_session_table_at(sessions->table, sessions->odd_index);
    return session->last_number == sessions->odd_number ? session : NULL;
}

static void move_wheel(struct p2i_sessions *sessions)
{
    if (!p2i_expiry_advance(&sessions->expiry, sessions->clock.passed_s)) {
        p2i_pool_note_refusal(sessions->streams.stream.pool);
    }
    handle_expired(sessions, false);
}

/* A long silence ends all sessions but that of the packet that broke the silence. */
static void leap(struct p2i_sessions *sessions)
{
    struct p2i_session *odd = find_odd(sessions);
    if (odd == NULL) {
        move_wheel(sessions);
        return;
    }
    p2i_expiry_remove(&sessions->expiry, odd);
    move_wheel(sessions);
    odd->seen_s =
        (uint16_t)(sessions->clock.passed_s - (sessions->clock.now_s - sessions->clock.odd_s));
    p2i_expiry_add(&sessions->expiry, odd);
}

void p2i_sessions_move_clock(struct p2i_sessions *sessions, uint32_t stamp_s, uint64_t number)
{
    sessions->completed_by = number;
    switch (p2i_clock_note(&sessions->clock, stamp_s)) {
    case P2I_CLOCK_GOES_ON:
        move_wheel(sessions);
        break;
    case P2I_CLOCK_LEAPS:
        leap(sessions);
        break;
    case P2I_CLOCK_SET_BACK:
    case P2I_CLOCK_STANDS:
        break;
    }
    sessions->odd_index = P2I_NO_SESSION;
}

void p2i_sessions_finish(struct p2i_sessions *sessions, uint64_t number)
{
    sessions->completed_by = number;
    if (!p2i_expiry_all(&sessions->expiry)) {
        p2i_pool_note_refusal(sessions->streams.stream.pool);
    }
    handle_expired(sessions, true);
}

void p2i_sessions_evict(struct p2i_sessions *sessions, const struct p2i_session *keep)
{
    struct p2i_shard *shard = shard_of(sessions, keep);
    while (shard->account.used > shard->account.limit) {
        struct p2i_session *idle = p2i_expiry_longest_idle(&sessions->expiry, shard);
        if (idle == NULL) {
            p2i_pool_note_refusal(sessions->streams.stream.pool);
        }
        if (idle == NULL || idle == keep) {
            return;
        }
        sessions->counts.evicted_sessions++;
        if (idle->stream != NULL || idle->payload == 0) {
            p2i_observer_note(&sessions->observer, idle, P2I_FEATURE_EVICTED);
        }
        p2i_sessions_end(sessions, idle, P2I_FLOW_RESOURCES);
    }
}

/* The initiator is the sender of the SYN, or the receiver of the SYN-ACK; without them the first
 * sender, unless only the source port is that of a server. */
static unsigned initiator_of(const struct p2i_packet *packet, unsigned from)
{
    if (packet->transport == P2I_PROTO_TCP && (packet->tcp_flags & P2I_TCP_SYN) != 0) {
        return p2i_tcp_is_first_syn(packet) ? from : !from;
    }
    bool from_server = packet->key.port[from] < 1024 && packet->key.port[!from] >= 1024;
    return from_server ? !from : from;
}

static enum p2i_protocol_id name_of_transport(uint8_t transport)
{
    switch (transport) {
    case P2I_PROTO_ICMP:
    case P2I_PROTO_ICMPV6:
        return P2I_ID_ICMP;
    case P2I_PROTO_IGMP:
        return P2I_ID_IGMP;
    case P2I_PROTO_ESP:
    case P2I_PROTO_AH:
        return P2I_ID_IPSEC;
    case P2I_PROTO_OSPF:
        return P2I_ID_OSPF;
    case P2I_PROTO_SCTP:
        return P2I_ID_SCTP;
    default:
        return P2I_ID_UNKNOWN;
    }
}

static void begin_phase(struct p2i_sessions *sessions, struct p2i_session *session)
{
    session->phase = P2I_PHASE_DATAGRAMS;
    if (session->key.transport == P2I_PROTO_TCP) {
        session->phase = P2I_PHASE_OPENING;
        sessions->counts.tcp_sessions++;
    } else if (session->key.transport == P2I_PROTO_UDP) {
        sessions->counts.udp_sessions++;
    } else {
        session->protocol = (uint8_t)name_of_transport(session->key.transport);
        sessions->counts.other_sessions++;
    }
}

struct p2i_session *p2i_sessions_begin(struct p2i_sessions *sessions, uint64_t hash,
                                       const struct p2i_session_key *key, unsigned from,
                                       const struct p2i_packet *packet, uint64_t number)
{
    struct p2i_session *session = p2i_session_table_add(sessions->table, hash, key);
    if (session == NULL) {
        return NULL;
    }
    if (sessions->flows.kinds != 0 && !p2i_flows_begin(&sessions->flows, session->index)) {
        p2i_session_table_remove(sessions->table, session);
        return NULL;
    }
    session->initiator = initiator_of(packet, from) & 1;
    session->shard = (uint8_t)p2i_shard_of(key);
    session->id = p2i_mix(p2i_mix(p2i_key_hash(key), packet->time_ns), packet->number);
    session->stamp_s = p2i_clock_is_behind(&sessions->clock, sessions->stamp_s)
                           ? sessions->clock.now_s
                           : sessions->stamp_s;
    session->seen_s = (uint16_t)sessions->expiry.wheel_s;
    session->last_number = number;
    if (!p2i_observer_begin(&sessions->observer, session, packet)) {
        p2i_session_table_remove(sessions->table, session);
        return NULL;
    }
    begin_phase(sessions, session);
    p2i_sessions_note_announced(sessions, session);
    p2i_expiry_add(&sessions->expiry, session);
    shard_of(sessions, session)->account.used += session_bytes(sessions);
    note_live(sessions, 1);
    p2i_sessions_evict(sessions, session);
    return session;
}
