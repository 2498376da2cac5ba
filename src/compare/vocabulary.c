/* SPDX-License-Identifier: MIT */
#include "compare/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"
#include "pcap2ipfix/fields.h"

enum {
    SLOTS_LEAST = 256,
    FIELDS_LEAST = 64,
    NAME_ROOM = 24, /* "pen/id" */
};

/* Elements that are ends of a record. `as`: the element that stands for it, since exporters use
 * different ones by IP version. */
static const struct {
    uint32_t pen;
    uint16_t id, as;
} ends[] = {
    {P2I_PEN, 1003, 1003},
    {P2I_PEN, 1103, 1003},
    {P2I_PEN, 1004, 1004},
    {P2I_PEN, 1104, 1004},
    {P2I_PEN, 1013, 1013},
    {P2I_PEN, 1014, 1014},
    {0, 8, 8},
    {0, 27, 8},
    {0, 12, 12},
    {0, 28, 12},
    {0, 7, 7},
    {0, 11, 11},
    {0, 180, 180},
    {0, 181, 181},
    {0, 182, 182},
    {0, 183, 183},
};
enum { END_COUNT = sizeof ends / sizeof *ends, SESSION_ID = 2000 };

/* ---- Index ---- */

static size_t hash_element(const struct p2i_vocabulary *words, uint32_t pen, uint16_t id)
{
    return (size_t)p2i_mix(words->seed, (uint64_t)pen << 16 | id);
}

static void insert(struct p2i_vocabulary *words, size_t hash, size_t field)
{
    size_t slot = hash & (words->slot_count - 1);
    while (words->slots[slot] != 0) {
        slot = (slot + 1) & (words->slot_count - 1);
    }
    words->slots[slot] = (int)field + 1;
}

static void index_field(struct p2i_vocabulary *words, size_t index)
{
    const struct p2i_named_field *field = &words->fields[index];
    struct p2i_view name = p2i_view_of(field->name, strlen(field->name));
    insert(words, (size_t)p2i_mix_bytes(words->seed, name), index);
    if (field->has_element) {
        insert(words, hash_element(words, field->pen, field->id), index);
    }
}

/* Adds a field, or its new name or element, to the index, which grows with the fields. */
static bool index_anew(struct p2i_vocabulary *words, size_t index)
{
    size_t count = words->slot_count > 0 ? words->slot_count : SLOTS_LEAST;
    while (count < 8 * words->field_count) {
        count *= 2;
    }
    if (count == words->slot_count) {
        index_field(words, index);
        return true;
    }
    int *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    words->seed = words->slots != NULL ? words->seed : p2i_hash_secret();
    free(words->slots);
    words->slots = slots;
    words->slot_count = count;
    for (size_t i = 0; i < words->field_count; i++) {
        index_field(words, i);
    }
    return true;
}

static int find_name(const struct p2i_vocabulary *words, struct p2i_view name)
{
    size_t slot = words->slot_count == 0 ? 0 : (size_t)p2i_mix_bytes(words->seed, name);
    for (; words->slot_count > 0; slot++) {
        int found = words->slots[slot & (words->slot_count - 1)] - 1;
        if (found < 0) {
            break;
        }
        const char *known = words->fields[found].name;
        if (p2i_view_equals(name, p2i_view_of(known, strlen(known)))) {
            return found;
        }
    }
    return P2I_VOCABULARY_NONE;
}

static int find_element(const struct p2i_vocabulary *words, uint32_t pen, uint16_t id)
{
    size_t slot = hash_element(words, pen, id);
    for (; words->slot_count > 0; slot++) {
        int found = words->slots[slot & (words->slot_count - 1)] - 1;
        if (found < 0) {
            break;
        }
        const struct p2i_named_field *field = &words->fields[found];
        if (field->has_element && field->pen == pen && field->id == id) {
            return found;
        }
    }
    return P2I_VOCABULARY_NONE;
}

/* ---- Fields ---- */

static char *copy_name(struct p2i_view name)
{
    char *copy = malloc(name.size + 1);
    if (copy != NULL) {
        if (name.size > 0) {
            memcpy(copy, name.data, name.size);
        }
        copy[name.size] = '\0';
    }
    return copy;
}

static int add_field(struct p2i_vocabulary *words, struct p2i_view name)
{
    if (words->field_count == P2I_VOCABULARY_FIELDS_MAX) {
        words->exceeded = "more than 65536 different fields";
        return P2I_VOCABULARY_NONE;
    }
    if (words->field_count == words->field_capacity) {
        size_t capacity = words->field_capacity > 0 ? 2 * words->field_capacity : FIELDS_LEAST;
        struct p2i_named_field *fields = realloc(words->fields, capacity * sizeof *fields);
        if (fields == NULL) {
            return P2I_VOCABULARY_NONE;
        }
        words->fields = fields;
        words->field_capacity = capacity;
    }
    char *copy = copy_name(name);
    if (copy == NULL) {
        return P2I_VOCABULARY_NONE;
    }
    words->fields[words->field_count++] = (struct p2i_named_field){.name = copy};
    return (int)words->field_count - 1;
}

static bool rename_field(struct p2i_named_field *field, const char *name)
{
    char *copy = copy_name(p2i_view_of(name, strlen(name)));
    if (copy == NULL) {
        return false;
    }
    free(field->name);
    field->name = copy;
    return true;
}

int p2i_vocabulary_field(struct p2i_vocabulary *words, struct p2i_view name)
{
    int found = find_name(words, name);
    if (found == P2I_VOCABULARY_NONE) {
        found = add_field(words, name);
        found = found >= 0 && index_anew(words, (size_t)found) ? found : P2I_VOCABULARY_NONE;
    }
    return found;
}

/* Gives a field the element, and what it is for. */
static void set_element(struct p2i_named_field *field, uint32_t pen, uint16_t id, int type)
{
    field->has_element = true;
    field->pen = pen;
    field->id = id;
    field->type = (uint8_t)type;
    for (size_t i = 0; i < END_COUNT; i++) {
        if (ends[i].pen == pen && ends[i].as == id) {
            field->role = P2I_ROLE_END;
        }
    }
    if (pen == P2I_PEN && id == SESSION_ID) {
        field->role = P2I_ROLE_SESSION;
    }
}

static uint16_t standing_for(uint32_t pen, uint16_t id)
{
    for (size_t i = 0; i < END_COUNT; i++) {
        if (ends[i].pen == pen && ends[i].id == id) {
            return ends[i].as;
        }
    }
    return id;
}

int p2i_vocabulary_element(struct p2i_vocabulary *words, uint32_t pen, uint16_t id, int type,
                           const char *name)
{
    char number[NAME_ROOM];
    uint16_t as = standing_for(pen, id);
    int found = find_element(words, pen, as);
    (void)snprintf(number, sizeof number, "%u/%u", pen, as);
    if (found >= 0) {
        struct p2i_named_field *field = &words->fields[found];
        bool unnamed = name != NULL && as == id && strcmp(field->name, number) == 0;
        return !unnamed || (rename_field(field, name) && index_anew(words, (size_t)found))
                   ? found
                   : P2I_VOCABULARY_NONE;
    }
    name = name != NULL ? name : number;
    found = find_name(words, p2i_view_of(name, strlen(name)));
    if (found < 0 || words->fields[found].has_element) {
        found = add_field(words, p2i_view_of(name, strlen(name)));
    }
    if (found < 0) {
        return P2I_VOCABULARY_NONE;
    }
    set_element(&words->fields[found], pen, as, type);
    return index_anew(words, (size_t)found) ? found : P2I_VOCABULARY_NONE;
}

/* ---- Kinds ---- */

int p2i_vocabulary_kind(struct p2i_vocabulary *words, struct p2i_view name)
{
    for (size_t i = 0; i < words->kind_count; i++) {
        const char *known = words->kinds[i].name;
        if (p2i_view_equals(name, p2i_view_of(known, strlen(known)))) {
            return (int)i;
        }
    }
    if (words->kind_count == P2I_VOCABULARY_KINDS_MAX) {
        words->exceeded = "more than 1024 different kinds of records";
        return P2I_VOCABULARY_NONE;
    }
    struct p2i_named_kind *kinds = realloc(words->kinds, (words->kind_count + 1) * sizeof *kinds);
    if (kinds == NULL) {
        return P2I_VOCABULARY_NONE;
    }
    words->kinds = kinds;
    char *copy = copy_name(name);
    if (copy == NULL) {
        return P2I_VOCABULARY_NONE;
    }
    kinds[words->kind_count++] = (struct p2i_named_kind){.name = copy};
    return (int)words->kind_count - 1;
}

/* Gives the kind counters for all fields. */
static bool grow_kind(struct p2i_vocabulary *words, struct p2i_named_kind *kind)
{
    size_t added = words->field_count - kind->field_count;
    if (words->cell_count + added > P2I_VOCABULARY_CELLS_MAX) {
        words->exceeded = "too many fields in too many kinds of records";
        return false;
    }
    struct p2i_kind_field *fields = realloc(kind->fields, words->field_count * sizeof *fields);
    if (fields == NULL) {
        return false;
    }
    memset(fields + kind->field_count, 0, added * sizeof *fields);
    kind->fields = fields;
    kind->field_count = words->field_count;
    words->cell_count += added;
    return true;
}

bool p2i_vocabulary_see(struct p2i_vocabulary *words, int kind, int field, int side)
{
    struct p2i_named_kind *of = &words->kinds[kind];
    if ((size_t)field >= of->field_count && !grow_kind(words, of)) {
        return false;
    }
    of->fields[field].seen[side]++;
    return true;
}

bool p2i_vocabulary_misses(const struct p2i_vocabulary *words, int kind, int field, int side)
{
    const struct p2i_named_kind *of = &words->kinds[kind];
    if ((size_t)field >= of->field_count || of->records[side] == 0) {
        return false;
    }
    const uint64_t *seen = of->fields[field].seen;
    bool sometimes = seen[1 - side] < of->records[1 - side];
    return seen[side] == 0 && seen[1 - side] > 0 && !(sometimes && of->any_field[side]);
}

bool p2i_vocabulary_compares(const struct p2i_vocabulary *words, int kind, int field)
{
    const struct p2i_named_field *of = &words->fields[field];
    return !of->ignored && of->role != P2I_ROLE_SESSION &&
           !p2i_vocabulary_misses(words, kind, field, 0) &&
           !p2i_vocabulary_misses(words, kind, field, 1);
}

void p2i_vocabulary_free(struct p2i_vocabulary *words)
{
    for (size_t i = 0; i < words->field_count; i++) {
        free(words->fields[i].name);
    }
    for (size_t i = 0; i < words->kind_count; i++) {
        for (size_t j = 0; j < words->kinds[i].field_count; j++) {
            p2i_buffer_free(&words->kinds[i].fields[j].example[0]);
            p2i_buffer_free(&words->kinds[i].fields[j].example[1]);
        }
        free(words->kinds[i].fields);
        free(words->kinds[i].name);
    }
    free(words->fields);
    free(words->kinds);
    free(words->slots);
    *words = (struct p2i_vocabulary){0};
}
