/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"
#include "protocol/mail_charsets.h"
#include "session/conversation.h"
#include "session/expiry.h"
#include "session/table.h"

/* What a session costs with its slot, while the table grows, and in the lists of those due. */
enum { SESSION_BYTES = sizeof(struct p2i_session) + 64 };

struct p2i_sessions {
    struct p2i_session_settings settings;
    struct p2i_table *table;
    struct p2i_expiry expiry;
    struct p2i_conversations conversations;
    struct p2i_session_counts counts;
    uint64_t seed;                     /* of the places in the table */
    const struct p2i_session *current; /* whose messages are coming */
    uint64_t completed_by, order;      /* of the messages that are coming */
};

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_origin *origin, const void *message)
{
    struct p2i_sessions *sessions = context;
    const struct p2i_session *session = sessions->current;
    unsigned from = (unsigned)sender ^ session->initiator;
    struct p2i_session_message out = {
        .kind = kind,
        .message = message,
        .origin = origin,
        .source = &session->key.end[from],
        .destination = &session->key.end[!from],
        .session_id = session->id,
        .source_port = session->key.port[from],
        .destination_port = session->key.port[!from],
        .ip_version = session->key.ip_version,
        .transport = session->key.transport,
        .completed_by = sessions->completed_by,
        .order = sessions->order,
        .completed_s = sessions->expiry.clock_s,
    };
    sessions->settings.emit(sessions->settings.context, &out);
}

struct p2i_sessions *p2i_sessions_new(const struct p2i_session_settings *settings)
{
    struct p2i_sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL) {
        return NULL;
    }
    sessions->settings = *settings;
    sessions->table = p2i_table_new();
    sessions->conversations = (struct p2i_conversations){
        .stream =
            {
                .protocols = settings->protocols,
                .settings = &sessions->settings.parse,
                .pool = p2i_pool_new(),
                .charsets = p2i_charsets_new(),
            },
        .sink = {emit, sessions},
        .counts = &sessions->counts,
    };
    if (sessions->table == NULL || sessions->conversations.stream.pool == NULL ||
        sessions->conversations.stream.charsets == NULL ||
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
    p2i_expiry_free(&sessions->expiry);
    p2i_table_free(sessions->table);
    p2i_pool_free(sessions->conversations.stream.pool);
    p2i_charsets_free(sessions->conversations.stream.charsets);
    free(sessions);
}

void p2i_sessions_counts(const struct p2i_sessions *sessions, struct p2i_session_counts *counts)
{
    *counts = sessions->counts;
    counts->books = sessions->conversations.stream.books;
}

static struct p2i_shard *shard_of(struct p2i_sessions *sessions, const struct p2i_session *session)
{
    return &sessions->expiry.shards[session->shard];
}

/* The session's last words, and its memory back. It is not in the wheel any more. */
static void end_session(struct p2i_sessions *sessions, struct p2i_session *session)
{
    sessions->current = session;
    if (session->conversation != NULL) {
        p2i_conversation_close(&sessions->conversations, session);
        p2i_conversation_end(&sessions->conversations, session);
    }
    shard_of(sessions, session)->account.used -= SESSION_BYTES;
    p2i_table_remove(sessions->table, session);
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

static bool is_first_syn(const struct p2i_packet *packet)
{
    return (packet->tcp_flags & (P2I_TCP_SYN | P2I_TCP_ACK)) == P2I_TCP_SYN;
}

/* Who began? Who sent a SYN; whoever did not answer one; else the side that speaks first, unless
 * only its port is one of a server. */
static unsigned initiator_of(const struct p2i_packet *packet, unsigned from)
{
    if (packet->transport == P2I_PROTO_TCP && (packet->tcp_flags & P2I_TCP_SYN) != 0) {
        return is_first_syn(packet) ? from : !from;
    }
    bool from_server = packet->source_port < 1024 && packet->destination_port >= 1024;
    return from_server ? !from : from;
}

static struct p2i_session *begin_session(struct p2i_sessions *sessions, uint64_t hash,
                                         const struct p2i_key *key, unsigned from,
                                         const struct p2i_packet *packet, uint64_t number)
{
    struct p2i_session *session = p2i_table_add(sessions->table, hash, key);
    if (session == NULL) {
        return NULL;
    }
    session->initiator = (uint8_t)initiator_of(packet, from);
    uint64_t unseeded = p2i_key_hash(key, 0);
    session->shard = (uint8_t)p2i_shard_of(unseeded);
    session->id = p2i_mix(p2i_mix(unseeded, packet->time_ns), number);
    session->seen_s = sessions->expiry.clock_s;
    session->last_number = number;
    if (key->transport == P2I_PROTO_TCP) {
        session->phase = P2I_PHASE_OPENING;
        sessions->counts.tcp_sessions++;
    } else {
        session->phase = P2I_PHASE_DATAGRAMS;
        sessions->counts.udp_sessions++;
    }
    p2i_expiry_add(&sessions->expiry, session);
    shard_of(sessions, session)->account.used += SESSION_BYTES;
    if (p2i_table_count(sessions->table) > sessions->counts.live_peak) {
        sessions->counts.live_peak = p2i_table_count(sessions->table);
    }
    make_room(sessions, session);
    return session;
}

static void begin_conversation(struct p2i_sessions *sessions, struct p2i_session *session)
{
    session->resting = session->rest_tried = false;
    session->conversation = p2i_conversation_new(&sessions->conversations, session,
                                                 &shard_of(sessions, session)->account);
    p2i_expiry_sooner(&sessions->expiry, session);
}

static void drop_finished(struct p2i_sessions *sessions, struct p2i_session *session)
{
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

/* A SYN that does not belong to what is known of the session begins a new one. The sequence number
 * behind a repeated or late SYN is at, or shortly before, the first one known. */
static bool is_port_reuse(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet)
{
    enum { LATE_SYN_BYTES = 1 << 20 };
    if (!is_first_syn(packet)) {
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
static void note_beginning(struct p2i_session *session, enum p2i_direction direction,
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

/* True when the payload has bytes that were not seen yet. */
static bool has_new_bytes(const struct p2i_session *session, enum p2i_direction direction,
                          const struct p2i_packet *packet, uint32_t sequence)
{
    return packet->payload_length > 0 &&
           (int32_t)(sequence + packet->payload_length - session->next[direction]) > 0;
}

static void take_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                         enum p2i_direction direction, const struct p2i_packet *packet,
                         uint32_t sequence)
{
    bool first = session->payload == 0 && packet->payload_length > 0;
    bool again = session->closed == 3 && has_new_bytes(session, direction, packet, sequence);
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
            p2i_conversation_close(&sessions->conversations, session);
        }
    } else {
        session->closed |= (uint8_t)(1U << direction);
    }
    if (session->closed == 3 && session->phase != P2I_PHASE_CLOSED) {
        session->phase = P2I_PHASE_CLOSED;
        p2i_expiry_sooner(&sessions->expiry, session);
    }
}

/* A segment that carries nothing and has no end to tell, as every other one. */
static bool is_quiet(const struct p2i_session *session, const struct p2i_packet *packet)
{
    return packet->payload_length == 0 && session->held == 0 &&
           (packet->tcp_flags & (P2I_TCP_FIN | P2I_TCP_RST)) == 0;
}

static void handle_segment(struct p2i_sessions *sessions, struct p2i_session *session,
                           enum p2i_direction direction, const struct p2i_packet *packet)
{
    uint32_t sequence = packet->tcp_sequence + ((packet->tcp_flags & P2I_TCP_SYN) != 0 ? 1U : 0U);
    sessions->counts.payload_bytes += packet->payload.size;
    note_beginning(session, direction, packet, sequence);
    if (is_quiet(session, packet)) {
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

static void handle_packet(struct p2i_sessions *sessions, const struct p2i_packet *packet,
                          uint64_t hash, const struct p2i_key *key, unsigned from, uint64_t number)
{
    sessions->completed_by = sessions->order = number;
    struct p2i_session *session = p2i_table_find(sessions->table, hash, key);
    if (session != NULL && key->transport == P2I_PROTO_TCP &&
        is_port_reuse(session, (enum p2i_direction)(from ^ session->initiator), packet)) {
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
    if (key->transport == P2I_PROTO_TCP) {
        handle_segment(sessions, session, direction, packet);
    } else {
        handle_datagram(sessions, session, direction, packet);
    }
}

static bool is_mine(const struct p2i_sessions *sessions, const struct p2i_key *key)
{
    return sessions->settings.worker_count == 1 ||
           p2i_shard_of(p2i_key_hash(key, 0)) % sessions->settings.worker_count ==
               sessions->settings.worker;
}

void p2i_sessions_handle(struct p2i_sessions *sessions, const struct p2i_packet *packets,
                         size_t count, uint64_t first_number)
{
    struct p2i_key keys[P2I_BATCH];
    uint64_t hashes[P2I_BATCH];
    uint8_t from[P2I_BATCH];
    bool mine[P2I_BATCH];
    for (size_t i = 0; i < count; i++) {
        mine[i] = packets[i].fate == P2I_FATE_HANDLED;
        if (mine[i]) {
            from[i] = (uint8_t)p2i_key_of(&packets[i], &keys[i]);
            mine[i] = is_mine(sessions, &keys[i]);
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
            p2i_table_prefetch_conversation(sessions->table, hashes[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        move_clock(sessions, packets[i].time_ns, first_number + i);
        if (mine[i]) {
            handle_packet(sessions, &packets[i], hashes[i], &keys[i], from[i], first_number + i);
        }
    }
}
