/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool_table.h"

#include <stdlib.h>
#include <strings.h>

#include "pcap2ipfix/fields.h"
#include "record/format.h"

enum {
    ROWS_MAX = 20000,   /* held back; then tables are printed in blocks */
    TEXT_MAX = 8 << 20, /* bytes of a group */
    GROUPS_MAX = 64,
    COLUMNS_MAX = 48, /* of foreign records without --fields */
    LEAST_WIDTH = 8,  /* a column is not cut below this */
    GAP = 2,
    ID_PADDING = 210,
};

struct table_column {
    char *name;
    size_t width;
    bool used;   /* some row has a value */
    bool number; /* all values are digits */
};

struct p2i_table_group {
    char kind[24];
    uint32_t domain;
    bool foreign; /* described by its template alone */
    struct table_column *columns;
    size_t column_count;
    struct p2i_buffer text; /* of all cells */
    size_t *ends;           /* of each cell in text, row by row */
    size_t rows, row_capacity;
};

/* What people look for first; the rest is one --fields away. */
static const struct {
    enum p2i_record_kind kind;
    const char *columns;
} usual[] = {
    {P2I_RECORD_CLICKSTREAM, "time,src,dst,LOGIN,METHOD,HOSTNAME,PATH,HOST_TYPE,USER_AGENT"},
    {P2I_RECORD_HTTP_REPLY, "time,src,dst,LOGIN,RESULT_CODE,CONTENT_LENGTH,CONTENT_TYPE,LOCATION"},
    {P2I_RECORD_SSL_REPLY, "time,src,dst,LOGIN,SSL_VERSION,CIPHER_SUITE,HOSTNAME,HOST_TYPE"},
    {P2I_RECORD_SIP, "time,src,dst,LOGIN,MSG_CODE,STATUS_CODE,FROM,TO,URI,UAGENT"},
    {P2I_RECORD_FTP, "time,src,dst,LOGIN,SERVER_NAME,USER,PASSWORD,MODE,RESULT_CODE"},
    {P2I_RECORD_IM, "time,src,dst,LOGIN,IM_PROTOCOL,IM_LOGIN,IM_SCREEN_NAME,IM_UIN,IM_RECEIVERS,"
                    "RESULT_CODE"},
    {P2I_RECORD_MAIL, "time,src,dst,LOGIN,MAIL_PROTOCOL,EVENT,MAIL_SENDER,MAIL_RECEIVER,"
                      "MAIL_SUBJECT,ATTACHMENT,RESULT_CODE"},
    {P2I_RECORD_RAW, "time,src,dst,LOGIN,VDPI_PROTO,META_PROTO,RAW_DATA"},
    {P2I_RECORD_DNS, "time,src,dst,LOGIN,DOMAIN,RRTYPE,TTL,RDATA,TRANSPORT"},
    {P2I_RECORD_FLOW, "time,src,dst,FLOW_LOGIN,protocolIdentifier,packetDeltaCount,"
                      "octetDeltaCount,FLOW_HOST,DPI_PROTOCOL"},
    {P2I_RECORD_BIFLOW, "time,src,dst,FLOW_LOGIN,protocolIdentifier,packetDeltaCount,"
                        "octetDeltaCount,reversePacketDeltaCount,reverseOctetDeltaCount,FLOW_HOST,"
                        "DPI_PROTOCOL"},
};
enum { USUAL_COUNT = sizeof(usual) / sizeof(usual[0]) };

static const char *usual_columns(const char *kind)
{
    for (size_t i = 0; i < USUAL_COUNT; i++) {
        if (strcmp(kind, p2i_record_name(usual[i].kind)) == 0) {
            return usual[i].columns;
        }
    }
    return NULL;
}

static bool add_column(struct p2i_table_group *group, const char *name, size_t size)
{
    struct table_column *columns =
        realloc(group->columns, (group->column_count + 1) * sizeof(*columns));
    if (columns == NULL) {
        return false;
    }
    group->columns = columns;
    columns[group->column_count] =
        (struct table_column){.name = strndup(name, size), .number = true};
    return columns[group->column_count++].name != NULL;
}

static bool add_list(struct p2i_table_group *group, const char *list)
{
    bool done = true;
    while (done && *list != '\0') {
        size_t size = strcspn(list, ",");
        done = add_column(group, list, size);
        list += size + (list[size] == ',' ? 1 : 0);
    }
    return done;
}

/* All fields in the order of the template, but those that time, src and dst show. */
static bool add_foreign_columns(struct p2i_table_group *group, const struct p2i_layout *layout)
{
    bool done = layout->options || add_list(group, "time");
    if (done && layout->source >= 0) {
        done = add_list(group, "src");
    }
    if (done && layout->destination >= 0) {
        done = add_list(group, "dst");
    }
    for (size_t i = 0; done && i < layout->field_count; i++) {
        const struct p2i_layout_field *field = &layout->fields[i];
        int index = (int)i;
        bool shown = index == layout->source || index == layout->destination ||
                     (index == layout->source_port && layout->source >= 0) ||
                     (index == layout->destination_port && layout->destination >= 0) ||
                     (index == layout->time && !layout->options);
        bool padding = field->pen == 0 && field->id == ID_PADDING;
        if (!shown && !padding && group->column_count < COLUMNS_MAX) {
            done = add_column(group, field->name, strlen(field->name));
        }
    }
    return done;
}

static bool set_columns(struct p2i_table_group *group, const struct p2i_layout *layout,
                        const struct p2i_columns *wanted)
{
    const char *list = usual_columns(layout->kind);
    if (wanted->count == 0) {
        return list != NULL ? add_list(group, list) : add_foreign_columns(group, layout);
    }
    for (size_t i = 0; i < wanted->count; i++) {
        if (!add_column(group, wanted->names[i], strlen(wanted->names[i]))) {
            return false;
        }
    }
    return true;
}

static void free_group(struct p2i_table_group *group)
{
    for (size_t i = 0; i < group->column_count; i++) {
        free(group->columns[i].name);
    }
    free(group->columns);
    free(group->ends);
    p2i_buffer_free(&group->text);
}

/* Whether a foreign layout has the columns of a group: they were made from such a layout. */
static bool fits_group(const struct p2i_table_group *group, const struct p2i_layout *layout)
{
    if (strcmp(group->kind, layout->kind) != 0) {
        return false;
    }
    if (!group->foreign) {
        return true;
    }
    size_t fields = 0;
    for (size_t i = 0; i < group->column_count; i++) {
        int column = p2i_layout_column(layout, group->columns[i].name);
        if (column == COLUMN_NONE) {
            return false;
        }
        fields += column >= 0;
    }
    return group->domain == layout->domain && fields <= layout->field_count;
}

static struct p2i_table_group *find_group(struct p2i_tables *tables,
                                          const struct p2i_layout *layout)
{
    for (size_t i = 0; i < tables->group_count; i++) {
        if (fits_group(&tables->groups[i], layout)) {
            return &tables->groups[i];
        }
    }
    if (tables->groups == NULL) {
        tables->groups = calloc(GROUPS_MAX, sizeof(*tables->groups));
    }
    if (tables->groups == NULL) {
        return NULL;
    }
    struct p2i_table_group *group = &tables->groups[tables->group_count];
    *group = (struct p2i_table_group){.domain = layout->domain};
    group->foreign = tables->columns->count == 0 && usual_columns(layout->kind) == NULL;
    memcpy(group->kind, layout->kind, sizeof(group->kind));
    if (!set_columns(group, layout, tables->columns)) {
        free_group(group);
        return NULL;
    }
    tables->group_count++;
    return group;
}

/* Which group and columns the records of a layout go to is found out once. */
static struct p2i_table_group *group_of(struct p2i_tables *tables, struct p2i_layout *layout)
{
    if (layout->columns != NULL && layout->group_generation == tables->generation) {
        return &tables->groups[layout->group];
    }
    struct p2i_table_group *group = find_group(tables, layout);
    free(layout->columns);
    layout->columns =
        group != NULL ? calloc(group->column_count + 1, sizeof(*layout->columns)) : NULL;
    if (layout->columns == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < group->column_count; i++) {
        layout->columns[i] = p2i_layout_column(layout, group->columns[i].name);
    }
    layout->group = (size_t)(group - tables->groups);
    layout->group_generation = tables->generation;
    return group;
}

static bool reserve_row(struct p2i_table_group *group)
{
    if (group->rows < group->row_capacity) {
        return true;
    }
    size_t capacity = group->row_capacity > 0 ? 2 * group->row_capacity : 16;
    size_t *ends =
        realloc(group->ends, capacity * (group->column_count + 1) * sizeof(*group->ends));
    if (ends == NULL) {
        return false;
    }
    group->ends = ends;
    group->row_capacity = capacity;
    return true;
}

static void note_cell(struct table_column *column, struct p2i_view cell)
{
    size_t width = p2i_tool_width(cell);
    column->width = width > column->width ? width : column->width;
    column->used = column->used || cell.size > 0;
    for (size_t i = 0; column->number && i < cell.size; i++) {
        column->number = cell.data[i] >= '0' && cell.data[i] <= '9';
    }
}

bool p2i_tables_add(struct p2i_tables *tables, struct p2i_layout *layout,
                    const struct p2i_read_record *record)
{
    if (tables->row_count >= ROWS_MAX || tables->group_count == GROUPS_MAX) {
        p2i_tables_flush(tables);
    }
    struct p2i_table_group *group = group_of(tables, layout);
    if (group != NULL && group->text.size > TEXT_MAX) {
        p2i_tables_flush(tables);
        group = group_of(tables, layout);
    }
    if (group == NULL || !reserve_row(group)) {
        return false;
    }
    size_t *ends = group->ends + group->rows * group->column_count;
    for (size_t i = 0; i < group->column_count; i++) {
        size_t begin = group->text.size;
        int column = layout->columns[i];
        struct p2i_view arrow = column == COLUMN_DESTINATION ? P2I_VIEW("> ") : P2I_VIEW("");
        if (!p2i_append(&group->text, arrow) ||
            !p2i_layout_text(&group->text, layout, record, column, true)) {
            return false;
        }
        ends[i] = group->text.size;
        struct p2i_view text = p2i_view_of(group->text.data, group->text.size);
        note_cell(&group->columns[i], p2i_view_from(text, begin));
    }
    group->rows++;
    tables->row_count++;
    return true;
}

static const char *title(const struct table_column *column)
{
    if (strcasecmp(column->name, "src") == 0) {
        return "source";
    }
    return strcasecmp(column->name, "dst") == 0 ? "> destination" : column->name;
}

/* Columns that nobody asked for and that are empty go; the widest are cut until the line fits. */
static void set_widths(const struct p2i_tables *tables, struct p2i_table_group *group)
{
    size_t total = 0;
    for (size_t i = 0; i < group->column_count; i++) {
        struct table_column *column = &group->columns[i];
        column->used = column->used || tables->columns->count > 0;
        size_t least = strlen(title(column));
        column->width = column->width > least ? column->width : least;
        total += column->used ? column->width + GAP : 0;
    }
    total -= total >= GAP ? GAP : 0;
    while (tables->width > 0 && total > tables->width) {
        struct table_column *widest = NULL;
        for (size_t i = 0; i < group->column_count; i++) {
            struct table_column *column = &group->columns[i];
            if (column->used && (widest == NULL || column->width > widest->width)) {
                widest = column;
            }
        }
        if (widest == NULL || widest->width <= LEAST_WIDTH) {
            break;
        }
        widest->width--;
        total--;
    }
}

static void print_spaces(FILE *out, size_t count)
{
    while (count-- > 0) {
        fputc(' ', out);
    }
}

/* `gap`: blanks that stand before the cell; gives those that follow it. Blanks are printed only
 * when something comes behind them. */
static size_t print_cell(FILE *out, const struct table_column *column, struct p2i_view cell,
                         size_t gap)
{
    size_t width = p2i_tool_width(cell);
    bool cut = width > column->width;
    if (cut) {
        cell = p2i_tool_fit(cell, column->width - 1);
        width = p2i_tool_width(cell) + 1;
    }
    size_t rest = column->width - width;
    if (width == 0) {
        return gap + rest + GAP;
    }
    print_spaces(out, gap + (column->number ? rest : 0));
    (void)fwrite(cell.data, 1, cell.size, out);
    fputs(cut ? "\xe2\x80\xa6" : "", out);
    return (column->number ? 0 : rest) + GAP;
}

static void print_row(FILE *out, const struct p2i_table_group *group, const size_t *ends,
                      size_t begin)
{
    size_t gap = 0;
    for (size_t i = 0; i < group->column_count; i++) {
        const struct table_column *column = &group->columns[i];
        struct p2i_view cell = p2i_view_of(title(column), strlen(title(column)));
        if (ends != NULL) {
            struct p2i_view text = p2i_view_of(group->text.data, ends[i]);
            cell = p2i_view_from(text, begin);
            begin = ends[i];
        }
        if (column->used) {
            gap = print_cell(out, column, cell, gap);
        }
    }
    fputc('\n', out);
}

static void print_group(struct p2i_tables *tables, struct p2i_table_group *group)
{
    FILE *out = tables->out;
    set_widths(tables, group);
    fputs(tables->printed++ > 0 ? "\n" : "", out);
    if (group->foreign && strcmp(group->kind, "options") != 0) {
        fprintf(out, "template %s of domain %u", group->kind, group->domain);
    } else {
        fputs(group->kind, out);
    }
    fprintf(out, ": %zu record%s\n", group->rows, group->rows == 1 ? "" : "s");
    print_row(out, group, NULL, 0);
    size_t begin = 0;
    for (size_t row = 0; row < group->rows; row++) {
        const size_t *ends = group->ends + row * group->column_count;
        print_row(out, group, ends, begin);
        begin = group->column_count > 0 ? ends[group->column_count - 1] : 0;
    }
}

void p2i_tables_flush(struct p2i_tables *tables)
{
    for (size_t i = 0; i < tables->group_count; i++) {
        print_group(tables, &tables->groups[i]);
        free_group(&tables->groups[i]);
    }
    free(tables->groups);
    tables->groups = NULL;
    tables->group_count = 0;
    tables->row_count = 0;
    tables->generation++;
}
