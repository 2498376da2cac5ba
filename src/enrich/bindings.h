/* SPDX-License-Identifier: MIT */
/* Names that captures themselves bind to addresses, and to what leads there, each for a time. Each
 * worker has its own, fed with the same packets in the same order. Memory is bounded: of each key
 * the last few bindings are kept, and when it is used up, the keys that came first give way. */
#ifndef P2I_ENRICH_BINDINGS_H
#define P2I_ENRICH_BINDINGS_H

#include "base/prefix.h"

enum {
    P2I_BINDINGS_EACH = 4, /* bindings of one key */
    P2I_LOGIN_MAX = 255,   /* bytes; longer ones are cut */
};

/* What a name is bound to. */
enum p2i_bound {
    P2I_BOUND_RADIUS,        /* a prefix, by RADIUS */
    P2I_BOUND_PPPOE,         /* an address, by IPCP in a PPPoE session */
    P2I_BOUND_PPPOE_SESSION, /* the scope of a PPPoE session */
    P2I_BOUND_REQUEST,       /* an Access-Request that waits for its answer */
};

struct p2i_binding_key {
    uint64_t words[2]; /* an address or whatever else; clear */
    uint8_t kind;      /* enum p2i_bound */
    uint8_t ip_version;
    uint8_t length; /* of a prefix, bits */
};

struct p2i_binding {
    struct p2i_binding *older;  /* what the key was bound to before */
    uint64_t from_ns, until_ns; /* from <= time < until; UINT64_MAX: it holds */
    uint64_t owner;             /* who may end it; whatever the kind says; 0 not known */
    uint32_t given;             /* PPPoE session: its IPv4 address as in memory; 0 none */
    uint8_t login_size;
    uint8_t login[];
};

struct p2i_bindings;

struct p2i_bindings *p2i_bindings_new(uint64_t memory_bytes); /* NULL: out of memory */
void p2i_bindings_free(struct p2i_bindings *bindings);        /* NULL is fine */

struct p2i_binding_key p2i_binding_of_prefix(enum p2i_bound kind, const struct p2i_prefix *prefix);

/* From `from_ns` on, but not before what was bound before was over; that one ends at `now_ns` if it
 * still held. If it has the same login, it goes on, with the new owner. Nothing happens when memory
 * is out. */
void p2i_bindings_bind(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint64_t from_ns, uint64_t now_ns, uint64_t owner, struct p2i_view login);

/* The newest binding, if it still holds; until the next call that changes anything. */
struct p2i_binding *p2i_bindings_newest(const struct p2i_bindings *bindings,
                                        const struct p2i_binding_key *key);

/* What held at that time; likewise. */
const struct p2i_binding *p2i_bindings_find(const struct p2i_bindings *bindings,
                                            const struct p2i_binding_key *key, uint64_t time_ns);

/* The same of the longest prefix that holds an address. */
const struct p2i_binding *p2i_bindings_find_address(const struct p2i_bindings *bindings,
                                                    enum p2i_bound kind,
                                                    const struct p2i_address *address,
                                                    uint8_t ip_version, uint64_t time_ns);

static inline struct p2i_view p2i_binding_login(const struct p2i_binding *binding)
{
    return p2i_view_of(binding->login, binding->login_size);
}

#endif
