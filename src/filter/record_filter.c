/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/record_filter.h"

#include <stdlib.h>

#include "filter/binding.h"
#include "pcap2ipfix/engine.h"
#include "record/decode.h"

enum { ID_OBSERVATION_POINT = 138, ID_PACKETS_OBSERVED = 318 };

void *p2i_filter_append(struct p2i_filter_array *array, size_t size)
{
    if (array->count == array->capacity) {
        size_t capacity = array->capacity > 0 ? 2 * array->capacity : 8;
        void *items = realloc(array->items, capacity * size);
        if (items == NULL) {
            return NULL;
        }
        array->items = items;
        array->capacity = capacity;
    }
    uint8_t *item = (uint8_t *)array->items + array->count++ * size;
    memset(item, 0, size);
    return item;
}

struct p2i_record_filter *p2i_record_filter_new(void)
{
    return calloc(1, sizeof(struct p2i_record_filter));
}

static void free_names(struct p2i_record_filter *filter, size_t from)
{
    struct p2i_filter_condition *conditions = filter->conditions.items;
    for (size_t i = from; i < filter->conditions.count; i++) {
        free(conditions[i].name);
    }
    filter->conditions.count = from;
}

void p2i_record_filter_free(struct p2i_record_filter *filter)
{
    if (filter == NULL) {
        return;
    }
    struct p2i_filter_text *texts = filter->texts.items;
    for (size_t i = 0; i < filter->texts.count; i++) {
        free(texts[i].copy);
    }
    free_names(filter, 0);
    p2i_filter_bindings_free(filter);
    p2i_buffer_free(&filter->scratch);
    free(filter->texts.items);
    free(filter->nodes.items);
    free(filter->conditions.items);
    free(filter->operands.items);
    free(filter);
}

static enum p2i_result add_copy(struct p2i_record_filter *filter, char *copy, size_t size,
                                struct p2i_error *error)
{
    size_t nodes = filter->nodes.count;
    size_t conditions = filter->conditions.count;
    size_t operands = filter->operands.count;
    uint32_t root = NODE_NONE;
    enum p2i_result result = p2i_filter_compile(filter, (uint8_t *)copy, size, &root, error);
    struct p2i_filter_text *text =
        result == P2I_OK ? p2i_filter_append(&filter->texts, sizeof *text) : NULL;
    if (text == NULL) {
        filter->nodes.count = nodes;
        filter->operands.count = operands;
        free_names(filter, conditions);
        return result != P2I_OK ? result : p2i_fail_memory(error);
    }
    *text = (struct p2i_filter_text){copy, root};
    p2i_filter_bindings_free(filter);
    return P2I_OK;
}

enum p2i_result p2i_record_filter_add(struct p2i_record_filter *filter, const char *text,
                                      size_t size, struct p2i_error *error)
{
    if (size > P2I_FILTER_TEXT_MAX) {
        (void)p2i_fail(error, P2I_USAGE, "longer than %d bytes", P2I_FILTER_TEXT_MAX);
        error->offset = P2I_FILTER_TEXT_MAX;
        return P2I_USAGE;
    }
    char *copy = malloc(size + 1);
    if (copy == NULL) {
        return p2i_fail_memory(error);
    }
    if (size > 0) {
        memcpy(copy, text, size);
    }
    enum p2i_result result = add_copy(filter, copy, size, error);
    if (result != P2I_OK) {
        free(copy);
    }
    return result;
}

enum p2i_result p2i_record_filter_match_read(struct p2i_record_filter *filter,
                                             const struct p2i_reader *reader,
                                             const struct p2i_read_record *record, bool *matches)
{
    return p2i_filter_evaluate(filter, reader, record, matches);
}

static void put_number(uint8_t bytes[8], uint64_t number)
{
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
}

/* Adds a number that records have under the setting `extended` alone, unless it is there. */
static void add_number(struct p2i_read_record *record, struct p2i_value *values, uint16_t id,
                       const uint8_t bytes[8])
{
    if (p2i_filter_index(record, 0, id) < 0) {
        values[record->value_count++] = (struct p2i_value){.id = id, .size = 8, .data = bytes};
    }
}

enum p2i_result p2i_record_filter_match(struct p2i_record_filter *filter,
                                        const struct p2i_record *record, bool *matches)
{
    const struct p2i_template *of = p2i_record_template(record);
    struct p2i_view views[P2I_FIELDS_MAX];
    struct p2i_value values[P2I_FIELDS_MAX + 2];
    uint8_t capture_bytes[8];
    uint8_t packet_bytes[8];
    uint32_t capture;
    size_t size;
    const void *bytes = p2i_record_bytes(record, &size);
    struct p2i_read_record read = {.domain = of->domain,
                                   .export_time_s = p2i_record_time_s(record),
                                   .template_id = of->id,
                                   .value_count = of->field_count,
                                   .values = values};
    put_number(packet_bytes, p2i_record_packet(record, &capture));
    put_number(capture_bytes, UINT64_C(1) + capture);
    if (p2i_decode_record(of, p2i_view_of(bytes, size), views) == 0) {
        read.value_count = 0; /* cannot be: the engine encodes whole records */
    }
    for (size_t i = 0; i < read.value_count; i++) {
        values[i] = (struct p2i_value){.pen = of->fields[i].element->pen,
                                       .id = of->fields[i].element->id,
                                       .size = (uint16_t)views[i].size,
                                       .data = views[i].data};
    }
    add_number(&read, values, ID_OBSERVATION_POINT, capture_bytes);
    add_number(&read, values, ID_PACKETS_OBSERVED, packet_bytes);
    return p2i_filter_evaluate(filter, NULL, &read, matches);
}

bool p2i_record_filter_field(const struct p2i_record_filter *filter, size_t index,
                             struct p2i_filter_field *field)
{
    const struct p2i_filter_condition *conditions = filter->conditions.items;
    if (index >= filter->conditions.count) {
        return false;
    }
    *field = (struct p2i_filter_field){.name = conditions[index].name,
                                       .text = conditions[index].text,
                                       .offset = conditions[index].offset,
                                       .known = conditions[index].field.subject != FILTER_NAME,
                                       .met = conditions[index].met};
    return true;
}
