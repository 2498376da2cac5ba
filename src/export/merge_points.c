/* SPDX-License-Identifier: MIT */
#include "export/merge_points.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"
#include "ipfix/file_options.h"

enum { FIRST_CAPACITY = 16 };

struct p2i_merge_point {
    uint32_t template; /* its number */
    bool hashed;
    uint64_t hash;   /* of the key */
    size_t key_size; /* of the bytes: number and name, then the record */
    struct p2i_buffer bytes;
};

void p2i_merge_points_free(struct p2i_merge_points *all)
{
    for (size_t i = 0; i < all->count; i++) {
        p2i_buffer_free(&all->points[i].bytes);
    }
    free(all->points);
    free(all->slots);
    *all = (struct p2i_merge_points){0};
}

static struct p2i_view key_of(const struct p2i_merge_point *point)
{
    return p2i_view_of(point->bytes.data, point->key_size);
}

/* The slot of the point, or the empty one where it belongs. */
static uint32_t *find_slot(const struct p2i_merge_points *all, const struct p2i_merge_point *point)
{
    size_t mask = 2 * all->capacity - 1;
    size_t at = (size_t)point->hash & mask;
    while (all->slots[at] != 0 &&
           !p2i_view_equals(key_of(&all->points[all->slots[at] - 1]), key_of(point))) {
        at = (at + 1) & mask;
    }
    return &all->slots[at];
}

/* False: out of memory, nothing has changed. */
static bool make_room(struct p2i_merge_points *all)
{
    if (all->count < all->capacity) {
        return true;
    }
    size_t capacity = all->capacity > 0 ? 2 * all->capacity : FIRST_CAPACITY;
    uint32_t *slots = calloc(2 * capacity, sizeof *slots);
    struct p2i_merge_point *points = realloc(all->points, capacity * sizeof *points);
    all->points = points != NULL ? points : all->points;
    if (slots == NULL || points == NULL) {
        free(slots);
        return false;
    }
    free(all->slots);
    all->slots = slots;
    all->capacity = capacity;
    for (size_t i = 0; i < all->count; i++) {
        *find_slot(all, &points[i]) = (uint32_t)(i + 1);
    }
    return true;
}

static bool append(struct p2i_buffer *bytes, const struct p2i_value *value)
{
    return p2i_append(bytes, p2i_view_of(value->data, value->size));
}

enum p2i_result p2i_merge_points_keep(struct p2i_merge_points *all,
                                      struct p2i_merge_templates *templates,
                                      const struct p2i_read_record *record,
                                      const struct p2i_raw_record *raw, struct p2i_error *error)
{
    struct p2i_merge_point point = {.hashed = record->values[P2I_POINT_HASH].size > 0};
    enum p2i_result result = p2i_merge_templates_number(templates, raw, &point.template, error);
    if (result != P2I_OK) {
        return result;
    }
    bool kept = make_room(all) && append(&point.bytes, &record->values[P2I_POINT_NUMBER]) &&
                append(&point.bytes, &record->values[P2I_POINT_NAME]);
    point.key_size = point.bytes.size;
    if (!kept || !p2i_append(&point.bytes, raw->bytes)) {
        p2i_buffer_free(&point.bytes);
        return p2i_fail_memory(error);
    }
    all->seed = all->count > 0 ? all->seed : p2i_hash_secret();
    point.hash = p2i_mix_bytes(all->seed, key_of(&point));
    uint32_t *slot = find_slot(all, &point);
    struct p2i_merge_point *known = &all->points[*slot > 0 ? *slot - 1 : all->count];
    if (*slot == 0) {
        *slot = (uint32_t)++all->count;
        *known = point;
    } else if (point.hashed || !known->hashed) {
        p2i_buffer_free(&known->bytes);
        *known = point;
    } else {
        p2i_buffer_free(&point.bytes);
    }
    return P2I_OK;
}

enum p2i_result p2i_merge_points_put(const struct p2i_merge_points *all,
                                     struct p2i_merge_templates *templates,
                                     struct p2i_messages *messages, uint32_t time_s,
                                     struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < all->count && result == P2I_OK; i++) {
        const struct p2i_merge_point *point = &all->points[i];
        struct p2i_view bytes = p2i_view_of(point->bytes.data, point->bytes.size);
        result = p2i_merge_templates_put(templates, messages, point->template,
                                         p2i_view_from(bytes, point->key_size), time_s, error);
    }
    return result;
}
