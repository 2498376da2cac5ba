/* SPDX-License-Identifier: MIT */
/* The longest prefix that holds an address. Two bytes of the address at once, then byte by byte;
 * a node keeps only the places where the answer changes, so that few cache lines are touched. */
#ifndef P2I_RECORD_PREFIX_TRIE_H
#define P2I_RECORD_PREFIX_TRIE_H

#include "record/prefix.h"

enum { P2I_PREFIX_VALUE_MAX = 0x7fffffff };

struct p2i_trie_node;

/* One IP version. */
struct p2i_trie_half {
    uint32_t *root; /* by the first two bytes; NULL: no prefixes */
    struct p2i_trie_node *nodes;
    uint32_t *slots; /* of all nodes */
    size_t node_count, node_capacity;
    size_t slot_count, slot_capacity;
};

/* Begin with {0}; any number of threads may ask. */
struct p2i_prefix_trie {
    struct p2i_trie_half half[2]; /* IPv4, IPv6 */
};

/* Of prefixes as p2i_prefix_sort() leaves them, with values from 1 to P2I_PREFIX_VALUE_MAX; of
 * equal ones the last counts. False: memory is out; p2i_prefix_trie_free() in any case. */
bool p2i_prefix_trie_build(struct p2i_prefix_trie *trie, const struct p2i_prefix *prefixes,
                           size_t count);
void p2i_prefix_trie_free(struct p2i_prefix_trie *trie);

/* The value of the longest prefix that holds the address; 0: there is none. */
uint32_t p2i_prefix_trie_find(const struct p2i_prefix_trie *trie, const struct p2i_address *address,
                              uint8_t ip_version);

#endif
