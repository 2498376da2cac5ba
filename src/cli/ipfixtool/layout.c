/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "cli/ipfixtool/names.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/value_names.h"

enum {
    SLOTS = 1024, /* templates of the same slot replace each other */
    NAME_ROOM = 24,
    ID_RDATA = 3205,
    ID_RRTYPE = 3203,
};

static int find(const struct p2i_layout *layout, uint32_t pen, uint16_t id)
{
    for (size_t i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].pen == pen && layout->fields[i].id == id) {
            return (int)i;
        }
    }
    return LAYOUT_NONE;
}

/* Number of earlier fields of the same element: an element may occur several times. */
static unsigned occurrence(const struct p2i_layout *layout, size_t index)
{
    unsigned count = 1;
    for (size_t i = 0; i < index; i++) {
        count += layout->fields[i].pen == layout->fields[index].pen &&
                 layout->fields[i].id == layout->fields[index].id;
    }
    return count;
}

/* Repetitions are not numbered in templates with more fields: that takes quadratic time. */
enum { NUMBERED_MAX = 1024 };

static bool set_name(const struct p2i_layout *layout, size_t index, const char *known)
{
    struct p2i_layout_field *field = &layout->fields[index];
    size_t room = (known != NULL ? strlen(known) : 0) + NAME_ROOM;
    unsigned number = layout->field_count <= NUMBERED_MAX ? occurrence(layout, index) : 1;
    char suffix[NAME_ROOM] = "";
    if (number > 1) {
        (void)snprintf(suffix, sizeof(suffix), "_%u", number);
    }
    field->name = malloc(room);
    if (field->name == NULL) {
        return false;
    }
    if (known != NULL) {
        (void)snprintf(field->name, room, "%s%s", known, suffix);
    } else {
        (void)snprintf(field->name, room, "%u/%u%s", field->pen, field->id, suffix);
    }
    return true;
}

static void free_layout(struct p2i_layout *layout)
{
    if (layout == NULL) {
        return;
    }
    for (size_t i = 0; layout->fields != NULL && i < layout->field_count; i++) {
        free(layout->fields[i].name);
    }
    free(layout->fields);
    free(layout->columns);
    free(layout);
}

static bool set_fields(struct p2i_layout *layout, const struct p2i_reader *reader,
                       const struct p2i_read_record *record)
{
    for (size_t i = 0; i < layout->field_count; i++) {
        struct p2i_layout_field *field = &layout->fields[i];
        field->pen = record->values[i].pen;
        field->id = record->values[i].id;
        int type = 0;
        const char *name = p2i_reader_element(reader, field->pen, field->id, &type);
        const struct p2i_element *ours = p2i_element_find(field->pen, field->id);
        field->type = (uint8_t)type;
        field->semantics = ours != NULL ? ours->semantics : P2I_SEMANTICS_DEFAULT;
        if (!set_name(layout, i, name)) {
            return false;
        }
    }
    return true;
}

static struct p2i_layout *new_layout(const struct p2i_reader *reader,
                                     const struct p2i_read_record *record)
{
    struct p2i_layout *layout = calloc(1, sizeof(*layout));
    if (layout == NULL) {
        return NULL;
    }
    layout->domain = record->domain;
    layout->template_id = record->template_id;
    layout->options = record->options;
    layout->field_count = record->value_count;
    layout->fields = calloc(layout->field_count, sizeof(*layout->fields));
    if (layout->fields == NULL || !set_fields(layout, reader, record)) {
        free_layout(layout);
        return NULL;
    }
    layout->parts.struct_size = sizeof layout->parts;
    p2i_record_parts_find(record, &layout->parts);
    if (layout->parts.kind != NULL) {
        (void)snprintf(layout->kind, sizeof(layout->kind), "%s", layout->parts.kind);
    } else {
        (void)snprintf(layout->kind, sizeof(layout->kind), "%u", layout->template_id);
    }
    layout->rr_type = find(layout, P2I_PEN, ID_RRTYPE);
    return layout;
}

static bool is_layout_of(const struct p2i_layout *layout, const struct p2i_read_record *record)
{
    if (layout->domain != record->domain || layout->template_id != record->template_id ||
        layout->options != record->options || layout->field_count != record->value_count) {
        return false;
    }
    for (size_t i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].id != record->values[i].id ||
            layout->fields[i].pen != record->values[i].pen) {
            return false;
        }
    }
    return true;
}

static void forget(struct p2i_layouts *layouts)
{
    for (size_t i = 0; layouts->slots != NULL && i < SLOTS; i++) {
        free_layout(layouts->slots[i]);
        layouts->slots[i] = NULL;
    }
}

struct p2i_layout *p2i_layout_of(struct p2i_layouts *layouts, const struct p2i_reader *reader,
                                 const struct p2i_read_record *record)
{
    if (layouts->slots == NULL) {
        layouts->slots = calloc(SLOTS, sizeof(struct p2i_layout *));
        if (layouts->slots == NULL) {
            return NULL;
        }
    }
    if (record->options) { /* it may just have named an element */
        forget(layouts);
    }
    size_t slot = (record->domain * 31U + record->template_id) % SLOTS;
    if (layouts->slots[slot] == NULL || !is_layout_of(layouts->slots[slot], record)) {
        free_layout(layouts->slots[slot]);
        layouts->slots[slot] = new_layout(reader, record);
    }
    return layouts->slots[slot];
}

void p2i_layouts_free(struct p2i_layouts *layouts)
{
    forget(layouts);
    free(layouts->slots);
    layouts->slots = NULL;
}

int p2i_layout_column(const struct p2i_layout *layout, const char *name)
{
    static const struct {
        const char *name;
        int column;
    } special[] = {
        {"time", COLUMN_TIME},
        {"src", COLUMN_SOURCE},
        {"dst", COLUMN_DESTINATION},
        {"record", COLUMN_RECORD},
    };
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (strcasecmp(name, special[i].name) == 0) {
            return special[i].column;
        }
    }
    if (strcasecmp(name, "host") == 0) {
        return layout->parts.host;
    }
    uint32_t pen = 0;
    uint16_t id = 0;
    bool numbers = p2i_tool_parse_element(name, &pen, &id);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct p2i_layout_field *field = &layout->fields[i];
        if (strcasecmp(name, field->name) == 0 ||
            (numbers && field->pen == pen && field->id == id)) {
            return (int)i;
        }
    }
    return COLUMN_NONE;
}

struct p2i_view p2i_layout_value(const struct p2i_read_record *record, int index)
{
    if (index < 0) {
        return (struct p2i_view){0};
    }
    return p2i_view_of(record->values[index].data, record->values[index].size);
}

static bool append_text(struct p2i_buffer *out, const char *text)
{
    return p2i_append(out, p2i_view_of(text, strlen(text)));
}

static bool append_end(struct p2i_buffer *out, const struct p2i_layout *layout,
                       const struct p2i_read_record *record, int address, int port)
{
    struct p2i_view value = p2i_layout_value(record, address);
    if (address < 0 || port < 0) {
        return address < 0 || p2i_format_text(out, layout->fields[address].type, value);
    }
    bool six = value.size == 16;
    return (!six || append_text(out, "[")) &&
           p2i_format_text(out, layout->fields[address].type, value) &&
           append_text(out, six ? "]:" : ":") &&
           p2i_format_text(out, layout->fields[port].type, p2i_layout_value(record, port));
}

static bool append_time(struct p2i_buffer *out, const struct p2i_layout *layout,
                        const struct p2i_read_record *record)
{
    if (layout->parts.time >= 0) {
        return p2i_format_text(out, layout->fields[layout->parts.time].type,
                               p2i_layout_value(record, layout->parts.time));
    }
    uint32_t time = record->export_time_s;
    uint8_t bytes[4] = {(uint8_t)(time >> 24), (uint8_t)(time >> 16), (uint8_t)(time >> 8),
                        (uint8_t)time};
    return p2i_format_text(out, P2I_TYPE_SECONDS, p2i_view_of(bytes, sizeof(bytes)));
}

static bool append_decoded(struct p2i_buffer *out, const struct p2i_layout *layout,
                           const struct p2i_read_record *record, int index, enum p2i_shown shown)
{
    int type = layout->fields[index].type;
    bool list = type >= P2I_TYPE_BASIC_LIST && type <= P2I_TYPE_SUB_TEMPLATE_MULTI_LIST;
    if (list && shown == SHOWN_SHORT) {
        char text[NAME_ROOM];
        (void)snprintf(text, sizeof(text), "list:%u bytes", record->values[index].size);
        return append_text(out, text);
    }
    int rr_type = layout->rr_type >= 0
                      ? (int)(uint16_t)p2i_value_number(p2i_layout_value(record, layout->rr_type))
                      : -1;
    return p2i_format_named(out, &record->values[index], type, rr_type);
}

bool p2i_layout_text(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column, enum p2i_shown shown)
{
    switch (column) {
    case COLUMN_NONE:
        return true;
    case COLUMN_TIME:
        return append_time(out, layout, record);
    case COLUMN_SOURCE:
        return append_end(out, layout, record, layout->parts.source, layout->parts.source_port);
    case COLUMN_DESTINATION:
        return append_end(out, layout, record, layout->parts.destination,
                          layout->parts.destination_port);
    case COLUMN_RECORD:
        return append_text(out, layout->kind);
    default:
        return shown != SHOWN_PLAIN ? append_decoded(out, layout, record, column, shown)
                                    : p2i_format_text(out, layout->fields[column].type,
                                                      p2i_layout_value(record, column));
    }
}

bool p2i_layout_is_text(const struct p2i_layout *layout, int column)
{
    if (column < 0) {
        return false;
    }
    const struct p2i_layout_field *field = &layout->fields[column];
    return field->type == P2I_TYPE_STRING || (field->pen == P2I_PEN && field->id == ID_RDATA);
}

bool p2i_layout_json(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column)
{
    if (column >= 0) {
        return p2i_format_json(out, layout->fields[column].type, layout->fields[column].semantics,
                               p2i_layout_value(record, column));
    }
    struct p2i_buffer text = {0};
    bool done = p2i_layout_text(&text, layout, record, column, SHOWN_PLAIN) &&
                p2i_format_json(out, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                                p2i_view_of(text.data, text.size));
    p2i_buffer_free(&text);
    return done;
}
