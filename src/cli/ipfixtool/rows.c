/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/rows.h"

#include <stdlib.h>
#include <strings.h>

#include "cli/ipfixtool/csv.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/nearest.h"

enum { COLUMNS_MAX = 64 };

/* ---- Columns ---- */

static enum p2i_result show_column(struct p2i_rows *rows, size_t column)
{
    const char *name = rows->columns[column].name;
    rows->shown[rows->shown_count++] = column;
    return p2i_columns_add(&rows->names, name, strlen(name)) ? P2I_OK : P2I_INTERNAL;
}

static enum p2i_result show_named(struct p2i_rows *rows, const char *name, struct p2i_error *error)
{
    struct p2i_nearest nearest = p2i_nearest_to(name);
    for (size_t i = 0; i < rows->column_count; i++) {
        if (strcasecmp(rows->columns[i].name, name) == 0) {
            return show_column(rows, i);
        }
        p2i_nearest_offer(&nearest, rows->columns[i].name);
    }
    return nearest.name != NULL
               ? p2i_fail(error, P2I_USAGE, "unknown column '%s'; did you mean '%s'?", name,
                          nearest.name)
               : p2i_fail(error, P2I_USAGE, "unknown column '%s'", name);
}

static enum p2i_result choose(struct p2i_rows *rows, const struct p2i_columns *wanted,
                              struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; result == P2I_OK && i < wanted->count; i++) {
        result = show_named(rows, wanted->names[i], error);
    }
    for (size_t i = 0; result == P2I_OK && wanted->count == 0 && i < rows->column_count; i++) {
        if (rows->form->format != FORMAT_TABLE || rows->columns[i].usual) {
            result = show_column(rows, i);
        }
    }
    return result;
}

/* ---- Forms ---- */

static bool is_csv(const struct p2i_rows *rows)
{
    return rows->form->format == FORMAT_CSV || rows->form->format == FORMAT_TSV;
}

static bool print_line(struct p2i_rows *rows)
{
    bool done = p2i_append(&rows->line, P2I_VIEW("\n"));
    /* A failure is found by ferror() at the end of the program. */
    (void)fwrite(rows->line.data, 1, rows->line.size, rows->out);
    rows->line.size = 0;
    return done;
}

static bool separate(struct p2i_rows *rows, size_t cell)
{
    bool tabs = rows->form->format == FORMAT_TSV;
    return cell == 0 || p2i_append(&rows->line, tabs ? P2I_VIEW("\t") : P2I_VIEW(","));
}

static bool print_csv_head(struct p2i_rows *rows)
{
    bool done = true;
    for (size_t i = 0; done && i < rows->names.count; i++) {
        const char *name = rows->names.names[i];
        done = separate(rows, i) && p2i_append(&rows->line, p2i_view_of(name, strlen(name)));
    }
    return done && print_line(rows);
}

/* A text from the traffic as it can be shown on a terminal. */
static struct p2i_view safe(struct p2i_buffer *room, struct p2i_view text, bool *done)
{
    size_t begin = room->size;
    *done = *done && p2i_format_text(room, P2I_TYPE_STRING, text);
    return *done && room->size > begin ? p2i_view_of(room->data + begin, room->size - begin)
                                       : (struct p2i_view){0};
}

static bool print_csv(struct p2i_rows *rows, const struct p2i_view *cells)
{
    bool done = true;
    for (size_t i = 0; done && i < rows->shown_count; i++) {
        size_t at = rows->shown[i];
        rows->cell.size = 0;
        done = separate(rows, i);
        if (rows->columns[at].kind == CELL_TEXT) {
            struct p2i_view text = safe(&rows->cell, cells[at], &done);
            done = done && (rows->form->format == FORMAT_TSV ? p2i_tsv_text(&rows->line, text)
                            : rows->form->quoted             ? p2i_csv_quoted(&rows->line, text)
                                                             : p2i_csv_text(&rows->line, text));
        } else {
            done = done && p2i_append(&rows->line, cells[at]);
        }
    }
    return done && print_line(rows);
}

static bool append_json(struct p2i_rows *rows, const struct p2i_row_column *column,
                        struct p2i_view cell)
{
    if (column->kind != CELL_NUMBER) {
        return p2i_format_json(&rows->line, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT, cell);
    }
    return p2i_append(&rows->line, cell.size > 0 ? cell : P2I_VIEW("null"));
}

static bool print_json(struct p2i_rows *rows, const struct p2i_view *cells)
{
    bool done = true;
    for (size_t i = 0; done && i < rows->shown_count; i++) {
        const struct p2i_row_column *column = &rows->columns[rows->shown[i]];
        struct p2i_view name = p2i_view_of(column->name, strlen(column->name));
        done = p2i_append(&rows->line, i == 0 ? P2I_VIEW("{\"") : P2I_VIEW(",\"")) &&
               p2i_append(&rows->line, name) && p2i_append(&rows->line, P2I_VIEW("\":")) &&
               append_json(rows, column, cells[rows->shown[i]]);
    }
    return done && p2i_append(&rows->line, P2I_VIEW("}")) && print_line(rows);
}

/* Texts move while others are appended, so their places are found at the end. */
static enum p2i_result add_to_table(struct p2i_rows *rows, const struct p2i_view *cells,
                                    struct p2i_error *error)
{
    struct p2i_view shown[COLUMNS_MAX];
    size_t ends[COLUMNS_MAX];
    bool whole[COLUMNS_MAX];
    bool done = true;
    rows->cell.size = 0;
    for (size_t i = 0; done && i < rows->shown_count; i++) {
        size_t at = rows->shown[i];
        whole[i] = rows->columns[at].whole;
        if (rows->columns[at].kind == CELL_TEXT) {
            (void)safe(&rows->cell, cells[at], &done);
        }
        ends[i] = rows->cell.size;
    }
    size_t begin = 0;
    for (size_t i = 0; done && i < rows->shown_count; i++) {
        size_t at = rows->shown[i];
        shown[i] = rows->columns[at].kind == CELL_TEXT
                       ? p2i_view_of(rows->cell.data + begin, ends[i] - begin)
                       : cells[at];
        begin = ends[i];
    }
    return done ? p2i_tables_add_cells(&rows->tables, rows->title, whole, shown, error)
                : p2i_fail_memory(error);
}

/* ---- Rows ---- */

enum p2i_result p2i_rows_begin(struct p2i_rows *rows, const struct p2i_columns *wanted,
                               struct p2i_error *error)
{
    if (wanted->count > COLUMNS_MAX) {
        return p2i_fail(error, P2I_USAGE, "more than %d columns", COLUMNS_MAX);
    }
    size_t count = wanted->count > rows->column_count ? wanted->count : rows->column_count;
    rows->shown = calloc(count + 1, sizeof *rows->shown);
    if (rows->shown == NULL) {
        return p2i_fail_memory(error);
    }
    rows->tables.out = rows->out;
    rows->tables.columns = &rows->names;
    rows->tables.width = rows->width;
    rows->tables.noun = rows->noun;
    enum p2i_result result = choose(rows, wanted, error);
    if (result == P2I_INTERNAL || (result == P2I_OK && is_csv(rows) && !print_csv_head(rows))) {
        return p2i_fail_memory(error);
    }
    return result;
}

enum p2i_result p2i_rows_add(struct p2i_rows *rows, const struct p2i_view *cells,
                             struct p2i_error *error)
{
    if (rows->form->format == FORMAT_TABLE) {
        return add_to_table(rows, cells, error);
    }
    bool done = is_csv(rows) ? print_csv(rows, cells) : print_json(rows, cells);
    return done ? P2I_OK : p2i_fail_memory(error);
}

enum p2i_result p2i_rows_end(struct p2i_rows *rows, struct p2i_error *error)
{
    return p2i_tables_flush(&rows->tables, error);
}

void p2i_rows_free(struct p2i_rows *rows)
{
    p2i_tables_free(&rows->tables);
    p2i_columns_free(&rows->names);
    p2i_buffer_free(&rows->line);
    p2i_buffer_free(&rows->cell);
    free(rows->shown);
}
