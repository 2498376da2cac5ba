/* SPDX-License-Identifier: MIT */
#include "enrich/bindings_store.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"

enum {
    FIRST_CAPACITY = 64,
    KINDS = P2I_BOUND_REQUEST + 1,
    REQUESTS = 1 << 12, /* limit of Access-Requests without an answer */
};

/* A key. Workers read `key` and `newest`. */
struct entry {
    struct p2i_binding_key key;
    _Atomic(struct p2i_binding_version *) newest;
    struct entry *next; /* the next in age, while it is not dropped */
    uint32_t drops;     /* number of waiting items that say that it was dropped */
    bool unlinked;      /* it is not in the index and waits to be freed */
};

/* Finds entries by their hash: open addressing, linear, at most half full. A slot that was used
 * stays so; a full index is replaced. */
struct index {
    size_t capacity; /* a power of two */
    size_t used;     /* slots that are not NULL */
    _Atomic(struct entry *) slots[];
};

/* The keys of one kind. Workers read `index`. */
struct table {
    struct entry *oldest, *youngest;
    size_t count;                  /* of keys that are not dropped */
    size_t linked;                 /* entries in the index */
    uint64_t bytes;                /* of the keys that are not dropped, and their newest versions */
    _Atomic(struct index *) index; /* NULL: no key yet */
};

/* Something that packets up to `number` may still see. */
struct waiting {
    uint64_t number;
    void *memory;        /* to be freed; NULL: nothing */
    struct entry *entry; /* dropped or unlinked; NULL: none */
};

struct p2i_bindings {
    _Atomic bool used; /* some key was bound; stays so */
    struct table tables[KINDS];
    struct p2i_binding_sieve sieves[KINDS];
    uint64_t bytes_limit;
    uint64_t seed;
    uint64_t number;               /* of the packet that binds */
    uint64_t cause;                /* see p2i_bindings_set_cause() */
    p2i_bindings_changed *changed; /* NULL: nobody watches */
    void *changed_context;
    struct waiting *waiting; /* a ring, in the order of numbers */
    size_t waiting_first, waiting_count;
    size_t waiting_capacity; /* a power of two, or 0 */
    uint64_t replaced_bytes; /* of all that ever waited */
    uint64_t refused;        /* bindings, for the length of their prefix */
    bool out_of_memory;      /* a binding was lost */
    struct entry removed;    /* takes the slot of an entry that was unlinked; equals no key */
};

/* Memory of a key without its bindings: two allocations, each with an overhead of 16 bytes, and on
 * average three slots. */
enum {
    ENTRY_BYTES =
        sizeof(struct entry) + sizeof(struct p2i_binding_version) + 2 * 16 + 3 * sizeof(void *)
};

struct p2i_bindings *p2i_bindings_new(uint64_t memory_bytes)
{
    struct p2i_bindings *bindings = calloc(1, sizeof *bindings);
    if (bindings == NULL) {
        return NULL;
    }
    bindings->bytes_limit = memory_bytes;
    bindings->removed.key.ip_version = UINT8_MAX;
    bindings->seed = p2i_hash_secret();
    return bindings;
}

/* ---- what waits to be freed ---- */

static struct waiting *waiting_at(const struct p2i_bindings *bindings, size_t index)
{
    return &bindings->waiting[(bindings->waiting_first + index) & (bindings->waiting_capacity - 1)];
}

/* False: out of memory. */
static bool reserve_waiting(struct p2i_bindings *bindings, size_t more)
{
    enum { FIRST = 16 };
    size_t capacity = bindings->waiting_capacity > 0 ? bindings->waiting_capacity : FIRST;
    while (capacity < bindings->waiting_count + more) {
        capacity *= 2;
    }
    if (capacity == bindings->waiting_capacity) {
        return true;
    }
    struct waiting *waiting = malloc(capacity * sizeof *waiting);
    if (waiting == NULL) {
        return false;
    }
    for (size_t i = 0; i < bindings->waiting_count; i++) {
        waiting[i] = *waiting_at(bindings, i);
    }
    free(bindings->waiting);
    bindings->waiting = waiting;
    bindings->waiting_capacity = capacity;
    bindings->waiting_first = 0;
    return true;
}

/* The room must be reserved. */
static void wait_for(struct p2i_bindings *bindings, struct waiting item, uint64_t bytes)
{
    *waiting_at(bindings, bindings->waiting_count++) = item;
    bindings->replaced_bytes += bytes + sizeof item;
}

/* ---- index ---- */

static bool equals(const struct p2i_binding_key *a, const struct p2i_binding_key *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1] &&
           a->ip_version == b->ip_version && a->length == b->length;
}

static uint64_t hash_of(const struct p2i_bindings *bindings, const struct p2i_binding_key *key)
{
    uint64_t hash = p2i_mix(p2i_mix(bindings->seed, key->words[0]), key->words[1]);
    return p2i_mix(hash, (uint64_t)key->ip_version << 8 | key->length);
}

static struct entry *entry_at(const struct index *index, uint64_t place)
{
    return atomic_load_explicit(&index->slots[place & (index->capacity - 1)], memory_order_acquire);
}

static void set_slot(struct index *index, uint64_t place, struct entry *entry)
{
    atomic_store_explicit(&index->slots[place & (index->capacity - 1)], entry,
                          memory_order_release);
}

static struct entry *find(const struct p2i_bindings *bindings, const struct p2i_binding_key *key)
{
    const struct index *index =
        atomic_load_explicit(&bindings->tables[key->kind].index, memory_order_acquire);
    if (index == NULL) {
        return NULL;
    }
    for (uint64_t place = hash_of(bindings, key);; place++) {
        struct entry *entry = entry_at(index, place);
        if (entry == NULL || equals(&entry->key, key)) {
            return entry;
        }
    }
}

static struct p2i_binding_version *newest_of(const struct entry *entry)
{
    return atomic_load_explicit(&entry->newest, memory_order_acquire);
}

static void link_entry(const struct p2i_bindings *bindings, struct index *index,
                       struct entry *entry)
{
    uint64_t place = hash_of(bindings, &entry->key);
    while (entry_at(index, place) != NULL) {
        place++;
    }
    set_slot(index, place, entry);
    index->used++;
}

static size_t index_bytes(size_t capacity)
{
    return sizeof(struct index) + capacity * sizeof(struct entry *);
}

/* Replaces the index if it is full. Workers may still read the old one. False: out of memory. */
static bool make_room(struct p2i_bindings *bindings, struct table *table)
{
    struct index *old = atomic_load_explicit(&table->index, memory_order_relaxed);
    if (old != NULL && 2 * (old->used + 1) <= old->capacity) {
        return true;
    }
    size_t capacity = FIRST_CAPACITY;
    while (capacity < 3 * (table->linked + 1)) {
        capacity *= 2;
    }
    struct index *index = calloc(1, index_bytes(capacity));
    if (index == NULL) {
        return false;
    }
    index->capacity = capacity;
    for (size_t i = 0; old != NULL && i < old->capacity; i++) {
        struct entry *entry = entry_at(old, i);
        if (entry != NULL && entry != &bindings->removed) {
            link_entry(bindings, index, entry);
        }
    }
    atomic_store_explicit(&table->index, index, memory_order_release);
    if (old != NULL) {
        wait_for(bindings, (struct waiting){bindings->number, old, NULL},
                 index_bytes(old->capacity));
    }
    return true;
}

/* Takes the entry out of the index. Workers that have read its slot may still read the entry. */
static void unlink_entry(struct p2i_bindings *bindings, struct entry *entry, uint64_t last)
{
    struct table *table = &bindings->tables[entry->key.kind];
    struct index *index = atomic_load_explicit(&table->index, memory_order_relaxed);
    uint64_t place = hash_of(bindings, &entry->key);
    while (entry_at(index, place) != entry) {
        place++;
    }
    set_slot(index, place, &bindings->removed);
    table->linked--;
    entry->unlinked = true;
    wait_for(bindings, (struct waiting){last, NULL, entry}, 0);
}

/* ---- keys and their versions ---- */

static uint64_t bytes_of(const struct p2i_binding *list, uint32_t count)
{
    uint64_t bytes = count * sizeof *list;
    for (uint32_t i = 0; i < count; i++) {
        bytes += list[i].login_size;
    }
    return bytes;
}

/* NULL: out of memory. */
static struct p2i_binding_version *version_of(const struct p2i_binding_draft *draft,
                                              uint64_t number)
{
    struct p2i_binding_version *version =
        malloc(sizeof *version + bytes_of(draft->bindings, draft->count));
    if (version == NULL) {
        return NULL;
    }
    *version = (struct p2i_binding_version){.number = number, .count = draft->count};
    uint8_t *logins = (uint8_t *)&version->bindings[draft->count];
    for (uint32_t i = 0; i < draft->count; i++) {
        struct p2i_binding *binding = &version->bindings[i];
        *binding = draft->bindings[i];
        if (binding->login_size > 0) {
            memcpy(logins, binding->login, binding->login_size);
        }
        binding->login = logins;
        logins += binding->login_size;
    }
    return version;
}

/* Replaces the newest version of the entry. `dropped` is the entry if this drops it, else NULL. The
 * room to wait must be reserved. */
static void publish(struct p2i_bindings *bindings, struct entry *entry,
                    struct p2i_binding_version *version, struct entry *dropped)
{
    struct table *table = &bindings->tables[entry->key.kind];
    struct p2i_binding_version *old = newest_of(entry);
    wait_for(bindings, (struct waiting){bindings->number, old, dropped},
             sizeof *old + bytes_of(old->bindings, old->count) +
                 (dropped != NULL ? sizeof *dropped : 0));
    version->older = old;
    table->bytes += bytes_of(version->bindings, version->count);
    table->bytes -= bytes_of(old->bindings, old->count);
    atomic_store_explicit(&entry->newest, version, memory_order_release);
}

static bool is_dropped(const struct entry *entry)
{
    return newest_of(entry)->count == 0;
}

/* False: out of memory. */
static bool drop_oldest(struct p2i_bindings *bindings, struct table *table)
{
    struct p2i_binding_version *nothing =
        version_of(&(struct p2i_binding_draft){0}, bindings->number);
    if (nothing == NULL || !reserve_waiting(bindings, 1)) {
        free(nothing);
        return false;
    }
    struct entry *entry = table->oldest;
    table->oldest = entry->next;
    table->count--;
    table->bytes -= ENTRY_BYTES;
    entry->drops++;
    publish(bindings, entry, nothing, entry);
    return true;
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
        if (bytes <= bindings->bytes_limit || !drop_oldest(bindings, largest)) {
            return;
        }
    }
}

/* Makes the entry the youngest. */
static void append(struct table *table, struct entry *entry)
{
    entry->next = NULL;
    if (table->count++ == 0) {
        table->oldest = entry;
    } else {
        table->youngest->next = entry;
    }
    table->youngest = entry;
    table->bytes += ENTRY_BYTES;
}

static void pass_sieve(struct p2i_binding_sieve *sieve, const struct p2i_binding_key *key)
{
    unsigned place = p2i_binding_sieve_place((const uint8_t *)key->words);
    atomic_fetch_or_explicit(&sieve->first[place / 64], UINT64_C(1) << place % 64,
                             memory_order_relaxed);
    atomic_fetch_or_explicit(&sieve->lengths[key->ip_version == 6][key->length / 64],
                             UINT64_C(1) << key->length % 64, memory_order_relaxed);
}

/* Whether keys of this length are bound. */
static bool is_allowed(const struct p2i_binding_sieve *sieve, const struct p2i_binding_key *key)
{
    if (key->kind != P2I_BOUND_RADIUS && key->kind != P2I_BOUND_PPPOE) {
        return true; /* no prefix */
    }
    const _Atomic uint64_t *lengths = sieve->lengths[key->ip_version == 6];
    int count = 0;
    for (unsigned i = 0; i < 3; i++) {
        count += __builtin_popcountll(atomic_load_explicit(&lengths[i], memory_order_relaxed));
    }
    uint64_t word = atomic_load_explicit(&lengths[key->length / 64], memory_order_relaxed);
    return key->length >= P2I_BINDING_LENGTH_MIN &&
           (count < P2I_BINDING_LENGTHS_MAX || (word >> key->length % 64 & 1) != 0);
}

/* Adds a key with its first version. False: out of memory. */
static bool add(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                struct p2i_binding_version *version)
{
    struct table *table = &bindings->tables[key->kind];
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL || !make_room(bindings, table)) {
        free(entry);
        return false;
    }
    entry->key = *key;
    atomic_init(&entry->newest, version);
    table->bytes += bytes_of(version->bindings, version->count);
    append(table, entry);
    pass_sieve(&bindings->sieves[key->kind], key);
    atomic_store_explicit(&bindings->used, true, memory_order_relaxed);
    table->linked++;
    link_entry(bindings, atomic_load_explicit(&table->index, memory_order_relaxed), entry);
    return true;
}

/* Publishes the bindings of the key. `entry` is NULL if it has none yet. */
static void set_entry(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                      struct entry *entry, const struct p2i_binding_draft *draft)
{
    enum { WAITING = 3 }; /* a request, an index, a version */
    struct table *table = &bindings->tables[key->kind];
    struct p2i_binding_version *version = version_of(draft, bindings->number);
    if (version == NULL || !reserve_waiting(bindings, WAITING)) {
        free(version);
        bindings->out_of_memory = true;
        return;
    }
    bool counts = entry == NULL || is_dropped(entry);
    if (counts && key->kind == P2I_BOUND_REQUEST && table->count == REQUESTS) {
        (void)drop_oldest(bindings, table);
    }
    if (entry == NULL) {
        if (!add(bindings, key, version)) {
            free(version);
            bindings->out_of_memory = true;
        }
        return;
    }
    if (counts) {
        append(table, entry);
    }
    publish(bindings, entry, version, NULL);
}

/* ---- interface ---- */

bool p2i_bindings_out_of_memory(const struct p2i_bindings *bindings)
{
    return bindings->out_of_memory;
}

bool p2i_bindings_used(const struct p2i_bindings *bindings)
{
    return atomic_load_explicit(&bindings->used, memory_order_relaxed);
}

const struct p2i_binding_sieve *p2i_bindings_sieve(const struct p2i_bindings *bindings,
                                                   enum p2i_bound kind)
{
    return &bindings->sieves[kind];
}

const struct p2i_binding_version *p2i_bindings_version(const struct p2i_bindings *bindings,
                                                       const struct p2i_binding_key *key)
{
    const struct entry *entry = find(bindings, key);
    return entry != NULL ? newest_of(entry) : NULL;
}

void p2i_bindings_set(struct p2i_bindings *bindings, const struct p2i_binding_key *key,
                      const struct p2i_binding_draft *draft)
{
    struct entry *entry = find(bindings, key);
    if (entry != NULL || is_allowed(&bindings->sieves[key->kind], key)) {
        set_entry(bindings, key, entry, draft);
        keep_to_limit(bindings);
    } else {
        bindings->refused++;
    }
}

void p2i_bindings_begin_packet(struct p2i_bindings *bindings, uint64_t number)
{
    bindings->number = number;
    bindings->cause = 0;
}

void p2i_bindings_watch(struct p2i_bindings *bindings, p2i_bindings_changed *changed, void *context)
{
    bindings->changed = changed;
    bindings->changed_context = context;
}

void p2i_bindings_set_cause(struct p2i_bindings *bindings, uint64_t cause)
{
    bindings->cause = cause;
}

void p2i_bindings_report(const struct p2i_bindings *bindings, const struct p2i_binding_key *key)
{
    if (bindings->changed != NULL) {
        bindings->changed(bindings->changed_context, key, bindings->cause);
    }
}

uint64_t p2i_bindings_replaced_bytes(const struct p2i_bindings *bindings)
{
    return bindings->replaced_bytes;
}

uint64_t p2i_bindings_refused(const struct p2i_bindings *bindings)
{
    return bindings->refused;
}

static void free_entry(struct entry *entry)
{
    free(newest_of(entry));
    free(entry);
}

void p2i_bindings_release(struct p2i_bindings *bindings, uint64_t passed, uint64_t last)
{
    while (bindings->waiting_count > 0 && waiting_at(bindings, 0)->number <= passed) {
        struct waiting item = *waiting_at(bindings, 0);
        bindings->waiting_first++;
        bindings->waiting_count--;
        free(item.memory);
        if (item.entry != NULL && item.entry->unlinked) {
            free_entry(item.entry);
        } else if (item.entry != NULL && --item.entry->drops == 0 && is_dropped(item.entry)) {
            unlink_entry(bindings, item.entry, last);
        }
    }
}

void p2i_bindings_free(struct p2i_bindings *bindings)
{
    if (bindings == NULL) {
        return;
    }
    p2i_bindings_release(bindings, UINT64_MAX, UINT64_MAX);
    for (unsigned i = 0; i < KINDS; i++) {
        struct index *index = atomic_load(&bindings->tables[i].index);
        for (size_t at = 0; index != NULL && at < index->capacity; at++) {
            struct entry *entry = entry_at(index, at);
            if (entry != NULL && entry != &bindings->removed) {
                free_entry(entry);
            }
        }
        free(index);
    }
    free(bindings->waiting);
    free(bindings);
}
