/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/lines.h"

#include <ctype.h>
#include <stdlib.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/utf8.h"
#include "pcap2ipfix/values.h"

static bool append_text(struct p2i_buffer *out, const char *text)
{
    return p2i_append(out, p2i_view_of(text, strlen(text)));
}

static bool append_json_text(struct p2i_buffer *out, const char *text)
{
    return p2i_format_json(out, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                           p2i_view_of(text, strlen(text)));
}

static bool resolve(struct p2i_layout *layout, const struct p2i_columns *columns)
{
    if (layout->columns != NULL) {
        return true;
    }
    layout->columns = calloc(columns->count + 1, sizeof(*layout->columns));
    for (size_t i = 0; layout->columns != NULL && i < columns->count; i++) {
        layout->columns[i] = p2i_layout_column(layout, columns->names[i]);
    }
    return layout->columns != NULL;
}

/* Prints the line; control characters that JSON allows become \uHHHH for the terminal. */
static void print_safe(FILE *out, struct p2i_view line)
{
    size_t from = 0;
    for (size_t i = 0; i < line.size; i++) {
        size_t size = line.data[i] >= 0x7f ? p2i_utf8_control(p2i_view_from(line, i)) : 0;
        if (size == 0) {
            continue;
        }
        unsigned number = size == 1 ? line.data[i] : line.data[i] & (0x7fU >> size);
        for (size_t j = 1; j < size; j++) {
            number = number << 6 | (line.data[i + j] & 0x3fU);
        }
        (void)fwrite(line.data + from, 1, i - from, out);
        fprintf(out, "\\u%04x", number);
        i += size - 1;
        from = i + 1;
    }
    /* A failure is found by ferror() at the end of the program. */
    (void)fwrite(line.data + from, 1, line.size - from, out);
}

static bool append_member(struct p2i_buffer *line, const char *name,
                          const struct p2i_layout *layout, const struct p2i_read_record *record,
                          int column)
{
    return append_text(line, ",") && append_json_text(line, name) && append_text(line, ":") &&
           p2i_layout_json(line, layout, record, column);
}

bool p2i_lines_json(struct p2i_lines *lines, struct p2i_layout *layout,
                    const struct p2i_read_record *record)
{
    lines->line.size = 0;
    bool done = resolve(layout, lines->columns) && append_text(&lines->line, "{\"record\":") &&
                append_json_text(&lines->line, layout->kind);
    bool all = lines->columns->count == 0;
    size_t count = all ? layout->field_count : lines->columns->count;
    for (size_t i = 0; done && i < count; i++) {
        int column = all ? (int)i : layout->columns[i];
        const char *name = column >= 0 ? layout->fields[column].name : NULL;
        if (name == NULL) {
            name = lines->columns->names[i];
        }
        if (column != COLUMN_NONE && column != COLUMN_RECORD) {
            done = append_member(&lines->line, name, layout, record, column);
        }
    }
    done = done && append_text(&lines->line, "}\n");
    if (done) {
        print_safe(lines->out, p2i_view_of(lines->line.data, lines->line.size));
    }
    return done;
}

/* Quotes a cell if it needs quotes; quotes in it are doubled (RFC 4180 section 2). */
static bool append_csv(struct p2i_buffer *line, struct p2i_view cell)
{
    bool plain = p2i_view_find(cell, ',') == cell.size && p2i_view_find(cell, '"') == cell.size &&
                 p2i_view_find(cell, '\n') == cell.size && p2i_view_find(cell, '\r') == cell.size;
    if (plain) {
        return p2i_append(line, cell);
    }
    bool done = append_text(line, "\"");
    while (done && cell.size > 0) {
        size_t quote = p2i_view_find(cell, '"');
        done = p2i_append(line, p2i_view_first(cell, quote)) &&
               (quote == cell.size || append_text(line, "\"\""));
        cell = p2i_view_from(cell, quote + 1);
    }
    return done && append_text(line, "\"");
}

/* "-12", "+7.5": numbers, though they begin like a formula. */
static bool is_number(struct p2i_view cell)
{
    size_t digits = 0;
    size_t points = 0;
    for (size_t i = 1; i < cell.size; i++) {
        bool digit = isdigit(cell.data[i]) != 0;
        digits += digit;
        points += cell.data[i] == '.';
        if (!digit && cell.data[i] != '.') {
            return false;
        }
    }
    return digits > 0 && points <= 1 && (cell.data[0] == '-' || cell.data[0] == '+');
}

/* Whether a spreadsheet would run the text as a formula. */
static bool is_formula(struct p2i_view cell)
{
    return cell.size > 0 && memchr("=+-@\t\r", cell.data[0], 6) != NULL && !is_number(cell);
}

/* An apostrophe marks the rest as text for a spreadsheet. */
static bool append_text_cell(struct p2i_buffer *line, struct p2i_view cell, struct p2i_buffer *room)
{
    if (!is_formula(cell)) {
        return append_csv(line, cell);
    }
    room->size = 0;
    return append_text(room, "'") && p2i_append(room, cell) &&
           append_csv(line, p2i_view_of(room->data, room->size));
}

static bool end_line(struct p2i_lines *lines)
{
    if (!append_text(&lines->line, "\n")) {
        return false;
    }
    (void)fwrite(lines->line.data, 1, lines->line.size, lines->out);
    return true;
}

bool p2i_lines_csv_header(struct p2i_lines *lines)
{
    bool done = true;
    lines->line.size = 0;
    for (size_t i = 0; done && i < lines->columns->count; i++) {
        const char *name = lines->columns->names[i];
        done = (i == 0 || append_text(&lines->line, ",")) &&
               append_text_cell(&lines->line, p2i_view_of(name, strlen(name)), &lines->defused);
    }
    return done && end_line(lines);
}

bool p2i_lines_csv(struct p2i_lines *lines, struct p2i_layout *layout,
                   const struct p2i_read_record *record)
{
    bool done = resolve(layout, lines->columns);
    lines->line.size = 0;
    for (size_t i = 0; done && i < lines->columns->count; i++) {
        int column = layout->columns[i];
        lines->cell.size = 0;
        done = (i == 0 || append_text(&lines->line, ",")) &&
               p2i_layout_text(&lines->cell, layout, record, column, SHOWN_DECODED);
        struct p2i_view cell = p2i_view_of(lines->cell.data, lines->cell.size);
        done = done && (p2i_layout_is_text(layout, column)
                            ? append_text_cell(&lines->line, cell, &lines->defused)
                            : append_csv(&lines->line, cell));
    }
    return done && end_line(lines);
}

void p2i_lines_free(struct p2i_lines *lines)
{
    p2i_buffer_free(&lines->line);
    p2i_buffer_free(&lines->cell);
    p2i_buffer_free(&lines->defused);
}
