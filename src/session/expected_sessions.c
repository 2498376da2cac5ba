/* SPDX-License-Identifier: MIT */
#include "session/expected_sessions.h"

#include <stdlib.h>

#include "base/hash.h"
#include "protocol/protocols.h"

void p2i_expected_free(struct p2i_expected *expected)
{
    free(expected->groups);
    expected->groups = NULL;
}

static bool same_address(const struct p2i_address *a, const struct p2i_address *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

static bool is_live(const struct p2i_expected_listener *listener, uint32_t now_s)
{
    return now_s - listener->since_s <= P2I_EXPECTED_S;
}

/* Ports modulo 65536 / P2I_EXPECTED_PORTS have a counter together. */
static uint16_t *count_of_port(struct p2i_expected *expected, uint16_t port)
{
    return &expected->ports[port % P2I_EXPECTED_PORTS];
}

static void remove_listener(struct p2i_expected *expected, struct p2i_expected_group *of,
                            uint32_t place)
{
    --*count_of_port(expected, of->listeners[place].port);
    of->listeners[place] = of->listeners[--of->used];
}

static void remove_old(struct p2i_expected *expected, struct p2i_expected_group *of, uint32_t now_s)
{
    for (uint32_t i = of->used; i-- > 0;) {
        if (!is_live(&of->listeners[i], now_s)) {
            remove_listener(expected, of, i);
        }
    }
}

static bool same_announcers(const struct p2i_expected_listener *a,
                            const struct p2i_expected_listener *b)
{
    return a->announcers == b->announcers && same_address(&a->ends[0], &b->ends[0]) &&
           same_address(&a->ends[1], &b->ends[1]);
}

/* The listeners that the announcers of `listener` have in the group: their count, and the index of
 * the oldest. */
struct group {
    uint32_t count;
    uint32_t oldest;
};

static struct group group_of(const struct p2i_expected_group *of,
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
static struct group largest_group(const struct p2i_expected_group *of,
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
 * over its limit loses its oldest listener; in a full group the pair with most listeners does. */
static void make_room(struct p2i_expected *expected, struct p2i_expected_group *of,
                      const struct p2i_expected_listener *listener)
{
    struct group own = group_of(of, listener);
    if (own.count >= P2I_EXPECTED_OF_TWO) {
        remove_listener(expected, of, own.oldest);
    } else if (of->used == P2I_EXPECTED_MAX) {
        remove_listener(expected, of, largest_group(of, listener).oldest);
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

static struct p2i_expected_group *group_at(const struct p2i_expected *expected,
                                           const struct p2i_address *address, uint16_t port,
                                           uint32_t scope)
{
    uint64_t hash = p2i_mix((uint64_t)port << 32 | scope, address->words[0]);
    return &expected->groups[p2i_mix(hash, address->words[1]) % P2I_EXPECTED_GROUPS];
}

void p2i_expected_add(struct p2i_expected *expected, const struct p2i_expected_listener *announced,
                      uint32_t now_s)
{
    if (!p2i_may_connect_from(announced->port)) {
        return;
    }
    struct p2i_expected_listener added = *announced;
    added.announcers = hash_of(announced->ends);
    added.since_s = now_s;
    added.peer_port = 0;
    added.packets = 0;
    if (expected->groups == NULL) {
        expected->groups = calloc(P2I_EXPECTED_GROUPS, sizeof *expected->groups);
        expected->out_of_memory |= expected->groups == NULL;
    }
    if (expected->groups != NULL) {
        struct p2i_expected_group *of = group_at(expected, &added.address, added.port, added.scope);
        remove_old(expected, of, now_s);
        make_room(expected, of, &added);
        added.number = of->announced++;
        of->listeners[of->used++] = added;
        ++*count_of_port(expected, added.port);
    }
}

void p2i_expected_note(struct p2i_expected *expected, const struct p2i_session_key *key,
                       const struct p2i_address *sender, const struct p2i_ftp_listener *where,
                       uint64_t place, uint32_t now_s)
{
    struct p2i_expected_listener listener = {
        .address = *sender,
        .place = place,
        .ends = {key->end[0], key->end[1]},
        .scope = key->scope,
        .port = where->port,
        .ip_version = key->ip_version,
        .protocol = P2I_ID_FTP_DATA,
    };
    p2i_expected_add(expected, &listener, now_s);
    if (where->address_size == (key->ip_version == 4 ? 4 : sizeof listener.address.bytes) &&
        memcmp(where->address, sender->bytes, where->address_size) != 0) {
        listener.address = (struct p2i_address){0};
        memcpy(listener.address.bytes, where->address, where->address_size);
        p2i_expected_add(expected, &listener, now_s);
    }
}

/* `end`: the end of the key that would be the listener. */
static bool is_for(const struct p2i_expected_listener *listener, const struct p2i_session_key *key,
                   unsigned end)
{
    const struct p2i_address *other = &key->end[!end];
    uint16_t peer_port = key->port[!end];
    return listener->port == key->port[end] && p2i_may_connect_from(peer_port) &&
           (listener->peer_port == 0 || listener->peer_port == peer_port) &&
           listener->ip_version == key->ip_version && listener->scope == key->scope &&
           same_address(&listener->address, &key->end[end]) &&
           (same_address(&listener->ends[0], other) || same_address(&listener->ends[1], other));
}

enum p2i_protocol_id p2i_expected_find(struct p2i_expected *expected,
                                       const struct p2i_session_key *key, uint32_t now_s,
                                       uint64_t *place)
{
    for (unsigned end = 0; expected->groups != NULL && end < 2; end++) {
        struct p2i_expected_group *of =
            group_at(expected, &key->end[end], key->port[end], key->scope);
        for (uint32_t i = 0; i < of->used; i++) {
            struct p2i_expected_listener *listener = &of->listeners[i];
            if (is_live(listener, now_s) && is_for(listener, key, end)) {
                enum p2i_protocol_id protocol = (enum p2i_protocol_id)listener->protocol;
                listener->peer_port = key->port[!end];
                *place = listener->place;
                if (++listener->packets == P2I_EXPECTED_PACKETS) {
                    remove_listener(expected, of, i);
                }
                return protocol;
            }
        }
    }
    return P2I_ID_UNKNOWN;
}
