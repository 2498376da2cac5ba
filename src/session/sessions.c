/* SPDX-License-Identifier: MIT */
#include "session/sessions_internal.h"

#include <stdlib.h>

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
    p2i_observer_emit(&sessions->observer, session, from, wants(sessions, kind), info,
                      sessions->streams.stream.counts.parsed_bytes);
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

static void report_broken(void *context)
{
    struct p2i_sessions *sessions = context;
    p2i_observer_broken(&sessions->observer, sessions->current);
}

void p2i_sessions_note_announced(struct p2i_sessions *sessions, struct p2i_session *session)
{
    if (sessions->announced != P2I_ID_UNKNOWN) {
        session->protocol = sessions->announced;
        session->expected = true;
        p2i_observer_note(&sessions->observer, session, P2I_FEATURE_ANNOUNCED);
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
    sessions->observer = (struct p2i_session_observer){
        .session = settings->session,
        .packet = settings->packet,
        .on = settings->session != NULL || settings->packet != NULL,
        .unselected_raw = settings->raw != NULL && !wants(sessions, P2I_RECORD_RAW)
                              ? settings->raw->wanted
                              : NULL,
        .context = settings->context,
    };
    sessions->counts_lost = settings->count_lost && sessions->flows.kinds != 0;
    sessions->notes_counts = sessions->observer.on || sessions->counts_lost;
    sessions->odd_index = P2I_NO_SESSION;
    sessions->table = p2i_session_table_new();
    sessions->streams = (struct p2i_stream_states){
        .sink = {.emit = emit, .context = sessions, .broken = report_broken},
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
    p2i_syn_watches_free(&sessions->syn_watches);
    p2i_flows_free(&sessions->flows);
    p2i_observer_free(&sessions->observer);
    p2i_expiry_free(&sessions->expiry);
    p2i_session_table_free(sessions->table);
    p2i_stream_worker_close(&sessions->streams.stream);
    free(sessions);
}

void p2i_sessions_order(const struct p2i_sessions *sessions, uint64_t *completed_by,
                        uint64_t *order)
{
    *completed_by = sessions->completed_by;
    *order = sessions->order;
}

bool p2i_sessions_out_of_memory(const struct p2i_sessions *sessions)
{
    return p2i_pool_was_refused(sessions->streams.stream.pool) ||
           sessions->syn_watches.out_of_memory;
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
    if (session->dormant) {
        p2i_observer_note(&sessions->observer, session, P2I_FEATURE_DORMANT);
    }
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
    uint8_t end = p2i_flow_over(&sessions->flows, counts, packet->time_ns);
    if (end != 0) {
        p2i_flow_emit(&sessions->flows, counts, session, end, &sessions->streams.sink);
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

/* Counts the payload of a packet without effect. */
static void ignore_bytes(struct p2i_sessions *sessions, const struct p2i_packet *packet)
{
    sessions->counts.payload_bytes += packet->payload.size;
    sessions->streams.stream.counts.ignored_bytes += packet->payload.size;
}

static enum p2i_direction direction_of(const struct p2i_arrival *arrival,
                                       const struct p2i_session *session)
{
    return (enum p2i_direction)(arrival->from ^ session->initiator);
}

/* The same for the counters of flow records. */
static void note_lost(struct p2i_sessions *sessions, const struct p2i_session *session)
{
    uint64_t lost = sessions->streams.stream.counts.lost_bytes - sessions->lost_noted;
    uint64_t cut = sessions->counts.cut_bytes - sessions->cut_noted;
    if (!sessions->counts_lost || lost + cut == 0) {
        return;
    }
    if (session != NULL) {
        struct p2i_flow_counts *counts = p2i_flows_at(&sessions->flows, session->index);
        counts->lost_bytes += lost;
        counts->cut_bytes += cut;
    }
    sessions->lost_noted += lost;
    sessions->cut_noted += cut;
}

void p2i_sessions_note_new_counts(struct p2i_sessions *sessions, const struct p2i_session *session)
{
    p2i_observer_note_counts(&sessions->observer, session, &sessions->counts, &sessions->streams);
    sessions->streams.gap = (struct p2i_packet_place){0};
    note_lost(sessions, session);
}

static void observe(struct p2i_sessions *sessions, const struct p2i_session *session,
                    const struct p2i_arrival *arrival)
{
    if (sessions->observer.on) {
        const struct p2i_arrivals *all = sessions->arrivals;
        const struct p2i_features *features =
            all->features != NULL ? &all->features[arrival - all->list] : NULL;
        p2i_observer_count(&sessions->observer, session, arrival->from, &arrival->packet, features);
        p2i_observer_packet(&sessions->observer, session, &arrival->packet);
    }
}

/* Begins a session. NULL: out of memory. */
static struct p2i_session *begin(struct p2i_sessions *sessions, const struct p2i_arrival *arrival)
{
    struct p2i_session *session =
        p2i_sessions_begin(sessions, arrival->hash, &arrival->packet.key, arrival->from,
                           &arrival->packet, arrival->number);
    if (session == NULL) {
        p2i_pool_note_refusal(sessions->streams.stream.pool);
        sessions->counts.evicted_sessions++;
        ignore_bytes(sessions, &arrival->packet);
    }
    return session;
}

/* Handles the packet in its session. */
static inline void go_on(struct p2i_sessions *sessions, struct p2i_session *session,
                         const struct p2i_arrival *arrival)
{
    enum p2i_direction direction = direction_of(arrival, session);
    sessions->current = session;
    if (sessions->flows.kinds != 0) {
        count_flow(sessions, session, direction, &arrival->packet);
    }
    if (arrival->packet.key.transport == P2I_PROTO_TCP) {
        p2i_sessions_handle_segment(sessions, session, direction, &arrival->packet);
    } else if (arrival->packet.key.transport == P2I_PROTO_UDP) {
        handle_datagram(sessions, session, direction, &arrival->packet);
    }
    p2i_sessions_note_counts(sessions, session);
}

/* Ends the session, for the reason `end`, and begins a new one on the same ports; `syn` is the
 * watched SYN that began it, or NULL. Returns the new session. NULL: out of memory. */
static struct p2i_session *restart(struct p2i_sessions *sessions, struct p2i_session *session,
                                   uint8_t end, const struct p2i_syn_watch *syn,
                                   const struct p2i_arrival *arrival)
{
    unsigned syn_from = syn != NULL ? syn->direction ^ session->initiator : 0;
    p2i_sessions_end(sessions, session, end);
    session = NULL;
    if (syn != NULL) {
        struct p2i_arrival first = {.packet = syn->packet,
                                    .number = syn->packet_number,
                                    .hash = arrival->hash,
                                    .stamp_s = arrival->stamp_s,
                                    .from = (uint8_t)syn_from};
        session = begin(sessions, &first);
        if (session != NULL) {
            p2i_observer_count(&sessions->observer, session, first.from, &first.packet, NULL);
            p2i_observer_packet_again(&sessions->observer, session, &first.packet);
            go_on(sessions, session, &first);
        }
    }
    session = session != NULL ? session : begin(sessions, arrival);
    if (session != NULL) {
        p2i_observer_note(&sessions->observer, session, P2I_FEATURE_REUSED_PORTS);
    }
    return session;
}

/* Counts a SYN that lost its place, as a packet of its own session. */
static void forget_syn(struct p2i_sessions *sessions, const struct p2i_syn_watch *syn)
{
    struct p2i_session *session = p2i_session_table_at(sessions->table, syn->session);
    p2i_sessions_note_counts(sessions, sessions->current);
    sessions->current = session;
    p2i_sessions_count_syn(sessions, session, syn);
    p2i_sessions_note_counts(sessions, session);
}

/* Finds the session for a SYN, or for a segment of a session with a watched SYN. NULL: the segment
 * has no effect. */
static struct p2i_session *look_at_syn(struct p2i_sessions *sessions, struct p2i_session *session,
                                       const struct p2i_arrival *arrival)
{
    struct p2i_syn_watch other;
    enum p2i_direction direction = direction_of(arrival, session);
    switch (p2i_syn_look(&sessions->syn_watches, session, direction, &arrival->packet,
                         arrival->number, &other)) {
    case P2I_SYN_GO_ON:
        return session;
    case P2I_SYN_RESTART:
        return restart(sessions, session, P2I_FLOW_ENDED, other.used ? &other : NULL, arrival);
    case P2I_SYN_IGNORED:
        session->last_number = arrival->number;
        if (sessions->flows.kinds != 0) {
            sessions->current = session;
            count_flow(sessions, session, direction, &arrival->packet);
        }
        observe(sessions, session, arrival);
        break;
    case P2I_SYN_WATCHED:
        if (other.used) {
            forget_syn(sessions, &other);
        }
        p2i_observer_packet(&sessions->observer, session, &arrival->packet);
        break;
    }
    ignore_bytes(sessions, &arrival->packet);
    return NULL;
}

/* Finds or begins the session of the packet. `session` was found by prefetching, before the earlier
 * packets of the batch were handled, and may be stale; NULL: none. NULL: the packet has no effect.
 */
static inline struct p2i_session *session_of(struct p2i_sessions *sessions,
                                             struct p2i_session *session,
                                             const struct p2i_arrival *arrival)
{
    const struct p2i_packet *packet = &arrival->packet;
    if (session == NULL || !p2i_session_table_is(session, &arrival->packet.key)) {
        session = p2i_session_table_find(sessions->table, arrival->hash, &arrival->packet.key);
    }
    if (session == NULL) {
        return begin(sessions, arrival);
    }
    if (!note_time(sessions, session, direction_of(arrival, session), packet)) {
        return restart(sessions, session, P2I_FLOW_IDLE, NULL, arrival);
    }
    if (packet->transport == P2I_PROTO_TCP &&
        ((packet->tcp_flags & P2I_TCP_SYN) != 0 || session->syn_watched)) {
        return look_at_syn(sessions, session, arrival);
    }
    return session;
}

static void handle_packet(struct p2i_sessions *sessions, struct p2i_session *likely,
                          const struct p2i_arrival *arrival)
{
    const struct p2i_packet *packet = &arrival->packet;
    sessions->completed_by = sessions->order = arrival->number;
    sessions->stamp_s = arrival->stamp_s;
    sessions->announced = arrival->announced;
    struct p2i_session *session = session_of(sessions, likely, arrival);
    if (session == NULL) {
        return;
    }
    session->last_number = arrival->number;
    if (!sessions->clock.steady && !packet->untimed) {
        sessions->odd_index = session->index;
        sessions->odd_number = arrival->number;
    }
    observe(sessions, session, arrival);
    go_on(sessions, session, arrival);
    if (wants(sessions, P2I_RECORD_RAW)) {
        sessions->current = session; /* handling the packet may have ended other sessions */
        p2i_raw_emit(sessions->settings.raw, session, direction_of(arrival, session), packet,
                     &sessions->streams.sink);
    }
}

/* A packet of a batch. */
struct visit {
    const struct p2i_arrival *arrival;
    struct p2i_session *likely; /* see session_of() */
};

/* Segments without payload don't touch the stream unless they end it or others are held. */
static inline bool needs_stream(const struct visit *visit)
{
    const struct p2i_packet *packet = &visit->arrival->packet;
    return packet->payload_length > 0 || visit->likely->held != 0 ||
           (packet->tcp_flags & (P2I_TCP_FIN | P2I_TCP_RST)) != 0;
}

/* Lists the next packets of the worker, and prefetches the memory that they need, one level for all
 * of them after the other. Returns their number. */
static size_t fetch(const struct p2i_sessions *sessions, const struct p2i_arrivals *arrivals,
                    size_t next, size_t end, struct visit *visits)
{
    size_t count = 0;
    for (; count < P2I_BATCH && next < end; next++) {
        const struct p2i_arrival *arrival = &arrivals->list[arrivals->order[next]];
        visits[count++].arrival = arrival;
        p2i_session_table_prefetch_slot(sessions->table, arrival->hash);
    }
    for (size_t i = 0; i < count; i++) {
        visits[i].likely =
            p2i_session_table_prefetch_session(sessions->table, visits[i].arrival->hash);
    }
    for (size_t i = 0; i < count; i++) {
        if (visits[i].likely != NULL) {
            if (needs_stream(&visits[i])) {
                p2i_stream_state_prefetch(visits[i].likely);
            }
            if (sessions->flows.kinds != 0) {
                p2i_flows_prefetch(&sessions->flows, visits[i].likely->index);
            }
        }
    }
    return count;
}

/* Moves the clock by the marks up to packet `number`. Returns the number of the next mark. */
static uint64_t move_clock_to(struct p2i_sessions *sessions, const struct p2i_arrivals *arrivals,
                              size_t *mark, uint64_t number)
{
    for (; *mark < arrivals->mark_count; ++*mark) {
        const struct p2i_clock_mark *at = &arrivals->marks[*mark];
        if (at->number > number) {
            return at->number;
        }
        p2i_sessions_move_clock(sessions, at->stamp_s, at->number);
    }
    return UINT64_MAX;
}

void p2i_sessions_handle(struct p2i_sessions *sessions, const struct p2i_arrivals *arrivals,
                         unsigned worker)
{
    struct visit visits[P2I_BATCH];
    size_t mark = 0;
    sessions->arrivals = arrivals;
    size_t next = arrivals->first[worker];
    size_t end = next + arrivals->counts[worker];
    uint64_t next_mark = move_clock_to(sessions, arrivals, &mark, 0);
    size_t count;
    while ((count = fetch(sessions, arrivals, next, end, visits)) > 0) {
        for (size_t i = 0; i < count; i++) {
            uint64_t number = visits[i].arrival->number;
            if (number >= next_mark) {
                next_mark = move_clock_to(sessions, arrivals, &mark, number);
            }
            handle_packet(sessions, visits[i].likely, visits[i].arrival);
        }
        next += count;
    }
    (void)move_clock_to(sessions, arrivals, &mark, UINT64_MAX);
}
