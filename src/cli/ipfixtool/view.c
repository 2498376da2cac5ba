/* SPDX-License-Identifier: MIT */
/* ipfixtool view: shows the records of files, IPFIX or JSON Lines, as tables, one field a line,
 * JSON Lines, CSV, TSV or SQL. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/lines.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/sql.h"
#include "cli/ipfixtool/table.h"
#include "cli/ipfixtool/vertical.h"
#include "cli/safe_text.h"
#include "pcap2ipfix/error.h"

struct view {
    struct p2i_form form;
    const char *kind; /* NULL: all but options */
    bool kind_met;
    bool scanning; /* the names of fields are collected; nothing is printed */
    bool peeking;  /* ... and only for those of the first record */
    uint64_t limit, shown;
    int write_error; /* errno when standard output failed; 0: it has not */
    struct p2i_columns columns;
    bool columns_given;
    bool capture_wanted;      /* names of captures are shown */
    bool *column_met;         /* one for each that was given */
    struct p2i_columns names; /* of all fields, from scanning */
    bool scanned;
    struct p2i_filter_option filter;
    struct p2i_tables tables;
    struct p2i_vertical vertical;
    struct p2i_lines lines;
    struct p2i_sql sql;
    struct p2i_layouts layouts;
};

static bool is_wanted(struct view *view, const struct p2i_layout *layout)
{
    if (view->kind == NULL) {
        return !layout->options;
    }
    char id[8];
    (void)snprintf(id, sizeof(id), "%u", layout->template_id);
    bool wanted = strcasecmp(view->kind, layout->kind) == 0 || strcmp(view->kind, id) == 0 ||
                  strcasecmp(view->kind, "all") == 0;
    view->kind_met = view->kind_met || wanted;
    return wanted;
}

/* Notes the columns that records have; the others are reported at the end. */
static void note_columns(struct view *view, const struct p2i_layout *layout)
{
    for (size_t i = 0; view->columns_given && i < view->columns.count; i++) {
        view->column_met[i] =
            view->column_met[i] || p2i_layout_column(layout, view->columns.names[i]) != COLUMN_NONE;
    }
}

static bool collect(struct view *view, struct p2i_layout *layout)
{
    if (layout->columns != NULL) { /* this layout was seen before */
        return true;
    }
    layout->columns = calloc(1, sizeof(*layout->columns));
    bool done = layout->columns != NULL;
    for (size_t i = 0; done && i < layout->field_count; i++) {
        const char *name = layout->fields[i].name;
        done = p2i_columns_has(&view->names, name) ||
               p2i_columns_add(&view->names, name, strlen(name));
    }
    return done;
}

static enum p2i_result show(struct view *view, struct p2i_record_source *source,
                            struct p2i_layout *layout, const struct p2i_source_record *record,
                            struct p2i_error *error)
{
    bool done = true;
    view->shown++;
    if (view->capture_wanted) {
        layout->capture_name = p2i_record_source_capture(source, record, &layout->parts);
    }
    switch (view->form.format) {
    case FORMAT_JSON:
        done = p2i_lines_json(&view->lines, layout, record);
        break;
    case FORMAT_CSV:
    case FORMAT_TSV:
        done = p2i_lines_csv(&view->lines, layout, &record->record);
        break;
    case FORMAT_SQL:
        done = p2i_sql_add(&view->sql, layout, &record->record);
        break;
    case FORMAT_VERTICAL:
        done = p2i_vertical_print(&view->vertical, layout, &record->record);
        break;
    default:
        return p2i_tables_add(&view->tables, layout, &record->record, error);
    }
    return done ? P2I_OK : p2i_fail_memory(error);
}

/* Shows a record if it is wanted. Its layout is looked up before the filter only if the layout
 * decides, too. */
static enum p2i_result take_record(struct view *view, struct p2i_record_source *source,
                                   const struct p2i_source_record *read, struct p2i_error *error)
{
    bool matches = true;
    const struct p2i_reader *reader = p2i_record_source_reader(source);
    const struct p2i_read_record *record = &read->record;
    bool filter_first =
        view->kind == NULL && !view->columns_given && !view->scanning && !record->options;
    enum p2i_result result =
        filter_first ? p2i_filter_option_match(&view->filter, reader, record, &matches, error)
                     : P2I_OK;
    if (result != P2I_OK || !matches) {
        return result;
    }
    struct p2i_layout *layout = p2i_layout_of(&view->layouts, reader, record);
    if (layout == NULL) {
        return p2i_fail_memory(error);
    }
    if (reader == NULL) {
        p2i_layout_set_kind(layout, read->kind);
    }
    if (!is_wanted(view, layout)) {
        return P2I_OK;
    }
    if (view->scanning) {
        enum p2i_result seen = view->peeking ? P2I_END : P2I_OK;
        return collect(view, layout) ? seen : p2i_fail_memory(error);
    }
    if (layout->columns == NULL) {
        note_columns(view, layout);
    }
    if (!filter_first) {
        result = p2i_filter_option_match(&view->filter, reader, record, &matches, error);
    }
    return result == P2I_OK && matches ? show(view, source, layout, read, error) : result;
}

/* The reader is gone or the disk is full; main() reports it. */
static bool has_lost_output(struct view *view)
{
    if (view->write_error == 0 && ferror(stdout) != 0) {
        view->write_error = errno != 0 ? errno : EIO;
    }
    return view->write_error != 0;
}

static enum p2i_result read_records(struct view *view, struct p2i_record_source *source,
                                    struct p2i_error *error)
{
    struct p2i_source_record record;
    while (view->limit == 0 || view->shown < view->limit) {
        enum p2i_result result = p2i_record_source_next(source, &record, error);
        if (result != P2I_OK) {
            return result;
        }
        result = take_record(view, source, &record, error);
        if (result != P2I_OK) {
            return result;
        }
        if (has_lost_output(view)) {
            return P2I_END;
        }
    }
    return P2I_END;
}

static void report_defects(const char *file, uint64_t defects)
{
    if (defects > 0) {
        (void)fflush(stdout);
        fputs("ipfixtool: ", stderr);
        p2i_print_safe(stderr, file);
        fprintf(stderr, ": %" PRIu64 " defect%s: see ipfixtool check\n", defects,
                defects == 1 ? "" : "s");
    }
}

static int view_file(struct view *view, const char *file)
{
    struct p2i_record_source *source = NULL;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_record_source_open(&source, file, &error);
    if (result == P2I_OK) {
        struct p2i_error failed;
        const struct p2i_reader *reader = p2i_record_source_reader(source);
        result = read_records(view, source, &error);
        if (p2i_tables_flush(&view->tables, &failed) != P2I_OK && result == P2I_END) {
            error = failed;
            result = failed.code;
        }
        (void)has_lost_output(view);
        if (!view->scanning && reader != NULL) {
            report_defects(file, p2i_reader_counts(reader).defects);
        }
    }
    /* Names of elements belong to the reader's file. */
    p2i_layouts_free(&view->layouts);
    p2i_record_source_close(source);
    return result == P2I_END || view->scanning ? TOOL_OK : p2i_tool_fail(file, &error);
}

static bool reads_standard_input(int count, char **files)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(files[i], "-") == 0) {
            return true;
        }
    }
    return false;
}

/* Reads all files for the names of their fields. */
static void scan(struct view *view, int count, char **files)
{
    view->scanning = true;
    for (int i = 0; i < count && !view->scanned; i++) {
        (void)view_file(view, files[i]); /* errors are reported when it is read again */
    }
    view->scanning = false;
    view->scanned = true;
}

static bool is_regular(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether the first record of the wanted kind in a file is an extended one. A pipe cannot be read
 * twice: false. */
static bool are_extended(struct view *view, int count, char **files)
{
    if (view->scanned) {
        return p2i_columns_has(&view->names, "observationPointId");
    }
    bool extended = false;
    view->scanning = view->peeking = true;
    for (int i = 0; i < count && !extended; i++) {
        if (is_regular(files[i])) {
            (void)view_file(view, files[i]); /* errors are reported when it is read again */
            extended = p2i_columns_has(&view->names, "observationPointId");
        }
    }
    view->scanning = view->peeking = view->kind_met = false;
    p2i_columns_free(&view->names);
    return extended;
}

/* CSV has one header: the fields of the kind, or all fields of the files, which are then read
 * twice. Returns an exit status. */
static int find_columns(struct view *view, int count, char **files)
{
    if (view->columns_given) {
        return TOOL_OK;
    }
    const char *own = view->kind != NULL ? p2i_tool_own_kind(view->kind) : NULL;
    if (own != NULL) {
        bool extended = are_extended(view, count, files);
        return p2i_columns_add_kind(&view->columns, own, extended) ? TOOL_OK
                                                                   : p2i_tool_out_of_memory();
    }
    if (reads_standard_input(count, files)) {
        return p2i_tool_usage("view: --%s of standard input needs --record or --fields",
                              view->form.format == FORMAT_TSV ? "tsv" : "csv");
    }
    scan(view, count, files);
    bool several = view->kind == NULL || strcasecmp(view->kind, "all") == 0;
    bool done = !several || p2i_columns_add_list(&view->columns, "record");
    for (size_t i = 0; done && i < view->names.count; i++) {
        const char *name = view->names.names[i];
        done = p2i_columns_has(&view->columns, name) ||
               p2i_columns_add(&view->columns, name, strlen(name));
    }
    return done ? TOOL_OK : p2i_tool_out_of_memory();
}

/* The name that a mistyped field probably means. */
static struct p2i_nearest nearest_field(const struct view *view, const char *name)
{
    struct p2i_nearest nearest = p2i_nearest_to(name);
    for (size_t i = 0; i < view->names.count; i++) {
        p2i_nearest_offer(&nearest, view->names.names[i]);
    }
    return nearest;
}

static int refuse_column(const struct view *view, const char *name)
{
    struct p2i_nearest nearest = nearest_field(view, name);
    if (strcasecmp(name, "ip") == 0) {
        return p2i_tool_usage("view: 'ip' is both addresses: a column is one of src, dst, client "
                              "and server");
    }
    p2i_tool_offer_fields(&nearest);
    return nearest.name != NULL
               ? p2i_tool_usage("view: unknown field '%s'; did you mean '%s'?", name, nearest.name)
               : p2i_tool_usage("view: unknown field '%s': neither in the tables (see "
                                "ipfixtool fields) nor in the files",
                                name);
}

static int refuse_filter_field(const struct view *view, const struct p2i_filter_field *field)
{
    struct p2i_nearest nearest = nearest_field(view, field->name);
    p2i_record_filter_offer(&nearest);
    return p2i_filter_option_refuse(&view->filter, field, &nearest);
}

/* Unknown names must be in the files, which are read for them before anything is shown; names of
 * standard input are checked at its end. */
static int check_names(struct view *view, int count, char **files)
{
    struct p2i_filter_field field;
    for (size_t i = 0; view->columns_given && i < view->columns.count; i++) {
        const char *name = view->columns.names[i];
        if (!p2i_tool_is_field(name) && !reads_standard_input(count, files)) {
            scan(view, count, files);
            if (!p2i_columns_has(&view->names, name)) {
                return refuse_column(view, name);
            }
        }
    }
    for (size_t i = 0; p2i_filter_option_field(&view->filter, i, &field); i++) {
        if (!field.known && !reads_standard_input(count, files)) {
            scan(view, count, files);
            if (!p2i_columns_has(&view->names, field.name)) {
                return refuse_filter_field(view, &field);
            }
        }
    }
    return TOOL_OK;
}

/* Reports a name that no record has; an unknown name of standard input is an error only now. */
static int report_unmet_name(const struct view *view, const char *name)
{
    (void)fflush(stdout);
    if (!p2i_tool_is_field(name) && !view->scanned) {
        return refuse_column(view, name);
    }
    fputs("ipfixtool: no record has field '", stderr);
    p2i_print_safe(stderr, name);
    fputs("'\n", stderr);
    return TOOL_OK;
}

static int report_unmet(const struct view *view)
{
    int status = TOOL_OK;
    if (view->kind != NULL && !view->kind_met && p2i_tool_own_kind(view->kind) == NULL &&
        strcasecmp(view->kind, "all") != 0 && strcasecmp(view->kind, "options") != 0) {
        fprintf(stderr, "ipfixtool: no record of kind '%s' found\n", view->kind);
    } else if (view->limit == 0) {
        status = p2i_filter_option_report_unmet(&view->filter);
    }
    for (size_t i = 0; view->columns_given && i < view->columns.count; i++) {
        bool looked = view->shown > 0 || !p2i_tool_is_field(view->columns.names[i]);
        if (!view->column_met[i] && looked) {
            status = p2i_tool_worse(status, report_unmet_name(view, view->columns.names[i]));
        }
    }
    return status;
}

static int view_files(struct view *view, int count, char **files)
{
    view->lines.out = view->tables.out = view->vertical.out = view->sql.out = stdout;
    view->lines.columns = view->tables.columns = view->vertical.columns = view->sql.columns =
        &view->columns;
    bool csv = view->form.format == FORMAT_CSV || view->form.format == FORMAT_TSV;
    int status = check_names(view, count, files);
    view->layouts.form = &view->form;
    view->lines.tabs = view->form.format == FORMAT_TSV;
    view->lines.quoted = view->form.quoted;
    view->capture_wanted = (view->form.format == FORMAT_JSON && !view->columns_given) ||
                           p2i_columns_has(&view->columns, "capture");
    if (status == TOOL_OK && csv) {
        status = find_columns(view, count, files);
    }
    if (status == TOOL_OK && csv && !p2i_lines_csv_header(&view->lines)) {
        status = p2i_tool_out_of_memory();
    }
    view->form.numbers |= view->form.format == FORMAT_SQL; /* columns have types */
    view->column_met = calloc(view->columns.count + 1, sizeof(*view->column_met));
    if (status != TOOL_OK || view->column_met == NULL) {
        return status != TOOL_OK ? status : p2i_tool_out_of_memory();
    }
    bool sql = view->form.format == FORMAT_SQL;
    if (sql) {
        p2i_sql_begin(&view->sql);
    }
    for (int i = 0; i < count && view->write_error == 0; i++) {
        if (count > 1 && view->form.format == FORMAT_TABLE) {
            fputs(i > 0 ? "\n== " : "== ", stdout);
            p2i_print_safe(stdout, files[i]);
            fputs(" ==\n", stdout);
            view->tables.printed = 0;
        }
        status = p2i_tool_worse(status, view_file(view, files[i]));
    }
    if (sql) {
        p2i_sql_end(&view->sql);
    }
    return p2i_tool_worse(status, report_unmet(view));
}

static void free_view(struct view *view)
{
    p2i_columns_free(&view->columns);
    p2i_columns_free(&view->names);
    free(view->column_met);
    p2i_filter_option_free(&view->filter);
    p2i_tables_free(&view->tables);
    p2i_vertical_free(&view->vertical);
    p2i_lines_free(&view->lines);
    p2i_sql_free(&view->sql);
}

static int set_kind(struct view *view, const char *kind)
{
    view->kind = kind;
    return p2i_tool_is_kind(kind) || strcasecmp(kind, "all") == 0
               ? TOOL_OK
               : p2i_tool_unknown_kind("view", kind, ", options, all");
}

/* TOOL_OK, or the status of p2i_tool_usage(). */
static int set_option(struct view *view, int option, const char *value)
{
    uint64_t width = 0;
    switch (option) {
    case TOOL_OPTION_VIEW_RECORD:
        return set_kind(view, value);
    case TOOL_OPTION_VIEW_FIELDS:
        view->columns_given = true;
        return p2i_columns_option(&view->columns, "view", "fields", value);
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&view->filter, value);
    case TOOL_OPTION_VIEW_LIMIT:
        return p2i_tool_parse_number(value, UINT64_MAX, &view->limit) && view->limit > 0
                   ? TOOL_OK
                   : p2i_tool_usage("view: --limit needs a number of at least 1");
    case TOOL_OPTION_WIDTH:
        if (!p2i_tool_parse_number(value, SIZE_MAX, &width)) {
            return p2i_tool_usage("view: --width needs a number");
        }
        view->tables.width = (size_t)width;
        return TOOL_OK;
    default:
        return p2i_form_option(&view->form, option, value);
    }
}

int p2i_tool_view(int argc, char **argv)
{
    struct view view = {
        .form.verb = "view", .filter.verb = "view", .tables.width = p2i_tool_terminal_width()};
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_VIEW, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&view, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        status = p2i_form_check(&view.form);
    }
    if (status == TOOL_OK && arguments.count == 0) {
        status = p2i_tool_usage("view: no file given");
    }
    if (status == TOOL_OK && view.form.format == FORMAT_TABLE) {
        p2i_tables_prepare(&view.tables);
    }
    if (status == TOOL_OK) {
        status = p2i_tool_seal(
            &(struct p2i_tool_needs){.files = arguments.files, .file_count = arguments.count});
    }
    if (status == TOOL_OK) {
        status = view_files(&view, arguments.count, arguments.files);
    }
    free_view(&view);
    errno = view.write_error;
    return status;
}
