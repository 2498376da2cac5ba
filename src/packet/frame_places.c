/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "packet/internal.h"

bool p2i_frame_places_add(struct p2i_frame_places *places, const uint64_t *added, size_t count)
{
    if (count > places->capacity - places->count) {
        size_t capacity = 2 * places->capacity;
        capacity = capacity > places->count + count ? capacity : places->count + count;
        capacity = capacity > 4 ? capacity : 4;
        uint64_t *list = realloc(places->list, capacity * sizeof *list);
        if (list == NULL) {
            return false;
        }
        places->list = list;
        places->capacity = capacity;
    }
    if (count > 0) {
        memcpy(places->list + places->count, added, count * sizeof *added);
        places->count += count;
    }
    return true;
}

void p2i_frame_places_free(struct p2i_frame_places *places)
{
    free(places->list);
    *places = (struct p2i_frame_places){0};
}
