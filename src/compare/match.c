/* SPDX-License-Identifier: MIT */
#include "compare/match.h"

#include <stdlib.h>

#include "base/hash.h"
#include "pcap2ipfix/fields.h"

enum {
    PAIRS_MOST = P2I_GROUP_MOST * P2I_GROUP_MOST,
    ALIKE_WHOLE = 1000, /* all fields are equal */
    ALIKE_LEAST = 500,  /* fewer are another record */
    MS_PER_S = 1000,
};

/* Two records that may be a pair. */
struct candidate {
    unsigned alike; /* in thousandths */
    uint64_t apart_ms;
    uint64_t number[2]; /* of the records */
    uint8_t index[2];
};

bool p2i_field_pairs_next(struct p2i_field_pairs *pairs)
{
    const struct p2i_text_field *next[2];
    for (int side = 0; side < 2; side++) {
        const struct p2i_text_record *of = pairs->of[side];
        next[side] = pairs->at[side] < of->field_count ? &of->fields[pairs->at[side]] : NULL;
    }
    if (next[0] == NULL && next[1] == NULL) {
        return false;
    }
    bool second = next[0] == NULL || (next[1] != NULL && next[1]->field < next[0]->field);
    pairs->field = next[second]->field;
    for (int side = 0; side < 2; side++) {
        bool here = next[side] != NULL && next[side]->field == pairs->field;
        pairs->pair[side] = here ? next[side] : NULL;
        pairs->at[side] += here;
    }
    return true;
}

bool p2i_fields_equal(const struct p2i_vocabulary *words, uint64_t tolerance_s,
                      const struct p2i_text_field *a, const struct p2i_text_field *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (p2i_view_equals(a->text, b->text)) {
        return true;
    }
    int type = words->fields[a->field].type;
    if (tolerance_s == 0 || (type != P2I_TYPE_SECONDS && type != P2I_TYPE_MILLISECONDS)) {
        return false;
    }
    uint64_t left = p2i_text_number(a->text);
    uint64_t right = p2i_text_number(b->text);
    uint64_t apart = left < right ? right - left : left - right;
    return (type == P2I_TYPE_SECONDS ? apart : apart / MS_PER_S) <= tolerance_s;
}

bool p2i_records_equal(const struct p2i_vocabulary *words, const struct p2i_text_record *a,
                       const struct p2i_text_record *b)
{
    struct p2i_field_pairs pairs = {.of = {a, b}};
    if (a->kind != b->kind) {
        return false;
    }
    while (p2i_field_pairs_next(&pairs)) {
        if (p2i_vocabulary_compares(words, a->kind, pairs.field) &&
            !p2i_fields_equal(words, 0, pairs.pair[0], pairs.pair[1])) {
            return false;
        }
    }
    return true;
}

static bool is_time(const struct p2i_vocabulary *words, const struct p2i_text_field *field)
{
    int type = words->fields[field->field].type;
    return type == P2I_TYPE_SECONDS || type == P2I_TYPE_MILLISECONDS;
}

void p2i_hash_content(const struct p2i_vocabulary *words, const struct p2i_text_record *record,
                      bool times, uint64_t hash[2])
{
    hash[0] = p2i_mix(0, (uint64_t)record->kind);
    hash[1] = p2i_mix(1, (uint64_t)record->kind);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct p2i_text_field *field = &record->fields[i];
        if (p2i_vocabulary_compares(words, record->kind, field->field) &&
            (times || !is_time(words, field))) {
            uint64_t text = p2i_hash_bytes(field->text);
            hash[0] = p2i_mix(p2i_mix(hash[0], (uint64_t)field->field), text);
            hash[1] = p2i_mix(p2i_mix(hash[1], text), (uint64_t)field->field);
        }
    }
}

uint64_t p2i_hash_ends(const struct p2i_vocabulary *words, const struct p2i_text_record *record)
{
    uint64_t hash = p2i_mix(0, (uint64_t)record->kind);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct p2i_text_field *field = &record->fields[i];
        if (words->fields[field->field].role == P2I_ROLE_END &&
            p2i_vocabulary_compares(words, record->kind, field->field)) {
            hash = p2i_mix(p2i_mix(hash, (uint64_t)field->field), p2i_hash_bytes(field->text));
        }
    }
    return hash;
}

uint64_t p2i_text_time_ms(const struct p2i_vocabulary *words, const struct p2i_text_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        uint64_t number = p2i_text_number(record->fields[i].text);
        switch (words->fields[record->fields[i].field].type) {
        case P2I_TYPE_SECONDS:
            return number * MS_PER_S;
        case P2I_TYPE_MILLISECONDS:
            return number;
        default:
            break;
        }
    }
    return 0;
}

/* ---- Groups ---- */

bool p2i_group_add(struct p2i_group *group, int side, uint64_t time_ms, struct p2i_view bytes)
{
    struct p2i_single *single = &group->singles[side][group->count[side]];
    size_t count = p2i_text_count(bytes);
    if (count > single->capacity) {
        struct p2i_text_field *fields = realloc(single->fields, count * sizeof *fields);
        if (fields == NULL) {
            return false;
        }
        single->fields = fields;
        single->capacity = count;
    }
    single->bytes.size = 0;
    if (!p2i_append(&single->bytes, bytes)) {
        return false;
    }
    p2i_text_decode(p2i_view_of(single->bytes.data, bytes.size), &single->text, single->fields);
    single->time_ms = time_ms;
    single->paired = false;
    group->count[side]++;
    return true;
}

static bool is_empty(const struct p2i_text_field *field)
{
    return field == NULL || field->text.size == 0 || p2i_view_equals(field->text, P2I_VIEW("0"));
}

/* The share of equal fields among those that say anything, in thousandths. Ends are equal. */
static unsigned alike(const struct p2i_group *group, const struct p2i_text_record *a,
                      const struct p2i_text_record *b)
{
    struct p2i_field_pairs pairs = {.of = {a, b}};
    unsigned all = 0;
    unsigned equal = 0;
    if (a->kind != b->kind) {
        return 0; /* the hashes of their ends are equal by chance */
    }
    while (p2i_field_pairs_next(&pairs)) {
        bool end = group->words->fields[pairs.field].role == P2I_ROLE_END;
        if (!p2i_vocabulary_compares(group->words, a->kind, pairs.field)) {
            continue;
        }
        bool same =
            p2i_fields_equal(group->words, group->tolerance_s, pairs.pair[0], pairs.pair[1]);
        if (end && !same) {
            return 0;
        }
        if (!end && !(is_empty(pairs.pair[0]) && is_empty(pairs.pair[1]))) {
            all++;
            equal += same;
        }
    }
    return all > 0 ? equal * ALIKE_WHOLE / all : ALIKE_WHOLE;
}

/* The best first. */
static int compare(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    if (a->alike != b->alike) {
        return a->alike > b->alike ? -1 : 1;
    }
    if (a->alike == ALIKE_WHOLE) {
        /* Within the tolerance the nearest would leave partners to others that are too far apart;
         * the earliest of both sides, which stand first, do not. */
        int order = a->index[0] - b->index[0];
        return order != 0 ? order : a->index[1] - b->index[1];
    }
    if (a->apart_ms != b->apart_ms) {
        return a->apart_ms < b->apart_ms ? -1 : 1;
    }
    if (a->number[0] != b->number[0]) {
        return a->number[0] < b->number[0] ? -1 : 1;
    }
    return a->number[1] < b->number[1] ? -1 : a->number[1] > b->number[1];
}

static size_t find_candidates(const struct p2i_group *group, struct candidate *candidates)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count[0]; i++) {
        for (size_t j = 0; j < group->count[1]; j++) {
            const struct p2i_single *a = &group->singles[0][i];
            const struct p2i_single *b = &group->singles[1][j];
            unsigned degree = alike(group, &a->text, &b->text);
            if (degree >= ALIKE_LEAST) {
                candidates[count++] = (struct candidate){.alike = degree,
                                                         .apart_ms = a->time_ms < b->time_ms
                                                                         ? b->time_ms - a->time_ms
                                                                         : a->time_ms - b->time_ms,
                                                         .number = {a->text.number, b->text.number},
                                                         .index = {(uint8_t)i, (uint8_t)j}};
            }
        }
    }
    if (count > 1) {
        qsort(candidates, count, sizeof *candidates, compare);
    }
    return count;
}

/* Gives the records without a partner, and keeps `keep` at most of them, the newest, in front. */
static enum p2i_result give_rest(struct p2i_group *group, int side, size_t keep,
                                 p2i_group_take *take, void *context, struct p2i_error *error)
{
    struct p2i_single *singles = group->singles[side];
    size_t count = group->count[side];
    size_t kept = 0;
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < count && result == P2I_OK; i++) {
        struct p2i_single *single = &singles[i];
        if (single->paired) {
            continue;
        }
        if (i + keep < count) {
            result = take(context, side == 0 ? single : NULL, side == 0 ? NULL : single, error);
            continue;
        }
        struct p2i_single moved = singles[kept];
        singles[kept] = *single;
        *single = moved;
        kept++;
    }
    group->count[side] = kept;
    return result;
}

enum p2i_result p2i_group_match(struct p2i_group *group, bool complete, p2i_group_take *take,
                                void *context, struct p2i_error *error)
{
    struct candidate candidates[PAIRS_MOST];
    size_t count = find_candidates(group, candidates);
    size_t keep = complete ? 0 : P2I_GROUP_MOST / 2;
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < count && result == P2I_OK; i++) {
        struct p2i_single *a = &group->singles[0][candidates[i].index[0]];
        struct p2i_single *b = &group->singles[1][candidates[i].index[1]];
        if (!a->paired && !b->paired) {
            a->paired = b->paired = true;
            result = take(context, a, b, error);
        }
    }
    for (int side = 0; side < 2 && result == P2I_OK; side++) {
        result = give_rest(group, side, keep, take, context, error);
    }
    return result;
}

void p2i_group_free(struct p2i_group *group)
{
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < P2I_GROUP_MOST; i++) {
            p2i_buffer_free(&group->singles[side][i].bytes);
            free(group->singles[side][i].fields);
        }
    }
}
