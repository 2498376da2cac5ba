/* SPDX-License-Identifier: MIT */
/* ipfixtool view: the records of IPFIX files as tables, JSON Lines or CSV. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/ipfixtool.h"
#include "cli/ipfixtool_filter.h"
#include "cli/ipfixtool_lines.h"
#include "cli/ipfixtool_table.h"
#include "pcap2ipfix/fields.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

struct view {
    enum format format;
    const char *kind; /* NULL: all that are not options */
    bool kind_met;
    bool collecting; /* the names of columns, for CSV; nothing is printed */
    uint64_t limit, shown;
    int write_error; /* errno when standard output failed; 0: it has not */
    struct p2i_columns columns;
    bool columns_given;
    bool *column_met; /* one for each that was given */
    struct p2i_filter filter;
    struct p2i_tables tables;
    struct p2i_lines lines;
    struct p2i_layouts layouts;
};

static bool add_column(struct view *view, const char *name, size_t size)
{
    char **names = realloc(view->columns.names, (view->columns.count + 1) * sizeof(*names));
    if (names == NULL) {
        return false;
    }
    view->columns.names = names;
    names[view->columns.count] = strndup(name, size);
    return names[view->columns.count++] != NULL;
}

static bool has_column(const struct view *view, const char *name)
{
    for (size_t i = 0; i < view->columns.count; i++) {
        if (strcasecmp(view->columns.names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_list(struct view *view, const char *list)
{
    bool done = true;
    while (done && *list != '\0') {
        size_t size = strcspn(list, ",");
        done = size == 0 || add_column(view, list, size);
        list += size + (list[size] == ',' ? 1 : 0);
    }
    return done;
}

/* The kind of our records that a name means; NULL for none. */
static const char *own_kind(const char *name)
{
    for (int i = 0; name != NULL && i < P2I_RECORD_KINDS; i++) {
        if (strcasecmp(name, p2i_record_name((enum p2i_record_kind)i)) == 0) {
            return p2i_record_name((enum p2i_record_kind)i);
        }
    }
    return NULL;
}

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

/* Names that no record knows are most often mistyped: they are told at the end. */
static void note_columns(struct view *view, const struct p2i_layout *layout)
{
    for (size_t i = 0; view->columns_given && i < view->columns.count; i++) {
        view->column_met[i] =
            view->column_met[i] || p2i_layout_column(layout, view->columns.names[i]) != COLUMN_NONE;
    }
}

static bool collect(struct view *view, struct p2i_layout *layout)
{
    if (layout->columns != NULL) { /* this one was here before */
        return true;
    }
    layout->columns = calloc(1, sizeof(*layout->columns));
    bool done = layout->columns != NULL;
    for (size_t i = 0; done && i < layout->field_count; i++) {
        const char *name = layout->fields[i].name;
        done = has_column(view, name) || add_column(view, name, strlen(name));
    }
    return done;
}

static bool show(struct view *view, struct p2i_layout *layout, const struct p2i_read_record *record)
{
    if (view->collecting) {
        return collect(view, layout);
    }
    if (layout->columns == NULL) {
        note_columns(view, layout);
    }
    if (!p2i_filter_matches(&view->filter, layout, record)) {
        return true;
    }
    view->shown++;
    switch (view->format) {
    case FORMAT_JSON:
        return p2i_lines_json(&view->lines, layout, record);
    case FORMAT_CSV:
        return p2i_lines_csv(&view->lines, layout, record);
    default:
        return p2i_tables_add(&view->tables, layout, record);
    }
}

/* Nobody listens any more, or the disk is full: main tells it. */
static bool has_lost_output(struct view *view)
{
    if (view->write_error == 0 && ferror(stdout) != 0) {
        view->write_error = errno != 0 ? errno : EIO;
    }
    return view->write_error != 0;
}

static enum p2i_result read_records(struct view *view, struct p2i_reader *reader,
                                    struct p2i_error *error)
{
    struct p2i_read_record record;
    while (view->limit == 0 || view->shown < view->limit) {
        enum p2i_result result = p2i_reader_next(reader, &record, error);
        if (result != P2I_OK) {
            return result;
        }
        struct p2i_layout *layout = p2i_layout_of(&view->layouts, reader, &record);
        if (layout == NULL || (is_wanted(view, layout) && !show(view, layout, &record))) {
            return p2i_fail(error, P2I_INTERNAL, "out of memory");
        }
        if (has_lost_output(view)) {
            return P2I_END;
        }
    }
    return P2I_END;
}

static int view_file(struct view *view, const char *file)
{
    struct p2i_reader *reader = NULL;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_reader_open(&reader, file, NULL, NULL, &error);
    if (result == P2I_OK) {
        result = read_records(view, reader, &error);
        p2i_tables_flush(&view->tables);
        (void)has_lost_output(view);
        uint64_t defects = p2i_reader_counts(reader).defects;
        if (defects > 0 && !view->collecting) {
            (void)fflush(stdout);
            fprintf(stderr, "ipfixtool: %s: %llu defect%s: see ipfixtool check\n", file,
                    (unsigned long long)defects, defects == 1 ? "" : "s");
        }
    }
    /* Names of elements belong to the reader's file. */
    p2i_layouts_free(&view->layouts);
    p2i_reader_close(reader);
    return result == P2I_END || view->collecting ? TOOL_OK : p2i_tool_fail(file, &error);
}

/* The fields of a kind of our records, in both IP versions. */
static bool add_columns_of(struct view *view, const char *kind)
{
    int number = 0;
    while (strcmp(p2i_record_name((enum p2i_record_kind)number), kind) != 0) {
        number++;
    }
    bool done = true;
    for (uint8_t version = 4; version <= 6; version += 2) {
        const struct p2i_template *of = p2i_template_of((enum p2i_record_kind)number, version);
        for (size_t i = 0; done && i < of->field_count; i++) {
            const char *name = of->fields[i].element->name;
            done = has_column(view, name) || add_column(view, name, strlen(name));
        }
    }
    return done;
}

/* CSV has one header for all: it is that of the kind, or that of all fields in the files, which
 * are then read twice. Gives an exit status. */
static int find_columns(struct view *view, int count, char **files)
{
    if (view->columns_given) {
        return TOOL_OK;
    }
    if (own_kind(view->kind) != NULL) {
        return add_columns_of(view, own_kind(view->kind)) ? TOOL_OK : TOOL_INTERNAL;
    }
    bool several = view->kind == NULL || strcasecmp(view->kind, "all") == 0;
    if (several && !add_list(view, "record")) {
        return TOOL_INTERNAL;
    }
    view->collecting = true;
    for (int i = 0; i < count; i++) {
        if (strcmp(files[i], "-") == 0) {
            return p2i_tool_usage("view: --csv of standard input needs --record or --fields");
        }
        (void)view_file(view, files[i]); /* what is wrong is told the second time */
    }
    view->collecting = false;
    return TOOL_OK;
}

static void tell_unmet(const struct view *view)
{
    const char *name = p2i_filter_unmet(&view->filter);
    if (view->kind != NULL && !view->kind_met && own_kind(view->kind) == NULL &&
        strcasecmp(view->kind, "all") != 0 && strcasecmp(view->kind, "options") != 0) {
        fprintf(stderr, "ipfixtool: no record is of kind '%s'\n", view->kind);
    } else if (name != NULL && view->limit == 0) {
        fprintf(stderr, "ipfixtool: no record has a field '%s'\n", name);
    }
    for (size_t i = 0; view->columns_given && view->shown > 0 && i < view->columns.count; i++) {
        if (!view->column_met[i]) {
            fprintf(stderr, "ipfixtool: no record has a field '%s'\n", view->columns.names[i]);
        }
    }
}

static int view_files(struct view *view, int count, char **files)
{
    view->lines.out = stdout;
    view->lines.columns = &view->columns;
    view->tables.out = stdout;
    view->tables.columns = &view->columns;
    view->column_met = calloc(view->columns.count + 1, sizeof(*view->column_met));
    if (view->column_met == NULL) {
        return TOOL_INTERNAL;
    }
    int status = TOOL_OK;
    if (view->format == FORMAT_CSV) {
        status = find_columns(view, count, files);
        if (status == TOOL_OK && !p2i_lines_csv_header(&view->lines)) {
            status = TOOL_INTERNAL;
        }
        if (status != TOOL_OK) {
            return status;
        }
    }
    for (int i = 0; i < count && view->write_error == 0; i++) {
        if (count > 1 && view->format == FORMAT_TABLE) {
            printf("%s== %s ==\n", i > 0 ? "\n" : "", files[i]);
            view->tables.printed = 0;
        }
        status = p2i_tool_worse(status, view_file(view, files[i]));
    }
    tell_unmet(view);
    return status;
}

static void free_view(struct view *view)
{
    for (size_t i = 0; i < view->columns.count; i++) {
        free(view->columns.names[i]);
    }
    free(view->columns.names);
    free(view->column_met);
    p2i_filter_free(&view->filter);
    p2i_lines_free(&view->lines);
}

static bool parse_count(const char *text, uint64_t *count)
{
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    *count = value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static size_t terminal_width(void)
{
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return terminal ? size.ws_col : 0;
}

/* A kind of ours, a template id, or one of two words. */
static bool is_kind(const char *name)
{
    uint64_t id = 0;
    return own_kind(name) != NULL || strcasecmp(name, "options") == 0 ||
           strcasecmp(name, "all") == 0 || parse_count(name, &id);
}

static int set_format(struct view *view, enum format format)
{
    bool other = view->format != FORMAT_TABLE && view->format != format;
    view->format = format;
    return other ? p2i_tool_usage("view: --json and --csv exclude each other") : TOOL_OK;
}

/* One option; TOOL_OK or what p2i_tool_usage() gave. */
static int set_option(struct view *view, int option, const char *argument, const char *shown)
{
    const char *wrong = NULL;
    uint64_t width = 0;
    switch (option) {
    case 'j':
        return set_format(view, FORMAT_JSON);
    case 'c':
        return set_format(view, FORMAT_CSV);
    case 'r':
        view->kind = argument;
        return is_kind(argument) ? TOOL_OK
                                 : p2i_tool_unknown_kind("view", argument, ", options, all");
    case 'F':
        view->columns_given = true;
        return add_list(view, argument) && view->columns.count > 0
                   ? TOOL_OK
                   : p2i_tool_usage("view: --fields wants names");
    case 'f':
        wrong = p2i_filter_add(&view->filter, argument);
        return wrong == NULL ? TOOL_OK : p2i_tool_usage("view: --filter %s: %s", argument, wrong);
    case 'n':
        return parse_count(argument, &view->limit) && view->limit > 0
                   ? TOOL_OK
                   : p2i_tool_usage("view: --limit wants a number from 1 on");
    case 'w':
        if (!parse_count(argument, &width)) {
            return p2i_tool_usage("view: --width wants a number");
        }
        view->tables.width = (size_t)width;
        return TOOL_OK;
    default:
        return p2i_tool_bad_option("view", option, shown);
    }
}

int p2i_tool_view(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},         {"csv", no_argument, NULL, 'c'},
        {"record", required_argument, NULL, 'r'}, {"fields", required_argument, NULL, 'F'},
        {"filter", required_argument, NULL, 'f'}, {"limit", required_argument, NULL, 'n'},
        {"width", required_argument, NULL, 'w'},  {NULL, 0, NULL, 0},
    };
    struct view view = {.tables.width = terminal_width()};
    int status = TOOL_OK;
    int option;
    opterr = 0;
    while (status == TOOL_OK &&
           (option = getopt_long(argc, argv, ":jcr:F:f:n:w:", options, NULL)) != -1) {
        status = set_option(&view, option, optarg, argv[optind - 1]);
    }
    if (status == TOOL_OK && optind >= argc) {
        status = p2i_tool_usage("view: a file is missing");
    }
    if (status == TOOL_OK) {
        status = view_files(&view, argc - optind, argv + optind);
    }
    free_view(&view);
    errno = view.write_error;
    return status;
}
