/* SPDX-License-Identifier: MIT */
#include "compare/text_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/json.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/record_filter.h"
#include "pcap2ipfix/record_parts.h"

enum {
    LAYOUTS = 256, /* templates of the same slot replace each other */
    NAME_ROOM = 256,
};

/* The fields of the records of a template, or of lines of JSON with the same members. */
struct p2i_text_layout {
    uint32_t domain;
    uint16_t template_id;
    int kind;
    size_t value_count; /* 0: the slot is empty */
    struct layout_field {
        uint32_t pen;
        uint16_t id;
        uint8_t type, semantics;
        int field;
    } * fields;
};

/* ---- Encoded records ---- */

struct encoded_head {
    uint64_t number;
    int kind;
    uint32_t field_count;
};

struct encoded_field {
    int field;
    uint32_t size; /* of the text that follows */
    uint32_t number;
};

static bool put(struct p2i_buffer *out, const void *data, size_t size)
{
    return p2i_append(out, p2i_view_of(data, size));
}

bool p2i_text_encode(const struct p2i_text_record *record, struct p2i_buffer *out)
{
    struct encoded_head head = {.number = record->number,
                                .kind = record->kind,
                                .field_count = (uint32_t)record->field_count};
    size_t before = out->size;
    bool done = put(out, &head, sizeof head);
    for (size_t i = 0; done && i < record->field_count; i++) {
        const struct p2i_text_field *field = &record->fields[i];
        struct encoded_field encoded = {
            .field = field->field, .size = (uint32_t)field->text.size, .number = field->number};
        done = put(out, &encoded, sizeof encoded) && p2i_append(out, field->text);
    }
    out->size = done ? out->size : before;
    return done;
}

size_t p2i_text_count(struct p2i_view bytes)
{
    struct encoded_head head;
    memcpy(&head, bytes.data, sizeof head);
    return head.field_count;
}

void p2i_text_decode(struct p2i_view bytes, struct p2i_text_record *record,
                     struct p2i_text_field *room)
{
    struct encoded_head head;
    memcpy(&head, bytes.data, sizeof head);
    *record = (struct p2i_text_record){
        .kind = head.kind, .number = head.number, .field_count = head.field_count, .fields = room};
    size_t at = sizeof head;
    for (size_t i = 0; i < record->field_count; i++) {
        struct encoded_field encoded;
        memcpy(&encoded, bytes.data + at, sizeof encoded);
        at += sizeof encoded;
        room[i] = (struct p2i_text_field){.field = encoded.field,
                                          .number = encoded.number != 0,
                                          .text = p2i_view_of(bytes.data + at, encoded.size)};
        at += encoded.size;
    }
}

uint64_t p2i_text_number(struct p2i_view text)
{
    uint64_t number;
    return p2i_parse_decimal(text, UINT64_MAX, &number) ? number : 0;
}

/* ---- Layouts ---- */

static void empty_layout(struct p2i_text_layout *layout)
{
    free(layout->fields);
    *layout = (struct p2i_text_layout){0};
}

static void forget_layouts(struct p2i_text_reader *reader)
{
    for (size_t i = 0; reader->layouts != NULL && i < LAYOUTS; i++) {
        empty_layout(&reader->layouts[i]);
    }
}

static bool is_layout_of(const struct p2i_text_layout *layout, const struct p2i_read_record *record)
{
    bool same = layout->domain == record->domain && layout->template_id == record->template_id &&
                layout->value_count == record->value_count;
    for (size_t i = 0; same && i < layout->value_count; i++) {
        same = layout->fields[i].id == record->values[i].id &&
               layout->fields[i].pen == record->values[i].pen;
    }
    return same;
}

/* The kind by the member of JSON, else by the elements. */
static int find_kind(struct p2i_vocabulary *words, const struct p2i_source_record *record)
{
    struct p2i_view name = record->kind;
    if (name.size == 0) {
        struct p2i_record_parts parts = {.struct_size = sizeof parts};
        p2i_record_parts_find(&record->record, &parts);
        const char *kind = parts.kind != NULL ? parts.kind : "other";
        name = p2i_view_of(kind, strlen(kind));
    }
    return p2i_vocabulary_kind(words, name);
}

/* An element that a record has again is another field: "NAME_2". */
static int find_field(struct p2i_text_reader *reader, const struct layout_field *of, int *type)
{
    const struct p2i_reader *names = p2i_record_source_reader(reader->source);
    const struct p2i_element *ours = p2i_element_find(of->pen, of->id);
    const char *name = ours != NULL ? ours->name : NULL;
    *type = ours != NULL ? ours->type : P2I_TYPE_OCTETS;
    if (names != NULL) {
        name = p2i_reader_element(names, of->pen, of->id, type);
    }
    int field = p2i_vocabulary_element(reader->words, of->pen, of->id, *type, name);
    if (field < 0 || ++reader->occurrences[field] == 1) {
        return field;
    }
    char room[NAME_ROOM];
    int size = snprintf(room, sizeof room, "%.200s_%u", reader->words->fields[field].name,
                        (unsigned)reader->occurrences[field]);
    return p2i_vocabulary_field(reader->words, p2i_view_of(room, (size_t)size));
}

/* Fills an empty slot. False: out of memory, or a limit of the vocabulary is exceeded. */
static bool make_layout(struct p2i_text_reader *reader, struct p2i_text_layout *layout,
                        const struct p2i_source_record *record)
{
    const struct p2i_read_record *read = &record->record;
    layout->kind = find_kind(reader->words, record);
    layout->fields = calloc(read->value_count + 1, sizeof *layout->fields);
    if (reader->occurrences == NULL) {
        reader->occurrences = calloc(P2I_VOCABULARY_FIELDS_MAX, sizeof *reader->occurrences);
    }
    bool done = layout->kind >= 0 && layout->fields != NULL && reader->occurrences != NULL;
    size_t count = 0;
    for (; done && count < read->value_count; count++) {
        struct layout_field *field = &layout->fields[count];
        int type = 0;
        field->pen = read->values[count].pen;
        field->id = read->values[count].id;
        field->field = find_field(reader, field, &type);
        done = field->field >= 0;
        const struct p2i_element *ours = p2i_element_find(field->pen, field->id);
        field->type = (uint8_t)type;
        field->semantics = ours != NULL ? ours->semantics : P2I_SEMANTICS_DEFAULT;
    }
    for (size_t i = 0; i < count; i++) { /* each field has its first occurrence among them */
        reader->occurrences[layout->fields[i].field < 0 ? 0 : layout->fields[i].field] = 0;
    }
    layout->domain = read->domain;
    layout->template_id = read->template_id;
    layout->value_count = read->value_count;
    return done;
}

/* NULL: as make_layout(). */
static const struct p2i_text_layout *layout_of(struct p2i_text_reader *reader,
                                               struct p2i_source_record *record)
{
    struct p2i_read_record *read = &record->record;
    if (reader->layouts == NULL) {
        reader->layouts = calloc(LAYOUTS, sizeof *reader->layouts);
        if (reader->layouts == NULL) {
            return NULL;
        }
    }
    if (read->options) { /* it may just have named an element */
        forget_layouts(reader);
    }
    if (record->kind.size > 0) { /* in JSON the kind stands for the template */
        uint64_t hash = p2i_hash_bytes(record->kind);
        read->domain = (uint32_t)(hash >> 32);
        read->template_id = (uint16_t)hash;
    }
    struct p2i_text_layout *layout =
        &reader->layouts[(read->domain * 31U + read->template_id) % LAYOUTS];
    if (layout->fields == NULL || !is_layout_of(layout, read)) {
        empty_layout(layout);
        if (!make_layout(reader, layout, record)) {
            empty_layout(layout);
            return NULL;
        }
    }
    return layout;
}

/* ---- Records ---- */

static bool reserve_fields(struct p2i_text_reader *reader, size_t count)
{
    if (count <= reader->capacity) {
        return true;
    }
    struct p2i_text_field *fields = realloc(reader->fields, 2 * count * sizeof *fields);
    if (fields == NULL) {
        return false;
    }
    reader->fields = fields;
    size_t *ends = realloc(reader->ends, 2 * count * sizeof *ends);
    if (ends == NULL) {
        return false;
    }
    reader->ends = ends;
    reader->capacity = 2 * count;
    return true;
}

/* Takes the quotes off the text that begins at `from`; returns whether it had any. */
static bool unquote(struct p2i_buffer *text, size_t from)
{
    size_t size = text->size - from;
    if (size < 2 || text->data[from] != '"') {
        return false;
    }
    memmove(text->data + from, text->data + from + 1, size - 2);
    text->size -= 2;
    return true;
}

/* Escapes may be written in several ways: a string is written as the converter does. */
static bool append_json(struct p2i_buffer *text, struct p2i_view json)
{
    if (json.size < 2 || json.data[0] != '"' || p2i_view_find(json, '\\') == json.size) {
        return p2i_append(text, json);
    }
    struct p2i_json_value value = {.type = P2I_JSON_STRING,
                                   .raw = p2i_view_of(json.data + 1, json.size - 2)};
    uint8_t *plain = malloc(json.size);
    bool done =
        plain != NULL && p2i_format_json(text, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                                         p2i_view_of(plain, p2i_json_string(&value, plain)));
    free(plain);
    return done;
}

static bool add_extras(struct p2i_text_reader *reader, const struct p2i_source_record *record,
                       struct p2i_text_record *text)
{
    for (size_t i = 0; i < record->extra_count; i++) {
        size_t from = reader->text.size;
        int field = p2i_vocabulary_field(reader->words, record->extras[i].name);
        if (field < 0 || !append_json(&reader->text, record->extras[i].json)) {
            return false;
        }
        reader->fields[text->field_count] =
            (struct p2i_text_field){.field = field, .number = !unquote(&reader->text, from)};
        reader->ends[text->field_count++] = reader->text.size;
    }
    return true;
}

static bool add_values(struct p2i_text_reader *reader, const struct p2i_text_layout *layout,
                       const struct p2i_read_record *record, struct p2i_text_record *text)
{
    for (size_t i = 0; i < layout->value_count; i++) {
        const struct layout_field *of = &layout->fields[i];
        struct p2i_view value = p2i_view_of(record->values[i].data, record->values[i].size);
        size_t from = reader->text.size;
        if (!p2i_format_json(&reader->text, of->type, of->semantics, value)) {
            return false;
        }
        reader->fields[i] =
            (struct p2i_text_field){.field = of->field, .number = !unquote(&reader->text, from)};
        reader->ends[i] = reader->text.size;
    }
    text->field_count = layout->value_count;
    return true;
}

/* Those of the same number are in the order of their texts, which is that of the record. */
static int compare_fields(const void *left, const void *right)
{
    const struct p2i_text_field *a = left;
    const struct p2i_text_field *b = right;
    if (a->field != b->field) {
        return a->field < b->field ? -1 : 1;
    }
    if (a->text.data != b->text.data) {
        return a->text.data < b->text.data ? -1 : 1;
    }
    return a->text.size < b->text.size ? -1
                                       : a->text.size > b->text.size; /* '' begins there, too */
}

/* By number, each once: the first one counts. Most are in order already. */
static void sort_fields(struct p2i_text_record *text)
{
    struct p2i_text_field *fields = text->fields;
    bool sorted = true;
    for (size_t i = 1; i < text->field_count && sorted; i++) {
        sorted = fields[i - 1].field < fields[i].field;
    }
    if (sorted) {
        return;
    }
    size_t count = 0;
    qsort(fields, text->field_count, sizeof *fields, compare_fields);
    for (size_t i = 0; i < text->field_count; i++) {
        if (count == 0 || fields[count - 1].field != fields[i].field) {
            fields[count++] = fields[i];
        }
    }
    text->field_count = count;
}

/* False: out of memory. */
static bool make_text(struct p2i_text_reader *reader, const struct p2i_text_layout *layout,
                      const struct p2i_source_record *record, struct p2i_text_record *text)
{
    reader->text.size = 0;
    if (!reserve_fields(reader, layout->value_count + record->extra_count + 1)) {
        return false;
    }
    *text = (struct p2i_text_record){
        .kind = layout->kind, .number = reader->number++, .fields = reader->fields};
    if (!add_values(reader, layout, &record->record, text) || !add_extras(reader, record, text)) {
        return false;
    }
    size_t from = 0;
    for (size_t i = 0; i < text->field_count; i++) {
        text->fields[i].text = p2i_view_of(reader->text.data + from, reader->ends[i] - from);
        from = reader->ends[i];
    }
    sort_fields(text);
    return true;
}

static bool count_record(struct p2i_text_reader *reader, const struct p2i_text_record *text)
{
    struct p2i_named_kind *kind = &reader->words->kinds[text->kind];
    if (p2i_record_source_reader(reader->source) == NULL) {
        kind->any_field[reader->side] = true;
    }
    for (size_t i = 0; i < text->field_count; i++) {
        if (!p2i_vocabulary_see(reader->words, text->kind, text->fields[i].field, reader->side)) {
            return false;
        }
    }
    reader->words->kinds[text->kind].records[reader->side]++;
    return true;
}

/* *wanted: whether the record is one of those that are read. */
static enum p2i_result select_record(const struct p2i_text_reader *reader, const char *kind,
                                     const struct p2i_read_record *record, bool *wanted,
                                     struct p2i_error *error)
{
    *wanted = reader->kind == NULL
                  ? !record->options
                  : strcasecmp(reader->kind, kind) == 0 || strcasecmp(reader->kind, "all") == 0;
    if (!*wanted || reader->filter == NULL) {
        return P2I_OK;
    }
    const struct p2i_reader *names = p2i_record_source_reader(reader->source);
    enum p2i_result result = p2i_record_filter_match_read(reader->filter, names, record, wanted);
    return result == P2I_OK ? result : p2i_fail_memory(error);
}

/* A file that exceeds a limit of the vocabulary is treated as damaged. */
static enum p2i_result fail(const struct p2i_text_reader *reader, struct p2i_error *error)
{
    if (reader->words->exceeded == NULL) {
        return p2i_fail_memory(error);
    }
    (void)p2i_fail(error, P2I_DAMAGED, "%s", reader->words->exceeded);
    error->line = p2i_record_source_line(reader->source);
    return P2I_DAMAGED;
}

enum p2i_result p2i_text_reader_open(struct p2i_text_reader *reader, const char *path,
                                     struct p2i_error *error)
{
    return p2i_record_source_open(&reader->source, path, error);
}

enum p2i_result p2i_text_reader_next(struct p2i_text_reader *reader, struct p2i_text_record *record,
                                     struct p2i_error *error)
{
    struct p2i_source_record read;
    const struct p2i_text_layout *layout = NULL;
    bool wanted = false;
    while (!wanted) {
        enum p2i_result result = p2i_record_source_next(reader->source, &read, error);
        if (result != P2I_OK) {
            return result;
        }
        layout = layout_of(reader, &read);
        if (layout == NULL) {
            return fail(reader, error);
        }
        const char *kind = reader->words->kinds[layout->kind].name;
        result = select_record(reader, kind, &read.record, &wanted, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return make_text(reader, layout, &read, record) && count_record(reader, record)
               ? P2I_OK
               : fail(reader, error);
}

void p2i_text_reader_close(struct p2i_text_reader *reader)
{
    forget_layouts(reader);
    p2i_record_source_close(reader->source);
    reader->source = NULL;
}

void p2i_text_reader_free(struct p2i_text_reader *reader)
{
    p2i_text_reader_close(reader);
    free(reader->layouts);
    free(reader->fields);
    free(reader->ends);
    free(reader->occurrences);
    p2i_buffer_free(&reader->text);
    reader->layouts = NULL;
}
