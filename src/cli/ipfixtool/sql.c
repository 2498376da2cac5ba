/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/sql.h"

#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/fields.h"

/* Prints a text between quotes, which are doubled in it. */
static void print_quoted(FILE *out, char quote, struct p2i_view text)
{
    fputc(quote, out);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == (uint8_t)quote) {
            fputc(quote, out);
        }
        fputc(text.data[i], out);
    }
    fputc(quote, out);
}

static void print_name(FILE *out, const char *name)
{
    print_quoted(out, '"', p2i_view_of(name, strlen(name)));
}

/* The type of a column; NULL: TEXT. */
static const char *number_type(const struct p2i_layout *layout, int column)
{
    if (column < 0) {
        return NULL;
    }
    const struct p2i_layout_field *field = &layout->fields[column];
    switch ((int)field->type) {
    case P2I_TYPE_UNSIGNED64:
        return field->semantics == P2I_SEMANTICS_IDENTIFIER ? NULL : "BIGINT";
    case P2I_TYPE_UNSIGNED32:
    case P2I_TYPE_SIGNED64:
        return "BIGINT";
    case P2I_TYPE_UNSIGNED8:
    case P2I_TYPE_UNSIGNED16:
    case P2I_TYPE_SIGNED8:
    case P2I_TYPE_SIGNED16:
    case P2I_TYPE_SIGNED32:
        return "INTEGER";
    case P2I_TYPE_FLOAT32:
    case P2I_TYPE_FLOAT64:
        return "DOUBLE";
    default:
        return NULL;
    }
}

/* Whether a value has a size of its number type; others are shown in hexadecimal digits. */
static bool is_number(const struct p2i_layout *layout, int column, size_t size)
{
    int type = (int)layout->fields[column].type;
    bool real = type == P2I_TYPE_FLOAT32 || type == P2I_TYPE_FLOAT64;
    return real ? size == 4 || size == 8 : size >= 1 && size <= 8;
}

/* The columns of a layout: those that were asked for, or all its fields. */
static size_t column_count(const struct p2i_sql *sql, const struct p2i_layout *layout)
{
    return sql->columns->count > 0 ? sql->columns->count : layout->field_count;
}

static const char *column_name(const struct p2i_sql *sql, const struct p2i_layout *layout, size_t i)
{
    return sql->columns->count > 0 ? sql->columns->names[i] : layout->fields[i].name;
}

static bool resolve(const struct p2i_sql *sql, struct p2i_layout *layout)
{
    size_t count = column_count(sql, layout);
    layout->columns = calloc(count + 1, sizeof(*layout->columns));
    for (size_t i = 0; layout->columns != NULL && i < count; i++) {
        layout->columns[i] =
            sql->columns->count > 0 ? p2i_layout_column(layout, sql->columns->names[i]) : (int)i;
    }
    return layout->columns != NULL;
}

/* The table of a kind; a new one has no columns. NULL: out of memory. */
static struct p2i_sql_table *find_table(struct p2i_sql *sql, const char *kind)
{
    for (size_t i = 0; i < sql->table_count; i++) {
        if (strcmp(sql->tables[i].kind, kind) == 0) {
            return &sql->tables[i];
        }
    }
    struct p2i_sql_table *tables =
        realloc(sql->tables, (sql->table_count + 1) * sizeof(*sql->tables));
    if (tables == NULL) {
        return NULL;
    }
    sql->tables = tables;
    struct p2i_sql_table *table = &tables[sql->table_count++];
    *table = (struct p2i_sql_table){0};
    (void)snprintf(table->kind, sizeof(table->kind), "%s", kind);
    return table;
}

static void print_column(FILE *out, const char *name, const struct p2i_layout *layout, int column)
{
    const char *type = number_type(layout, column);
    print_name(out, name);
    fprintf(out, " %s", type != NULL ? type : "TEXT");
}

/* Prints the table of the kind, or the columns that it lacks. */
static bool print_table(struct p2i_sql *sql, const struct p2i_layout *layout)
{
    struct p2i_sql_table *table = find_table(sql, layout->kind);
    if (table == NULL) {
        return false;
    }
    bool made = table->columns.count > 0;
    const char *before = "\n    ";
    for (size_t i = 0; i < column_count(sql, layout); i++) {
        const char *name = column_name(sql, layout, i);
        if (p2i_columns_has(&table->columns, name)) {
            continue;
        }
        if (made) {
            fputs("ALTER TABLE ", sql->out);
            print_name(sql->out, table->kind);
            fputs(" ADD COLUMN ", sql->out);
        } else if (table->columns.count == 0) {
            fputs("CREATE TABLE IF NOT EXISTS ", sql->out);
            print_name(sql->out, table->kind);
            fputs(" (", sql->out);
        }
        fputs(made ? "" : before, sql->out);
        print_column(sql->out, name, layout, layout->columns[i]);
        fputs(made ? ";\n" : "", sql->out);
        before = ",\n    ";
        if (!p2i_columns_add(&table->columns, name, strlen(name))) {
            return false;
        }
    }
    fputs(made || table->columns.count == 0 ? "" : "\n);\n", sql->out);
    return true;
}

/* Prints the value of a column; NULL where the record lacks it, or its number. */
static bool print_value(struct p2i_sql *sql, const struct p2i_layout *layout,
                        const struct p2i_read_record *record, int column)
{
    sql->text.size = 0;
    if (column == COLUMN_NONE) {
        fputs("NULL", sql->out);
        return true;
    }
    if (!p2i_layout_text(&sql->text, layout, record, column, SHOWN_DECODED)) {
        return false;
    }
    struct p2i_view text = p2i_view_of(sql->text.data, sql->text.size);
    if (number_type(layout, column) == NULL ||
        !is_number(layout, column, p2i_layout_value(record, column).size)) {
        print_quoted(sql->out, '\'', text);
    } else if (text.size > 0 && text.data[text.size - 1] >= '0' &&
               text.data[text.size - 1] <= '9') {
        (void)fwrite(text.data, 1, text.size, sql->out);
    } else {
        fputs("NULL", sql->out); /* no number: an infinity */
    }
    return true;
}

void p2i_sql_begin(const struct p2i_sql *sql)
{
    fputs("BEGIN;\n", sql->out);
}

void p2i_sql_end(const struct p2i_sql *sql)
{
    fputs("COMMIT;\n", sql->out);
}

bool p2i_sql_add(struct p2i_sql *sql, struct p2i_layout *layout,
                 const struct p2i_read_record *record)
{
    if (layout->columns == NULL && (!resolve(sql, layout) || !print_table(sql, layout))) {
        return false;
    }
    size_t count = column_count(sql, layout);
    if (count == 0) {
        return true;
    }
    fputs("INSERT INTO ", sql->out);
    print_name(sql->out, layout->kind);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : " (", sql->out);
        print_name(sql->out, column_name(sql, layout, i));
    }
    fputs(") VALUES (", sql->out);
    bool done = true;
    for (size_t i = 0; i < count && done; i++) {
        fputs(i > 0 ? ", " : "", sql->out);
        done = print_value(sql, layout, record, layout->columns[i]);
    }
    fputs(");\n", sql->out);
    return done;
}

void p2i_sql_free(struct p2i_sql *sql)
{
    for (size_t i = 0; i < sql->table_count; i++) {
        p2i_columns_free(&sql->tables[i].columns);
    }
    free(sql->tables);
    p2i_buffer_free(&sql->text);
}
