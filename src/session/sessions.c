/* SPDX-License-Identifier: MIT */
#include "session/sessions_internal.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"
#include "protocol/message.h"
#include "session/raw_packets.h"
#include "session/tcp_rules.h"

#define NS_PER_S UINT64_C(1000000000)

static struct p2i_shard *shard_of(struct p2i_sessions *sessions, const struct p2i_session *session)
{
    return &sessions->expiry.shards[session->shard];
}

/* Notes the first server name of a session for its flow records. */
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
    counts->host = p2i_pool_get(sessions->streams.stream.pool,
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
                 const struct p2i_packet_info *info, const void *message,
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
        .info = info,
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
        .completed_s = sessions->clock.now_s,
    };
    sessions->settings.emit(sessions->settings.context, &out);
}

/* A parser of the current session announces another session. */
static void expect(void *context, const struct p2i_expectation *expectation)
{
    struct p2i_sessions *sessions = context;
    const struct p2i_session *session = sessions->current;
    const struct p2i_session_key *key = &session->key;
    struct p2i_expected_listener listener = {
        .address = key->end[(unsigned)expectation->listener ^ session->initiator],
        .ends = {key->end[0], key->end[1]},
        .scope = key->scope,
        .port = expectation->port,
        .ip_version = key->ip_version,
        .protocol = expectation->protocol,
    };
    uint32_t now_s = sessions->expiry.wheel_s;
    p2i_expected_add(&sessions->expected, session->shard, &listener, now_s);
    struct p2i_view address = expectation->address;
    if (address.size == (key->ip_version == 4 ? 4 : sizeof listener.address.bytes) &&
        memcmp(address.data, listener.address.bytes, address.size) != 0) {
        /* Expects both addresses: the announced one may be behind a NAT. */
        listener.address = (struct p2i_address){0};
        memcpy(listener.address.bytes, address.data, address.size);
        p2i_expected_add(&sessions->expected, session->shard, &listener, now_s);
    }
}

void p2i_sessions_note_announced(struct p2i_sessions *sessions, struct p2i_session *session)
{
    enum p2i_protocol_id announced = p2i_expected_take(&sessions->expected, session->shard,
                                                       &session->key, sessions->expiry.wheel_s);
    if (announced != P2I_ID_UNKNOWN) {
        session->protocol = (uint8_t)announced;
        session->expected = true;
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
    sessions->odd_index = P2I_NO_SESSION;
    sessions->table = p2i_session_table_new();
    sessions->streams = (struct p2i_stream_states){
        .sink = {emit, sessions, expect},
        .counts = &sessions->counts,
        .out_of_order_bytes = settings->out_of_order_bytes > 0 ? settings->out_of_order_bytes
                                                               : P2I_OUT_OF_ORDER_BYTES,
    };
    bool shared = p2i_stream_worker_open(&sessions->streams.stream, settings->protocols,
                                         &sessions->settings.parse, &sessions->streams.sink);
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
    p2i_syn_watches_free(&sessions->syn_watches);
    p2i_flows_free(&sessions->flows);
    p2i_expiry_free(&sessions->expiry);
    p2i_session_table_free(sessions->table);
    p2i_stream_worker_close(&sessions->streams.stream);
    free(sessions);
}

uint64_t p2i_sessions_time_ns(const struct p2i_sessions *sessions, uint64_t time_ns)
{
    uint32_t stamp_s = (uint32_t)(time_ns / NS_PER_S);
    bool is_odd = p2i_clock_is_ahead(&sessions->clock, stamp_s) ||
                  p2i_clock_is_behind(&sessions->clock, stamp_s);
    return is_odd ? sessions->clock.now_s * NS_PER_S : time_ns;
}

uint32_t p2i_sessions_now_s(const struct p2i_sessions *sessions)
{
    return sessions->clock.now_s;
}

void p2i_sessions_counts(const struct p2i_sessions *sessions, struct p2i_session_counts *counts)
{
    *counts = sessions->counts;
    counts->counts = sessions->streams.stream.counts;
}

static void make_room(struct p2i_sessions *sessions, const struct p2i_session *keep)
{
    const struct p2i_account *account = &shard_of(sessions, keep)->account;
    if (account->used > account->limit) {
        p2i_sessions_evict(sessions, keep);
    }
}

void p2i_sessions_open_stream(struct p2i_sessions *sessions, struct p2i_session *session)
{
    session->dormant = session->dormancy_tried = false;
    if (session->payload == 0 && !session->expected) {
        p2i_sessions_note_announced(sessions, session);
    }
    session->stream =
        p2i_stream_state_new(&sessions->streams, session, &shard_of(sessions, session)->account);
    if (session->expected && session->stream != NULL) {
        struct p2i_stream *stream = &session->stream->stream;
        stream->hint = session->protocol;
        stream->id = session->protocol = P2I_ID_UNKNOWN;
        session->expected = false;
    }
    p2i_expiry_reschedule(&sessions->expiry, session);
}

void p2i_sessions_after_payload(struct p2i_sessions *sessions, struct p2i_session *session)
{
    session->protocol = session->stream->stream.id;
    if (session->stream->stream.finished) {
        p2i_stream_state_end(&sessions->streams, session);
    }
    make_room(sessions, session);
}

static void handle_datagram(struct p2i_sessions *sessions, struct p2i_session *session,
                            enum p2i_direction direction, const struct p2i_packet *packet)
{
    sessions->counts.payload_bytes += packet->payload.size;
    sessions->counts.cut_bytes += packet->payload_length - packet->payload.size;
    if (session->payload == 0 || session->dormant) {
        p2i_sessions_open_stream(sessions, session);
    }
    session->dormancy_tried = false;
    session->payload |= (uint8_t)(1U << direction);
    if (session->stream == NULL) {
        sessions->streams.stream.counts.ignored_bytes += packet->payload.size;
        return;
    }
    p2i_stream_state_datagram(&sessions->streams, session, direction, packet);
    p2i_sessions_after_payload(sessions, session);
}

static void count_flow(struct p2i_sessions *sessions, struct p2i_session *session,
                       enum p2i_direction direction, const struct p2i_packet *packet)
{
    struct p2i_flow_counts *counts = p2i_flows_at(&sessions->flows, session->index);
    if (p2i_flow_is_over(&sessions->flows, counts, packet->time_ns)) {
        p2i_flow_emit(&sessions->flows, counts, session, &sessions->streams.sink);
    }
    p2i_flow_add(counts, direction, packet);
}

/* True when the packet comes so late that it begins a new session with the same key. An unconfirmed
 * stamp may be wrong, so it does not separate a TCP segment from its session if it has exactly the
 * next sequence number. */
static bool is_too_late(const struct p2i_sessions *sessions, const struct p2i_session *session,
                        enum p2i_direction direction, const struct p2i_packet *packet)
{
    if (!p2i_expiry_is_late(session, sessions->stamp_s)) {
        return false;
    }
    bool is_next = session->key.transport == P2I_PROTO_TCP &&
                   ((session->seen | session->acknowledged) & 1U << direction) != 0 &&
                   packet->tcp_sequence == session->next[direction];
    return !is_next || !p2i_clock_is_ahead(&sessions->clock, sessions->stamp_s);
}

/* Notes the time of a packet in its session. False: the packet belongs to a new session with the
 * same key. */
static bool note_time(struct p2i_sessions *sessions, struct p2i_session *session,
                      enum p2i_direction direction, const struct p2i_packet *packet)
{
    if (p2i_expiry_is_soon(session, sessions->stamp_s)) {
        session->stamp_s = sessions->stamp_s;
    } else if (is_too_late(sessions, session, direction, packet)) {
        return false;
    } else {
        p2i_expiry_note_stamp(session, &sessions->clock, sessions->stamp_s);
    }
    session->seen_s = (uint16_t)sessions->expiry.wheel_s;
    return true;
}

/* A packet on the way to its session. */
struct arrival {
    const struct p2i_packet *packet;
    uint64_t number;
    struct p2i_session_key key;
    uint64_t hash;              /* hash of the key */
    struct p2i_session *likely; /* session found by prefetching, before the earlier packets of the
                                   batch were handled; may be stale; NULL: none */
    unsigned from;              /* end of the key that sent the packet */
};

/* Counts the payload of a packet without effect. */
static void ignore_bytes(struct p2i_sessions *sessions, const struct p2i_packet *packet)
{
    sessions->counts.payload_bytes += packet->payload.size;
    sessions->streams.stream.counts.ignored_bytes += packet->payload.size;
}

static enum p2i_direction direction_of(const struct arrival *arrival,
                                       const struct p2i_session *session)
{
    return (enum p2i_direction)(arrival->from ^ session->initiator);
}

/* Begins a session. NULL: out of memory. */
static struct p2i_session *begin(struct p2i_sessions *sessions, const struct arrival *arrival)
{
    struct p2i_session *session = p2i_sessions_begin(
        sessions, arrival->hash, &arrival->key, arrival->from, arrival->packet, arrival->number);
    if (session == NULL) {
        sessions->counts.evicted_sessions++;
        ignore_bytes(sessions, arrival->packet);
    }
    return session;
}

/* Handles the packet in its session. */
static inline void go_on(struct p2i_sessions *sessions, struct p2i_session *session,
                         const struct arrival *arrival)
{
    enum p2i_direction direction = direction_of(arrival, session);
    sessions->current = session;
    if (sessions->flows.kinds != 0) {
        count_flow(sessions, session, direction, arrival->packet);
    }
    if (arrival->key.transport == P2I_PROTO_TCP) {
        p2i_sessions_handle_segment(sessions, session, direction, arrival->packet);
    } else if (arrival->key.transport == P2I_PROTO_UDP) {
        handle_datagram(sessions, session, direction, arrival->packet);
    }
}

/* Ends the session and begins a new one on the same ports; `syn` is the watched SYN that began it,
 * or NULL. Returns the new session. NULL: out of memory. */
static struct p2i_session *restart(struct p2i_sessions *sessions, struct p2i_session *session,
                                   const struct p2i_syn_watch *syn, const struct arrival *arrival)
{
    unsigned syn_from = syn != NULL ? syn->direction ^ session->initiator : 0;
    p2i_sessions_end(sessions, session);
    session = NULL;
    if (syn != NULL) {
        struct arrival first = *arrival;
        first.packet = &syn->packet;
        first.number = syn->packet_number;
        first.from = syn_from;
        session = begin(sessions, &first);
        if (session != NULL) {
            go_on(sessions, session, &first);
        }
    }
    return session != NULL ? session : begin(sessions, arrival);
}

/* Finds the session for a SYN, or for a segment of a session with a watched SYN. NULL: the segment
 * has no effect. */
static struct p2i_session *look_at_syn(struct p2i_sessions *sessions, struct p2i_session *session,
                                       const struct arrival *arrival)
{
    struct p2i_syn_watch first;
    enum p2i_direction direction = direction_of(arrival, session);
    switch (p2i_syn_look(&sessions->syn_watches, session, direction, arrival->packet,
                         arrival->number, &first)) {
    case P2I_SYN_GO_ON:
        return session;
    case P2I_SYN_RESTART:
        return restart(sessions, session, first.used ? &first : NULL, arrival);
    case P2I_SYN_IGNORED:
        session->last_number = arrival->number;
        if (sessions->flows.kinds != 0) {
            sessions->current = session;
            count_flow(sessions, session, direction, arrival->packet);
        }
        break;
    case P2I_SYN_WATCHED:
        break;
    }
    ignore_bytes(sessions, arrival->packet);
    return NULL;
}

/* Finds or begins the session of the packet. NULL: the packet has no effect. */
static inline struct p2i_session *session_of(struct p2i_sessions *sessions,
                                             const struct arrival *arrival)
{
    const struct p2i_packet *packet = arrival->packet;
    struct p2i_session *session = arrival->likely;
    if (session == NULL || !p2i_session_table_is(session, &arrival->key)) {
        session = p2i_session_table_find(sessions->table, arrival->hash, &arrival->key);
    }
    if (session == NULL) {
        return begin(sessions, arrival);
    }
    if (!note_time(sessions, session, direction_of(arrival, session), packet)) {
        return restart(sessions, session, NULL, arrival);
    }
    if (packet->transport == P2I_PROTO_TCP &&
        ((packet->tcp_flags & P2I_TCP_SYN) != 0 || session->syn_watched)) {
        return look_at_syn(sessions, session, arrival);
    }
    return session;
}

static void handle_packet(struct p2i_sessions *sessions, const struct arrival *arrival)
{
    const struct p2i_packet *packet = arrival->packet;
    sessions->completed_by = sessions->order = arrival->number;
    struct p2i_session *session = session_of(sessions, arrival);
    if (session == NULL) {
        return;
    }
    session->last_number = arrival->number;
    if (!sessions->clock.steady && !packet->untimed) {
        sessions->odd_index = session->index;
        sessions->odd_number = arrival->number;
    }
    go_on(sessions, session, arrival);
    if (wants(sessions, P2I_RECORD_RAW)) {
        sessions->current = session; /* handling the packet may have ended other sessions */
        p2i_raw_emit(sessions->settings.raw, session, direction_of(arrival, session), packet,
                     &sessions->streams.sink);
    }
}

/* Hash shards are divided among the processes of a split run, then among the workers of a process.
 */
static bool is_mine(struct p2i_sessions *sessions, const struct p2i_session_key *key,
                    const struct p2i_packet *packet)
{
    const struct p2i_session_settings *settings = &sessions->settings;
    if (settings->shard_count <= 1) {
        return settings->worker_count == 1 ||
               p2i_shard_of(key) % settings->worker_count == settings->worker;
    }
    unsigned shard = p2i_shard_of(key);
    if (shard % settings->shard_count != settings->shard) {
        sessions->counts.other_shard_packets += packet->fate == P2I_FATE_HANDLED;
        return false;
    }
    return shard / settings->shard_count % settings->worker_count == settings->worker;
}

/* Transports other than TCP and UDP are only counted in flow records. */
static bool is_for_sessions(const struct p2i_sessions *sessions, const struct p2i_packet *packet)
{
    return packet->fate == P2I_FATE_HANDLED ||
           (packet->fate == P2I_FATE_TRANSPORT_OTHER && sessions->flows.kinds != 0);
}

/* Collects the packets of a batch that belong to this worker, and prefetches their table slots. */
static size_t take_mine(struct p2i_sessions *sessions, const struct p2i_packet *packets,
                        size_t count, uint64_t first_number, struct arrival *arrivals)
{
    size_t mine = 0;
    for (size_t i = 0; i < count; i++) {
        struct arrival *arrival = &arrivals[mine];
        if (!is_for_sessions(sessions, &packets[i])) {
            continue;
        }
        arrival->from = p2i_key_of(&packets[i], &arrival->key);
        if (!is_mine(sessions, &arrival->key, &packets[i])) {
            continue;
        }
        arrival->packet = &packets[i];
        arrival->number = first_number + i;
        arrival->hash = p2i_key_hash(&arrival->key, sessions->seed);
        p2i_session_table_prefetch_slot(sessions->table, arrival->hash);
        mine++;
    }
    return mine;
}

/* Prefetches the memory that the packets need, one level for all of them after the other. */
static void prefetch(const struct p2i_sessions *sessions, struct arrival *arrivals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        arrivals[i].likely = p2i_session_table_prefetch_session(sessions->table, arrivals[i].hash);
    }
    for (size_t i = 0; i < count; i++) {
        if (arrivals[i].likely != NULL) {
            p2i_stream_state_prefetch(arrivals[i].likely);
            if (sessions->flows.kinds != 0) {
                p2i_flows_prefetch(&sessions->flows, arrivals[i].likely->index);
            }
        }
    }
}

void p2i_sessions_handle(struct p2i_sessions *sessions, const struct p2i_packet *packets,
                         size_t count, uint64_t first_number)
{
    struct arrival arrivals[P2I_BATCH];
    size_t mine = take_mine(sessions, packets, count, first_number, arrivals);
    prefetch(sessions, arrivals, mine);
    const struct arrival *next = arrivals;
    for (size_t i = 0; i < count; i++) {
        sessions->stamp_s = (uint32_t)(packets[i].time_ns / NS_PER_S);
        if (!p2i_clock_is_at(&sessions->clock, sessions->stamp_s) && !packets[i].untimed) {
            p2i_sessions_move_clock(sessions, sessions->stamp_s, first_number + i);
        }
        if (next < arrivals + mine && next->packet == &packets[i]) {
            handle_packet(sessions, next++);
        }
    }
}
