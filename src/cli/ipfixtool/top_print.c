/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/top_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "cli/ipfixtool/rows.h"

enum {
    COLUMNS_MAX = P2I_TOP_FIELDS + 4, /* time, records, bytes, packets */
    NAME_MAX_SIZE = 160,
    DIGITS_ROOM = 24,
};

/* A count in the order of printing. */
struct ranked {
    uint32_t time_s; /* of its bucket */
    uint64_t weight;
    const struct p2i_tally_entry *entry;
};

struct printer {
    const struct p2i_top_settings *settings;
    const struct p2i_form *form;
    const struct p2i_top_keys *keys;
    struct p2i_tally *tally;
    struct ranked *ranked;
    size_t ranked_count;
    bool has_bytes;
    struct p2i_row_column columns[COLUMNS_MAX];
    char names[P2I_TOP_FIELDS][NAME_MAX_SIZE]; /* of the counters of distinct values */
    struct p2i_buffer text;
};

static int compare_views(struct p2i_view a, struct p2i_view b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* ---- Equal texts ---- */

/* A count and its key as text. */
struct written {
    struct p2i_tally_entry *entry;
    uint8_t *text;
    size_t size;
};

static struct p2i_view text_of(const struct written *written)
{
    return p2i_view_of(written->text, written->size);
}

/* By text, then by key. */
static int compare_written(const void *left, const void *right)
{
    const struct written *a = left;
    const struct written *b = right;
    int order = compare_views(text_of(a), text_of(b));
    return order != 0 ? order : compare_views(a->entry->key, b->entry->key);
}

/* Writes a key as the texts of its values, each behind its size. */
static bool write_key(struct printer *printer, struct p2i_view key, struct p2i_buffer *out)
{
    const struct p2i_top_type *type;
    bool done = true;
    out->size = 0;
    if (printer->settings->every_s > 0) {
        done = p2i_append(out, p2i_view_first(key, 4));
        key = p2i_view_from(key, 4);
    }
    while (done && key.size > 0) {
        struct p2i_view value = p2i_top_take_value(printer->keys, &key, &type);
        printer->text.size = 0;
        done = p2i_top_text(&printer->text, printer->form, type, value);
        size_t size = printer->text.size;
        const uint8_t before[3] = {(uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
        done = done && p2i_append(out, p2i_view_of(before, sizeof before)) &&
               p2i_append(out, p2i_view_of(printer->text.data, size));
    }
    return done;
}

static bool merge_written(struct printer *printer, struct written *written, size_t count)
{
    bool done = true;
    qsort(written, count, sizeof *written, compare_written);
    struct p2i_tally_entry *first = count > 0 ? written[0].entry : NULL;
    for (size_t i = 1; done && i < count; i++) {
        if (p2i_view_equals(text_of(&written[i - 1]), text_of(&written[i]))) {
            done = p2i_tally_merge(printer->tally, first, written[i].entry);
            written[i].entry->count = 0; /* is not shown */
        } else {
            first = written[i].entry;
        }
    }
    return done;
}

/* Elements of several types may have values of the same text: those become one count. False: out of
 * memory. */
static bool merge_equal(struct printer *printer)
{
    size_t count;
    struct p2i_tally_entry **entries =
        p2i_tally_entries(printer->tally, P2I_TALLY_UNORDERED, &count);
    struct written *written = calloc(count + 1, sizeof *written);
    struct p2i_buffer room = {0};
    size_t size = 0;
    bool done = entries != NULL && written != NULL;
    for (size_t i = 0; done && i < count; i++) {
        struct written *at = &written[size];
        done = write_key(printer, entries[i]->key, &room) &&
               (at->text = malloc(room.size + 1)) != NULL;
        if (done) {
            if (room.size > 0) {
                memcpy(at->text, room.data, room.size);
            }
            at->size = room.size;
            at->entry = entries[i];
            size++;
        }
    }
    done = done && merge_written(printer, written, size);
    for (size_t i = 0; i < size; i++) {
        free(written[i].text);
    }
    free(written);
    p2i_buffer_free(&room);
    return done;
}

/* ---- Order ---- */

static uint64_t weight_of(const struct printer *printer, const struct p2i_tally_entry *entry)
{
    const struct p2i_top_settings *settings = printer->settings;
    switch (settings->by) {
    case TOP_BY_BYTES:
        return entry->sums[TOP_BYTES];
    case TOP_BY_PACKETS:
        return entry->sums[TOP_PACKETS];
    case TOP_BY_DISTINCT:
        for (size_t i = 0; i < settings->distinct.count; i++) {
            if (strcasecmp(settings->distinct.names[i], settings->by_field) == 0) {
                return p2i_tally_values(entry, i);
            }
        }
        return 0;
    default:
        return entry->count;
    }
}

/* By time, then the greatest weight, then the key, so that the order depends on nothing else. */
static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    if (a->time_s != b->time_s) {
        return a->time_s < b->time_s ? -1 : 1;
    }
    if (a->weight != b->weight) {
        return a->weight > b->weight ? -1 : 1;
    }
    return compare_views(a->entry->key, b->entry->key);
}

static bool rank(struct printer *printer)
{
    size_t count;
    struct p2i_tally_entry **entries =
        p2i_tally_entries(printer->tally, P2I_TALLY_UNORDERED, &count);
    printer->ranked = calloc(count + 1, sizeof *printer->ranked);
    for (size_t i = 0; entries != NULL && printer->ranked != NULL && i < count; i++) {
        const struct p2i_tally_entry *entry = entries[i];
        if (entry->count > 0) {
            struct p2i_view key = entry->key;
            uint32_t time_s = printer->settings->every_s > 0 ? p2i_top_take_time(&key) : 0;
            printer->ranked[printer->ranked_count++] =
                (struct ranked){time_s, weight_of(printer, entry), entry};
            printer->has_bytes = printer->has_bytes || entry->summed;
        }
    }
    if (printer->ranked != NULL) {
        qsort(printer->ranked, printer->ranked_count, sizeof *printer->ranked, compare_ranked);
    }
    return entries != NULL && printer->ranked != NULL;
}

/* ---- Rows ---- */

/* How the values of a field stand in JSON: as numbers only if all of them are. */
static enum p2i_cell_kind kind_of(const struct printer *printer, size_t field)
{
    enum p2i_cell_kind kind = CELL_NUMBER;
    for (size_t i = 0; i < printer->ranked_count && kind != CELL_TEXT; i++) {
        const struct p2i_top_type *type = NULL;
        struct p2i_view key = printer->ranked[i].entry->key;
        if (printer->settings->every_s > 0) {
            (void)p2i_top_take_time(&key);
        }
        for (size_t j = 0; j <= field; j++) {
            (void)p2i_top_take_value(printer->keys, &key, &type);
        }
        bool text = type->type == P2I_TYPE_STRING || type->rr_type >= 0;
        bool number = type->type == P2I_TYPE_UNSIGNED64 &&
                      type->semantics == P2I_SEMANTICS_DEFAULT &&
                      (type->id == 0 || !printer->form->names);
        kind = text ? CELL_TEXT : number ? kind : CELL_WORD;
    }
    return kind;
}

static void add_column(struct printer *printer, struct p2i_rows *rows, const char *name,
                       enum p2i_cell_kind kind, bool whole)
{
    printer->columns[rows->column_count++] =
        (struct p2i_row_column){.name = name, .kind = kind, .whole = whole, .usual = true};
}

static void set_columns(struct printer *printer, struct p2i_rows *rows)
{
    const struct p2i_top_settings *settings = printer->settings;
    if (settings->every_s > 0) {
        add_column(printer, rows, "time", CELL_WORD, true);
    }
    for (size_t i = 0; i < settings->fields.count; i++) {
        add_column(printer, rows, settings->fields.names[i], kind_of(printer, i), false);
    }
    add_column(printer, rows, "records", CELL_NUMBER, true);
    if (printer->has_bytes) {
        add_column(printer, rows, "bytes", CELL_NUMBER, true);
        add_column(printer, rows, "packets", CELL_NUMBER, true);
    }
    for (size_t i = 0; i < settings->distinct.count; i++) {
        (void)snprintf(printer->names[i], NAME_MAX_SIZE, "distinct_%s",
                       settings->distinct.names[i]);
        add_column(printer, rows, printer->names[i], CELL_NUMBER, true);
    }
}

/* A cell of the row that is made, as text in the buffer; buffers move, so cells are offsets first.
 */
struct cells {
    size_t ends[COLUMNS_MAX];
    size_t count;
};

static void end_cell(struct printer *printer, struct cells *cells)
{
    cells->ends[cells->count++] = printer->text.size;
}

static bool add_number(struct printer *printer, struct cells *cells, uint64_t number)
{
    char digits[DIGITS_ROOM];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    bool done = p2i_append(&printer->text, p2i_view_of(digits, (size_t)size));
    end_cell(printer, cells);
    return done;
}

static bool add_time(struct printer *printer, struct cells *cells, uint32_t time_s)
{
    const uint8_t bytes[4] = {(uint8_t)(time_s >> 24), (uint8_t)(time_s >> 16),
                              (uint8_t)(time_s >> 8), (uint8_t)time_s};
    bool done = p2i_form_text(&printer->text, printer->form, P2I_TYPE_SECONDS,
                              p2i_view_of(bytes, sizeof bytes));
    end_cell(printer, cells);
    return done;
}

static bool add_counters(struct printer *printer, struct cells *cells,
                         const struct p2i_tally_entry *entry)
{
    bool done = add_number(printer, cells, entry->count);
    if (done && printer->has_bytes) {
        done = add_number(printer, cells, entry->sums[TOP_BYTES]) &&
               add_number(printer, cells, entry->sums[TOP_PACKETS]);
    }
    for (size_t i = 0; done && i < printer->settings->distinct.count; i++) {
        done = add_number(printer, cells, p2i_tally_values(entry, i));
    }
    return done;
}

static enum p2i_result print_row(struct printer *printer, struct p2i_rows *rows,
                                 const struct p2i_tally_entry *entry, struct p2i_error *error)
{
    struct cells cells = {.count = 0};
    struct p2i_view views[COLUMNS_MAX];
    struct p2i_view key = entry->key;
    bool done = true;
    printer->text.size = 0;
    if (printer->settings->every_s > 0) {
        done = add_time(printer, &cells, p2i_top_take_time(&key));
    }
    while (done && key.size > 0) {
        const struct p2i_top_type *type;
        struct p2i_view value = p2i_top_take_value(printer->keys, &key, &type);
        done = p2i_top_text(&printer->text, printer->form, type, value);
        end_cell(printer, &cells);
    }
    if (!done || !add_counters(printer, &cells, entry)) {
        return p2i_fail_memory(error);
    }
    size_t from = 0;
    for (size_t i = 0; i < cells.count; i++) {
        views[i] = p2i_view_of(printer->text.data + from, cells.ends[i] - from);
        from = cells.ends[i];
    }
    return p2i_rows_add(rows, views, error);
}

static enum p2i_result print_rows(struct printer *printer, struct p2i_rows *rows,
                                  struct p2i_error *error)
{
    const struct p2i_columns all = {0};
    enum p2i_result result = p2i_rows_begin(rows, &all, error);
    size_t printed = 0;
    for (size_t i = 0; result == P2I_OK && i < printer->ranked_count; i++) {
        const struct ranked *ranked = &printer->ranked[i];
        printed = i > 0 && ranked->time_s == ranked[-1].time_s ? printed + 1 : 0;
        if (printer->settings->limit == 0 || printed < printer->settings->limit) {
            result = print_row(printer, rows, ranked->entry, error);
        }
    }
    return result == P2I_OK ? p2i_rows_end(rows, error) : result;
}

static void report_approximate(const struct p2i_top_settings *settings, struct p2i_tally_loss loss)
{
    if (loss.dropped > 0) {
        fprintf(stderr,
                "ipfixtool: top: more values than fit into --memory: %" PRIu64
                " rare ones were dropped; each %s may be too low by up to %" PRIu64 "\n",
                loss.dropped, settings->by == TOP_BY_BYTES ? "number of bytes" : "count",
                loss.low_by);
    }
    if (loss.approximate) {
        fputs("ipfixtool: top: more distinct values than fit into --memory: numbers above 384 are "
              "approximate (2 %)\n",
              stderr);
    }
}

enum p2i_result p2i_top_print(const struct p2i_top_settings *settings, const struct p2i_form *form,
                              const struct p2i_top_keys *keys, struct p2i_tally *tally,
                              size_t width, struct p2i_error *error)
{
    struct printer printer = {.settings = settings, .form = form, .keys = keys, .tally = tally};
    char title[sizeof((struct p2i_table_group *)NULL)->kind];
    struct p2i_rows rows = {.out = stdout,
                            .form = form,
                            .title = title,
                            .noun = "row",
                            .columns = printer.columns,
                            .width = width};
    bool done = (keys->type_count <= 1 || merge_equal(&printer)) && rank(&printer);
    enum p2i_result result = done ? P2I_OK : p2i_fail_memory(error);
    if (done) {
        (void)snprintf(title, sizeof title, "top of %zu value%s", printer.ranked_count,
                       printer.ranked_count == 1 ? "" : "s");
        set_columns(&printer, &rows);
        result = print_rows(&printer, &rows, error);
    }
    report_approximate(settings, p2i_tally_lost(tally));
    p2i_rows_free(&rows);
    p2i_buffer_free(&printer.text);
    free(printer.ranked);
    return result;
}
