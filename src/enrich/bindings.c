/* SPDX-License-Identifier: MIT */
#include "enrich/bindings.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"

enum {
    FIRST_CAPACITY = 64,
    KINDS = P2I_BOUND_REQUEST + 1,
    REQUESTS = 1 << 12, /* limit of Access-Requests without an answer */
    MALLOC_BYTES = 16,  /* overhead of an allocation */
    SIEVE_BITS = 4096,
    SIEVE_LENGTH = 16, /* bits of a prefix that the sieve uses; a shorter prefix opens it */
};

struct entry {
    struct p2i_binding_key key;
    struct p2i_binding *newest;
    uint32_t next; /* in its chain: place in the ring, from 1; 0 none */
};

/* Counted twice: the ring may be half empty. */
enum { ENTRY_BYTES = 2 * (sizeof(struct entry) + sizeof(uint32_t)) };

/* The keys of one kind. */
struct table {
    struct entry *entries; /* a ring, oldest first */
    uint32_t *chains;      /* first entry, from 1, by hash; as many as `capacity` */
    size_t first, count;
    size_t capacity;        /* a power of two, or 0 */
    uint64_t bytes;         /* of the entries and their bindings */
    uint64_t lengths[2][3]; /* bit: prefixes of this length have been bound; by version */
    uint64_t sieve[SIEVE_BITS /
                   64]; /* first 16 bits of bound prefixes, to reject most addresses quickly */
    bool is_open;       /* all addresses pass the sieve */
};

struct p2i_bindings {
    struct table tables[KINDS];
    uint64_t bytes_limit;
    uint64_t seed;
};

struct p2i_bindings *p2i_bindings_new(uint64_t memory_bytes)
{
    struct p2i_bindings *bindings = calloc(1, sizeof *bindings);
    if (bindings == NULL) {
        return NULL;
    }
    bindings->bytes_limit = memory_bytes;
    if (getrandom(&bindings->seed, sizeof bindings->seed, GRND_NONBLOCK) < 0) {
        bindings->seed = (uint64_t)(uintptr_t)bindings;
    }
    return bindings;
}

static void forget(struct table *table, struct p2i_binding *binding)
{
    while (binding != NULL) {
        struct p2i_binding *older = binding->older;
        table->bytes -= sizeof *binding + binding->login_size + MALLOC_BYTES;
        free(binding);
        binding = older;
    }
}

static struct entry *entry_at(const struct table *table, size_t index)
{
    return &table->entries[(table->first + index) & (table->capacity - 1)];
}

void p2i_bindings_free(struct p2i_bindings *bindings)
{
    for (unsigned i = 0; bindings != NULL && i < KINDS; i++) {
        struct table *table = &bindings->tables[i];
        for (size_t at = 0; at < table->count; at++) {
            forget(table, entry_at(table, at)->newest);
        }
        free(table->entries);
        free(table->chains);
    }
    free(bindings);
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

static void link_in(struct table *table, struct entry *entry, uint64_t seed)
{
    uint32_t *chain = chain_of(table, &entry->key, seed);
    entry->next = *chain;
    *chain = (uint32_t)(entry - table->entries) + 1;
}

static void drop_oldest(struct table *table, uint64_t seed)
{
    struct entry *entry = entry_at(table, 0);
    uint32_t *at = chain_of(table, &entry->key, seed);
    while (*at != table->first + 1) {
        at = &table->entries[*at - 1].next;
    }
    *at = entry->next;
    forget(table, entry->newest);
    table->first = (table->first + 1) & (table->capacity - 1);
    table->count--;
    table->bytes -= ENTRY_BYTES;
}

static bool grow(struct table *table, uint64_t seed)
{
    size_t capacity = table->capacity > 0 ? table->capacity * 2 : FIRST_CAPACITY;
    uint32_t *chains = calloc(capacity, sizeof *chains);
    struct entry *entries = calloc(capacity, sizeof *entries);
    if (chains == NULL || entries == NULL) {
        free(chains);
        free(entries);
        return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        entries[i] = *entry_at(table, i);
    }
    free(table->entries);
    free(table->chains);
    table->entries = entries;
    table->chains = chains;
    table->capacity = capacity;
    table->first = 0;
    for (size_t i = 0; i < table->count; i++) {
        link_in(table, &entries[i], seed);
    }
    return true;
}

static unsigned sieve_place(const uint8_t *address)
{
    return ((unsigned)address[0] << 8 | address[1]) * 40503U >> 4 & (SIEVE_BITS - 1);
}

static void pass_sieve(struct table *table, const struct p2i_binding_key *key)
{
    unsigned place = sieve_place((const uint8_t *)key->words);
    table->sieve[place / 64] |= UINT64_C(1) << place % 64;
    table->is_open |= key->length < SIEVE_LENGTH;
}

static struct entry *add(struct p2i_bindings *bindings, const struct p2i_binding_key *key)
{
    struct table *table = &bindings->tables[key->kind];
    if (key->kind == P2I_BOUND_REQUEST && table->count == REQUESTS) {
        drop_oldest(table, bindings->seed);
    }
    if (table->count == table->capacity && !grow(table, bindings->seed)) {
        return NULL;
    }
    struct entry *entry = entry_at(table, table->count++);
    *entry = (struct entry){.key = *key};
    link_in(table, entry, bindings->seed);
    table->bytes += ENTRY_BYTES;
    table->lengths[key->ip_version == 6][key->length / 64] |= UINT64_C(1) << key->length % 64;
    pass_sieve(table, key);
    return entry;
}

/* Drops the oldest keys of the largest kind, so that a flood of one kind does not affect the
 * others. */
static void keep_to_limit(struct p2i_bindings *bindings)
{
    for (;;) {
        struct table *largest = bindings->tables;
        uint64_t bytes = 0;
        for (unsigned i = 0; i < KINDS; i++) {
            struct table *table = &bindings->tables[i];
            bytes += table->bytes;
            largest = table->bytes > largest->bytes ? table : largest;
        }
        if (bytes <= bindings->bytes_limit) {
            return;
        }
        drop_oldest(largest, bindings->seed);
    }
}

/* Drops all but the last few bindings. */
static void shorten(struct table *table, struct p2i_binding *newest)
{
    struct p2i_binding *last = newest;
    for (unsigned i = 1; i < P2I_BINDINGS_EACH && last != NULL; i++) {
        last = last->older;
    }
    if (last != NULL) {
        forget(table, last->older);
        last->older = NULL;
    }
}

static void push(struct table *table, struct entry *entry, uint64_t from_ns, uint64_t owner,
                 struct p2i_view login)
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
    table->bytes += sizeof *binding + login.size + MALLOC_BYTES;
    shorten(table, binding);
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
            if (now_ns < last->from_ns) {
                last->from_ns = from_ns; /* time went back */
            }
            return;
        }
        last->until_ns = last->until_ns < now_ns ? last->until_ns : now_ns;
        from_ns = from_ns > last->until_ns ? from_ns : last->until_ns;
    }
    push(&bindings->tables[key->kind], entry, from_ns, owner, login);
    keep_to_limit(bindings);
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
    const struct table *table = &bindings->tables[kind];
    const uint64_t *lengths = table->lengths[ip_version == 6];
    unsigned place = sieve_place(address->bytes);
    if (!table->is_open && (table->sieve[place / 64] >> place % 64 & 1) == 0) {
        return NULL;
    }
    struct p2i_prefix prefix = {.address = *address, .ip_version = ip_version};
    for (unsigned word = 3; word-- > 0;) {
        for (uint64_t left = lengths[word]; left != 0 && found == NULL;) {
            unsigned bit = 63 - (unsigned)__builtin_clzll(left);
            left ^= UINT64_C(1) << bit;
            prefix.length = (uint8_t)(word * 64 + bit);
            struct p2i_binding_key key = p2i_binding_of_prefix(kind, &prefix);
            found = p2i_bindings_find(bindings, &key, time_ns);
        }
    }
    return found;
}
