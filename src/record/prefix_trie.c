/* SPDX-License-Identifier: MIT */
/* A slot is a value (0 none) or, with its highest bit set, the number of a node. A node stands for
 * 256 slots, of which it keeps those that differ from the slot in front of them. */
#include "record/prefix_trie.h"

#include <stdlib.h>

#include "base/cursor.h"

enum { ROOT_BITS = 16, ROOT_SLOTS = 1 << ROOT_BITS, NODE_BITS = 8, NODE_SLOTS = 1 << NODE_BITS };

#define IS_NODE UINT32_C(0x80000000)

struct p2i_trie_node {
    uint64_t changes[NODE_SLOTS / 64]; /* bit: a slot is kept */
    uint32_t first;                    /* of its slots */
    uint8_t before[NODE_SLOTS / 64];   /* slots kept for the words of `changes` in front */
};

static bool grow(void **array, size_t *capacity, size_t wanted, size_t size)
{
    if (wanted <= *capacity) {
        return true;
    }
    size_t larger = *capacity * 2 > wanted ? *capacity * 2 : wanted + 1024;
    void *moved = realloc(*array, larger * size);
    if (moved == NULL) {
        return false;
    }
    *array = moved;
    *capacity = larger;
    return true;
}

/* Keeps 256 slots as a node; IS_NODE and its number, or 0 when memory is out. */
static uint32_t keep(struct p2i_trie_half *half, const uint32_t *slots)
{
    if (half->node_count >= IS_NODE - 1 || half->slot_count + NODE_SLOTS > UINT32_MAX ||
        !grow((void **)&half->nodes, &half->node_capacity, half->node_count + 1,
              sizeof *half->nodes) ||
        !grow((void **)&half->slots, &half->slot_capacity, half->slot_count + NODE_SLOTS,
              sizeof *half->slots)) {
        return 0;
    }
    struct p2i_trie_node *node = &half->nodes[half->node_count];
    *node = (struct p2i_trie_node){.first = (uint32_t)half->slot_count};
    for (unsigned i = 0; i < NODE_SLOTS; i++) {
        if (i % 64 == 0) {
            node->before[i / 64] = (uint8_t)(half->slot_count - node->first);
        }
        if (i == 0 || slots[i] != slots[i - 1]) {
            node->changes[i / 64] |= UINT64_C(1) << i % 64;
            half->slots[half->slot_count++] = slots[i];
        }
    }
    return IS_NODE | (uint32_t)half->node_count++;
}

/* Prefixes that agree in their first `depth` bits. */
struct level {
    const struct p2i_prefix *prefixes;
    size_t count;
    unsigned depth;
};

static unsigned index_at(const struct p2i_prefix *prefix, unsigned depth)
{
    return depth == 0 ? p2i_load_be16(prefix->address.bytes) : prefix->address.bytes[depth / 8];
}

static uint32_t build_node(struct p2i_trie_half *half, struct level level, uint32_t inherited);

/* Sets the slots that the prefixes cover. As they are sorted, one that holds another comes before
 * it, and those that go deeper at a slot stand together. The tree is as deep as addresses are
 * long. */
static bool fill(struct p2i_trie_half *half, struct level level, unsigned bits, uint32_t *slots)
{
    unsigned deeper = level.depth + bits;
    for (size_t i = 0; i < level.count;) {
        const struct p2i_prefix *prefix = &level.prefixes[i];
        unsigned at = index_at(prefix, level.depth);
        if (prefix->length <= deeper) {
            unsigned width = 1U << (deeper - prefix->length);
            for (unsigned slot = at; slot < at + width; slot++) {
                slots[slot] = prefix->value;
            }
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < level.count && index_at(&level.prefixes[end], level.depth) == at) {
            end++;
        }
        slots[at] = build_node(half, (struct level){prefix, end - i, deeper}, slots[at]);
        if (slots[at] == 0) {
            return false;
        }
        i = end;
    }
    return true;
}

static uint32_t build_node(struct p2i_trie_half *half, struct level level, uint32_t inherited)
{
    uint32_t slots[NODE_SLOTS];
    for (unsigned i = 0; i < NODE_SLOTS; i++) {
        slots[i] = inherited;
    }
    return fill(half, level, NODE_BITS, slots) ? keep(half, slots) : 0;
}

static bool build_half(struct p2i_trie_half *half, const struct p2i_prefix *prefixes, size_t count)
{
    if (count == 0) {
        return true;
    }
    half->root = calloc(ROOT_SLOTS, sizeof *half->root);
    return half->root != NULL &&
           fill(half, (struct level){prefixes, count, 0}, ROOT_BITS, half->root);
}

bool p2i_prefix_trie_build(struct p2i_prefix_trie *trie, const struct p2i_prefix *prefixes,
                           size_t count)
{
    size_t ipv4 = 0;
    while (ipv4 < count && prefixes[ipv4].ip_version == 4) {
        ipv4++;
    }
    return build_half(&trie->half[0], prefixes, ipv4) &&
           build_half(&trie->half[1], prefixes + ipv4, count - ipv4);
}

void p2i_prefix_trie_free(struct p2i_prefix_trie *trie)
{
    for (unsigned i = 0; i < 2; i++) {
        free(trie->half[i].root);
        free(trie->half[i].nodes);
        free(trie->half[i].slots);
    }
    *trie = (struct p2i_prefix_trie){0};
}

uint32_t p2i_prefix_trie_find(const struct p2i_prefix_trie *trie, const struct p2i_address *address,
                              uint8_t ip_version)
{
    const struct p2i_trie_half *half = &trie->half[ip_version == 6];
    if (half->root == NULL) {
        return 0;
    }
    uint32_t slot = half->root[p2i_load_be16(address->bytes)];
    for (unsigned at = ROOT_BITS / 8; (slot & IS_NODE) != 0; at++) {
        const struct p2i_trie_node *node = &half->nodes[slot & ~IS_NODE];
        unsigned byte = address->bytes[at];
        uint64_t up_to = node->changes[byte / 64] & UINT64_MAX >> (63 - byte % 64);
        slot = half->slots[node->first + node->before[byte / 64] +
                           (unsigned)__builtin_popcountll(up_to) - 1];
    }
    return slot;
}
