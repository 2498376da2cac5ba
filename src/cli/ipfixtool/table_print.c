/* SPDX-License-Identifier: MIT */
/* Layout of tables on the terminal. */
#include <string.h>
#include <strings.h>

#include "cli/ipfixtool/table.h"

enum {
    LEAST_WIDTH = 8, /* a column is not cut below this */
    MOST_WIDTH = 48, /* a column is not wider than this where lines may have any length */
    GAP = 2,
};

static const char *title(const struct p2i_table_column *column)
{
    if (strcasecmp(column->name, "src") == 0) {
        return "source";
    }
    return strcasecmp(column->name, "dst") == 0 ? "> destination" : column->name;
}

/* The widest column that may be cut. */
static struct p2i_table_column *find_widest(struct p2i_table_group *group)
{
    struct p2i_table_column *widest = NULL;
    for (size_t i = 0; i < group->column_count; i++) {
        struct p2i_table_column *column = &group->columns[i];
        bool candidate = column->used && !column->whole && column->width > LEAST_WIDTH;
        if (candidate && (widest == NULL || column->width > widest->width)) {
            widest = column;
        }
    }
    return widest;
}

static size_t line_width(const struct p2i_table_group *group, size_t most)
{
    size_t total = 0;
    for (size_t i = 0; i < group->column_count; i++) {
        const struct p2i_table_column *column = &group->columns[i];
        bool cut = !column->whole && column->width > most;
        total += column->used ? (cut ? most : column->width) + GAP : 0;
    }
    return total >= GAP ? total - GAP : 0;
}

/* Drops empty default columns and cuts the widest ones until the line fits. A line that cannot fit
 * takes several lines of the terminal and fills them. */
static void set_widths(const struct p2i_tables *tables, struct p2i_table_group *group)
{
    for (size_t i = 0; i < group->column_count; i++) {
        struct p2i_table_column *column = &group->columns[i];
        column->used = column->used || tables->columns->count > 0;
        size_t least = strlen(title(column));
        column->width = column->width > least ? column->width : least;
        if (!column->whole && column->width > MOST_WIDTH && tables->width == 0) {
            column->width = MOST_WIDTH > least ? MOST_WIDTH : least;
        }
    }
    if (tables->width == 0) {
        return;
    }
    size_t total = line_width(group, SIZE_MAX);
    size_t lines = (line_width(group, LEAST_WIDTH) + tables->width - 1) / tables->width;
    size_t room = tables->width * (lines > 0 ? lines : 1);
    for (; total > room; total--) {
        find_widest(group)->width--;
    }
}

static void print_spaces(FILE *out, size_t count)
{
    while (count-- > 0) {
        fputc(' ', out);
    }
}

/* `gap`: blanks that stand before the cell; gives those that follow it. Blanks are printed only
 * when something comes behind them. What is too wide for its column is cut, or where lines may have
 * any length moves the rest of its line. */
static size_t print_cell(const struct p2i_tables *tables, const struct p2i_table_column *column,
                         struct p2i_view cell, size_t gap)
{
    FILE *out = tables->out;
    size_t width = p2i_tool_width(cell);
    bool cut = width > column->width && !column->whole && tables->width > 0;
    if (cut) {
        cell = p2i_tool_fit(cell, column->width - 1);
        width = p2i_tool_width(cell) + 1;
    }
    size_t rest = column->width > width ? column->width - width : 0;
    if (width == 0) {
        return gap + rest + GAP;
    }
    print_spaces(out, gap + (column->number ? rest : 0));
    (void)fwrite(cell.data, 1, cell.size, out);
    fputs(cut ? "\xe2\x80\xa6" : "", out);
    return (column->number ? 0 : rest) + GAP;
}

/* `ends`: NULL for the titles. */
static void print_row(const struct p2i_tables *tables, const struct p2i_table_group *group,
                      const size_t *ends, size_t begin)
{
    size_t gap = 0;
    for (size_t i = 0; i < group->column_count; i++) {
        const struct p2i_table_column *column = &group->columns[i];
        struct p2i_view cell = p2i_view_of(title(column), strlen(title(column)));
        if (ends != NULL) {
            struct p2i_view text = p2i_view_of(group->text.data, ends[i]);
            cell = p2i_view_from(text, begin);
            begin = ends[i];
        }
        if (column->used) {
            gap = print_cell(tables, column, cell, gap);
        }
    }
    fputc('\n', tables->out);
}

static const char *noun(const struct p2i_tables *tables)
{
    return tables->noun != NULL ? tables->noun : "record";
}

static void print_head(struct p2i_tables *tables, struct p2i_table_group *group, bool known)
{
    FILE *out = tables->out;
    set_widths(tables, group);
    fputs(tables->printed++ > 0 ? "\n" : "", out);
    if (group->foreign && strcmp(group->kind, "options") != 0) {
        fprintf(out, "template %s of domain %u", group->kind, group->domain);
    } else {
        fputs(group->kind, out);
    }
    if (known) {
        fprintf(out, ": %zu %s%s", group->row_count, noun(tables),
                group->row_count == 1 ? "" : "s");
    }
    fputc('\n', out);
    print_row(tables, group, NULL, 0);
    group->begun = true;
}

void p2i_table_print_count(const struct p2i_tables *tables, const struct p2i_table_group *group)
{
    fprintf(tables->out, "(%zu %ss)\n", group->row_count, noun(tables));
}

void p2i_table_print(struct p2i_tables *tables, struct p2i_table_group *group, bool known)
{
    if (!group->begun) {
        print_head(tables, group, known);
    }
    size_t begin = 0;
    for (size_t row = 0; row < group->rows; row++) {
        const size_t *ends = group->ends + row * group->column_count;
        print_row(tables, group, ends, begin);
        begin = group->column_count > 0 ? ends[group->column_count - 1] : 0;
    }
    group->rows = 0;
    group->text.size = 0;
}
