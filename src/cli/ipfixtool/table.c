/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/values.h"

enum {
    ROWS_MAX = 20000,    /* held in memory */
    TEXT_MAX = 32 << 20, /* bytes of them */
    GROUPS_MAX = 4096,   /* then all tables are printed and forgotten */
    COLUMNS_MAX = 48,    /* of foreign records without --fields */
    ID_PADDING = 210,
};

/* Default columns; --fields shows others. */
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

/* Whether a column is never cut. */
static bool is_whole(const char *name)
{
    return strcasecmp(name, "time") == 0 || strcasecmp(name, "src") == 0 ||
           strcasecmp(name, "dst") == 0;
}

static bool add_column(struct p2i_table_group *group, const char *name, size_t size)
{
    struct p2i_table_column *columns =
        realloc(group->columns, (group->column_count + 1) * sizeof(*columns));
    if (columns == NULL) {
        return false;
    }
    group->columns = columns;
    struct p2i_table_column *column = &columns[group->column_count++];
    *column = (struct p2i_table_column){.name = strndup(name, size), .number = true};
    column->whole = column->name != NULL && is_whole(column->name);
    return column->name != NULL;
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

/* Adds all fields in the order of the template, except those of time, src and dst. */
static bool add_foreign_columns(struct p2i_table_group *group, const struct p2i_layout *layout)
{
    bool done = layout->options || add_list(group, "time");
    if (done && layout->parts.source >= 0) {
        done = add_list(group, "src");
    }
    if (done && layout->parts.destination >= 0) {
        done = add_list(group, "dst");
    }
    for (size_t i = 0; done && i < layout->field_count; i++) {
        const struct p2i_layout_field *field = &layout->fields[i];
        int index = (int)i;
        bool shown = index == layout->parts.source || index == layout->parts.destination ||
                     (index == layout->parts.source_port && layout->parts.source >= 0) ||
                     (index == layout->parts.destination_port && layout->parts.destination >= 0) ||
                     (index == layout->parts.time && !layout->options);
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
    free(group->extents);
    p2i_buffer_free(&group->text);
}

/* Whether a layout belongs to a group. A foreign one must have the columns of the group. */
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
    struct p2i_table_group *groups =
        realloc(tables->groups, (tables->group_count + 1) * sizeof(*groups));
    if (groups == NULL) {
        return NULL;
    }
    tables->groups = groups;
    struct p2i_table_group *group = &groups[tables->group_count];
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

/* Finds group and columns of a layout, once for each layout. */
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

bool p2i_table_reserve(struct p2i_table_group *group, size_t rows)
{
    if (rows <= group->row_capacity) {
        return true;
    }
    size_t capacity = group->row_capacity > 0 ? 2 * group->row_capacity : 16;
    capacity = capacity > rows ? capacity : rows;
    size_t *ends =
        realloc(group->ends, capacity * (group->column_count + 1) * sizeof(*group->ends));
    if (ends == NULL) {
        return false;
    }
    group->ends = ends;
    group->row_capacity = capacity;
    return true;
}

static void note_cell(struct p2i_table_column *column, struct p2i_view cell)
{
    size_t width = p2i_tool_width(cell);
    column->width = width > column->width ? width : column->width;
    column->used = column->used || cell.size > 0;
    for (size_t i = 0; column->number && i < cell.size; i++) {
        column->number = isdigit(cell.data[i]) != 0;
    }
}

/* Ends the cell that was appended to the text. */
static void end_cell(struct p2i_table_group *group, size_t column, size_t begin)
{
    struct p2i_view text = p2i_view_of(group->text.data, group->text.size);
    group->ends[group->rows * group->column_count + column] = group->text.size;
    if (!group->begun) {
        note_cell(&group->columns[column], p2i_view_from(text, begin));
    }
}

/* False: out of memory. */
static bool add_row(struct p2i_table_group *group, const struct p2i_layout *layout,
                    const struct p2i_read_record *record)
{
    if (!p2i_table_reserve(group, group->rows + 1)) {
        return false;
    }
    for (size_t i = 0; i < group->column_count; i++) {
        size_t begin = group->text.size;
        int column = layout->columns[i];
        struct p2i_view arrow = column == COLUMN_DESTINATION ? P2I_VIEW("> ") : P2I_VIEW("");
        if (!p2i_append(&group->text, arrow) ||
            !p2i_layout_text(&group->text, layout, record, column, SHOWN_SHORT)) {
            return false;
        }
        end_cell(group, i, begin);
    }
    return true;
}

static bool add_cells(struct p2i_table_group *group, const struct p2i_view *cells)
{
    if (!p2i_table_reserve(group, group->rows + 1)) {
        return false;
    }
    for (size_t i = 0; i < group->column_count; i++) {
        size_t begin = group->text.size;
        if (!p2i_append(&group->text, cells[i])) {
            return false;
        }
        end_cell(group, i, begin);
    }
    return true;
}

/* Makes room for one more row. */
static enum p2i_result begin_row(struct p2i_tables *tables, struct p2i_error *error)
{
    if (tables->group_count == GROUPS_MAX) {
        return p2i_tables_flush(tables, error);
    }
    bool full = tables->held_rows >= ROWS_MAX || tables->held_bytes >= TEXT_MAX;
    return full ? p2i_tables_relieve(tables, error) : P2I_OK;
}

/* Counts the row that was added behind `before` bytes of text, and prints it where its table has
 * begun. */
static void end_row(struct p2i_tables *tables, struct p2i_table_group *group, size_t before)
{
    group->rows++;
    group->row_count++;
    if (group->begun) {
        p2i_table_print(tables, group, false);
    } else {
        tables->held_rows++;
        tables->held_bytes += group->text.size - before;
    }
}

enum p2i_result p2i_tables_add(struct p2i_tables *tables, struct p2i_layout *layout,
                               const struct p2i_read_record *record, struct p2i_error *error)
{
    enum p2i_result result = begin_row(tables, error);
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_table_group *group = group_of(tables, layout);
    size_t before = group != NULL ? group->text.size : 0;
    if (group == NULL || !add_row(group, layout, record)) {
        return p2i_fail_memory(error);
    }
    end_row(tables, group, before);
    return P2I_OK;
}

static struct p2i_table_group *group_of_kind(struct p2i_tables *tables, const char *kind,
                                             const bool *whole)
{
    struct p2i_layout layout = {0};
    (void)snprintf(layout.kind, sizeof layout.kind, "%s", kind);
    struct p2i_table_group *group = find_group(tables, &layout);
    for (size_t i = 0; group != NULL && group->row_count == 0 && i < group->column_count; i++) {
        group->columns[i].whole = whole[i];
    }
    return group;
}

enum p2i_result p2i_tables_add_cells(struct p2i_tables *tables, const char *kind, const bool *whole,
                                     const struct p2i_view *cells, struct p2i_error *error)
{
    enum p2i_result result = begin_row(tables, error);
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_table_group *group = group_of_kind(tables, kind, whole);
    size_t before = group != NULL ? group->text.size : 0;
    if (group == NULL || !add_cells(group, cells)) {
        return p2i_fail_memory(error);
    }
    end_row(tables, group, before);
    return P2I_OK;
}

/* Prints all rows of a group. */
static enum p2i_result print_group(struct p2i_tables *tables, struct p2i_table_group *group,
                                   struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < group->extent_count && result == P2I_OK; i++) {
        result = p2i_table_recall(tables, group, &group->extents[i], error);
        if (result == P2I_OK) {
            p2i_table_print(tables, group, true);
        }
    }
    return result;
}

enum p2i_result p2i_tables_flush(struct p2i_tables *tables, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    bool stored = tables->spill != NULL;
    if (stored) { /* rows in memory follow those of the file */
        result = p2i_tables_relieve(tables, error);
    }
    for (size_t i = 0; i < tables->group_count && result == P2I_OK; i++) {
        struct p2i_table_group *group = &tables->groups[i];
        if (group->extent_count > 0) {
            result = print_group(tables, group, error);
        } else if (group->begun) {
            p2i_table_print_count(tables, group);
        } else {
            p2i_table_print(tables, group, true);
        }
    }
    p2i_tables_free(tables);
    return result;
}

void p2i_tables_free(struct p2i_tables *tables)
{
    for (size_t i = 0; i < tables->group_count; i++) {
        free_group(&tables->groups[i]);
    }
    free(tables->groups);
    if (tables->spill != NULL) {
        (void)fclose(tables->spill); /* which removes it */
    }
    tables->groups = NULL;
    if (tables->prepared != NULL) {
        (void)fclose(tables->prepared);
    }
    tables->spill = tables->prepared = NULL;
    tables->group_count = 0;
    tables->held_rows = 0;
    tables->held_bytes = 0;
    tables->generation++;
}
