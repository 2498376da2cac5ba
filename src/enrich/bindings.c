/* SPDX-License-Identifier: MIT */
#include "enrich/bindings.h"

#include "enrich/bindings_store.h"

/* ---- for the thread that binds ---- */

/* The bindings of the key; none if it is not there, or was dropped. */
static struct p2i_binding_draft draft_of(const struct p2i_bindings *bindings,
                                         const struct p2i_binding_key *key)
{
    struct p2i_binding_draft draft = {0};
    const struct p2i_binding_version *version = p2i_bindings_version(bindings, key);
    if (version != NULL) {
        draft.count = version->count;
        memcpy(draft.bindings, version->bindings, version->count * sizeof *draft.bindings);
    }
    return draft;
}

static bool is_valid(const struct p2i_binding_draft *draft)
{
    return draft->count > 0 && draft->bindings[0].until_ns == UINT64_MAX;
}

void p2i_bindings_bind(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint64_t from_ns, uint64_t now_ns, uint64_t owner, struct p2i_view login)
{
    struct p2i_binding_draft draft = draft_of(bindings, key);
    struct p2i_binding *first = draft.bindings;
    p2i_bindings_report(bindings, key);
    login = p2i_view_first(login, P2I_LOGIN_MAX);
    if (is_valid(&draft) && p2i_view_equals(p2i_binding_login(first), login)) {
        bool set_back = now_ns < first->from_ns;
        if (set_back || first->owner != owner) {
            first->from_ns = set_back ? from_ns : first->from_ns;
            first->owner = owner;
            p2i_bindings_set(bindings, key, &draft);
        }
        return;
    }
    if (draft.count > 0) {
        first->until_ns = first->until_ns < now_ns ? first->until_ns : now_ns;
        from_ns = from_ns > first->until_ns ? from_ns : first->until_ns;
        draft.count -= draft.count == P2I_BINDINGS_EACH;
        memmove(first + 1, first, draft.count * sizeof *first);
    }
    draft.count++;
    *first = (struct p2i_binding){
        .from_ns = from_ns,
        .until_ns = UINT64_MAX,
        .owner = owner,
        .login = login.data,
        .login_size = (uint8_t)login.size,
    };
    p2i_bindings_set(bindings, key, &draft);
}

void p2i_bindings_end(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                      uint64_t until_ns)
{
    struct p2i_binding_draft draft = draft_of(bindings, key);
    if (is_valid(&draft)) {
        p2i_bindings_report(bindings, key);
        draft.bindings[0].until_ns = until_ns;
        p2i_bindings_set(bindings, key, &draft);
    }
}

void p2i_bindings_give(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint32_t ipv4)
{
    struct p2i_binding_draft draft = draft_of(bindings, key);
    if (is_valid(&draft)) {
        draft.bindings[0].given = ipv4;
        p2i_bindings_set(bindings, key, &draft);
    }
}

const struct p2i_binding *p2i_bindings_newest(const struct p2i_bindings *bindings,
                                              const struct p2i_binding_key *key)
{
    const struct p2i_binding_version *version = p2i_bindings_version(bindings, key);
    bool holds =
        version != NULL && version->count > 0 && version->bindings[0].until_ns == UINT64_MAX;
    return holds ? version->bindings : NULL;
}

/* ---- for any thread ---- */

const struct p2i_binding *p2i_bindings_find(const struct p2i_bindings *bindings,
                                            const struct p2i_binding_key *key, uint64_t before,
                                            uint64_t time_ns)
{
    const struct p2i_binding_version *version = p2i_bindings_version(bindings, key);
    while (version != NULL && version->number >= before) {
        version = version->older;
    }
    for (uint32_t i = 0; version != NULL && i < version->count; i++) {
        const struct p2i_binding *binding = &version->bindings[i];
        if (binding->from_ns <= time_ns && time_ns < binding->until_ns) {
            return binding;
        }
    }
    return NULL;
}

static bool passes_sieve(const struct p2i_binding_sieve *sieve, const uint8_t *address)
{
    unsigned place = p2i_binding_sieve_place(address);
    uint64_t word = atomic_load_explicit(&sieve->first[place / 64], memory_order_relaxed);
    return (word >> place % 64 & 1) != 0;
}

const struct p2i_binding *p2i_bindings_find_address(const struct p2i_bindings *bindings,
                                                    enum p2i_bound kind,
                                                    const struct p2i_address *address,
                                                    uint8_t ip_version, uint64_t before,
                                                    uint64_t time_ns)
{
    const struct p2i_binding_sieve *sieve = p2i_bindings_sieve(bindings, kind);
    if (!passes_sieve(sieve, address->bytes)) {
        return NULL;
    }
    const struct p2i_binding *found = NULL;
    const _Atomic uint64_t *lengths = sieve->lengths[ip_version == 6];
    struct p2i_prefix prefix = {.address = *address, .ip_version = ip_version};
    for (unsigned word = 3; word-- > 0;) {
        uint64_t left = atomic_load_explicit(&lengths[word], memory_order_relaxed);
        while (left != 0 && found == NULL) {
            unsigned bit = 63 - (unsigned)__builtin_clzll(left);
            left ^= UINT64_C(1) << bit;
            prefix.length = (uint8_t)(word * 64 + bit);
            struct p2i_binding_key key = p2i_binding_of_prefix(kind, &prefix);
            found = p2i_bindings_find(bindings, &key, before, time_ns);
        }
    }
    return found;
}
