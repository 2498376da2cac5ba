/* SPDX-License-Identifier: MIT */
#include "session/dispatch.h"

#include <stdlib.h>

#include "base/hash_secret.h"
#include "protocol/ftp/announcement.h"
#include "session/table.h"

#define NS_PER_S UINT64_C(1000000000)

void p2i_dispatch_init(struct p2i_dispatch *dispatch, unsigned worker_count, unsigned shard,
                       unsigned shard_count, bool flows)
{
    *dispatch = (struct p2i_dispatch){
        .worker_count = worker_count,
        .shard = shard,
        .shard_count = shard_count,
        .flows = flows,
        .seed = p2i_hash_secret(),
    };
}

void p2i_dispatch_free(struct p2i_dispatch *dispatch)
{
    p2i_expected_free(&dispatch->expected);
}

_Static_assert(sizeof(struct p2i_arrival) % 64 == 0, "an arrival is three cache lines");

bool p2i_arrivals_reserve(struct p2i_arrivals *arrivals, size_t count)
{
    if (count <= arrivals->capacity) {
        return true;
    }
    struct p2i_arrival *list = aligned_alloc(64, count * sizeof *list);
    uint16_t *order = malloc(count * sizeof *order);
    struct p2i_features *features =
        arrivals->with_features ? calloc(count, sizeof *features) : NULL;
    if (list == NULL || order == NULL || (features == NULL && arrivals->with_features)) {
        free(list);
        free(order);
        free(features);
        return false;
    }
    memset(list, 0, count * sizeof *list); /* tests may read members that a frame does not set */
    if (arrivals->count > 0) {
        memcpy(list, arrivals->list, arrivals->count * sizeof *list);
    }
    if (arrivals->count > 0 && features != NULL) {
        memcpy(features, arrivals->features, arrivals->count * sizeof *features);
    }
    free(arrivals->list);
    free(arrivals->order);
    free(arrivals->features);
    arrivals->features = features;
    arrivals->list = list;
    arrivals->order = order;
    arrivals->capacity = count;
    return true;
}

void p2i_arrivals_clear(struct p2i_arrivals *arrivals)
{
    arrivals->count = 0;
    arrivals->mark_count = 0;
    memset(arrivals->counts, 0, sizeof arrivals->counts);
}

void p2i_arrivals_free(struct p2i_arrivals *arrivals)
{
    free(arrivals->list);
    free(arrivals->order);
    free(arrivals->features);
    free(arrivals->marks);
    *arrivals = (struct p2i_arrivals){0};
}

/* Moves the clock. A stamp that changes nothing for the workers leaves no mark. */
static void note_time(struct p2i_dispatch *dispatch, struct p2i_arrivals *arrivals,
                      uint32_t stamp_s, uint64_t number)
{
    if (p2i_clock_is_at(&dispatch->clock, stamp_s)) {
        return;
    }
    bool was_steady = dispatch->clock.steady;
    enum p2i_clock_move move = p2i_clock_note(&dispatch->clock, stamp_s);
    if (move == P2I_CLOCK_STANDS && was_steady && dispatch->clock.steady) {
        return;
    }
    if (arrivals->mark_count == arrivals->mark_capacity) {
        size_t capacity = arrivals->mark_capacity > 0 ? 2 * arrivals->mark_capacity : 64;
        struct p2i_clock_mark *marks = realloc(arrivals->marks, capacity * sizeof *marks);
        if (marks == NULL) {
            arrivals->out_of_memory = true;
            return;
        }
        arrivals->marks = marks;
        arrivals->mark_capacity = capacity;
    }
    arrivals->marks[arrivals->mark_count++] = (struct p2i_clock_mark){number, stamp_s};
}

/* Notes an announcement in the packet, and whether its session was announced. */
static void note_announcements(struct p2i_dispatch *dispatch, struct p2i_arrival *arrival)
{
    const struct p2i_packet *packet = &arrival->packet;
    const struct p2i_session_key *key = &packet->key;
    struct p2i_ftp_listener where;
    if (packet->transport != P2I_PROTO_TCP) {
        return;
    }
    if (p2i_ftp_may_announce(packet->payload) &&
        p2i_ftp_read_announcement(packet->payload, &where)) {
        p2i_expected_note(&dispatch->expected, key, &key->end[arrival->from], &where,
                          p2i_packet_place(packet), dispatch->clock.passed_s);
    }
    if (p2i_expected_may_be(&dispatch->expected, key)) {
        arrival->announced = (uint8_t)p2i_expected_find(
            &dispatch->expected, key, dispatch->clock.passed_s, &dispatch->announced_by);
    }
}

/* The worker of a packet; P2I_SHARDS: none, it belongs to another shard of a split run. Hash shards
 * are divided among the processes of a split run, then among the workers of a process. */
static unsigned worker_of(struct p2i_dispatch *dispatch, const struct p2i_packet *packet)
{
    if (dispatch->shard_count <= 1) {
        return dispatch->worker_count == 1 ? 0
                                           : p2i_shard_of(&packet->key) % dispatch->worker_count;
    }
    unsigned shard = p2i_shard_of(&packet->key);
    if (shard % dispatch->shard_count != dispatch->shard) {
        dispatch->other_shard_packets += packet->fate == P2I_FATE_HANDLED;
        return P2I_SHARDS;
    }
    return shard / dispatch->shard_count % dispatch->worker_count;
}

/* Transports other than TCP and UDP are only counted in flow records. */
static bool is_for_sessions(const struct p2i_dispatch *dispatch, const struct p2i_packet *packet)
{
    return packet->fate == P2I_FATE_HANDLED ||
           (packet->fate == P2I_FATE_TRANSPORT_OTHER && dispatch->flows);
}

void p2i_dispatch_packet(struct p2i_dispatch *dispatch, struct p2i_arrivals *arrivals,
                         uint64_t number)
{
    struct p2i_arrival *arrival = &arrivals->list[arrivals->count++];
    struct p2i_packet *packet = &arrival->packet;
    arrival->worker = P2I_SHARDS;
    arrival->number = number;
    arrival->stamp_s = (uint32_t)(packet->time_ns / NS_PER_S);
    if (!packet->untimed) {
        note_time(dispatch, arrivals, arrival->stamp_s, number);
    }
    if (!is_for_sessions(dispatch, packet)) {
        return;
    }
    arrival->from = (uint8_t)p2i_sort_ends(packet);
    arrival->announced = P2I_ID_UNKNOWN;
    if (p2i_may_announce(packet->key.port)) { /* few packets; so this test comes first */
        note_announcements(dispatch, arrival);
    }
    unsigned worker = worker_of(dispatch, packet);
    if (worker < P2I_SHARDS) {
        arrival->worker = (uint8_t)worker;
        arrival->hash = p2i_place_hash(&packet->key, dispatch->seed);
        /* With one worker this is the order; with more, p2i_dispatch_group() writes it. */
        arrivals->order[arrivals->counts[worker]++] = (uint16_t)(arrivals->count - 1);
    }
}

void p2i_dispatch_group(const struct p2i_dispatch *dispatch, struct p2i_arrivals *arrivals)
{
    uint16_t next[P2I_SHARDS];
    uint16_t at = 0;
    if (dispatch->worker_count == 1) {
        return; /* the order is that of the packets */
    }
    for (unsigned i = 0; i < dispatch->worker_count; i++) {
        arrivals->first[i] = next[i] = at;
        at = (uint16_t)(at + arrivals->counts[i]);
    }
    for (size_t i = 0; i < arrivals->count; i++) {
        unsigned worker = arrivals->list[i].worker;
        if (worker < P2I_SHARDS) {
            arrivals->order[next[worker]++] = (uint16_t)i;
        }
    }
}
