/* SPDX-License-Identifier: MIT */
#include "ipfix/field_places.h"

#include <stdlib.h>

static bool has_elements(const struct p2i_field_places *places,
                         const struct p2i_read_record *record)
{
    bool same = places->at != NULL && places->template_id == record->template_id &&
                places->value_count == record->value_count;
    for (size_t i = 0; same && i < record->value_count; i++) {
        same = places->elements[i].id == record->values[i].id &&
               places->elements[i].pen == record->values[i].pen;
    }
    return same;
}

static int index_of(const struct p2i_read_record *record, const struct p2i_wanted_field *wanted)
{
    for (size_t i = 0; i < record->value_count; i++) {
        if (record->values[i].id == wanted->id && record->values[i].pen == wanted->pen) {
            return (int)i;
        }
    }
    return -1;
}

static void empty(struct p2i_field_places *places)
{
    free(places->at);
    free(places->elements);
    *places = (struct p2i_field_places){0};
}

/* False: out of memory. */
static bool fill(struct p2i_field_places *places, const struct p2i_field_finder *finder,
                 const struct p2i_read_record *record)
{
    empty(places);
    places->at = calloc(finder->wanted_count + 1, sizeof *places->at);
    places->elements = calloc(record->value_count + 1, sizeof *places->elements);
    if (places->at == NULL || places->elements == NULL) {
        empty(places);
        return false;
    }
    places->template_id = record->template_id;
    places->value_count = record->value_count;
    for (size_t i = 0; i < record->value_count; i++) {
        places->elements[i] = record->values[i];
    }
    for (size_t i = 0; i < finder->wanted_count; i++) {
        places->at[i] = index_of(record, &finder->wanted[i]);
    }
    places->parts.struct_size = sizeof places->parts;
    p2i_record_parts_find(record, &places->parts);
    places->kind = places->parts.kind != NULL ? places->parts.kind : "";
    return true;
}

const struct p2i_field_places *p2i_find_fields(struct p2i_field_finder *finder,
                                               const struct p2i_read_record *record)
{
    size_t slot = (record->template_id + 7 * record->value_count) % P2I_PLACES_SLOTS;
    struct p2i_field_places *places = &finder->slots[slot];
    bool found =
        has_elements(places, record) && (strcmp(places->kind, "options") == 0) == record->options;
    return found || fill(places, finder, record) ? places : NULL;
}

void p2i_field_finder_free(struct p2i_field_finder *finder)
{
    for (size_t i = 0; i < P2I_PLACES_SLOTS; i++) {
        empty(&finder->slots[i]);
    }
}
