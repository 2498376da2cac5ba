/* SPDX-License-Identifier: MIT */
#include "corpus/candidates.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"

enum {
    SLOTS_LEAST = 1024,
    /* Bytes of a packet in a pcapng file beside its IP packet: the block, a link header and the
     * padding. */
    PACKET_BYTES = 50,
};

struct p2i_open_session {
    uint64_t session;
    bool used;
    struct p2i_traits traits;
};

/* ---- Open sessions ---- */

static size_t open_slot(const struct p2i_candidates *of, uint64_t session)
{
    size_t slot = (size_t)p2i_mix(of->seed, session) & (of->open_slots - 1);
    while (of->open[slot].used && of->open[slot].session != session) {
        slot = (slot + 1) & (of->open_slots - 1);
    }
    return slot;
}

static bool grow_open(struct p2i_candidates *of)
{
    struct p2i_candidates old = *of;
    size_t count = old.open_slots > 0 ? 2 * old.open_slots : SLOTS_LEAST;
    struct p2i_open_session *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    of->seed = old.open_slots > 0 ? old.seed : p2i_hash_secret();
    of->open = slots;
    of->open_slots = count;
    for (size_t i = 0; i < old.open_slots; i++) {
        if (old.open[i].used) {
            of->open[open_slot(of, old.open[i].session)] = old.open[i];
        }
    }
    free(old.open);
    return true;
}

/* NULL: out of memory. */
static struct p2i_open_session *find_open(struct p2i_candidates *of, uint64_t session)
{
    if (2 * of->open_count >= of->open_slots && !grow_open(of)) {
        return NULL;
    }
    struct p2i_open_session *found = &of->open[open_slot(of, session)];
    of->open_count += !found->used;
    found->used = true;
    found->session = session;
    return found;
}

/* Removes a session, and moves those behind it that would not be found any more. */
static void close_open(struct p2i_candidates *of, uint64_t session)
{
    size_t mask = of->open_slots - 1;
    size_t hole = open_slot(of, session);
    of->open[hole] = (struct p2i_open_session){0};
    of->open_count--;
    for (size_t i = (hole + 1) & mask; of->open[i].used; i = (i + 1) & mask) {
        struct p2i_open_session moved = of->open[i];
        of->open[i] = (struct p2i_open_session){0};
        of->open[open_slot(of, moved.session)] = moved;
    }
}

/* ---- Candidates ---- */

static uint64_t hash_traits(const struct p2i_traits *traits)
{
    uint64_t hash = traits->count;
    for (size_t i = 0; i < traits->count; i++) {
        hash = p2i_mix(p2i_mix(hash, traits->list[i].combination), traits->list[i].size);
    }
    return hash;
}

static bool same_traits(const struct p2i_traits *a, const struct p2i_traits *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same =
            a->list[i].combination == b->list[i].combination && a->list[i].size == b->list[i].size;
    }
    return same;
}

static bool grow_candidates(struct p2i_candidates *of)
{
    size_t slot_count = of->slot_count > 0 ? 2 * of->slot_count : SLOTS_LEAST;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    struct p2i_candidate *list = realloc(of->list, slot_count / 2 * sizeof *list);
    of->list = list != NULL ? list : of->list;
    if (slots == NULL || list == NULL) {
        free(slots);
        return false;
    }
    for (size_t i = 0; i < of->count; i++) {
        size_t slot = (size_t)hash_traits(&list[i].traits);
        while (slots[slot & (slot_count - 1)] != 0) {
            slot++;
        }
        slots[slot & (slot_count - 1)] = (uint32_t)i + 1;
    }
    free(of->slots);
    of->slots = slots;
    of->slot_count = slot_count;
    of->capacity = slot_count / 2;
    return true;
}

/* Takes over the traits. */
static bool add_candidate(struct p2i_candidates *of, const struct p2i_candidate *added)
{
    if (of->count == of->capacity && !grow_candidates(of)) {
        return false;
    }
    size_t slot = (size_t)hash_traits(&added->traits);
    for (;; slot++) {
        uint32_t *place = &of->slots[slot & (of->slot_count - 1)];
        if (*place == 0) {
            of->list[of->count] = *added;
            *place = (uint32_t)++of->count;
            return true;
        }
        struct p2i_candidate *known = &of->list[*place - 1];
        if (same_traits(&known->traits, &added->traits)) {
            struct p2i_traits dropped = added->traits;
            if (added->bytes < known->bytes) {
                dropped = known->traits;
                *known = *added;
            }
            p2i_traits_free(&dropped);
            return true;
        }
    }
}

/* ---- Reading ---- */

struct reader {
    struct p2i_candidates *of;
    const struct p2i_corpus_reading *reading;
    uint32_t file;
};

static bool on_record(void *context, const struct p2i_record *record)
{
    struct reader *reader = context;
    struct p2i_open_session *open = find_open(reader->of, p2i_record_session(record));
    bool done = open != NULL && p2i_traits_of_record(&reader->of->all, &open->traits, record);
    if (done && open->traits.count > SLOTS_LEAST) {
        p2i_traits_sort(&open->traits); /* many records have the same ones */
    }
    reader->of->out_of_memory = !done;
    return done;
}

static void mark_covered(struct p2i_candidates *of, const struct p2i_traits *traits, uint32_t file)
{
    for (size_t i = 0; i < traits->count; i++) {
        struct p2i_combination *known = &of->all.list[traits->list[i].combination];
        if (known->file == P2I_COMBINATION_NONE && p2i_trait_counts(&of->all, &traits->list[i])) {
            known->file = file;
        }
    }
}

static bool end_session(struct reader *reader, const struct p2i_session_facts *facts,
                        struct p2i_traits *traits)
{
    struct p2i_candidates *of = reader->of;
    if (!p2i_traits_of_session(&of->all, traits, facts)) {
        return false;
    }
    p2i_traits_sort(traits);
    if (reader->file != P2I_COMBINATION_NONE) {
        mark_covered(of, traits, reader->file);
        return true;
    }
    size_t count = 0;
    for (size_t i = 0; i < traits->count; i++) {
        if (p2i_trait_counts(&of->all, &traits->list[i])) {
            traits->list[count++] = traits->list[i];
        }
    }
    traits->count = count;
    struct p2i_candidate candidate = {.session = facts->id,
                                      .capture = of->capture,
                                      .bytes =
                                          facts->bytes[0] + facts->bytes[1] +
                                          PACKET_BYTES * (facts->packets[0] + facts->packets[1]),
                                      .traits = *traits};
    bool done = add_candidate(of, &candidate);
    *traits = done ? (struct p2i_traits){0} : *traits;
    return done;
}

static bool on_session(void *context, const struct p2i_session_facts *facts)
{
    struct reader *reader = context;
    if (!facts->ended) {
        return true;
    }
    struct p2i_open_session *open = find_open(reader->of, facts->id);
    bool done = open != NULL;
    if (done) {
        struct p2i_traits traits = open->traits;
        close_open(reader->of, facts->id);
        done = end_session(reader, facts, &traits);
        p2i_traits_free(&traits);
    }
    reader->of->out_of_memory = !done;
    return done;
}

static void on_log(void *context, enum p2i_log_level level, const struct p2i_error *error)
{
    struct reader *reader = context;
    if (reader->reading->log != NULL && reader->file == P2I_COMBINATION_NONE) {
        reader->reading->log(reader->reading->context, level, error);
    }
}

static void forget_open(struct p2i_candidates *of)
{
    for (size_t i = 0; i < of->open_slots; i++) {
        p2i_traits_free(&of->open[i].traits);
    }
    free(of->open);
    of->open = NULL;
    of->open_count = of->open_slots = 0;
}

enum p2i_result p2i_candidates_read(struct p2i_candidates *of,
                                    const struct p2i_corpus_reading *reading, const char *path,
                                    uint32_t capture, uint32_t file, struct p2i_error *error)
{
    struct reader reader = {.of = of, .reading = reading, .file = file};
    struct p2i_engine_callbacks callbacks = {.struct_size = sizeof callbacks,
                                             .context = &reader,
                                             .record = on_record,
                                             .session = on_session,
                                             .log = on_log};
    struct p2i_engine *engine = NULL;
    struct p2i_error ended_error;
    of->capture = capture;
    enum p2i_result result = p2i_engine_new(&engine, reading->settings, &callbacks, error);
    if (result == P2I_OK) {
        result = p2i_engine_read(engine, &path, 1, error);
        if (result == P2I_OK || result == P2I_DAMAGED) {
            enum p2i_result ended = p2i_engine_finish(engine, &ended_error);
            if (ended != P2I_OK) {
                result = ended;
                *error = ended_error;
            }
        }
    }
    p2i_engine_free(engine);
    forget_open(of);
    return of->out_of_memory ? p2i_fail_memory(error) : result;
}

void p2i_candidates_free(struct p2i_candidates *of)
{
    forget_open(of);
    for (size_t i = 0; i < of->count; i++) {
        p2i_traits_free(&of->list[i].traits);
    }
    free(of->list);
    free(of->slots);
    p2i_combinations_free(&of->all);
    *of = (struct p2i_candidates){0};
}
