/* SPDX-License-Identifier: MIT */
#include "record/bindings.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"

enum {
    FIRST_CAPACITY = 64,
    KINDS = P2I_BOUND_REQUEST + 1,
    LENGTHS = 129,
    REQUESTS = 1 << 12, /* that wait for an answer at once */
};

struct entry {
    struct p2i_binding_key key;
    struct p2i_binding *newest;
    uint32_t next; /* in its chain, from 1; 0 none */
};

/* The keys of one kind. */
struct table {
    struct entry *entries; /* in the order in which they came; a ring when there are `limit` */
    uint32_t *chains;      /* first entry, from 1, by hash; as many as `capacity` */
    size_t count, capacity, limit;
    size_t oldest;            /* the next to give way */
    bool lengths[2][LENGTHS]; /* prefixes of this length have been bound, by version */
};

struct p2i_bindings {
    struct table tables[KINDS];
    uint64_t seed;
};

struct p2i_bindings *p2i_bindings_new(size_t key_limit)
{
    struct p2i_bindings *bindings = calloc(1, sizeof *bindings);
    if (bindings == NULL) {
        return NULL;
    }
    for (unsigned i = 0; i < KINDS; i++) {
        bindings->tables[i].limit = key_limit;
    }
    if (key_limit > REQUESTS) {
        bindings->tables[P2I_BOUND_REQUEST].limit = REQUESTS;
    }
    if (getrandom(&bindings->seed, sizeof bindings->seed, GRND_NONBLOCK) < 0) {
        bindings->seed = (uint64_t)(uintptr_t)bindings;
    }
    return bindings;
}

static void forget(struct p2i_binding *binding)
{
    while (binding != NULL) {
        struct p2i_binding *older = binding->older;
        free(binding);
        binding = older;
    }
}

static void free_table(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        forget(table->entries[i].newest);
    }
    free(table->entries);
    free(table->chains);
}

void p2i_bindings_free(struct p2i_bindings *bindings)
{
    if (bindings != NULL) {
        for (unsigned i = 0; i < KINDS; i++) {
            free_table(&bindings->tables[i]);
        }
        free(bindings);
    }
}

struct p2i_binding_key p2i_binding_of_prefix(enum p2i_bound kind, const struct p2i_prefix *prefix)
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

static bool equals(const struct p2i_binding_key *a, const struct p2i_binding_key *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1] &&
           a->ip_version == b->ip_version && a->length == b->length;
}

/* `capacity` is a power of two. */
static uint32_t *chain_of(const struct table *table, const struct p2i_binding_key *key,
                          uint64_t seed)
{
    uint64_t hash = p2i_mix(p2i_mix(seed, key->words[0]), key->words[1]);
    hash = p2i_mix(hash, (uint64_t)key->ip_version << 8 | key->length);
    return &table->chains[hash & (table->capacity - 1)];
}

static struct entry *find(const struct p2i_bindings *bindings, const struct p2i_binding_key *key)
{
    const struct table *table = &bindings->tables[key->kind];
    if (table->count == 0) {
        return NULL;
    }
    for (uint32_t at = *chain_of(table, key, bindings->seed); at != 0;
         at = table->entries[at - 1].next) {
        if (equals(&table->entries[at - 1].key, key)) {
            return &table->entries[at - 1];
        }
    }
    return NULL;
}

static void link_in(struct table *table, size_t index, uint64_t seed)
{
    uint32_t *chain = chain_of(table, &table->entries[index].key, seed);
    table->entries[index].next = *chain;
    *chain = (uint32_t)index + 1;
}

static void take_out(struct table *table, size_t index, uint64_t seed)
{
    struct entry *entry = &table->entries[index];
    uint32_t *at = chain_of(table, &entry->key, seed);
    while (*at != index + 1) {
        at = &table->entries[*at - 1].next;
    }
    *at = entry->next;
    forget(entry->newest);
}

static bool grow(struct table *table, uint64_t seed)
{
    size_t capacity = table->capacity > 0 ? table->capacity * 2 : FIRST_CAPACITY;
    uint32_t *chains = calloc(capacity, sizeof *chains);
    struct entry *entries = realloc(table->entries, capacity * sizeof *entries);
    table->entries = entries != NULL ? entries : table->entries;
    if (chains == NULL || entries == NULL) {
        free(chains);
        return false;
    }
    free(table->chains);
    table->chains = chains;
    table->capacity = capacity;
    for (size_t i = 0; i < table->count; i++) {
        link_in(table, i, seed);
    }
    return true;
}

static struct entry *add(struct p2i_bindings *bindings, const struct p2i_binding_key *key)
{
    struct table *table = &bindings->tables[key->kind];
    size_t index = table->count;
    if (table->count == table->limit) {
        index = table->oldest;
        table->oldest = (index + 1) % table->limit;
        take_out(table, index, bindings->seed);
    } else if (table->count == table->capacity && !grow(table, bindings->seed)) {
        return NULL;
    } else {
        table->count++;
    }
    table->entries[index] = (struct entry){.key = *key};
    link_in(table, index, bindings->seed);
    table->lengths[key->ip_version == 6][key->length] = true;
    return &table->entries[index];
}

/* What is older than the last few goes. */
static void shorten(struct p2i_binding *newest)
{
    struct p2i_binding *last = newest;
    for (unsigned i = 1; i < P2I_BINDINGS_EACH && last != NULL; i++) {
        last = last->older;
    }
    if (last != NULL) {
        forget(last->older);
        last->older = NULL;
    }
}

static void push(struct entry *entry, uint64_t from_ns, uint64_t owner, struct p2i_view login)
{
    struct p2i_binding *binding = malloc(sizeof *binding + login.size);
    if (binding == NULL) {
        return;
    }
    *binding = (struct p2i_binding){
        .older = entry->newest,
        .from_ns = from_ns,
        .until_ns = UINT64_MAX,
        .owner = owner,
        .login_size = (uint8_t)login.size,
    };
    if (login.size > 0) {
        memcpy(binding->login, login.data, login.size);
    }
    entry->newest = binding;
    shorten(binding);
}

void p2i_bindings_bind(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                       uint64_t from_ns, uint64_t now_ns, uint64_t owner, struct p2i_view login)
{
    struct entry *entry = find(bindings, key);
    entry = entry != NULL ? entry : add(bindings, key);
    if (entry == NULL) {
        return;
    }
    login = p2i_view_first(login, P2I_LOGIN_MAX);
    struct p2i_binding *last = entry->newest;
    if (last != NULL) {
        if (last->until_ns == UINT64_MAX && p2i_view_equals(p2i_binding_login(last), login)) {
            last->owner = owner;
            return;
        }
        last->until_ns = last->until_ns < now_ns ? last->until_ns : now_ns;
        from_ns = from_ns > last->until_ns ? from_ns : last->until_ns;
    }
    push(entry, from_ns, owner, login);
}

struct p2i_binding *p2i_bindings_newest(const struct p2i_bindings *bindings,
                                        const struct p2i_binding_key *key)
{
    const struct entry *entry = find(bindings, key);
    bool holds = entry != NULL && entry->newest != NULL && entry->newest->until_ns == UINT64_MAX;
    return holds ? entry->newest : NULL;
}

const struct p2i_binding *p2i_bindings_find(const struct p2i_bindings *bindings,
                                            const struct p2i_binding_key *key, uint64_t time_ns)
{
    const struct entry *entry = find(bindings, key);
    for (const struct p2i_binding *binding = entry != NULL ? entry->newest : NULL; binding != NULL;
         binding = binding->older) {
        if (binding->from_ns <= time_ns && time_ns < binding->until_ns) {
            return binding;
        }
    }
    return NULL;
}

const struct p2i_binding *p2i_bindings_find_address(const struct p2i_bindings *bindings,
                                                    enum p2i_bound kind,
                                                    const struct p2i_address *address,
                                                    uint8_t ip_version, uint64_t time_ns)
{
    const struct p2i_binding *found = NULL;
    struct p2i_prefix prefix = {.address = *address, .ip_version = ip_version};
    const struct table *table = &bindings->tables[kind];
    for (int length = ip_version == 6 ? 128 : 32; table->count > 0 && length >= 0 && found == NULL;
         length--) {
        if (table->lengths[ip_version == 6][length]) {
            prefix.length = (uint8_t)length;
            struct p2i_binding_key key = p2i_binding_of_prefix(kind, &prefix);
            found = p2i_bindings_find(bindings, &key, time_ns);
        }
    }
    return found;
}
