/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/lines.h"

#include <stdlib.h>

#include "cli/ipfixtool/csv.h"
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

/* Prints the line. Control characters that JSON allows become \uHHHH for the terminal, and a byte
 * that is no UTF-8 becomes `\xHH`, as in other strings. */
static void print_safe(FILE *out, struct p2i_view line)
{
    size_t from = 0;
    for (size_t i = 0; i < line.size; i++) {
        struct p2i_view rest = p2i_view_from(line, i);
        size_t sequence = line.data[i] < 0x7f ? 1 : p2i_utf8_sequence(rest);
        size_t size = line.data[i] < 0x7f || sequence == 0 ? 0 : p2i_utf8_control(rest);
        if (sequence > 0 && size == 0) {
            i += sequence - 1;
            continue;
        }
        unsigned number = size <= 1 ? line.data[i] : line.data[i] & (0x7fU >> size);
        for (size_t j = 1; j < size; j++) {
            number = number << 6 | (line.data[i + j] & 0x3fU);
        }
        (void)fwrite(line.data + from, 1, i - from, out);
        fprintf(out, sequence == 0 ? "\\\\x%02x" : "\\u%04x", number);
        i += size > 0 ? size - 1 : 0;
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

/* What is behind the fields. */
static bool append_extension(struct p2i_buffer *line, const struct p2i_layout *layout,
                             const struct p2i_source_record *record)
{
    bool done = true;
    for (size_t i = 0; done && i < record->extra_count; i++) {
        const struct p2i_source_extra *extra = &record->extras[i];
        done = append_text(line, ",\"") && p2i_append(line, extra->name) &&
               append_text(line, "\":") && p2i_append(line, extra->json);
    }
    return done &&
           (record->line.size > 0 ||
            p2i_append_extension_json(line, &record->record, &layout->parts, layout->capture_name));
}

bool p2i_lines_json(struct p2i_lines *lines, struct p2i_layout *layout,
                    const struct p2i_source_record *record)
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
            done = append_member(&lines->line, name, layout, &record->record, column);
        }
    }
    done = done && (!all || append_extension(&lines->line, layout, record)) &&
           append_text(&lines->line, "}\n");
    if (done) {
        print_safe(lines->out, p2i_view_of(lines->line.data, lines->line.size));
    }
    return done;
}

/* Behind the cell before, if there is one. */
static bool append_separator(struct p2i_lines *lines, size_t index)
{
    return index == 0 || append_text(&lines->line, lines->tabs ? "\t" : ",");
}

/* No value has a tab or the end of a line, so cells of TSV need no quotes. */
static bool append_cell(struct p2i_lines *lines, struct p2i_view cell, bool is_text)
{
    if (lines->tabs) {
        return is_text ? p2i_tsv_text(&lines->line, cell) : p2i_append(&lines->line, cell);
    }
    if (is_text && lines->quoted) {
        return p2i_csv_quoted(&lines->line, cell);
    }
    return is_text ? p2i_csv_text(&lines->line, cell) : p2i_csv_cell(&lines->line, cell);
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
        done =
            append_separator(lines, i) && append_cell(lines, p2i_view_of(name, strlen(name)), true);
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
        done = append_separator(lines, i) &&
               p2i_layout_text(&lines->cell, layout, record, column, SHOWN_DECODED);
        struct p2i_view cell = p2i_view_of(lines->cell.data, lines->cell.size);
        done = done && append_cell(lines, cell, p2i_layout_is_text(layout, column));
    }
    return done && end_line(lines);
}

void p2i_lines_free(struct p2i_lines *lines)
{
    p2i_buffer_free(&lines->line);
    p2i_buffer_free(&lines->cell);
}
