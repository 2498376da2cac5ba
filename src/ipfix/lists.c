/* SPDX-License-Identifier: MIT */
#include "ipfix/lists.h"

#include <stdarg.h>
#include <stdio.h>

#include "ipfix/list_elements.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/reader.h"
#include "record/decode.h"

enum { BLOCK_HEADER = 4 };

static void walk_value(const struct p2i_list_visitor *visitor, int type, struct p2i_view value,
                       unsigned depth);

P2I_PRINTF(3, 4)
static void report_text(const struct p2i_list_visitor *visitor, const uint8_t *where,
                        const char *format, ...)
{
    char text[128];
    va_list arguments;
    if (visitor->damaged == NULL) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    visitor->damaged(visitor->context, where, text);
}

/* Zeros, too few for another record, pad a list whose field has a fixed length. */
static bool is_fill(struct p2i_view rest, size_t shortest)
{
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] != 0) {
            return false;
        }
    }
    return rest.size < shortest;
}

/* The fields of one record; the cursor has failed when it is cut. */
static void walk_fields(const struct p2i_list_visitor *visitor,
                        const struct p2i_read_template *template, struct p2i_cursor *cursor,
                        unsigned depth)
{
    for (size_t i = 0; i < template->field_count; i++) {
        struct p2i_view value = p2i_take_value(cursor, template->fields[i].length);
        if (cursor->failed) {
            return;
        }
        if (p2i_is_list(template->fields[i].type)) {
            walk_value(visitor, template->fields[i].type, value, depth + 1);
        }
    }
}

/* Walks records of the template whose id is at `id`, up to the end. */
static void walk_records(const struct p2i_list_visitor *visitor, const uint8_t *id,
                         struct p2i_view records, unsigned depth)
{
    const struct p2i_read_template *template = visitor->find(visitor->context, id);
    struct p2i_cursor cursor = p2i_cursor_of(records);
    if (records.size == 0) {
        return;
    }
    if (template == NULL) {
        report_text(visitor, id, "list of template %u, which is not defined", p2i_load_be16(id));
    } else if (template->shortest == 0) {
        report_text(visitor, id, "list of template %u, whose records have 0 bytes", template->id);
    } else {
        while (!is_fill(cursor.rest, template->shortest) && !cursor.failed) {
            const uint8_t *where = cursor.rest.data;
            walk_fields(visitor, template, &cursor, depth);
            if (cursor.failed) {
                report_text(visitor, where, "record of template %u is cut by the end of its list",
                            template->id);
            }
        }
    }
}

/* RFC 6313 section 4.5.2. */
static void walk_sub_template_list(const struct p2i_list_visitor *visitor, struct p2i_cursor *list,
                                   const uint8_t *where, unsigned depth)
{
    p2i_skip(list, 1);
    struct p2i_view id = p2i_take(list, 2);
    if (list->failed) {
        report_text(visitor, where, "subTemplateList is cut");
        return;
    }
    walk_records(visitor, id.data, list->rest, depth);
}

/* RFC 6313 section 4.5.3. */
static void walk_multi_list(const struct p2i_list_visitor *visitor, struct p2i_cursor *list,
                            unsigned depth)
{
    p2i_skip(list, 1);
    while (!is_fill(list->rest, BLOCK_HEADER)) {
        const uint8_t *where = list->rest.data;
        struct p2i_view id = p2i_take(list, 2);
        uint16_t length = p2i_be16(list);
        struct p2i_view records =
            p2i_take(list, length >= BLOCK_HEADER ? length - (size_t)BLOCK_HEADER : SIZE_MAX);
        if (list->failed) {
            report_text(visitor, where, "subTemplateMultiList is cut");
            return;
        }
        walk_records(visitor, id.data, records, depth);
    }
}

/* RFC 6313 section 4.5.1. */
static void walk_basic_list(const struct p2i_list_visitor *visitor, struct p2i_cursor *list,
                            const uint8_t *where, unsigned depth)
{
    p2i_skip(list, 1);
    uint16_t id = p2i_be16(list);
    uint16_t length = p2i_be16(list);
    uint32_t pen = (id & P2I_ENTERPRISE_BIT) != 0 ? p2i_be32(list) : 0;
    id &= P2I_ENTERPRISE_BIT - 1;
    int type = p2i_element_type(visitor->names, pen, id);
    bool endless = length == 0 && list->rest.size > 0;
    while (list->rest.size > 0 && !list->failed && !endless) {
        struct p2i_view value = p2i_take_value(list, length);
        if (p2i_is_list(type)) {
            walk_value(visitor, type, value, depth + 1);
        }
    }
    if (list->failed || endless) {
        report_text(visitor, where, "basicList is cut");
    }
}

/* An empty value is no list. */
static void walk_value(const struct p2i_list_visitor *visitor, int type, struct p2i_view value,
                       unsigned depth)
{
    struct p2i_cursor list = p2i_cursor_of(value);
    if (value.size == 0) {
        return;
    }
    if (depth > P2I_LISTS_DEEP) {
        report_text(visitor, value.data, "lists within more than %d lists", P2I_LISTS_DEEP);
    } else if (type == P2I_TYPE_BASIC_LIST) {
        walk_basic_list(visitor, &list, value.data, depth);
    } else if (type == P2I_TYPE_SUB_TEMPLATE_LIST) {
        walk_sub_template_list(visitor, &list, value.data, depth);
    } else {
        walk_multi_list(visitor, &list, depth);
    }
}

void p2i_lists_walk(const struct p2i_list_visitor *visitor,
                    const struct p2i_read_template *template, struct p2i_view record)
{
    struct p2i_cursor cursor = p2i_cursor_of(record);
    walk_fields(visitor, template, &cursor, 0);
}
