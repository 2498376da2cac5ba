/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/layout.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "cli/ipfixtool/names.h"
#include "pcap2ipfix/fields.h"

enum {
    SLOTS = 1024, /* templates of the same slot replace each other */
    NAME_ROOM = 24,
    TEMPLATE_LEAST = 256,
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
    layout->fields = calloc(layout->field_count + 1, sizeof(*layout->fields));
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

/* Records of JSON Lines have no template: their fields tell them apart. */
static size_t slot_of(const struct p2i_read_record *record)
{
    size_t count = record->value_count;
    uint32_t fields = record->template_id < TEMPLATE_LEAST && count > 0
                          ? record->values[count / 2].id * 7U + record->values[count - 1].id
                          : 0;
    return (record->domain * 31U + record->template_id + fields) % SLOTS;
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
    size_t slot = slot_of(record);
    if (layouts->slots[slot] == NULL || !is_layout_of(layouts->slots[slot], record)) {
        free_layout(layouts->slots[slot]);
        layouts->slots[slot] = new_layout(reader, record);
        if (layouts->slots[slot] != NULL) {
            layouts->slots[slot]->form = layouts->form;
        }
    }
    return layouts->slots[slot];
}

void p2i_layouts_free(struct p2i_layouts *layouts)
{
    forget(layouts);
    free(layouts->slots);
    layouts->slots = NULL;
}

void p2i_layout_set_kind(struct p2i_layout *layout, struct p2i_view kind)
{
    bool plain = kind.size > 0 && kind.size < sizeof layout->kind;
    for (size_t i = 0; plain && i < kind.size; i++) {
        plain = isalnum(kind.data[i]) != 0 || kind.data[i] == '_';
    }
    if (layout->parts.kind == NULL) {
        (void)snprintf(layout->kind, sizeof layout->kind, "%.*s", plain ? (int)kind.size : 5,
                       plain ? (const char *)kind.data : "other");
    }
}

/* The column of a part, unless the layout lacks it. */
static int part_of(const struct p2i_layout *layout, enum p2i_column column)
{
    const struct p2i_record_parts *parts = &layout->parts;
    bool ports = parts->source_port >= 0 && parts->destination_port >= 0;
    bool there = true;
    switch (column) {
    case COLUMN_HOST:
        return parts->host;
    case COLUMN_CLIENT:
    case COLUMN_SERVER:
        there = parts->source >= 0 && parts->destination >= 0;
        break;
    case COLUMN_SERVER_PORT:
        there = ports;
        break;
    case COLUMN_SOURCE_PORT:
        there = parts->source_port >= 0;
        break;
    case COLUMN_DESTINATION_PORT:
        there = parts->destination_port >= 0;
        break;
    case COLUMN_CAPTURE:
        there = parts->capture >= 0;
        break;
    case COLUMN_PACKET:
        there = parts->packet >= 0;
        break;
    case COLUMN_SESSION:
        there = parts->session >= 0;
        break;
    default:
        break;
    }
    return there ? (int)column : COLUMN_NONE;
}

int p2i_layout_column(const struct p2i_layout *layout, const char *name)
{
    enum p2i_column part = p2i_tool_part(name);
    if (part != COLUMN_NONE) {
        return part_of(layout, part);
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

int p2i_layout_field(const struct p2i_layout *layout, const struct p2i_read_record *record,
                     int column)
{
    const struct p2i_record_parts *parts = &layout->parts;
    bool reply = p2i_source_is_server(record, parts);
    switch (column) {
    case COLUMN_CLIENT:
        return reply ? parts->destination : parts->source;
    case COLUMN_SERVER:
        return reply ? parts->source : parts->destination;
    case COLUMN_SERVER_PORT:
        return reply ? parts->source_port : parts->destination_port;
    case COLUMN_SOURCE_PORT:
        return parts->source_port;
    case COLUMN_DESTINATION_PORT:
        return parts->destination_port;
    case COLUMN_CAPTURE:
        return parts->capture;
    case COLUMN_PACKET:
        return parts->packet;
    case COLUMN_SESSION:
        return parts->session;
    default:
        return column >= 0 ? column : LAYOUT_NONE;
    }
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

static bool append_field(struct p2i_buffer *out, const struct p2i_layout *layout,
                         const struct p2i_read_record *record, int index)
{
    return p2i_form_text(out, layout->form, layout->fields[index].type,
                         p2i_layout_value(record, index));
}

static bool append_end(struct p2i_buffer *out, const struct p2i_layout *layout,
                       const struct p2i_read_record *record, int address, int port)
{
    if (address < 0 || port < 0) {
        return address < 0 || append_field(out, layout, record, address);
    }
    bool six = p2i_layout_value(record, address).size == 16;
    return (!six || append_text(out, "[")) && append_field(out, layout, record, address) &&
           append_text(out, six ? "]:" : ":") && append_field(out, layout, record, port);
}

static bool append_time(struct p2i_buffer *out, const struct p2i_layout *layout,
                        const struct p2i_read_record *record)
{
    if (layout->parts.time >= 0) {
        return append_field(out, layout, record, layout->parts.time);
    }
    uint32_t time = record->export_time_s;
    uint8_t bytes[4] = {(uint8_t)(time >> 24), (uint8_t)(time >> 16), (uint8_t)(time >> 8),
                        (uint8_t)time};
    return p2i_form_text(out, layout->form, P2I_TYPE_SECONDS, p2i_view_of(bytes, sizeof(bytes)));
}

static int rr_type_of(const struct p2i_layout *layout, const struct p2i_read_record *record)
{
    return layout->rr_type >= 0
               ? (int)(uint16_t)p2i_value_number(p2i_layout_value(record, layout->rr_type))
               : -1;
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
    return p2i_form_named(out, layout->form, &record->values[index], type,
                          rr_type_of(layout, record));
}

bool p2i_layout_text(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column, enum p2i_shown shown)
{
    int field = p2i_layout_field(layout, record, column);
    switch (column) {
    case COLUMN_TIME:
        return append_time(out, layout, record);
    case COLUMN_SOURCE:
        return append_end(out, layout, record, layout->parts.source, layout->parts.source_port);
    case COLUMN_DESTINATION:
        return append_end(out, layout, record, layout->parts.destination,
                          layout->parts.destination_port);
    case COLUMN_RECORD:
        return append_text(out, layout->kind);
    case COLUMN_CAPTURE:
        if (layout->capture_name.size > 0) {
            return p2i_format_text(out, P2I_TYPE_STRING, layout->capture_name);
        }
        break;
    default:
        break;
    }
    return field < 0 || append_decoded(out, layout, record, field, shown);
}

bool p2i_layout_is_text(const struct p2i_layout *layout, int column)
{
    if (column < 0) {
        return column == COLUMN_CAPTURE;
    }
    const struct p2i_layout_field *field = &layout->fields[column];
    return field->type == P2I_TYPE_STRING || (field->pen == P2I_PEN && field->id == ID_RDATA);
}

/* Appends what is shown as a JSON string. */
static bool append_json_text(struct p2i_buffer *out, const struct p2i_layout *layout,
                             const struct p2i_read_record *record, int column)
{
    struct p2i_buffer text = {0};
    bool done = p2i_layout_text(&text, layout, record, column, SHOWN_DECODED) &&
                p2i_format_json(out, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                                p2i_view_of(text.data, text.size));
    p2i_buffer_free(&text);
    return done;
}

bool p2i_layout_json(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column)
{
    int field = p2i_layout_field(layout, record, column);
    if (column == COLUMN_CAPTURE) {
        return layout->capture_name.size > 0
                   ? p2i_format_json(out, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                                     layout->capture_name)
                   : append_json_text(out, layout, record, column);
    }
    if (field < 0 ||
        p2i_form_has_name(layout->form, &record->values[field], rr_type_of(layout, record))) {
        return append_json_text(out, layout, record, column);
    }
    return p2i_format_json(out, layout->fields[field].type, layout->fields[field].semantics,
                           p2i_layout_value(record, field));
}
