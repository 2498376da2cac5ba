/* SPDX-License-Identifier: MIT */
#include "session/observer.h"

#include <stddef.h>

#include "protocol/protocols.h"
#include "session/tcp_rules.h"

void p2i_observer_free(struct p2i_session_observer *observer)
{
    p2i_by_index_free(&observer->totals);
}

/* What both the beginning and the end of a session have. */
static struct p2i_session_facts facts_of(const struct p2i_session *session,
                                         const struct p2i_session_totals *totals)
{
    const struct p2i_session_key *key = &session->key;
    unsigned first = session->initiator;
    return (struct p2i_session_facts){
        .struct_size = sizeof(struct p2i_session_facts),
        .id = session->id,
        .address = {key->end[first].bytes, key->end[!first].bytes},
        .port = {key->port[first], key->port[!first]},
        .ip_version = key->ip_version,
        .transport = key->transport,
        .scope = key->scope,
        .capture = totals->capture,
        .packet = totals->packet,
    };
}

bool p2i_observer_begin(struct p2i_session_observer *observer, const struct p2i_session *session,
                        const struct p2i_packet *packet)
{
    if (observer->session == NULL) {
        return true;
    }
    if (!p2i_by_index_begin(&observer->totals, session->index, sizeof(struct p2i_session_totals))) {
        return false;
    }
    struct p2i_session_totals *totals = p2i_observer_totals(observer, session->index);
    totals->first_ns = packet->time_ns;
    totals->packet = packet->number;
    totals->capture = packet->capture;
    struct p2i_session_facts facts = facts_of(session, totals);
    observer->session(observer->context, &facts);
    return true;
}

void p2i_observer_note(struct p2i_session_observer *observer, const struct p2i_session *session,
                       enum p2i_feature feature)
{
    if (observer->session != NULL) {
        p2i_features_set(&p2i_observer_totals(observer, session->index)->features, feature);
    }
}

/* ---- packets ---- */

/* Notes where the first reason for giving no record is; no place: at the last packet. */
static void note_place(struct p2i_session_totals *totals, struct p2i_packet_place place)
{
    if (totals->decided.packet == 0) {
        totals->decided =
            place.packet > 0 ? place
                             : (struct p2i_packet_place){totals->last_packet, totals->last_capture};
    }
}

/* Features that a segment shows with what came before it. */
static void note_segment(struct p2i_session_totals *totals, const struct p2i_session *session,
                         unsigned from, const struct p2i_packet *packet)
{
    enum { KEPT_OPEN = P2I_TCP_SYN | P2I_TCP_FIN | P2I_TCP_RST };
    unsigned direction = from ^ session->initiator;
    if (p2i_tcp_is_first_syn(packet)) {
        totals->first_syns |= (uint8_t)(1U << from);
        if (totals->first_syns == 3) {
            p2i_features_set(&totals->features, P2I_FEATURE_SIMULTANEOUS_OPEN);
        }
    }
    if (packet->payload_length <= 1 && (packet->tcp_flags & KEPT_OPEN) == 0 &&
        (session->begun & 1U << direction) != 0 &&
        packet->tcp_sequence == session->next[direction] - 1) {
        p2i_features_set(&totals->features, P2I_FEATURE_KEEP_ALIVE);
    }
    if (packet->payload_length > 0 && session->closed == 1U << !direction) {
        p2i_features_set(&totals->features, P2I_FEATURE_HALF_CLOSED);
    }
}

static void note_packet(struct p2i_session_totals *totals, const struct p2i_session *session,
                        unsigned from, const struct p2i_packet *packet)
{
    if (packet->time_ns < totals->last_ns && !packet->untimed) {
        p2i_features_set(&totals->features, P2I_FEATURE_TIME_WENT_BACK);
    }
    if (packet->capture != totals->capture) {
        p2i_features_set(&totals->features, P2I_FEATURE_SEVERAL_CAPTURES);
    }
    if (packet->key.transport == P2I_PROTO_TCP) {
        note_segment(totals, session, from, packet);
    } else if (packet->payload.size < packet->payload_length) {
        note_place(totals, (struct p2i_packet_place){packet->number, packet->capture});
        totals->early_gap = totals->early_gap || totals->first_size[from] == 0;
    }
    if (totals->first_size[from] == 0 && packet->payload.size > 0) {
        struct p2i_view first = p2i_view_first(packet->payload, P2I_FIRST_BYTES);
        memcpy(totals->first_bytes[from], first.data, first.size);
        totals->first_size[from] = (uint8_t)first.size;
    }
}

void p2i_observer_count(struct p2i_session_observer *observer, const struct p2i_session *session,
                        unsigned from, const struct p2i_packet *packet,
                        const struct p2i_features *features)
{
    if (observer->session == NULL) {
        return;
    }
    struct p2i_session_totals *totals = p2i_observer_totals(observer, session->index);
    note_packet(totals, session, from, packet);
    if (features != NULL) {
        p2i_features_add(&totals->features, features);
    }
    totals->packets[from]++;
    totals->bytes[from] += packet->ip_length;
    totals->last_ns = packet->time_ns > totals->last_ns ? packet->time_ns : totals->last_ns;
    totals->last_packet = packet->number;
    totals->last_capture = packet->capture;
}

static void report_packet(struct p2i_session_observer *observer, const struct p2i_session *session,
                          const struct p2i_packet *packet, bool again)
{
    if (observer->packet == NULL) {
        return;
    }
    struct p2i_packet_facts facts = {
        .struct_size = sizeof facts,
        .packet = packet->number,
        .capture = packet->capture,
        .session = session->id,
        .again = again,
    };
    observer->packet(observer->context, &facts);
}

void p2i_observer_packet(struct p2i_session_observer *observer, const struct p2i_session *session,
                         const struct p2i_packet *packet)
{
    report_packet(observer, session, packet, false);
}

void p2i_observer_packet_again(struct p2i_session_observer *observer,
                               const struct p2i_session *session, const struct p2i_packet *packet)
{
    report_packet(observer, session, packet, true);
}

/* ---- counters ---- */

/* A counter of the worker, and the feature of the session that moves it. */
struct observed_counter {
    bool of_stream; /* in struct p2i_stream_counts, else in struct p2i_session_counts */
    uint8_t feature;
    uint16_t offset;
};

#define OF_SESSION(counter, feature)                                                               \
    {                                                                                              \
        false, P2I_FEATURE_##feature, offsetof(struct p2i_session_counts, counter)                 \
    }
#define OF_STREAM(counter, feature)                                                                \
    {                                                                                              \
        true, P2I_FEATURE_##feature, offsetof(struct p2i_stream_counts, counter)                   \
    }

/* The first ones are more than features. */
enum { LOST_BYTES, EARLY_GAPS, OVERFULL };

static const struct observed_counter counters[] = {
    [LOST_BYTES] = OF_STREAM(lost_bytes, GAP),
    [EARLY_GAPS] = OF_STREAM(early_gap_count, GAP),
    [OVERFULL] = OF_STREAM(overfull_count, LIMIT),
    OF_STREAM(joined_count, SEVERAL_SEGMENTS),
    OF_STREAM(change_count, PROTOCOL_CHANGE),
    OF_SESSION(gaps, GAP),
    OF_SESSION(out_of_order_segments, OUT_OF_ORDER),
    OF_SESSION(retransmitted_bytes, RETRANSMISSION),
    OF_SESSION(different_copies, DIFFERENT_COPIES),
    OF_SESSION(out_of_window_segments, OUT_OF_WINDOW),
    OF_SESSION(out_of_window_ends, OUT_OF_WINDOW),
    OF_SESSION(unanswered_syns, UNANSWERED_SYN),
    OF_SESSION(doubtful_segments, WRONG_CHECKSUM),
    OF_SESSION(wrong_udp_checksums, WRONG_CHECKSUM),
    OF_SESSION(padding_bytes, PADDING),
};
_Static_assert(sizeof counters / sizeof *counters <= P2I_OBSERVED_COUNTERS, "all are noted");

static void note_count(struct p2i_session_totals *totals, unsigned counter, uint64_t change,
                       struct p2i_packet_place gap)
{
    if (counter == LOST_BYTES) {
        totals->lost_bytes += change;
    }
    totals->early_gap = totals->early_gap || counter == EARLY_GAPS;
    if (counter <= OVERFULL) {
        note_place(totals, counter == OVERFULL ? (struct p2i_packet_place){0} : gap);
    }
    p2i_features_set(&totals->features, counters[counter].feature);
}

void p2i_observer_note_counts(struct p2i_session_observer *observer,
                              const struct p2i_session *session,
                              const struct p2i_session_counts *counts,
                              const struct p2i_stream_states *streams)
{
    if (observer->session == NULL) {
        return;
    }
    for (unsigned i = 0; i < sizeof counters / sizeof *counters; i++) {
        const char *base =
            counters[i].of_stream ? (const char *)&streams->stream.counts : (const char *)counts;
        uint64_t now;
        memcpy(&now, base + counters[i].offset, sizeof now);
        if (now != observer->noted[i] && session != NULL) {
            note_count(p2i_observer_totals(observer, session->index), i, now - observer->noted[i],
                       streams->gap);
        }
        observer->noted[i] = now;
    }
}

void p2i_observer_broken(struct p2i_session_observer *observer, const struct p2i_session *session)
{
    if (observer->session != NULL) {
        note_place(p2i_observer_totals(observer, session->index), (struct p2i_packet_place){0});
        p2i_observer_note(observer, session, P2I_FEATURE_BROKEN_MESSAGE);
    }
}

void p2i_observer_emit(struct p2i_session_observer *observer, const struct p2i_session *session,
                       unsigned from, bool selected, const struct p2i_packet_info *info,
                       uint64_t parsed_bytes)
{
    if (observer->session == NULL) {
        return;
    }
    struct p2i_session_totals *totals = p2i_observer_totals(observer, session->index);
    bool same_packet = totals->message_packet == info->number && totals->message_from == from;
    if (same_packet && totals->message_parsed != parsed_bytes &&
        session->key.transport == P2I_PROTO_TCP) {
        p2i_features_set(&totals->features, P2I_FEATURE_PIPELINING);
    }
    totals->message_packet = info->number;
    totals->message_parsed = parsed_bytes;
    totals->message_from = (uint8_t)from;
    ++*(selected ? &totals->records : &totals->unselected);
}

/* ---- the end ---- */

static void note_end(struct p2i_session_totals *totals, const struct p2i_session *session)
{
    struct p2i_features *features = &totals->features;
    if (totals->packets[0] == 0 || totals->packets[1] == 0) {
        p2i_features_set(features, P2I_FEATURE_ONE_DIRECTION);
    }
    if (session->key.transport != P2I_PROTO_TCP) {
        return;
    }
    if (session->syn == 0) {
        p2i_features_set(features, P2I_FEATURE_JOINED);
    }
    if (session->reset != 0) {
        p2i_features_set(features, P2I_FEATURE_RESET);
    }
    if (session->next[0] < session->base[0] || session->next[1] < session->base[1]) {
        p2i_features_set(features, P2I_FEATURE_SEQUENCE_WRAP);
    }
}

/* The reason among those that hide what a protocol with records, or one that may be one, said. */
static enum p2i_no_record_reason reason_of_packets(const struct p2i_session *session,
                                                   const struct p2i_session_totals *totals)
{
    const struct p2i_features *features = &totals->features;
    bool tcp = session->key.transport == P2I_PROTO_TCP;
    bool known = session->protocol != P2I_ID_UNKNOWN;
    if (p2i_features_have(features, P2I_FEATURE_EVICTED)) {
        return P2I_NO_RECORD_EVICTED;
    }
    if (tcp && session->syn == 0) {
        return P2I_NO_RECORD_JOINED;
    }
    bool lost = totals->lost_bytes > 0 || (!tcp && p2i_features_have(features, P2I_FEATURE_CUT));
    if (totals->early_gap || (known && lost)) {
        return P2I_NO_RECORD_LOST;
    }
    if (p2i_features_have(features, P2I_FEATURE_LIMIT)) {
        return P2I_NO_RECORD_LIMIT;
    }
    if (p2i_features_have(features, P2I_FEATURE_BROKEN_MESSAGE)) {
        return P2I_NO_RECORD_BROKEN;
    }
    if ((tcp || known) && p2i_features_have(features, P2I_FEATURE_ONE_DIRECTION)) {
        return P2I_NO_RECORD_ONE_DIRECTION;
    }
    if (session->protocol == P2I_ID_QUIC) {
        return P2I_NO_RECORD_ENCRYPTED; /* behind the hello, or of an unknown version */
    }
    return known ? P2I_NO_RECORD_NOTHING_TO_RECORD : P2I_NO_RECORD_NOT_RECOGNISED;
}

/* The first reason that explains it, from the packets inwards. */
static enum p2i_no_record_reason reason_of(const struct p2i_session_observer *observer,
                                           const struct p2i_session *session,
                                           const struct p2i_session_totals *totals)
{
    if (totals->records > 0) {
        return P2I_NO_RECORD_NONE;
    }
    if (totals->unselected > 0) {
        return P2I_NO_RECORD_NOT_SELECTED;
    }
    bool empty = totals->first_size[0] == 0 && totals->first_size[1] == 0 &&
                 !p2i_features_have(&totals->features, P2I_FEATURE_CUT);
    if (session->payload == 0 || empty) {
        bool opened =
            session->syn == 3 && p2i_features_have(&totals->features, P2I_FEATURE_EVICTED);
        return opened ? P2I_NO_RECORD_EVICTED : P2I_NO_RECORD_NO_PAYLOAD;
    }
    if (observer->unselected_raw != NULL && observer->unselected_raw[session->protocol]) {
        return P2I_NO_RECORD_NOT_SELECTED;
    }
    if (p2i_is_encrypted(session->protocol)) {
        return P2I_NO_RECORD_ENCRYPTED;
    }
    if (session->protocol != P2I_ID_UNKNOWN && !p2i_is_parsed(session->protocol)) {
        return P2I_NO_RECORD_NOTHING_TO_RECORD;
    }
    return reason_of_packets(session, totals);
}

/* Whether a packet decided, rather than the end of the session. */
static bool has_place(enum p2i_no_record_reason reason)
{
    return reason == P2I_NO_RECORD_LOST || reason == P2I_NO_RECORD_LIMIT ||
           reason == P2I_NO_RECORD_BROKEN;
}

void p2i_observer_end(struct p2i_session_observer *observer, const struct p2i_session *session)
{
    if (observer->session == NULL) {
        return;
    }
    struct p2i_session_totals *totals = p2i_observer_totals(observer, session->index);
    unsigned first = session->initiator;
    note_end(totals, session);
    struct p2i_session_facts facts = facts_of(session, totals);
    facts.ended = true;
    facts.first_ns = totals->first_ns;
    facts.last_ns = totals->last_ns;
    for (unsigned i = 0; i < 2; i++) {
        facts.packets[i] = totals->packets[i ^ first];
        facts.bytes[i] = totals->bytes[i ^ first];
        facts.first_bytes[i] = totals->first_bytes[i ^ first];
        facts.first_size[i] = totals->first_size[i ^ first];
    }
    facts.records = totals->records;
    facts.lost_bytes = totals->lost_bytes;
    facts.protocol = (enum p2i_protocol_id)session->protocol;
    facts.no_record_reason = reason_of(observer, session, totals);
    if (has_place(facts.no_record_reason)) {
        facts.reason_capture = totals->decided.capture;
        facts.reason_packet = totals->decided.packet;
    }
    facts.features = totals->features.words;
    observer->session(observer->context, &facts);
}

const char *p2i_no_record_reason_text(enum p2i_no_record_reason reason)
{
    static const char *const texts[] = {
        [P2I_NO_RECORD_NONE] = "records",
        [P2I_NO_RECORD_NO_PAYLOAD] = "no payload",
        [P2I_NO_RECORD_NOT_RECOGNISED] = "not recognised",
        [P2I_NO_RECORD_NOTHING_TO_RECORD] = "nothing to record",
        [P2I_NO_RECORD_ENCRYPTED] = "encrypted",
        [P2I_NO_RECORD_LOST] = "bytes lost or cut",
        [P2I_NO_RECORD_JOINED] = "joined in the middle",
        [P2I_NO_RECORD_ONE_DIRECTION] = "one direction only",
        [P2I_NO_RECORD_NOT_SELECTED] = "records not selected",
        [P2I_NO_RECORD_EVICTED] = "ended early for want of memory",
        [P2I_NO_RECORD_LIMIT] = "message too long",
        [P2I_NO_RECORD_BROKEN] = "message not understood",
    };
    return (unsigned)reason < sizeof texts / sizeof *texts ? texts[reason] : "unknown";
}

bool p2i_session_has(const struct p2i_session_facts *session, unsigned feature)
{
    return session->features != NULL && feature < P2I_FEATURE_COUNT &&
           (session->features[feature / 64] >> feature % 64 & 1) != 0;
}
