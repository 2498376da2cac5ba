/* SPDX-License-Identifier: MIT */
/* ipfixtool top: counts records by the values of fields, and shows the most frequent first. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/table.h"
#include "cli/ipfixtool/top_key.h"
#include "cli/ipfixtool/top_print.h"
#include "pcap2ipfix/option.h"
#include "pcap2ipfix/record_source.h"
#include "pcap2ipfix/tally.h"

enum {
    MEMORY_LEAST = 1 << 20,
    MEMORY_USUAL = 128 << 20,
    LIMIT_USUAL = 10,
};

struct top {
    struct p2i_top_settings settings;
    struct p2i_form form;
    struct p2i_filter_option filter;
    struct p2i_layouts layouts;
    struct p2i_top_keys keys;
    struct p2i_tally *tally;
    size_t memory_bytes;
    bool *met; /* one for each field, then for each that is counted */
    size_t width;
};

/* What is looked up once for each layout: columns of fields, of what is counted, then of bytes and
 * packets of both directions. */
static bool resolve(struct top *top, struct p2i_layout *layout)
{
    static const char *const sums[] = {"0/1", "29305/1", "0/2", "29305/2"};
    const struct p2i_columns *lists[] = {&top->settings.fields, &top->settings.distinct};
    size_t at = 0;
    layout->columns = calloc(lists[0]->count + lists[1]->count + 4, sizeof *layout->columns);
    for (size_t i = 0; layout->columns != NULL && i < 2; i++) {
        for (size_t j = 0; j < lists[i]->count; j++, at++) {
            layout->columns[at] = p2i_layout_column(layout, lists[i]->names[j]);
            top->met[at] = top->met[at] || layout->columns[at] != COLUMN_NONE;
        }
    }
    for (size_t i = 0; layout->columns != NULL && i < 4; i++) {
        layout->columns[at + i] = p2i_layout_column(layout, sums[i]);
    }
    return layout->columns != NULL;
}

/* The sum of two fields, if the record has them. */
static uint64_t sum_of(const struct p2i_read_record *record, const int *columns)
{
    return p2i_value_number(p2i_layout_value(record, columns[0])) +
           p2i_value_number(p2i_layout_value(record, columns[1]));
}

/* False: out of memory. */
static bool count_record(struct top *top, const struct p2i_top_record *record)
{
    size_t fields = top->settings.fields.count;
    size_t distinct = top->settings.distinct.count;
    const int *columns = record->layout->columns;
    struct p2i_view key;
    struct p2i_view value;
    if (!p2i_top_key(&top->keys, record, fields, &key)) {
        return !top->keys.failed; /* it lacks a field */
    }
    struct p2i_tally_entry *entry = p2i_tally_of(top->tally, key);
    bool done = entry != NULL;
    for (size_t i = 0; done && i < distinct; i++) {
        done = !p2i_top_value(record, columns[fields + i], &value) ||
               p2i_tally_add_value(top->tally, entry, i, value);
    }
    if (done) {
        const int *sums = columns + fields + distinct;
        entry->count++;
        entry->summed = entry->summed || sums[0] >= 0;
        entry->sums[TOP_BYTES] += sum_of(record->record, sums);
        entry->sums[TOP_PACKETS] += sum_of(record->record, sums + 2);
    }
    return done;
}

static enum p2i_result take_record(struct top *top, struct p2i_record_source *source,
                                   const struct p2i_source_record *read, struct p2i_error *error)
{
    bool matches = true;
    const struct p2i_reader *reader = p2i_record_source_reader(source);
    if (read->record.options) {
        (void)p2i_layout_of(&top->layouts, reader, &read->record); /* may name an element */
        return P2I_OK;
    }
    enum p2i_result result =
        p2i_filter_option_match(&top->filter, reader, &read->record, &matches, error);
    if (result != P2I_OK || !matches) {
        return result;
    }
    struct p2i_layout *layout = p2i_layout_of(&top->layouts, reader, &read->record);
    if (layout == NULL || (layout->columns == NULL && !resolve(top, layout))) {
        return p2i_fail_memory(error);
    }
    if (reader == NULL) {
        p2i_layout_set_kind(layout, read->kind);
    }
    struct p2i_top_record record = {.layout = layout, .record = &read->record};
    if (top->keys.capture_wanted) {
        record.capture = p2i_record_source_capture(source, read, &layout->parts);
    }
    top->settings.records++;
    return count_record(top, &record) ? P2I_OK : p2i_fail_memory(error);
}

static int read_file(struct top *top, const char *file)
{
    struct p2i_record_source *source = NULL;
    struct p2i_source_record record;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_record_source_open(&source, file, &error);
    while (result == P2I_OK) {
        result = p2i_record_source_next(source, &record, &error);
        if (result == P2I_OK) {
            result = take_record(top, source, &record, &error);
        }
    }
    p2i_layouts_free(&top->layouts);
    p2i_record_source_close(source);
    return result == P2I_OK || result == P2I_END ? TOOL_OK : p2i_tool_fail(file, &error);
}

/* Names that no record has: unknown ones are mistakes. */
static int report_unmet(const struct top *top)
{
    const struct p2i_columns *lists[] = {&top->settings.fields, &top->settings.distinct};
    int status = p2i_filter_option_report_unmet(&top->filter);
    size_t at = 0;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < lists[i]->count; j++, at++) {
            const char *name = lists[i]->names[j];
            if (!top->met[at] && p2i_tool_is_field(name) && top->settings.records > 0) {
                fprintf(stderr, "ipfixtool: no record has field '%s'\n", name);
            } else if (!top->met[at] && !p2i_tool_is_field(name)) {
                struct p2i_nearest nearest = p2i_nearest_to(name);
                p2i_tool_offer_fields(&nearest);
                bool near = nearest.name != NULL;
                status = p2i_tool_worse(status,
                                        p2i_tool_usage("top: unknown field '%s'%s%s%s", name,
                                                       near ? "; did you mean '" : "",
                                                       near ? nearest.name : "", near ? "'?" : ""));
            }
        }
    }
    return status;
}

static int run(struct top *top, int count, char **files)
{
    struct p2i_error error = {0};
    int status = TOOL_OK;
    const struct p2i_tally_settings counted = {.struct_size = sizeof counted,
                                               .memory_bytes = top->memory_bytes,
                                               .distinct_count = top->settings.distinct.count,
                                               .by_sum = top->settings.by == TOP_BY_BYTES};
    top->tally = p2i_tally_new(&counted);
    top->layouts.form = &top->form;
    top->keys.every_s = top->settings.every_s;
    top->keys.capture_wanted = p2i_columns_has(&top->settings.fields, "capture") ||
                               p2i_columns_has(&top->settings.distinct, "capture");
    top->met =
        calloc(top->settings.fields.count + top->settings.distinct.count + 1, sizeof *top->met);
    if (top->tally == NULL || top->met == NULL) {
        return p2i_tool_out_of_memory();
    }
    for (int i = 0; i < count; i++) {
        status = p2i_tool_worse(status, read_file(top, files[i]));
    }
    int unmet = report_unmet(top);
    if (unmet == TOOL_OK && p2i_top_print(&top->settings, &top->form, &top->keys, top->tally,
                                          top->width, &error) != P2I_OK) {
        status = p2i_tool_worse(status, p2i_tool_fail("top", &error));
    }
    return p2i_tool_worse(status, unmet);
}

/* "30s", "15m", "1h", "1d", or seconds. */
static bool read_every(const char *text, uint64_t *seconds)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'\0', 1}};
    char digits[16] = "";
    size_t size = strspn(text, "0123456789");
    if (size == 0 || size >= 10 || (text[size] != '\0' && text[size + 1] != '\0')) {
        return false;
    }
    memcpy(digits, text, size);
    uint64_t number = strtoull(digits, NULL, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (text[size] == units[i].unit) {
            *seconds = number * units[i].seconds;
            return *seconds > 0 && *seconds <= UINT32_MAX;
        }
    }
    return false;
}

static int set_by(struct top *top, const char *value)
{
    static const char *const words[] = {
        [TOP_BY_RECORDS] = "records", [TOP_BY_BYTES] = "bytes", [TOP_BY_PACKETS] = "packets"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(value, words[i]) == 0) {
            top->settings.by = (enum p2i_top_by)i;
            return TOOL_OK;
        }
    }
    top->settings.by = TOP_BY_DISTINCT; /* checked behind all options */
    top->settings.by_field = value;
    return TOOL_OK;
}

static int set_option(struct top *top, int option, const char *value)
{
    uint64_t number = 0;
    switch (option) {
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&top->filter, value);
    case TOOL_OPTION_TOP_FIELDS:
        return p2i_columns_option(&top->settings.fields, "top", "fields", value);
    case TOOL_OPTION_TOP_DISTINCT:
        return p2i_columns_option(&top->settings.distinct, "top", "distinct", value);
    case TOOL_OPTION_TOP_BY:
        return set_by(top, value);
    case TOOL_OPTION_TOP_EVERY:
        return read_every(value, &top->settings.every_s)
                   ? TOOL_OK
                   : p2i_tool_usage("top: --every: '%s' is no time such as 30s, 15m, 1h, 1d",
                                    value);
    case TOOL_OPTION_TOP_LIMIT:
        return p2i_tool_parse_number(value, SIZE_MAX, &top->settings.limit)
                   ? TOOL_OK
                   : p2i_tool_usage("top: --limit needs a number");
    case TOOL_OPTION_TOP_MEMORY:
        top->memory_bytes = p2i_parse_size(value, &number) ? (size_t)number : 0;
        return top->memory_bytes >= MEMORY_LEAST
                   ? TOOL_OK
                   : p2i_tool_usage("top: --memory: '%s' is not a size of at least 1M", value);
    case TOOL_OPTION_WIDTH:
        if (!p2i_tool_parse_number(value, SIZE_MAX, &number)) {
            return p2i_tool_usage("top: --width needs a number");
        }
        top->width = (size_t)number;
        return TOOL_OK;
    default:
        return p2i_form_option(&top->form, option, value);
    }
}

/* Options together. */
static int check(struct top *top, int file_count)
{
    const struct p2i_top_settings *settings = &top->settings;
    int status = p2i_form_check(&top->form);
    if (status == TOOL_OK && settings->fields.count == 0) {
        return p2i_tool_usage("top: no field given: add -F FIELD[,FIELD]");
    }
    if (status == TOOL_OK && settings->by == TOP_BY_DISTINCT &&
        !p2i_columns_has(&settings->distinct, settings->by_field)) {
        return p2i_tool_usage("top: --by: '%s' is not records, bytes, packets or a field of "
                              "--distinct",
                              settings->by_field);
    }
    if (status == TOOL_OK && settings->fields.count + settings->distinct.count > P2I_TOP_FIELDS) {
        return p2i_tool_usage("top: more than %d fields", P2I_TOP_FIELDS);
    }
    return status == TOOL_OK && file_count == 0 ? p2i_tool_usage("top: no file given") : status;
}

static void free_top(struct top *top)
{
    p2i_columns_free(&top->settings.fields);
    p2i_columns_free(&top->settings.distinct);
    p2i_filter_option_free(&top->filter);
    p2i_top_keys_free(&top->keys);
    p2i_tally_free(top->tally);
    free(top->met);
}

int p2i_tool_top(int argc, char **argv)
{
    struct top top = {.settings.limit = LIMIT_USUAL,
                      .form.verb = "top",
                      .filter.verb = "top",
                      .memory_bytes = MEMORY_USUAL,
                      .width = p2i_tool_terminal_width()};
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_TOP, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&top, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        status = check(&top, arguments.count);
    }
    if (status == TOOL_OK) {
        status = p2i_tool_seal(
            &(struct p2i_tool_needs){.files = arguments.files, .file_count = arguments.count});
    }
    if (status == TOOL_OK) {
        status = run(&top, arguments.count, arguments.files);
    }
    free_top(&top);
    return status;
}
