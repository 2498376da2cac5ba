/* SPDX-License-Identifier: MIT */
/* Holds the versions of all keys for bindings.c: publishes them, keeps to the memory limit, and
 * frees what nobody can see any more. Thread rules as in bindings.h. */
#ifndef P2I_ENRICH_BINDINGS_STORE_H
#define P2I_ENRICH_BINDINGS_STORE_H

#include <stdatomic.h>

#include "enrich/bindings.h"

enum { P2I_BINDINGS_SIEVE_BITS = 4096 };

/* The bindings of a key from a packet on, newest first. Does not change once it is published. */
struct p2i_binding_version {
    struct p2i_binding_version *older; /* read only for a packet that does not see this version */
    uint64_t number;                   /* of the packet that made it; only later packets see it */
    uint32_t count;                    /* 0: the key was dropped */
    struct p2i_binding bindings[];
    /* The logins follow. */
};

/* Bindings to be published. Their logins may be in an old version. */
struct p2i_binding_draft {
    struct p2i_binding bindings[P2I_BINDINGS_EACH];
    uint32_t count;
};

/* Rejects most addresses quickly. Only grows. */
struct p2i_binding_sieve {
    _Atomic uint64_t lengths[2][3]; /* bit: prefixes of this length have been bound; by version */
    _Atomic uint64_t first[P2I_BINDINGS_SIEVE_BITS / 64]; /* first 16 bits of bound prefixes */
};

/* The bit of `first` for an address. */
static inline unsigned p2i_binding_sieve_place(const uint8_t *address)
{
    return ((unsigned)address[0] << 8 | address[1]) * 40503U >> 4 & (P2I_BINDINGS_SIEVE_BITS - 1);
}

const struct p2i_binding_sieve *p2i_bindings_sieve(const struct p2i_bindings *bindings,
                                                   enum p2i_bound kind);

/* The newest version of the key; NULL: it never was bound, or was forgotten long ago. For any
 * thread. */
const struct p2i_binding_version *p2i_bindings_version(const struct p2i_bindings *bindings,
                                                       const struct p2i_binding_key *key);

/* Reports a change to whoever watches. */
void p2i_bindings_report(const struct p2i_bindings *bindings, const struct p2i_binding_key *key);

/* Publishes the bindings of the key, copied, and drops keys at the memory limit. Does nothing when
 * out of memory, or when prefixes of this length are not bound. */
void p2i_bindings_set(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                      const struct p2i_binding_draft *draft);

#endif
