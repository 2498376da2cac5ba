/* SPDX-License-Identifier: MIT */
/* Logins learned from the captures, bound to addresses and PPPoE sessions for a time. One table
 * serves a run. One thread at a time changes it, packet by packet in their order; workers look up
 * at the same time, without a lock, and see what the packets before a given one bound. So each key
 * has versions, which do not change once they are published; old ones are freed when all workers
 * have passed the packets that could see them. Memory is bounded: each key keeps its last few
 * bindings, and at the limit the oldest keys are dropped. */
#ifndef P2I_ENRICH_BINDINGS_H
#define P2I_ENRICH_BINDINGS_H

#include "base/prefix.h"

enum {
    P2I_BINDINGS_EACH = 4,       /* bindings of one key */
    P2I_LOGIN_MAX = 255,         /* bytes; longer ones are cut */
    P2I_BINDING_LENGTHS_MAX = 8, /* lengths of prefixes, of each kind and IP version: a lookup asks
                                for each. Prefixes of others are not bound. */
    P2I_BINDING_LENGTH_MIN = 16, /* nor are shorter ones */
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
    uint64_t from_ns, until_ns; /* valid for from <= time < until; until UINT64_MAX: still valid */
    uint64_t owner;             /* RADIUS: the accounting session; PPPoE: the session's scope. Only
                                   the owner may end the binding; an Access-Request: the place
                                   of its packet; 0: not known */
    const uint8_t *login;
    uint32_t given; /* PPPoE session: its IPv4 address in network order; 0: none */
    uint8_t login_size;
};

struct p2i_bindings;

/* The limit counts what the last packet left bound; not what waits to be freed, so that it has the
 * same effect for any number of workers. NULL: out of memory. */
struct p2i_bindings *p2i_bindings_new(uint64_t memory_bytes);
void p2i_bindings_free(struct p2i_bindings *bindings); /* NULL is fine */

static inline struct p2i_binding_key p2i_binding_of_prefix(enum p2i_bound kind,
                                                           const struct p2i_prefix *prefix)
{
    struct p2i_address address = prefix->address;
    p2i_prefix_mask(&address, prefix->length);
    return (struct p2i_binding_key){
        .words = {address.words[0], address.words[1]},
        .kind = (uint8_t)kind,
        .ip_version = prefix->ip_version,
        .length = prefix->length,
    };
}

/* ---- for the thread that binds ---- */

/* All changes that follow are those of packet `number` of the run; numbers do not go back. */
void p2i_bindings_begin_packet(struct p2i_bindings *bindings, uint64_t number);

/* Calls `changed` for each key that is bound or whose binding ends, also where that is only
 * repeated. `cause`: see p2i_bindings_set_cause(). */
typedef void p2i_bindings_changed(void *context, const struct p2i_binding_key *key, uint64_t cause);
void p2i_bindings_watch(struct p2i_bindings *bindings, p2i_bindings_changed *changed,
                        void *context);
/* The changes that follow, up to the next packet, have an earlier packet as a cause, too. The
 * number is the caller's; 0: none. */
void p2i_bindings_set_cause(struct p2i_bindings *bindings, uint64_t cause);

/* Binds a login to the key from `from_ns` on, at the earliest when the previous binding ended; a
 * previous binding that is still valid ends at `now_ns`. With the same login it continues instead,
 * with the new owner. Cuts the login to P2I_LOGIN_MAX and copies it. Does nothing but note it
 * when out of memory, as the next two functions. */
void p2i_bindings_bind(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint64_t from_ns, uint64_t now_ns, uint64_t owner, struct p2i_view login);

/* Ends the newest binding of the key, if it is still valid. */
void p2i_bindings_end(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                      uint64_t until_ns);

/* Sets the address (`given`) of the newest binding of the key, if it is still valid. */
void p2i_bindings_give(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint32_t ipv4);

/* The newest binding of the key, NULL unless it is still valid. The pointer lives until the next
 * p2i_bindings_release(), but does not show later changes. */
const struct p2i_binding *p2i_bindings_newest(const struct p2i_bindings *bindings,
                                              const struct p2i_binding_key *key);

/* Frees what only packets up to `passed` could see. All workers have handled these; packets up to
 * `last` have been decoded. Between two packets only. */
void p2i_bindings_release(struct p2i_bindings *bindings, uint64_t passed, uint64_t last);

/* Bytes that had to wait so, from the beginning, whether they have been freed or not. */
uint64_t p2i_bindings_replaced_bytes(const struct p2i_bindings *bindings);

/* Bindings that were refused for the length of their prefix. */
uint64_t p2i_bindings_refused(const struct p2i_bindings *bindings);
/* Whether the system refused memory, so that bindings are missing. */
bool p2i_bindings_out_of_memory(const struct p2i_bindings *bindings);

/* ---- for any thread ---- */

/* False: nothing was bound so far, so that every lookup would return NULL. */
bool p2i_bindings_used(const struct p2i_bindings *bindings);

/* The binding that was valid at that time, or NULL, by what the packets before number `before` of
 * the run bound. The pointer lives until packet `before` is released. */
const struct p2i_binding *p2i_bindings_find(const struct p2i_bindings *bindings,
                                            const struct p2i_binding_key *key, uint64_t before,
                                            uint64_t time_ns);

/* The same for an address, by the longest prefix that has one. */
const struct p2i_binding *p2i_bindings_find_address(const struct p2i_bindings *bindings,
                                                    enum p2i_bound kind,
                                                    const struct p2i_address *address,
                                                    uint8_t ip_version, uint64_t before,
                                                    uint64_t time_ns);

static inline struct p2i_view p2i_binding_login(const struct p2i_binding *binding)
{
    return p2i_view_of(binding->login, binding->login_size);
}

#endif
