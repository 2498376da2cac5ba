/* SPDX-License-Identifier: MIT */
#include "session/table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/pages.h"
#include "pcap2ipfix/cursor.h"
#include "protocol/protocols.h"

enum { SLAB_SESSIONS = P2I_PAGES_BYTES / sizeof(struct p2i_session), FIRST_SLOTS = 1 << 12 };
enum { SLABS_MAX = 1 << 16 };

/* Open addressing with linear probing. The tag is the lower half of the hash, which gives the
 * position: slots can move without looking at sessions. */
struct slot {
    uint32_t tag;
    uint32_t index; /* P2I_NO_SESSION: empty */
};

struct p2i_session_table {
    struct slot *slots;
    size_t mask;
    size_t count;
    struct p2i_session **slabs;
    uint32_t slab_count;
    uint32_t used;      /* sessions taken from slabs so far */
    uint32_t free_head; /* free list, linked by bucket_next */
};

static struct slot *new_slots(size_t count)
{
    struct slot *slots = p2i_pages_get(count * sizeof *slots);
    if (slots != NULL) {
        memset(slots, 0xff, count * sizeof *slots);
    }
    return slots;
}

_Static_assert(sizeof(struct p2i_session) == 128, "a session is two cache lines");

struct p2i_session_table *p2i_session_table_new(void)
{
    struct p2i_session_table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    table->slots = new_slots(FIRST_SLOTS);
    table->mask = FIRST_SLOTS - 1;
    table->free_head = P2I_NO_SESSION;
    if (table->slots == NULL) {
        free(table);
        return NULL;
    }
    return table;
}

void p2i_session_table_free(struct p2i_session_table *table)
{
    if (table == NULL) {
        return;
    }
    for (uint32_t i = 0; i < table->slab_count; i++) {
        p2i_pages_put(table->slabs[i]);
    }
    free(table->slabs);
    p2i_pages_put(table->slots);
    free(table);
}

/* Exchanges two words if the mask is all ones. */
static void exchange(uint64_t *a, uint64_t *b, uint64_t mask)
{
    uint64_t both = (*a ^ *b) & mask;
    *a ^= both;
    *b ^= both;
}

/* Without a branch, which half of the packets would take. */
unsigned p2i_sort_ends(struct p2i_packet *packet)
{
    struct p2i_session_key *key = &packet->key;
    struct p2i_address a = key->end[0];
    struct p2i_address b = key->end[1];
    bool swap = a.words[0] != b.words[0]   ? a.words[0] > b.words[0]
                : a.words[1] != b.words[1] ? a.words[1] > b.words[1]
                                           : key->port[0] > key->port[1];
    uint64_t mask = -(uint64_t)swap;
    exchange(&a.words[0], &b.words[0], mask);
    exchange(&a.words[1], &b.words[1], mask);
    uint16_t ports = (uint16_t)((key->port[0] ^ key->port[1]) & mask);
    key->port[0] ^= ports;
    key->port[1] ^= ports;
    key->end[0] = a;
    key->end[1] = b;
    return swap;
}

uint64_t p2i_key_hash(const struct p2i_session_key *key)
{
    uint64_t rest = (uint64_t)key->port[0] << 48 | (uint64_t)key->port[1] << 32 | key->scope;
    uint64_t hash = p2i_mix((uint64_t)key->transport << 8 | key->ip_version, rest);
    if (key->ip_version == 4) {
        return p2i_mix(hash, (uint64_t)p2i_load_be32(key->end[0].bytes) << 32 |
                                 p2i_load_be32(key->end[1].bytes));
    }
    hash = p2i_mix(hash, key->end[0].words[0]);
    hash = p2i_mix(hash, key->end[1].words[0]);
    hash = p2i_mix(hash, key->end[0].words[1]);
    return p2i_mix(hash, key->end[1].words[1]);
}

unsigned p2i_shard_of(const struct p2i_session_key *key)
{
    return (unsigned)(p2i_key_hash(key) >> 58);
}

static bool same_key(const struct p2i_session_key *a, const struct p2i_session_key *b)
{
    return a->end[0].words[0] == b->end[0].words[0] && a->end[1].words[0] == b->end[1].words[0] &&
           a->port[0] == b->port[0] && a->port[1] == b->port[1] && a->scope == b->scope &&
           a->transport == b->transport && a->ip_version == b->ip_version &&
           a->end[0].words[1] == b->end[0].words[1] && a->end[1].words[1] == b->end[1].words[1];
}

void p2i_session_table_prefetch_slot(const struct p2i_session_table *table, uint64_t hash)
{
    __builtin_prefetch(&table->slots[hash & table->mask]);
}

struct p2i_session *p2i_session_table_prefetch_session(const struct p2i_session_table *table,
                                                       uint64_t hash)
{
    uint32_t tag = (uint32_t)hash;
    for (size_t i = 0; i < 2; i++) {
        const struct slot *slot = &table->slots[(hash + i) & table->mask];
        if (slot->tag == tag && slot->index != P2I_NO_SESSION) {
            struct p2i_session *session = p2i_session_table_at(table, slot->index);
            __builtin_prefetch(session);
            __builtin_prefetch((const char *)session + 64);
            return session;
        }
    }
    return NULL;
}

struct p2i_session *p2i_session_table_at(const struct p2i_session_table *table, uint32_t index)
{
    return &table->slabs[index / SLAB_SESSIONS][index % SLAB_SESSIONS];
}

bool p2i_session_table_is(const struct p2i_session *session, const struct p2i_session_key *key)
{
    return session->last_number != UINT64_MAX && same_key(&session->key, key);
}

struct p2i_session *p2i_session_table_find(struct p2i_session_table *table, uint64_t hash,
                                           const struct p2i_session_key *key)
{
    uint32_t tag = (uint32_t)hash;
    for (size_t at = hash & table->mask;; at = (at + 1) & table->mask) {
        const struct slot *slot = &table->slots[at];
        if (slot->index == P2I_NO_SESSION) {
            return NULL;
        }
        if (slot->tag == tag) {
            struct p2i_session *session = p2i_session_table_at(table, slot->index);
            if (same_key(&session->key, key)) {
                return session;
            }
        }
    }
}

static void put_slot(struct slot *slots, size_t mask, struct slot slot)
{
    size_t at = slot.tag & mask;
    while (slots[at].index != P2I_NO_SESSION) {
        at = (at + 1) & mask;
    }
    slots[at] = slot;
}

static bool grow_slots(struct p2i_session_table *table)
{
    size_t count = (table->mask + 1) * 2;
    struct slot *slots = new_slots(count);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i <= table->mask; i++) {
        if (table->slots[i].index != P2I_NO_SESSION) {
            put_slot(slots, count - 1, table->slots[i]);
        }
    }
    p2i_pages_put(table->slots);
    table->slots = slots;
    table->mask = count - 1;
    return true;
}

static bool add_slab(struct p2i_session_table *table)
{
    if (table->slab_count % 64 == 0) {
        struct p2i_session **slabs =
            realloc(table->slabs, (table->slab_count + 64) * sizeof *table->slabs);
        if (slabs == NULL) {
            return false;
        }
        table->slabs = slabs;
    }
    struct p2i_session *slab = p2i_pages_get(SLAB_SESSIONS * sizeof *slab);
    if (slab == NULL || table->slab_count == SLABS_MAX) {
        p2i_pages_put(slab);
        return false;
    }
    table->slabs[table->slab_count++] = slab;
    return true;
}

static uint32_t take_index(struct p2i_session_table *table)
{
    if (table->free_head != P2I_NO_SESSION) {
        uint32_t index = table->free_head;
        table->free_head = p2i_session_table_at(table, index)->bucket_next;
        return index;
    }
    if (table->used == table->slab_count * SLAB_SESSIONS && !add_slab(table)) {
        return P2I_NO_SESSION;
    }
    return table->used++;
}

struct p2i_session *p2i_session_table_add(struct p2i_session_table *table, uint64_t hash,
                                          const struct p2i_session_key *key)
{
    if ((table->count + 1) * 2 > table->mask && !grow_slots(table)) {
        return NULL;
    }
    uint32_t index = take_index(table);
    if (index == P2I_NO_SESSION) {
        return NULL;
    }
    struct p2i_session *session = p2i_session_table_at(table, index);
    *session = (struct p2i_session){.key = *key, .tag = (uint32_t)hash, .index = index};
    put_slot(table->slots, table->mask, (struct slot){session->tag, index});
    table->count++;
    return session;
}

/* Empties a slot and moves later ones up, so that no search ends too early. */
static void empty_slot(struct p2i_session_table *table, size_t hole)
{
    struct slot *slots = table->slots;
    for (size_t at = (hole + 1) & table->mask; slots[at].index != P2I_NO_SESSION;
         at = (at + 1) & table->mask) {
        size_t home = slots[at].tag & table->mask;
        if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole].index = P2I_NO_SESSION;
}

void p2i_session_table_remove(struct p2i_session_table *table, struct p2i_session *session)
{
    size_t at = session->tag & table->mask;
    while (table->slots[at].index != session->index) {
        at = (at + 1) & table->mask;
    }
    empty_slot(table, at);
    session->last_number = UINT64_MAX;
    session->bucket_next = table->free_head;
    table->free_head = session->index;
    table->count--;
}
