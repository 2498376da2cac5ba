/* SPDX-License-Identifier: MIT */
#include "filter/binding.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/hash_secret.h"

enum {
    SLOT_COUNT = 1024, /* templates of the same slot replace each other */
    ID_RRTYPE = 3203,
};

struct p2i_filter_bindings {
    struct p2i_filter_binding *slots[SLOT_COUNT];
    uint64_t seed;       /* of the places; a secret */
    uint64_t generation; /* bindings of earlier ones are not valid any more */
};

int p2i_filter_index(const struct p2i_read_record *record, uint32_t pen, uint16_t id)
{
    for (size_t i = 0; i < record->value_count; i++) {
        if (record->values[i].pen == pen && record->values[i].id == id) {
            return (int)i;
        }
    }
    return -1;
}

/* "gadgets" is an element of that name, "gadgets_2" its second value. */
static bool has_name(const char *element, const char *wanted, uint16_t *occurrence)
{
    size_t size = strlen(element);
    struct p2i_view text = p2i_view_of(wanted, strlen(wanted));
    struct p2i_view rest = p2i_view_from(text, size);
    uint64_t number = 0;
    if (!p2i_view_starts_nocase(text, p2i_view_of(element, size))) {
        return false;
    }
    if (rest.size > 0 &&
        (rest.data[0] != '_' || !p2i_parse_decimal(p2i_view_from(rest, 1), UINT16_MAX, &number))) {
        return false;
    }
    *occurrence = (uint16_t)number;
    return true;
}

/* The index of the first value of an element that only the file names. */
static int find_named(const struct p2i_reader *reader, const struct p2i_read_record *record,
                      const char *wanted, uint16_t *occurrence)
{
    for (size_t i = 0; i < record->value_count; i++) {
        int type = 0;
        const char *name =
            p2i_reader_element(reader, record->values[i].pen, record->values[i].id, &type);
        if (name != NULL && has_name(name, wanted, occurrence)) {
            return (int)i;
        }
    }
    return -1;
}

/* Binds to all values of the element of value `first`, or to one of them. */
static void bind_values(struct p2i_bound_field *bound, const struct p2i_read_record *record,
                        int first, uint16_t occurrence)
{
    unsigned count = 0;
    for (size_t i = (size_t)first; i < record->value_count; i++) {
        if (p2i_filter_same_element(&record->values[i], &record->values[first])) {
            count++;
            if (occurrence == 0) {
                bound->at[1] = (int)i;
            } else if (count == occurrence) {
                bound->at[0] = (int)i;
            }
        }
    }
    if (occurrence == 0) {
        bound->at[0] = first;
        bound->range = bound->at[1] > first;
        bound->at[1] = bound->range ? bound->at[1] : -1;
    }
}

static void bind_element(struct p2i_bound_field *bound,
                         const struct p2i_filter_condition *condition,
                         const struct p2i_reader *reader, const struct p2i_read_record *record)
{
    const struct p2i_filter_reference *field = &condition->field;
    uint16_t occurrence = field->occurrence;
    int first = field->subject == FILTER_NAME
                    ? find_named(reader, record, condition->name, &occurrence)
                    : p2i_filter_index(record, field->pen, field->id);
    if (first >= 0) {
        bind_values(bound, record, first, occurrence);
    }
}

static void bind_part(struct p2i_bound_field *bound, enum p2i_filter_subject subject,
                      const struct p2i_record_parts *parts)
{
    const int bound_to[][2] = {
        [FILTER_TIME] = {parts->time, -1},
        [FILTER_SOURCE] = {parts->source, -1},
        [FILTER_DESTINATION] = {parts->destination, -1},
        [FILTER_EITHER] = {parts->source, parts->destination},
        [FILTER_CLIENT] = {parts->source, parts->destination},
        [FILTER_SERVER] = {parts->source, parts->destination},
        [FILTER_SOURCE_PORT] = {parts->source_port, -1},
        [FILTER_DESTINATION_PORT] = {parts->destination_port, -1},
        [FILTER_EITHER_PORT] = {parts->source_port, parts->destination_port},
        [FILTER_HOST] = {parts->host, -1},
        [FILTER_RECORD] = {-1, -1}, /* is no value */
        [FILTER_CAPTURE] = {parts->capture, -1},
        [FILTER_PACKET] = {parts->packet, -1},
        [FILTER_SESSION] = {parts->session, -1},
    };
    bound->at[0] = bound_to[subject][0];
    bound->at[1] = bound_to[subject][1];
}

static void bind(struct p2i_bound_field *bound, struct p2i_filter_condition *condition,
                 const struct p2i_filter_binding *binding, const struct p2i_reader *reader,
                 const struct p2i_read_record *record)
{
    enum p2i_filter_subject subject = condition->field.subject;
    *bound = (struct p2i_bound_field){.at = {-1, -1}, .class = condition->field.class};
    if (subject == FILTER_ELEMENT || subject == FILTER_NAME) {
        bind_element(bound, condition, reader, record);
    } else {
        bind_part(bound, subject, &binding->parts);
    }
    int any = bound->at[0] >= 0 ? bound->at[0] : bound->at[1];
    if (any >= 0) {
        const struct p2i_value *value = &record->values[any];
        (void)p2i_reader_element(reader, value->pen, value->id, &bound->type);
        if (bound->class == CLASS_OPEN) {
            bound->class = p2i_filter_class_of(value->pen, value->id, bound->type);
        }
    }
    condition->met =
        condition->met || any >= 0 || subject == FILTER_TIME || subject == FILTER_RECORD;
}

static void free_binding(struct p2i_filter_binding *binding)
{
    if (binding != NULL) {
        free(binding->elements);
        free(binding->fields);
        free(binding);
    }
}

static struct p2i_filter_binding *new_binding(struct p2i_record_filter *filter,
                                              const struct p2i_reader *reader,
                                              const struct p2i_read_record *record)
{
    struct p2i_filter_binding *binding = calloc(1, sizeof *binding);
    if (binding == NULL) {
        return NULL;
    }
    binding->domain = record->domain;
    binding->template_id = record->template_id;
    binding->options = record->options;
    binding->value_count = record->value_count;
    binding->elements = calloc(record->value_count + 1, sizeof *binding->elements);
    binding->fields = calloc(filter->conditions.count + 1, sizeof *binding->fields);
    if (binding->elements == NULL || binding->fields == NULL) {
        free_binding(binding);
        return NULL;
    }
    for (size_t i = 0; i < record->value_count; i++) {
        binding->elements[i] = record->values[i];
    }
    binding->parts.struct_size = sizeof binding->parts;
    p2i_record_parts_find(record, &binding->parts);
    binding->rr_type = p2i_filter_index(record, P2I_PEN, ID_RRTYPE);
    struct p2i_filter_condition *conditions = filter->conditions.items;
    for (size_t i = 0; i < filter->conditions.count; i++) {
        bind(&binding->fields[i], &conditions[i], binding, reader, record);
    }
    return binding;
}

static bool is_binding_of(const struct p2i_filter_binding *binding,
                          const struct p2i_read_record *record)
{
    if (binding->domain != record->domain || binding->template_id != record->template_id ||
        binding->options != record->options || binding->value_count != record->value_count) {
        return false;
    }
    uint32_t differs = 0; /* without a branch for each value */
    for (size_t i = 0; i < record->value_count; i++) {
        differs |= (binding->elements[i].pen ^ record->values[i].pen) |
                   (uint32_t)(binding->elements[i].id ^ record->values[i].id);
    }
    return differs == 0;
}

static size_t place_of(const struct p2i_filter_bindings *bindings,
                       const struct p2i_read_record *record)
{
    return (size_t)(p2i_mix(p2i_mix(bindings->seed, record->domain), record->template_id) %
                    SLOT_COUNT);
}

static void free_bindings(struct p2i_filter_bindings *bindings)
{
    for (size_t i = 0; bindings != NULL && i < SLOT_COUNT; i++) {
        free_binding(bindings->slots[i]);
    }
}

void p2i_filter_bindings_free(struct p2i_record_filter *filter)
{
    free_bindings(filter->bindings);
    free(filter->bindings);
    filter->bindings = NULL;
}

const struct p2i_filter_binding *p2i_filter_binding_of(struct p2i_record_filter *filter,
                                                       const struct p2i_reader *reader,
                                                       const struct p2i_read_record *record)
{
    if (filter->bindings == NULL) {
        filter->bindings = calloc(1, sizeof *filter->bindings);
        if (filter->bindings == NULL) {
            return NULL;
        }
        filter->bindings->seed = p2i_hash_secret();
    }
    if (record->options) { /* it may just have named an element */
        filter->bindings->generation++;
    }
    struct p2i_filter_binding **slot = &filter->bindings->slots[place_of(filter->bindings, record)];
    uint64_t generation = filter->bindings->generation;
    if (*slot == NULL || (*slot)->generation != generation || !is_binding_of(*slot, record)) {
        free_binding(*slot);
        *slot = new_binding(filter, reader, record);
        if (*slot != NULL) {
            (*slot)->generation = generation;
        }
    }
    return *slot;
}
