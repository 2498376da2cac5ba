/* SPDX-License-Identifier: MIT */
#include "session/expected_sessions.h"

#include <stdlib.h>

#include "base/hash.h"
#include "protocol/protocols.h"

void p2i_expected_free(struct p2i_expected *expected)
{
    free(expected->shards);
    expected->shards = NULL;
}

static bool same_address(const struct p2i_address *a, const struct p2i_address *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

static bool is_live(const struct p2i_expected_listener *listener, uint32_t now_s)
{
    return now_s - listener->since_s <= P2I_EXPECTED_S;
}

static void note_port(struct p2i_expected_shard *of, uint16_t port)
{
    of->ports[port / 64 % 4] |= UINT64_C(1) << port % 64;
}

/* False: no listener is announced on this port. */
static bool may_be_port(const struct p2i_expected_shard *of, uint16_t port)
{
    return (of->ports[port / 64 % 4] >> port % 64 & 1) != 0;
}

static void remove_listener(struct p2i_expected_shard *of, uint32_t place)
{
    of->listeners[place] = of->listeners[--of->used];
    memset(of->ports, 0, sizeof of->ports);
    for (uint32_t i = 0; i < of->used; i++) {
        note_port(of, of->listeners[i].port);
    }
}

static void remove_old(struct p2i_expected_shard *of, uint32_t now_s)
{
    for (uint32_t i = of->used; i-- > 0;) {
        if (!is_live(&of->listeners[i], now_s)) {
            remove_listener(of, i);
        }
    }
}

static bool same_announcers(const struct p2i_expected_listener *a,
                            const struct p2i_expected_listener *b)
{
    return a->announcers == b->announcers && same_address(&a->ends[0], &b->ends[0]) &&
           same_address(&a->ends[1], &b->ends[1]);
}

/* The listeners that the announcers of `listener` have in the shard: their count, and the index of
 * the oldest. */
struct group {
    uint32_t count;
    uint32_t oldest;
};

static struct group group_of(const struct p2i_expected_shard *of,
                             const struct p2i_expected_listener *listener)
{
    struct group group = {0};
    for (uint32_t i = 0; i < of->used; i++) {
        if (!same_announcers(&of->listeners[i], listener)) {
            continue;
        }
        if (group.count == 0 || of->listeners[i].number < of->listeners[group.oldest].number) {
            group.oldest = i;
        }
        group.count++;
    }
    return group;
}

/* The pair of addresses with the most listeners, counting the new one. */
static struct group largest_group(const struct p2i_expected_shard *of,
                                  const struct p2i_expected_listener *listener)
{
    struct group largest = {0};
    for (uint32_t i = 0; i < of->used; i++) {
        struct group group = group_of(of, &of->listeners[i]);
        group.count += same_announcers(&of->listeners[i], listener);
        if (group.count > largest.count ||
            (group.count == largest.count &&
             of->listeners[group.oldest].number < of->listeners[largest.oldest].number)) {
            largest = group;
        }
    }
    return largest;
}

/* Limits each pair of addresses, so that no pair can displace the listeners of all others: a pair
 * over its limit loses its oldest listener; in a full shard the pair with most listeners does. */
static void make_room(struct p2i_expected_shard *of, const struct p2i_expected_listener *listener)
{
    struct group own = group_of(of, listener);
    if (own.count >= P2I_EXPECTED_OF_TWO) {
        remove_listener(of, own.oldest);
    } else if (of->used == P2I_EXPECTED_MAX) {
        remove_listener(of, largest_group(of, listener).oldest);
    }
}

static uint64_t hash_of(const struct p2i_address ends[2])
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < 2; i++) {
        hash = p2i_mix(p2i_mix(hash, ends[i].words[0]), ends[i].words[1]);
    }
    return hash;
}

void p2i_expected_add(struct p2i_expected *expected, unsigned shard,
                      const struct p2i_expected_listener *announced, uint32_t now_s)
{
    if (!p2i_may_connect_from(announced->port)) {
        return;
    }
    struct p2i_expected_listener added = *announced;
    const struct p2i_expected_listener *listener = &added;
    added.announcers = hash_of(announced->ends);
    if (expected->shards == NULL) {
        expected->shards = calloc(P2I_SHARDS, sizeof *expected->shards);
    }
    if (expected->shards != NULL) {
        struct p2i_expected_shard *of = &expected->shards[shard];
        remove_old(of, now_s);
        make_room(of, listener);
        struct p2i_expected_listener *place = &of->listeners[of->used++];
        *place = *listener;
        place->since_s = now_s;
        place->number = of->announced++;
        note_port(of, place->port);
    }
}

/* `end`: the end of the key that would be the listener. */
static bool is_for(const struct p2i_expected_listener *listener, const struct p2i_session_key *key,
                   unsigned end)
{
    const struct p2i_address *other = &key->end[!end];
    return listener->port == key->port[end] && p2i_may_connect_from(key->port[!end]) &&
           listener->ip_version == key->ip_version && listener->scope == key->scope &&
           same_address(&listener->address, &key->end[end]) &&
           (same_address(&listener->ends[0], other) || same_address(&listener->ends[1], other));
}

enum p2i_protocol_id p2i_expected_take(struct p2i_expected *expected, unsigned shard,
                                       const struct p2i_session_key *key, uint32_t now_s)
{
    if (expected->shards == NULL || key->transport != P2I_PROTO_TCP) {
        return P2I_ID_UNKNOWN;
    }
    struct p2i_expected_shard *of = &expected->shards[shard];
    if (!may_be_port(of, key->port[0]) && !may_be_port(of, key->port[1])) {
        return P2I_ID_UNKNOWN;
    }
    for (uint32_t i = 0; i < of->used; i++) {
        const struct p2i_expected_listener *listener = &of->listeners[i];
        if (is_live(listener, now_s) && (is_for(listener, key, 0) || is_for(listener, key, 1))) {
            enum p2i_protocol_id protocol = (enum p2i_protocol_id)listener->protocol;
            remove_listener(of, i);
            return protocol;
        }
    }
    return P2I_ID_UNKNOWN;
}
