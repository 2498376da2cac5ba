/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"
#include "protocol/message.h"
#include "session/conversation.h"
#include "session/expected.h"
#include "session/expiry.h"
#include "session/flows.h"
#include "session/raw.h"
#include "session/table.h"
#include "session/tcp.h"

/* What a session costs with its slot, while the table grows, and in the lists of those due. */
enum { SESSION_BYTES = sizeof(struct p2i_session) + 64 };

struct p2i_sessions {
    struct p2i_session_settings settings;
    struct p2i_table *table;
    struct p2i_expiry expiry;
    struct p2i_conversations conversations;
    struct p2i_flows flows;
    struct p2i_expected expected;
    struct p2i_session_counts counts;
    uint64_t seed;                     /* of the places in the table */
    const struct p2i_session *current; /* whose messages are coming */
    uint64_t completed_by, order;      /* of the messages that are coming */
};

static struct p2i_shard *shard_of(struct p2i_sessions *sessions, const struct p2i_session *session)
{
    return &sessions->expiry.shards[session->shard];
}

/* The first name of the server that the session shows is the one its flow records have. */
static void note_host(struct p2i_sessions *sessions, enum p2i_record_kind kind, const void *message)
{
    struct p2i_view host = {0};
    if (kind == P2I_RECORD_CLICKSTREAM) {
        host = ((const struct p2i_clickstream *)message)->host;
    } else if (kind == P2I_RECORD_SSL_REPLY) {
        host = ((const struct p2i_ssl_reply *)message)->host;
    }
    const struct p2i_session *session = sessions->current;
    struct p2i_flow_counts *counts = p2i_flows_at(&sessions->flows, session->index);
    if (host.size == 0 || counts->host != NULL) {
        return;
    }
    counts->host = p2i_pool_get(sessions->conversations.stream.pool,
                                &shard_of(sessions, session)->account, host.size, NULL);
    if (counts->host != NULL) {
        memcpy(counts->host, host.data, host.size);
        counts->host_size = host.size;
    }
}

static bool wants(const struct p2i_sessions *sessions, enum p2i_record_kind kind)
{
    return (sessions->settings.records & UINT32_C(1) << kind) != 0;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_origin *origin, const void *message,
                 enum p2i_completeness completeness)
{
    struct p2i_sessions *sessions = context;
    const struct p2i_session *session = sessions->current;
    if (sessions->flows.kinds != 0) {
        note_host(sessions, kind, message);
    }
    unsigned from = (unsigned)sender ^ session->initiator;
    struct p2i_session_message out = {
        .kind = kind,
        .message = message,
        .origin = origin,
        .source = &session->key.end[from],
        .destination = &session->key.end[!from],
        .session_id = session->id,
        .scope = session->key.scope,
        .source_port = session->key.port[from],
        .destination_port = session->key.port[!from],
        .ip_version = session->key.ip_version,
        .transport = session->key.transport,
        .protocol = session->protocol,
        .completeness = (uint8_t)completeness,
        .completed_by = sessions->completed_by,
        .order = sessions->order,
        .completed_s = sessions->expiry.clock_s,
    };
    sessions->settings.emit(sessions->settings.context, &out);
}

/* A parser of the current session announces another one. */
static void expect(void *context, const struct p2i_expectation *expectation)
{
    struct p2i_sessions *sessions = context;
    const struct p2i_session *session = sessions->current;
    struct p2i_expected_listener listener = {
        .address = session->key.end[(unsigned)expectation->listener ^ session->initiator],
        .until_s = sessions->expiry.clock_s + P2I_EXPECTED_S,
        .port = expectation->port,
        .ip_version = session->key.ip_version,
        .protocol = expectation->protocol,
    };
    p2i_expected_add(&sessions->expected, session->shard, &listener);
    struct p2i_view address = expectation->address;
    if ((address.size == 4 || address.size == sizeof listener.address.bytes) &&
        memcmp(address.data, listener.address.bytes, address.size) != 0) {
        /* Either may be meant: the announced one may be that behind a NAT. */
        listener.address = (struct p2i_address){0};
        memcpy(listener.address.bytes, address.data, address.size);
        listener.ip_version = address.size == 4 ? 4 : 6;
        p2i_expected_add(&sessions->expected, session->shard, &listener);
    }
}

struct p2i_sessions *p2i_sessions_new(const struct p2i_session_settings *settings)
{
    struct p2i_sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL) {
        return NULL;
    }
    static const uint32_t flow_kinds = UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1)
                                                                            << P2I_RECORD_BIFLOW;
    sessions->settings = *settings;
    sessions->flows.kinds = settings->records & flow_kinds;
    sessions->flows.idle_s = settings->flow_idle_s;
    sessions->flows.active_s = settings->flow_active_s;
    sessions->table = p2i_table_new();
    sessions->conversations = (struct p2i_conversations){
        .stream =
            {
                .protocols = settings->protocols,
                .settings = &sessions->settings.parse,
            },
        .sink = {emit, sessions, expect},
        .counts = &sessions->counts,
        .out_of_order_bytes = settings->out_of_order_bytes > 0 ? settings->out_of_order_bytes
                                                               : P2I_OUT_OF_ORDER_BYTES,
    };
    bool shared = p2i_stream_setting_open(&sessions->conversations.stream);
    if (!shared || sessions->table == NULL ||
        !p2i_expiry_init(&sessions->expiry, sessions->table)) {
        p2i_sessions_free(sessions);
        return NULL;
    }
    if (getrandom(&sessions->seed, sizeof sessions->seed, GRND_NONBLOCK) < 0) {
        sessions->seed = (uint64_t)(uintptr_t)sessions;
    }
    for (unsigned i = 0; i < P2I_SHARDS; i++) {
        sessions->expiry.shards[i].account.limit = settings->memory_bytes / P2I_SHARDS;
    }
    return sessions;
}

void p2i_sessions_free(struct p2i_sessions *sessions)
{
    if (sessions == NULL) {
        return;
    }
    p2i_expected_free(&sessions->expected);
    p2i_flows_free(&sessions->flows);
    p2i_expiry_free(&sessions->expiry);
    p2i_table_free(sessions->table);
    p2i_stream_setting_close(&sessions->conversations.stream);
    free(sessions);
}

void p2i_sessions_counts(const struct p2i_sessions *sessions, struct p2i_session_counts *counts)
{
    *counts = sessions->counts;
    counts->books = sessions->conversations.stream.books;
}

/* What a session costs with its counts for flow records. */
static size_t session_bytes(const struct p2i_sessions *sessions)
{
    return SESSION_BYTES + (sessions->flows.kinds != 0 ? sizeof(struct p2i_flow_counts) : 0);
}

static void end_flow(struct p2i_sessions *sessions, struct p2i_session *session)
{
    struct p2i_flow_counts *counts = p2i_flows_at(&sessions->flows, session->index);
    p2i_flow_emit(&sessions->flows, counts, session, &sessions->conversations.sink);
    p2i_pool_put(sessions->conversations.stream.pool, &shard_of(sessions, session)->account,
                 counts->host, counts->host_size);
}

static void note_live(struct p2i_sessions *sessions, int change)
{
    if (sessions->settings.live_changed != NULL) {
        sessions->settings.live_changed(sessions->settings.context, sessions->completed_by, change);
    }
}

/* The session's last words, and its memory back. It is not in the wheel any more. */
static void end_session(struct p2i_sessions *sessions, struct p2i_session *session)
{
    sessions->current = session;
    if (session->conversation != NULL) {
        p2i_conversation_close(&sessions->conversations, session, false);
        p2i_conversation_end(&sessions->conversations, session);
    }
    if (sessions->flows.kinds != 0) {
        end_flow(sessions, session);
    }
    sessions->counts.protocols[session->protocol]++;
    shard_of(sessions, session)->account.used -= session_bytes(sessions);
    p2i_table_remove(sessions->table, session);
    note_live(sessions, -1);
}

/* What has come to be due speaks in the order of its last packets. */
static void handle_due(struct p2i_sessions *sessions, bool all)
{
    enum { FETCHED_AHEAD = 16 };
    const uint32_t *due = sessions->expiry.due;
    size_t count = sessions->expiry.due_count;
    for (size_t i = 0; i < count; i++) {
        if (i + FETCHED_AHEAD < count) {
            __builtin_prefetch(p2i_table_at(sessions->table, due[i + FETCHED_AHEAD]));
        }
        if (i + FETCHED_AHEAD / 2 < count) {
            __builtin_prefetch(
                p2i_table_at(sessions->table, due[i + FETCHED_AHEAD / 2])->conversation);
        }
        struct p2i_session *session = p2i_table_at(sessions->table, due[i]);
        sessions->order = session->last_number;
        if (all || p2i_expiry_is_over(&sessions->expiry, session)) {
            end_session(sessions, session);
        } else {
            sessions->current = session;
            p2i_conversation_rest(&sessions->conversations, session);
        }
    }
}

static void move_clock(struct p2i_sessions *sessions, uint64_t time_ns, uint64_t number)
{
    uint32_t now_s = (uint32_t)(time_ns / UINT64_C(1000000000));
    if (now_s > sessions->expiry.clock_s) {
        sessions->completed_by = number;
        (void)p2i_expiry_advance(&sessions->expiry, now_s);
        handle_due(sessions, false);
    }
}

void p2i_sessions_finish(struct p2i_sessions *sessions, uint64_t number)
{
    sessions->completed_by = number;
    (void)p2i_expiry_all(&sessions->expiry);
    handle_due(sessions, true);
}

/* Over the limit, the sessions of this shard that are due first go, but never `keep`. */
static void make_room(struct p2i_sessions *sessions, const struct p2i_session *keep)
{
    struct p2i_shard *shard = shard_of(sessions, keep);
    while (shard->account.used > shard->account.limit) {
        struct p2i_session *oldest = p2i_expiry_oldest(&sessions->expiry, shard);
        if (oldest == NULL || oldest == keep) {
            return;
        }
        sessions->counts.evicted_sessions++;
        p2i_expiry_remove(&sessions->expiry, oldest);
        end_session(sessions, oldest);
    }
}

/* Who began? Who sent a SYN; whoever did not answer one; else the side that speaks first, unless
 * only its port is one of a server. */
static unsigned initiator_of(const struct p2i_packet *packet, unsigned from)
{
    if (packet->transport == P2I_PROTO_TCP && (packet->tcp_flags & P2I_TCP_SYN) != 0) {
        return p2i_tcp_is_first_syn(packet) ? from : !from;
    }
    bool from_server = packet->source_port < 1024 && packet->destination_port >= 1024;
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

static struct p2i_session *begin_session(struct p2i_sessions *sessions, uint64_t hash,
                                         const struct p2i_key *key, unsigned from,
                                         const struct p2i_packet *packet, uint64_t number)
{
    struct p2i_session *session = p2i_table_add(sessions->table, hash, key);
    if (session == NULL) {
        return NULL;
    }
    if (sessions->flows.kinds != 0 && !p2i_flows_begin(&sessions->flows, session->index)) {
        p2i_table_remove(sessions->table, session);
        return NULL;
    }
    session->initiator = (uint8_t)initiator_of(packet, from);
    session->shard = (uint8_t)p2i_shard_of(key);
    session->id = p2i_mix(p2i_mix(p2i_key_hash(key, 0), packet->time_ns), packet->number);
    session->seen_s = sessions->expiry.clock_s;
    session->last_number = number;
    begin_phase(sessions, session);
    enum p2i_protocol_id announced =
        p2i_expected_take(&sessions->expected, session->shard, key, sessions->expiry.clock_s);
    if (announced != P2I_ID_UNKNOWN) {
        session->protocol = (uint8_t)announced;
        session->expected = true;
    }
    p2i_expiry_add(&sessions->expiry, session);
    shard_of(sessions, session)->account.used += session_bytes(sessions);
    note_live(sessions, 1);
    make_room(sessions, session);
    return session;
}

static void begin_conversation(struct p2i_sessions *sessions, struct p2i_session *session)
{
    session->resting = session->rest_tried = false;
    if (session->expected) {
        return;
    }
    session->conversation = p2i_conversation_new(&sessions->conversations, session,
                                                 &shard_of(sessions, session)->account);
    p2i_expiry_sooner(&sessions->expiry, session);
}

static void drop_finished(struct p2i_sessions *sessions, struct p2i_session *session)
{
    session->protocol = session->conversation->stream.id;
    if (session->conversation->stream.finished) {
        p2i_conversation_end(&sessions->conversations, session);
    }
}

static void handle_datagram(struct p2i_sessions *sessions, struct p2i_session *session,
                            enum p2i_direction direction, const struct p2i_packet *packet)
{
    sessions->counts.payload_bytes += packet->payload.size;
    sessions->counts.cut_bytes += packet->payload_length - packet->payload.size;
    if (session->payload == 0 || session->resting) {
        begin_conversation(sessions, session);
    }
    session->rest_tried = false;
    session->payload |= (uint8_t)(1U << direction);
    if (session->conversation == NULL) {
        sessions->conversations.stream.books.ignored_bytes += packet->payload.size;
        return;
    }
    p2i_conversation_datagram(&sessions->conversations, session, direction, packet);
    drop_finished(sessions, session);
    make_room(sessions, session);
}

/* Payload of a session that says nothing more only moves the sequence number on. */
static void pass_payload(struct p2i_sessions *sessions, struct p2i_session *session,
                         enum p2i_direction direction, const struct p2i_packet *packet,
                         uint32_t sequence)
{
    uint32_t end = sequence + packet->payload_length;
    if ((int32_t)(end - session->next[direction]) > 0) {
        session->next[direction] = end;
    }
    sessions->conversations.stream.books.ignored_bytes += packet->payload.size;
}

static void take_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                         enum p2i_direction direction, const struct p2i_packet *packet,
                         uint32_t sequence)
{
    bool first = session->payload == 0 && packet->payload_length > 0;
    bool again =
        session->closed == 3 && p2i_tcp_has_new_bytes(session, direction, packet, sequence);
    bool awakes = session->resting && packet->payload_length > 0;
    if (session->conversation == NULL && (first || again || awakes)) {
        begin_conversation(sessions, session);
    }
    if (packet->payload_length > 0) {
        session->payload |= (uint8_t)(1U << direction);
        session->rest_tried = false;
        if (session->phase == P2I_PHASE_OPENING) {
            session->phase = P2I_PHASE_OPEN;
        }
    }
    if (session->conversation == NULL) {
        pass_payload(sessions, session, direction, packet, sequence);
        return;
    }
    p2i_conversation_segment(&sessions->conversations, session, direction, packet, sequence);
}

static void take_end(struct p2i_sessions *sessions, struct p2i_session *session,
                     enum p2i_direction direction, const struct p2i_packet *packet)
{
    if ((packet->tcp_flags & P2I_TCP_RST) != 0) {
        session->closed = 3;
        if (session->conversation != NULL) {
            p2i_conversation_close(&sessions->conversations, session, true);
        }
    } else {
        session->closed |= (uint8_t)(1U << direction);
    }
    if (session->closed == 3 && session->phase != P2I_PHASE_CLOSED) {
        session->phase = P2I_PHASE_CLOSED;
        p2i_expiry_sooner(&sessions->expiry, session);
    }
}

static void handle_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                           enum p2i_direction direction, const struct p2i_packet *packet)
{
    uint32_t sequence = packet->tcp_sequence + ((packet->tcp_flags & P2I_TCP_SYN) != 0 ? 1U : 0U);
    sessions->counts.payload_bytes += packet->payload.size;
    p2i_tcp_note_beginning(session, direction, packet, sequence);
    if (p2i_tcp_is_quiet(session, packet)) {
        return;
    }
    if (session->conversation != NULL || packet->payload_length > 0) {
        take_segment(sessions, session, direction, packet, sequence);
    }
    if ((packet->tcp_flags & (P2I_TCP_FIN | P2I_TCP_RST)) != 0) {
        take_end(sessions, session, direction, packet);
    }
    if (session->conversation != NULL) {
        const struct p2i_stream *stream = &session->conversation->stream;
        if (stream->half[0].closed && stream->half[1].closed) {
            p2i_conversation_end(&sessions->conversations, session);
        } else {
            drop_finished(sessions, session);
            make_room(sessions, session);
        }
    }
}

static void count_flow(struct p2i_sessions *sessions, struct p2i_session *session,
                       enum p2i_direction direction, const struct p2i_packet *packet)
{
    struct p2i_flow_counts *counts = p2i_flows_at(&sessions->flows, session->index);
    if (p2i_flow_is_over(&sessions->flows, counts, packet->time_ns)) {
        p2i_flow_emit(&sessions->flows, counts, session, &sessions->conversations.sink);
    }
    p2i_flow_add(counts, direction, packet);
}

static void handle_packet(struct p2i_sessions *sessions, const struct p2i_packet *packet,
                          uint64_t hash, const struct p2i_key *key, unsigned from, uint64_t number)
{
    sessions->completed_by = sessions->order = number;
    struct p2i_session *session = p2i_table_find(sessions->table, hash, key);
    if (session != NULL && key->transport == P2I_PROTO_TCP &&
        p2i_tcp_is_port_reuse(session, (enum p2i_direction)(from ^ session->initiator), packet)) {
        p2i_expiry_remove(&sessions->expiry, session);
        end_session(sessions, session);
        session = NULL;
    }
    if (session == NULL) {
        session = begin_session(sessions, hash, key, from, packet, number);
        if (session == NULL) {
            sessions->counts.evicted_sessions++;
            sessions->counts.payload_bytes += packet->payload.size;
            sessions->conversations.stream.books.ignored_bytes += packet->payload.size;
            return;
        }
    }
    session->seen_s = sessions->expiry.clock_s;
    session->last_number = number;
    sessions->current = session;
    enum p2i_direction direction = (enum p2i_direction)(from ^ session->initiator);
    if (sessions->flows.kinds != 0) {
        count_flow(sessions, session, direction, packet);
    }
    if (key->transport == P2I_PROTO_TCP) {
        handle_segment(sessions, session, direction, packet);
    } else if (key->transport == P2I_PROTO_UDP) {
        handle_datagram(sessions, session, direction, packet);
    }
    if (wants(sessions, P2I_RECORD_RAW)) {
        sessions->current = session; /* others may have ended meanwhile */
        p2i_raw_emit(sessions->settings.raw, session, direction, packet,
                     &sessions->conversations.sink);
    }
}

/* Shards are dealt out to shares, those of a share to its workers. */
static bool is_mine(struct p2i_sessions *sessions, const struct p2i_key *key,
                    const struct p2i_packet *packet)
{
    const struct p2i_session_settings *settings = &sessions->settings;
    if (settings->share_count <= 1) {
        return settings->worker_count == 1 ||
               p2i_shard_of(key) % settings->worker_count == settings->worker;
    }
    unsigned shard = p2i_shard_of(key);
    if (shard % settings->share_count != settings->share) {
        sessions->counts.other_share_packets += packet->fate == P2I_FATE_HANDLED;
        return false;
    }
    return shard / settings->share_count % settings->worker_count == settings->worker;
}

/* Other transports than TCP and UDP have nothing to say but that they were there. */
static bool is_for_sessions(const struct p2i_sessions *sessions, const struct p2i_packet *packet)
{
    return packet->fate == P2I_FATE_HANDLED ||
           (packet->fate == P2I_FATE_TRANSPORT_OTHER && sessions->flows.kinds != 0);
}

void p2i_sessions_handle(struct p2i_sessions *sessions, const struct p2i_packet *packets,
                         size_t count, uint64_t first_number)
{
    struct p2i_key keys[P2I_BATCH];
    uint64_t hashes[P2I_BATCH];
    uint8_t from[P2I_BATCH];
    bool mine[P2I_BATCH];
    for (size_t i = 0; i < count; i++) {
        mine[i] = is_for_sessions(sessions, &packets[i]);
        if (mine[i]) {
            from[i] = (uint8_t)p2i_key_of(&packets[i], &keys[i]);
            mine[i] = is_mine(sessions, &keys[i], &packets[i]);
        }
        if (mine[i]) {
            hashes[i] = p2i_key_hash(&keys[i], sessions->seed);
            p2i_table_prefetch_slot(sessions->table, hashes[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (mine[i]) {
            p2i_table_prefetch_session(sessions->table, hashes[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (mine[i]) {
            uint32_t index = p2i_table_prefetch_conversation(sessions->table, hashes[i]);
            if (sessions->flows.kinds != 0 && index != P2I_NO_SESSION) {
                p2i_flows_prefetch(&sessions->flows, index);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        move_clock(sessions, packets[i].time_ns, first_number + i);
        if (mine[i]) {
            handle_packet(sessions, &packets[i], hashes[i], &keys[i], from[i], first_number + i);
        }
    }
}
