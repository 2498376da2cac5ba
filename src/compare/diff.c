/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/hash.h"
#include "compare/match.h"
#include "compare/sessions.h"
#include "compare/text_record.h"
#include "export/sorter.h"

enum {
    SIDES = 2,
    SORTERS = 5, /* at a time */
    EXAMPLE_MOST = 120,
    CHECK_STOP = 1024, /* records between two questions */
};

struct p2i_diff {
    struct p2i_diff_settings settings;
    struct p2i_vocabulary words;
    struct p2i_text_reader reader;
    struct p2i_buffer bytes;
    /* In the order of use: each is read while the next is filled. */
    struct p2i_sorter *read;           /* all records, in the order of the files */
    struct p2i_sorter *by_content;     /* then records with equal content are neighbours */
    struct p2i_sorter *by_ends[SIDES]; /* those without an equal, then by time */
    struct p2i_sorter *differences;    /* by time */
    struct p2i_session_pairs sessions;
    struct p2i_sorter *session_sorter;
    struct p2i_group group;
    uint64_t order[SIDES]; /* hash of all records in their order */
    /* A decoded record and a difference; with room for the fields of all kinds. */
    struct p2i_text_field *room[SIDES];
    struct p2i_diff_field *shown;
};

enum p2i_result p2i_diff_new(struct p2i_diff **diff, const struct p2i_diff_settings *settings,
                             struct p2i_error *error)
{
    struct p2i_diff *made = calloc(1, sizeof *made);
    *diff = made;
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    size_t size = settings->struct_size < sizeof made->settings ? settings->struct_size
                                                                : sizeof made->settings;
    memcpy(&made->settings, settings, size);
    uint64_t memory = made->settings.memory_bytes / SORTERS;
    struct p2i_sorter **sorters[] = {&made->read,       &made->by_content,  &made->by_ends[0],
                                     &made->by_ends[1], &made->differences, &made->session_sorter};
    bool done = true;
    for (size_t i = 0; i < sizeof sorters / sizeof *sorters; i++) {
        *sorters[i] = p2i_sorter_new(memory, made->settings.folder);
        done = done && *sorters[i] != NULL;
    }
    made->sessions.sorter = made->session_sorter;
    made->reader.words = &made->words;
    made->reader.kind = made->settings.kind;
    made->reader.filter = made->settings.filter;
    made->group.words = &made->words;
    made->group.tolerance_s = made->settings.tolerance_s;
    if (!done) {
        p2i_diff_free(made);
        *diff = NULL;
        return p2i_fail_memory(error);
    }
    return P2I_OK;
}

void p2i_diff_free(struct p2i_diff *diff)
{
    if (diff == NULL) {
        return;
    }
    p2i_sorter_free(diff->read);
    p2i_sorter_free(diff->by_content);
    p2i_sorter_free(diff->by_ends[0]);
    p2i_sorter_free(diff->by_ends[1]);
    p2i_sorter_free(diff->differences);
    p2i_sorter_free(diff->session_sorter);
    p2i_text_reader_free(&diff->reader);
    p2i_vocabulary_free(&diff->words);
    p2i_buffer_free(&diff->bytes);
    p2i_group_free(&diff->group);
    free(diff->room[0]);
    free(diff->room[1]);
    free(diff->shown);
    free(diff);
}

/* ---- Reading ---- */

static bool is_stopped(const struct p2i_diff *diff, uint64_t count)
{
    return count % CHECK_STOP == 0 && diff->settings.is_stopped != NULL &&
           diff->settings.is_stopped(diff->settings.context);
}

static enum p2i_result add_record(struct p2i_diff *diff, int side,
                                  const struct p2i_text_record *record, struct p2i_error *error)
{
    struct p2i_sort_key key = {0}; /* keeps the order of the files */
    diff->bytes.size = 0;
    if (!p2i_text_encode(record, &diff->bytes)) {
        return p2i_fail_memory(error);
    }
    return p2i_sorter_add(diff->read, &key, (uint32_t)side,
                          p2i_view_of(diff->bytes.data, diff->bytes.size), error);
}

enum p2i_result p2i_diff_add(struct p2i_diff *diff, int side, const char *path,
                             struct p2i_error *error)
{
    struct p2i_text_record record;
    diff->reader.side = side;
    enum p2i_result result = p2i_text_reader_open(&diff->reader, path, error);
    for (uint64_t count = 0; result == P2I_OK && !is_stopped(diff, count); count++) {
        result = p2i_text_reader_next(&diff->reader, &record, error);
        result = result == P2I_OK ? add_record(diff, side, &record, error) : result;
    }
    p2i_text_reader_close(&diff->reader);
    /* Its own end is no news; that of is_stopped is. */
    bool stopped = result == P2I_OK;
    return stopped ? P2I_END : result == P2I_END ? P2I_OK : result;
}

/* ---- Comparing ---- */

static void mark_ignored(struct p2i_diff *diff)
{
    for (size_t i = 0; i < diff->words.field_count; i++) {
        struct p2i_named_field *field = &diff->words.fields[i];
        char number[24];
        (void)snprintf(number, sizeof number, "%u/%u", field->pen, field->id);
        for (size_t j = 0; j < diff->settings.ignored_count; j++) {
            const char *name = diff->settings.ignored[j];
            field->ignored = field->ignored || strcasecmp(name, field->name) == 0 ||
                             (field->has_element && strcmp(name, number) == 0);
        }
    }
}

static enum p2i_result make_room(struct p2i_diff *diff, struct p2i_error *error)
{
    size_t count = diff->words.field_count + 1;
    diff->room[0] = calloc(count, sizeof *diff->room[0]);
    diff->room[1] = calloc(count, sizeof *diff->room[1]);
    diff->shown = calloc(count, sizeof *diff->shown);
    bool done = diff->room[0] != NULL && diff->room[1] != NULL && diff->shown != NULL;
    return done ? P2I_OK : p2i_fail_memory(error);
}

/* A record without an equal waits for one that is alike. With a tolerance those of the same ends
 * and time are in the order of the rest, so that the order of the files does not matter. */
static enum p2i_result add_single(struct p2i_diff *diff, uint32_t side, struct p2i_view bytes,
                                  struct p2i_error *error)
{
    struct p2i_text_record record;
    uint64_t hash[2] = {0};
    p2i_text_decode(bytes, &record, diff->room[0]);
    if (diff->settings.tolerance_s > 0) {
        p2i_hash_content(&diff->words, &record, false, hash);
    }
    struct p2i_sort_key key = {.time_s = p2i_hash_ends(&diff->words, &record),
                               .session_id = p2i_text_time_ms(&diff->words, &record),
                               .domain = diff->settings.tolerance_s > 0 ? (uint32_t)hash[0]
                                                                        : (uint32_t)record.number};
    return p2i_sorter_add(diff->by_ends[side], &key, side, bytes, error);
}

static enum p2i_result sort_by_content(struct p2i_diff *diff, struct p2i_error *error)
{
    struct p2i_sorted sorted;
    enum p2i_result result;
    while ((result = p2i_sorter_next(diff->read, &sorted, error)) == P2I_OK) {
        struct p2i_text_record record;
        uint64_t hash[2];
        p2i_text_decode(sorted.bytes, &record, diff->room[0]);
        /* With a tolerance the order is that of the rest of the records. */
        p2i_hash_content(&diff->words, &record, diff->settings.tolerance_s == 0, hash);
        diff->order[sorted.tag] = p2i_mix(diff->order[sorted.tag], hash[0]);
        struct p2i_sort_key key = {.time_s = hash[0], .session_id = hash[1]};
        /* With a tolerance, equal times may be those of different records. */
        result = diff->settings.tolerance_s > 0
                     ? add_single(diff, sorted.tag, sorted.bytes, error)
                     : p2i_sorter_add(diff->by_content, &key, sorted.tag, sorted.bytes, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    p2i_sorter_free(diff->read);
    diff->read = NULL;
    return result == P2I_END ? P2I_OK : result;
}

static const struct p2i_text_field *session_of(const struct p2i_diff *diff,
                                               const struct p2i_text_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        if (diff->words.fields[record->fields[i].field].role == P2I_ROLE_SESSION) {
            return &record->fields[i];
        }
    }
    return NULL;
}

/* Records that are equal, those of side 0 first; `bytes` is the first one. */
struct equals {
    struct p2i_sort_key key;
    uint64_t count[SIDES];
    struct p2i_buffer bytes;
    uint64_t session[SIDES];
    bool has_session[SIDES];
};

static bool belongs(const struct p2i_diff *diff, const struct equals *equals,
                    const struct p2i_sorted *sorted)
{
    struct p2i_text_record left;
    struct p2i_text_record right;
    if (equals->count[0] + equals->count[1] == 0 || equals->key.time_s != sorted->key.time_s ||
        equals->key.session_id != sorted->key.session_id) {
        return false;
    }
    p2i_text_decode(p2i_view_of(equals->bytes.data, equals->bytes.size), &left, diff->room[0]);
    p2i_text_decode(sorted->bytes, &right, diff->room[1]);
    return p2i_records_equal(&diff->words, &left, &right);
}

/* Counts the pairs of the equals; those of side 0 without a partner become singles. */
static enum p2i_result end_equals(struct p2i_diff *diff, struct equals *equals,
                                  struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (equals->count[0] == 1 && equals->count[1] == 1 && equals->has_session[0] &&
        equals->has_session[1]) {
        result =
            p2i_session_pairs_add(&diff->sessions, equals->session[0], equals->session[1], error);
    }
    while (equals->count[0] > equals->count[1] && result == P2I_OK) {
        result = add_single(diff, 0, p2i_view_of(equals->bytes.data, equals->bytes.size), error);
        equals->count[0]--;
    }
    equals->count[0] = equals->count[1] = 0;
    return result;
}

static enum p2i_result add_equal(struct p2i_diff *diff, struct equals *equals,
                                 const struct p2i_sorted *sorted, struct p2i_error *error)
{
    struct p2i_text_record record;
    uint32_t side = sorted->tag;
    if (side == 1 && equals->count[1] == equals->count[0]) {
        return add_single(diff, 1, sorted->bytes, error);
    }
    p2i_text_decode(sorted->bytes, &record, diff->room[0]);
    const struct p2i_text_field *session = session_of(diff, &record);
    equals->has_session[side] = session != NULL;
    equals->session[side] = session != NULL ? p2i_text_number(session->text) : 0;
    equals->count[side]++;
    diff->words.kinds[record.kind].same += side == 1;
    return P2I_OK;
}

/* Begins with a record that is not equal to the last one. */
static enum p2i_result begin_equals(struct p2i_diff *diff, struct equals *equals,
                                    const struct p2i_sorted *sorted, struct p2i_error *error)
{
    enum p2i_result result = end_equals(diff, equals, error);
    equals->key = sorted->key;
    equals->bytes.size = 0;
    if (result == P2I_OK && !p2i_append(&equals->bytes, sorted->bytes)) {
        result = p2i_fail_memory(error);
    }
    return result;
}

static enum p2i_result take_equals(struct p2i_diff *diff, struct p2i_error *error)
{
    struct equals equals = {0};
    struct p2i_sorted sorted;
    enum p2i_result result;
    while ((result = p2i_sorter_next(diff->by_content, &sorted, error)) == P2I_OK) {
        if (!belongs(diff, &equals, &sorted)) {
            result = begin_equals(diff, &equals, &sorted, error);
        }
        if (result == P2I_OK) {
            result = add_equal(diff, &equals, &sorted, error);
        }
        if (result != P2I_OK) {
            break;
        }
    }
    if (result == P2I_END) {
        result = end_equals(diff, &equals, error);
    }
    p2i_buffer_free(&equals.bytes);
    p2i_sorter_free(diff->by_content);
    diff->by_content = NULL;
    return result;
}

static bool keep_example(struct p2i_buffer *example, const struct p2i_text_field *field)
{
    return field == NULL || p2i_append(example, p2i_view_first(field->text, EXAMPLE_MOST));
}

/* Counts the fields that differ; *count is their number. */
static enum p2i_result count_fields(struct p2i_diff *diff, const struct p2i_single *a,
                                    const struct p2i_single *b, size_t *count,
                                    struct p2i_error *error)
{
    struct p2i_field_pairs pairs = {.of = {&a->text, &b->text}};
    *count = 0;
    while (p2i_field_pairs_next(&pairs)) {
        if (!p2i_vocabulary_compares(&diff->words, a->text.kind, pairs.field) ||
            p2i_fields_equal(&diff->words, diff->settings.tolerance_s, pairs.pair[0],
                             pairs.pair[1])) {
            continue;
        }
        struct p2i_kind_field *field = &diff->words.kinds[a->text.kind].fields[pairs.field];
        if (field->different++ == 0 && (!keep_example(&field->example[0], pairs.pair[0]) ||
                                        !keep_example(&field->example[1], pairs.pair[1]))) {
            return p2i_fail_memory(error);
        }
        ++*count;
    }
    return P2I_OK;
}

/* Adds a pair or a record of one side to the differences: its tag has a bit for each side. */
static enum p2i_result add_difference(void *context, const struct p2i_single *a,
                                      const struct p2i_single *b, struct p2i_error *error)
{
    struct p2i_diff *diff = context;
    const struct p2i_single *any = a != NULL ? a : b;
    struct p2i_named_kind *kind = &diff->words.kinds[any->text.kind];
    size_t size = a != NULL ? a->bytes.size : 0;
    if (a != NULL && b != NULL) {
        size_t count = 0;
        enum p2i_result result = count_fields(diff, a, b, &count, error);
        kind->different += count > 0;
        kind->same += count == 0; /* within the tolerance */
        if (result != P2I_OK || count == 0) {
            return result;
        }
    } else {
        kind->only[a == NULL]++;
    }
    diff->bytes.size = 0;
    bool done = p2i_append(&diff->bytes, p2i_view_of(&size, sizeof size)) &&
                (a == NULL || p2i_append(&diff->bytes, p2i_view_of(a->bytes.data, size))) &&
                (b == NULL || p2i_append(&diff->bytes, p2i_view_of(b->bytes.data, b->bytes.size)));
    if (!done) {
        return p2i_fail_memory(error);
    }
    struct p2i_sort_key key = {.time_s = any->time_ms, .session_id = any->text.number};
    return p2i_sorter_add(diff->differences, &key, (a != NULL ? 1U : 0) | (b != NULL ? 2U : 0),
                          p2i_view_of(diff->bytes.data, diff->bytes.size), error);
}

/* The next single of each side. */
struct heads {
    struct p2i_sorted sorted[SIDES];
    bool here[SIDES];
};

static enum p2i_result step(struct p2i_diff *diff, struct heads *heads, int side,
                            struct p2i_error *error)
{
    enum p2i_result result = p2i_sorter_next(diff->by_ends[side], &heads->sorted[side], error);
    heads->here[side] = result == P2I_OK;
    return result == P2I_END ? P2I_OK : result;
}

/* Adds singles with these ends, up to the room of the group. *complete: there are no more. */
static enum p2i_result fill_group(struct p2i_diff *diff, struct heads *heads, uint64_t ends,
                                  bool *complete, struct p2i_error *error)
{
    struct p2i_group *group = &diff->group;
    *complete = true;
    for (int side = 0; side < SIDES; side++) {
        const struct p2i_sorted *head = &heads->sorted[side];
        while (heads->here[side] && head->key.time_s == ends &&
               group->count[side] < P2I_GROUP_MOST) {
            if (!p2i_group_add(group, side, head->key.session_id, head->bytes)) {
                return p2i_fail_memory(error);
            }
            enum p2i_result result = step(diff, heads, side, error);
            if (result != P2I_OK) {
                return result;
            }
        }
        *complete = *complete && !(heads->here[side] && head->key.time_s == ends);
    }
    return P2I_OK;
}

/* Matches those without an equal, group by group. */
static enum p2i_result match_singles(struct p2i_diff *diff, struct p2i_error *error)
{
    struct heads heads = {0};
    enum p2i_result result = step(diff, &heads, 0, error);
    if (result == P2I_OK) {
        result = step(diff, &heads, 1, error);
    }
    while (result == P2I_OK && (heads.here[0] || heads.here[1])) {
        bool second = !heads.here[0] ||
                      (heads.here[1] && heads.sorted[1].key.time_s < heads.sorted[0].key.time_s);
        uint64_t ends = heads.sorted[second].key.time_s;
        bool complete = false;
        while (result == P2I_OK && !complete) {
            result = fill_group(diff, &heads, ends, &complete, error);
            if (result == P2I_OK) {
                result = p2i_group_match(&diff->group, complete, add_difference, diff, error);
            }
        }
    }
    return result;
}

/* ---- Results ---- */

static size_t show_fields(struct p2i_diff *diff, const struct p2i_text_record *a,
                          const struct p2i_text_record *b, bool pair)
{
    struct p2i_field_pairs pairs = {.of = {a, b}};
    int kind = a->field_count > 0 ? a->kind : b->kind;
    size_t count = 0;
    while (p2i_field_pairs_next(&pairs)) {
        const struct p2i_named_field *named = &diff->words.fields[pairs.field];
        struct p2i_diff_field *field = &diff->shown[count++];
        *field =
            (struct p2i_diff_field){.name = named->name, .is_end = named->role == P2I_ROLE_END};
        field->differs = pair && p2i_vocabulary_compares(&diff->words, kind, pairs.field) &&
                         !p2i_fields_equal(&diff->words, diff->settings.tolerance_s, pairs.pair[0],
                                           pairs.pair[1]);
        for (int side = 0; side < SIDES; side++) {
            field->here[side] = pairs.pair[side] != NULL;
            if (field->here[side]) {
                field->number[side] = pairs.pair[side]->number;
                field->text[side] = pairs.pair[side]->text;
            }
        }
    }
    return count;
}

static enum p2i_result give_differences(struct p2i_diff *diff, p2i_diff_take *take, void *context,
                                        struct p2i_error *error)
{
    struct p2i_sorted sorted;
    enum p2i_result result;
    while ((result = p2i_sorter_next(diff->differences, &sorted, error)) == P2I_OK) {
        struct p2i_text_record sides[SIDES] = {{0}, {0}};
        size_t size;
        memcpy(&size, sorted.bytes.data, sizeof size);
        struct p2i_view rest = p2i_view_from(sorted.bytes, sizeof size);
        if ((sorted.tag & 1) != 0) {
            p2i_text_decode(p2i_view_first(rest, size), &sides[0], diff->room[0]);
        }
        if ((sorted.tag & 2) != 0) {
            p2i_text_decode(p2i_view_from(rest, size), &sides[1], diff->room[1]);
        }
        int kind = (sorted.tag & 1) != 0 ? sides[0].kind : sides[1].kind;
        struct p2i_diff_record record = {
            .kind = diff->words.kinds[kind].name,
            .here = {(sorted.tag & 1) != 0, (sorted.tag & 2) != 0},
            .field_count = show_fields(diff, &sides[0], &sides[1], sorted.tag == 3),
            .fields = diff->shown,
        };
        result = take(context, &record, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return result == P2I_END ? P2I_OK : result;
}

enum p2i_result p2i_diff_run(struct p2i_diff *diff, p2i_diff_take *take, void *context,
                             struct p2i_error *error)
{
    mark_ignored(diff);
    enum p2i_result result = make_room(diff, error);
    if (result == P2I_OK) {
        result = sort_by_content(diff, error);
    }
    if (result == P2I_OK) {
        result = take_equals(diff, error);
    }
    if (result == P2I_OK) {
        result = match_singles(diff, error);
    }
    if (result == P2I_OK) {
        result = p2i_session_pairs_count(&diff->sessions, error);
    }
    return result == P2I_OK ? give_differences(diff, take, context, error) : result;
}

bool p2i_diff_kind_at(const struct p2i_diff *diff, size_t index, struct p2i_diff_kind *kind)
{
    if (index >= diff->words.kind_count) {
        return false;
    }
    const struct p2i_named_kind *of = &diff->words.kinds[index];
    *kind = (struct p2i_diff_kind){.name = of->name,
                                   .records = {of->records[0], of->records[1]},
                                   .same = of->same,
                                   .different = of->different,
                                   .only = {of->only[0], of->only[1]}};
    return true;
}

bool p2i_diff_field_at(const struct p2i_diff *diff, size_t kind, size_t index,
                       struct p2i_diff_field_count *field)
{
    if (kind >= diff->words.kind_count || index >= diff->words.field_count) {
        return false;
    }
    const struct p2i_named_kind *of = &diff->words.kinds[kind];
    const struct p2i_named_field *named = &diff->words.fields[index];
    *field = (struct p2i_diff_field_count){.name = named->name, .ignored = named->ignored};
    if (index < of->field_count) {
        const struct p2i_kind_field *counts = &of->fields[index];
        field->different = counts->different;
        for (int side = 0; side < SIDES; side++) {
            field->missing[side] = p2i_vocabulary_misses(&diff->words, (int)kind, (int)index, side);
            field->example[side] =
                p2i_view_of(counts->example[side].data, counts->example[side].size);
        }
    }
    return true;
}

uint64_t p2i_diff_split_sessions(const struct p2i_diff *diff, int side)
{
    return diff->sessions.split[side];
}

bool p2i_diff_is_same(const struct p2i_diff *diff)
{
    for (size_t i = 0; i < diff->words.kind_count; i++) {
        const struct p2i_named_kind *kind = &diff->words.kinds[i];
        if (kind->different > 0 || kind->only[0] > 0 || kind->only[1] > 0) {
            return false;
        }
    }
    return true;
}

bool p2i_diff_is_same_order(const struct p2i_diff *diff)
{
    return p2i_diff_is_same(diff) && diff->order[0] == diff->order[1];
}
