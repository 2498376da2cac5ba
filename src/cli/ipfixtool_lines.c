/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool_lines.h"

#include <stdlib.h>

#include "pcap2ipfix/fields.h"
#include "record/format.h"

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

/* DEL and the C1 controls, which JSON allows in strings, but a terminal may obey. */
static bool print_safe(FILE *out, struct p2i_view line)
{
    size_t from = 0;
    for (size_t i = 0; i < line.size; i++) {
        uint8_t byte = line.data[i];
        bool c1 = byte == 0xc2 && i + 1 < line.size && line.data[i + 1] < 0xa0;
        if (byte != 0x7f && !c1) {
            continue;
        }
        (void)fwrite(line.data + from, 1, i - from, out);
        fprintf(out, "\\u%04x", c1 ? line.data[i + 1] : byte);
        i += c1 ? 1 : 0;
        from = i + 1;
    }
    return fwrite(line.data + from, 1, line.size - from, out) == line.size - from;
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
    if (done) { /* whether it was written is looked at when the program ends */
        (void)print_safe(lines->out, p2i_view_of(lines->line.data, lines->line.size));
    }
    return done;
}

/* Quoted where it must be; a quote in it is doubled (RFC 4180 section 2). */
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

static bool end_line(struct p2i_lines *lines)
{
    if (!append_text(&lines->line, "\r\n")) {
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
               append_csv(&lines->line, p2i_view_of(name, strlen(name)));
    }
    return done && end_line(lines);
}

bool p2i_lines_csv(struct p2i_lines *lines, struct p2i_layout *layout,
                   const struct p2i_read_record *record)
{
    bool done = resolve(layout, lines->columns);
    lines->line.size = 0;
    for (size_t i = 0; done && i < lines->columns->count; i++) {
        lines->cell.size = 0;
        done = (i == 0 || append_text(&lines->line, ",")) &&
               p2i_layout_text(&lines->cell, layout, record, layout->columns[i], false) &&
               append_csv(&lines->line, p2i_view_of(lines->cell.data, lines->cell.size));
    }
    return done && end_line(lines);
}

void p2i_lines_free(struct p2i_lines *lines)
{
    p2i_buffer_free(&lines->line);
    p2i_buffer_free(&lines->cell);
}
