/* SPDX-License-Identifier: MIT */
#include "ipfix/capture_names.h"

#include <stdlib.h>

#include "ipfix/file_options.h"

enum {
    NUMBER_MAX = 1 << 20,
    BYTES_MAX = 64 * 1024 * 1024,
};

static bool reserve(struct p2i_capture_names *names, size_t number)
{
    if (number < names->count) {
        return true;
    }
    size_t count = 2 * names->count > number ? 2 * names->count : number + 1;
    char **grown = realloc(names->names, count * sizeof *grown);
    if (grown == NULL) {
        names->out_of_memory = true;
        return false;
    }
    for (size_t i = names->count; i < count; i++) {
        grown[i] = NULL;
    }
    names->names = grown;
    names->count = count;
    return true;
}

void p2i_capture_names_learn(struct p2i_capture_names *names, const struct p2i_read_record *record)
{
    if (!p2i_is_observation_point(record)) {
        return;
    }
    const struct p2i_value *value = &record->values[P2I_POINT_NUMBER];
    const struct p2i_value *name = &record->values[P2I_POINT_NAME];
    uint64_t number = p2i_value_number(p2i_view_of(value->data, value->size));
    if (number > NUMBER_MAX || names->bytes + name->size > BYTES_MAX ||
        !reserve(names, (size_t)number)) {
        return;
    }
    char *copy = strndup((const char *)name->data, name->size);
    names->out_of_memory = names->out_of_memory || copy == NULL;
    if (copy != NULL) {
        free(names->names[number]);
        names->names[number] = copy;
        names->bytes += name->size;
    }
}

const char *p2i_capture_names_find(const struct p2i_capture_names *names, uint64_t number)
{
    return number < names->count ? names->names[number] : NULL;
}

void p2i_capture_names_free(struct p2i_capture_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->names[i]);
    }
    free(names->names);
    *names = (struct p2i_capture_names){0};
}
