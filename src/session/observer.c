/* SPDX-License-Identifier: MIT */
#include "session/observer.h"

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

void p2i_observer_count(struct p2i_session_observer *observer, const struct p2i_session *session,
                        unsigned from, const struct p2i_packet *packet)
{
    if (observer->session == NULL) {
        return;
    }
    struct p2i_session_totals *totals = p2i_observer_totals(observer, session->index);
    totals->packets[from]++;
    totals->bytes[from] += packet->ip_length;
    totals->last_ns = packet->time_ns > totals->last_ns ? packet->time_ns : totals->last_ns;
}

void p2i_observer_packet(struct p2i_session_observer *observer, const struct p2i_session *session,
                         const struct p2i_packet *packet)
{
    if (observer->packet == NULL) {
        return;
    }
    struct p2i_packet_facts facts = {
        .struct_size = sizeof facts,
        .packet = packet->number,
        .capture = packet->capture,
        .session = session->id,
    };
    observer->packet(observer->context, &facts);
}

static bool is_encrypted(uint8_t protocol)
{
    switch (protocol) {
    case P2I_ID_IPSEC:
    case P2I_ID_SSH:
    case P2I_ID_OPENVPN:
    case P2I_ID_WIREGUARD:
        return true;
    default:
        return false;
    }
}

/* The first reason that explains it, from the packets inwards. */
static enum p2i_silence silence_of(const struct p2i_session *session,
                                   const struct p2i_session_totals *totals)
{
    bool tcp = session->key.transport == P2I_PROTO_TCP;
    if (totals->records > 0) {
        return P2I_SILENCE_NONE;
    }
    if (totals->unselected > 0) {
        return P2I_SILENCE_NOT_SELECTED;
    }
    if (session->payload == 0) {
        return P2I_SILENCE_NO_PAYLOAD;
    }
    if (is_encrypted(session->protocol)) {
        return P2I_SILENCE_ENCRYPTED;
    }
    if (totals->evicted) {
        return P2I_SILENCE_EVICTED;
    }
    if (totals->lost_bytes > 0) {
        return P2I_SILENCE_LOST;
    }
    if (tcp && session->syn == 0) {
        return P2I_SILENCE_JOINED;
    }
    if (tcp && session->seen != 3) {
        return P2I_SILENCE_ONE_DIRECTION;
    }
    return session->protocol == P2I_ID_UNKNOWN ? P2I_SILENCE_NOT_RECOGNISED
                                               : P2I_SILENCE_NO_RECORDS;
}

void p2i_observer_end(struct p2i_session_observer *observer, const struct p2i_session *session)
{
    if (observer->session == NULL) {
        return;
    }
    const struct p2i_session_totals *totals = p2i_observer_totals(observer, session->index);
    unsigned first = session->initiator;
    struct p2i_session_facts facts = facts_of(session, totals);
    facts.ended = true;
    facts.first_ns = totals->first_ns;
    facts.last_ns = totals->last_ns;
    for (unsigned i = 0; i < 2; i++) {
        facts.packets[i] = totals->packets[i ^ first];
        facts.bytes[i] = totals->bytes[i ^ first];
    }
    facts.records = totals->records;
    facts.lost_bytes = totals->lost_bytes;
    facts.protocol = (enum p2i_protocol_id)session->protocol;
    facts.silence = silence_of(session, totals);
    observer->session(observer->context, &facts);
}

const char *p2i_silence_text(enum p2i_silence silence)
{
    static const char *const texts[] = {
        [P2I_SILENCE_NONE] = "records",
        [P2I_SILENCE_NO_PAYLOAD] = "no payload",
        [P2I_SILENCE_NOT_RECOGNISED] = "not recognised",
        [P2I_SILENCE_NO_RECORDS] = "nothing to record",
        [P2I_SILENCE_ENCRYPTED] = "encrypted",
        [P2I_SILENCE_LOST] = "bytes lost",
        [P2I_SILENCE_JOINED] = "beginning not captured",
        [P2I_SILENCE_ONE_DIRECTION] = "one direction only",
        [P2I_SILENCE_NOT_SELECTED] = "records not selected",
        [P2I_SILENCE_EVICTED] = "ended early for want of memory",
    };
    return (unsigned)silence < sizeof texts / sizeof *texts ? texts[silence] : "unknown";
}
