/* SPDX-License-Identifier: MIT */
/* The combinations that sessions have, each with a number. One thread. */
#ifndef P2I_CORPUS_COMBINATIONS_H
#define P2I_CORPUS_COMBINATIONS_H

#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/values.h"

#define P2I_COMBINATION_NONE UINT32_MAX

/* What a combination is about, and in which state. Names are static. */
struct p2i_combination {
    uint64_t key;
    const char *subject; /* kind of record, or protocol */
    const char *part;    /* field or feature; NULL: none */
    const char *state;   /* NULL: none */
    int value;           /* of a code, such as METHOD or RRTYPE; -1: none */
    uint32_t longest;    /* bytes of the longest value, if it is about that */
    bool is_longest;
    uint32_t file; /* the first file of the corpus that has it; P2I_COMBINATION_NONE: none has */
};

/* Start zeroed. */
struct p2i_combinations {
    struct p2i_combination *list;
    size_t count, capacity;
    uint32_t *slots; /* numbers + 1, by hash of the key */
    size_t slot_count;
};

/* A combination of a session. */
struct p2i_trait {
    uint32_t combination;
    uint32_t size; /* bytes of the value, if the combination is about the longest one */
};

/* The traits of a session: each once, in no order. */
struct p2i_traits {
    struct p2i_trait *list;
    size_t count, capacity;
};

/* Add the traits of a record, of a session at its end. False: out of memory. */
bool p2i_traits_of_record(struct p2i_combinations *all, struct p2i_traits *traits,
                          const struct p2i_record *record);
bool p2i_traits_of_session(struct p2i_combinations *all, struct p2i_traits *traits,
                           const struct p2i_session_facts *facts);
/* Whether the trait counts: a longest value is not longer elsewhere. */
bool p2i_trait_counts(const struct p2i_combinations *all, const struct p2i_trait *trait);
/* Sorts the traits and drops repeated ones. */
void p2i_traits_sort(struct p2i_traits *traits);
void p2i_traits_free(struct p2i_traits *traits);
/* Appends the name of a combination: "dns.DOMAIN longest", "http with gap". False: out of memory.
 */
bool p2i_combination_name(struct p2i_buffer *out, const struct p2i_combination *combination);
void p2i_combinations_free(struct p2i_combinations *all);

#endif
