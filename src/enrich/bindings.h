/* SPDX-License-Identifier: MIT */
/* Logins learned from the captures, bound to addresses and PPPoE sessions for a time. Each worker
 * has its own, fed with the same packets in the same order. Memory is bounded: each key keeps its
 * last few bindings, and at the limit the oldest keys are dropped. */
#ifndef P2I_ENRICH_BINDINGS_H
#define P2I_ENRICH_BINDINGS_H

#include "base/prefix.h"

enum {
    P2I_BINDINGS_EACH = 4, /* bindings of one key */
    P2I_LOGIN_MAX = 255,   /* bytes; longer ones are cut */
};

/* The kind of key to which a login is bound. */
enum p2i_bound {
    P2I_BOUND_RADIUS,        /* a prefix, by RADIUS */
    P2I_BOUND_PPPOE,         /* an address, by IPCP in a PPPoE session */
    P2I_BOUND_PPPOE_SESSION, /* the scope of a PPPoE session */
    P2I_BOUND_REQUEST,       /* an Access-Request without an answer yet */
};

struct p2i_binding_key {
    uint64_t words[2]; /* an address, or the bytes of another key; unused bytes are 0 */
    uint8_t kind;      /* enum p2i_bound */
    uint8_t ip_version;
    uint8_t length; /* of a prefix, bits */
};

struct p2i_binding {
    struct p2i_binding *older;  /* the binding of the key before this one */
    uint64_t from_ns, until_ns; /* valid for from <= time < until; until UINT64_MAX: still valid */
    uint64_t owner;             /* RADIUS: the accounting session; PPPoE: the session's scope. Only
                                   the owner may end the binding; 0: not known */
    uint32_t given;             /* PPPoE session: its IPv4 address in network order; 0: none */
    uint8_t login_size;
    uint8_t login[];
};

struct p2i_bindings;

struct p2i_bindings *p2i_bindings_new(uint64_t memory_bytes); /* NULL: out of memory */
void p2i_bindings_free(struct p2i_bindings *bindings);        /* NULL is fine */

struct p2i_binding_key p2i_binding_of_prefix(enum p2i_bound kind, const struct p2i_prefix *prefix);

/* Binds a login to the key from `from_ns` on, at the earliest when the previous binding ended; a
 * previous binding that is still valid ends at `now_ns`. With the same login it continues instead,
 * with the new owner. Cuts the login to P2I_LOGIN_MAX and copies it. Does nothing when out of
 * memory. */
void p2i_bindings_bind(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint64_t from_ns, uint64_t now_ns, uint64_t owner, struct p2i_view login);

/* The newest binding of the key, NULL unless it is still valid. The pointer lives until the
 * bindings change. */
struct p2i_binding *p2i_bindings_newest(const struct p2i_bindings *bindings,
                                        const struct p2i_binding_key *key);

/* The binding that was valid at that time, or NULL; likewise. */
const struct p2i_binding *p2i_bindings_find(const struct p2i_bindings *bindings,
                                            const struct p2i_binding_key *key, uint64_t time_ns);

/* The same for an address, by the longest prefix that has one. */
const struct p2i_binding *p2i_bindings_find_address(const struct p2i_bindings *bindings,
                                                    enum p2i_bound kind,
                                                    const struct p2i_address *address,
                                                    uint8_t ip_version, uint64_t time_ns);

static inline struct p2i_view p2i_binding_login(const struct p2i_binding *binding)
{
    return p2i_view_of(binding->login, binding->login_size);
}

#endif
