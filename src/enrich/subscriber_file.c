/* SPDX-License-Identifier: MIT */
#include "enrich/subscriber_file.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/pages.h"
#include "base/time_text.h"
#include "enrich/prefix_ranges.h"
#include "enrich/prefix_sort.h"
#include "enrich/text_lines.h"

enum { LOGIN_MAX = UINT16_MAX };

/* One line. The lines of a prefix are adjacent, in the order of the search. */
struct line {
    uint32_t from_s, to_s;
    uint32_t login_at; /* in the text */
    /* First line of the next shorter prefix that covers this one, from 1; 0: none. */
    uint32_t shorter;
    uint16_t login_size;
    uint16_t channel;
    bool has_channel;
    bool more; /* the next line is of the same prefix */
};

struct p2i_subscriber_file {
    struct p2i_text_lines text;
    struct line *lines;
    size_t count;
    struct p2i_prefix_ranges ranges; /* values: the first line of each prefix, from 1 */
};

/* A file being loaded. */
struct loading {
    struct p2i_subscriber_file *file;
    struct p2i_prefix *prefixes; /* value: index of the line */
};

/* Splits off the field before the next comma. False: nothing is left. */
static bool next_field(struct p2i_view *rest, struct p2i_view *field)
{
    if (rest->data == NULL) {
        return false;
    }
    size_t comma = p2i_view_find(*rest, ',');
    *field = p2i_view_trim(p2i_view_first(*rest, comma));
    *rest = comma < rest->size ? p2i_view_of(rest->data + comma + 1, rest->size - comma - 1)
                               : (struct p2i_view){0};
    return true;
}

static bool parse_channel(struct p2i_view text, struct line *line)
{
    enum { DIGITS_MAX = 5 };
    uint64_t value;
    if (text.size == 0) {
        return true;
    }
    if (text.size > DIGITS_MAX || !p2i_parse_decimal(text, UINT16_MAX, &value)) {
        return false;
    }
    line->channel = (uint16_t)value;
    line->has_channel = true;
    return true;
}

static bool parse_time(struct p2i_view text, uint32_t *time_s)
{
    return text.size == 0 || p2i_time_parse(text, time_s);
}

/* NULL, or a text that says what is wrong with *field. */
static const char *parse_line(struct p2i_view text, const uint8_t *start, struct line *line,
                              struct p2i_prefix *prefix, struct p2i_view *field)
{
    struct p2i_view rest = text;
    struct p2i_view login = {0};
    *line = (struct line){.to_s = UINT32_MAX};
    (void)next_field(&rest, field);
    const char *wrong = p2i_prefix_parse(*field, prefix);
    if (wrong != NULL) {
        return wrong;
    }
    if (!next_field(&rest, &login) || login.size == 0 || login.size > LOGIN_MAX) {
        *field = text;
        return "the login after the prefix is missing";
    }
    line->login_at = (uint32_t)(login.data - start);
    line->login_size = (uint16_t)login.size;
    if (next_field(&rest, field) && !parse_channel(*field, line)) {
        return "not a channel, 0 to 65535";
    }
    if (next_field(&rest, field) && !parse_time(*field, &line->from_s)) {
        return "not a time";
    }
    if (next_field(&rest, field) && !parse_time(*field, &line->to_s)) {
        return "not a time";
    }
    *field = text;
    if (rest.data != NULL) {
        return "more than prefix, login, channel, from, to";
    }
    return line->from_s < line->to_s ? NULL : "ends before it begins";
}

static bool make_room(struct loading *loading)
{
    size_t most = p2i_text_lines_most(&loading->file->text);
    loading->file->lines = p2i_pages_get(most * sizeof *loading->file->lines);
    loading->prefixes = p2i_pages_get(most * sizeof *loading->prefixes);
    return loading->file->lines != NULL && loading->prefixes != NULL;
}

static enum p2i_result read_lines(struct loading *loading, struct p2i_error *error)
{
    struct p2i_subscriber_file *file = loading->file;
    struct p2i_view text;
    if (!make_room(loading)) {
        return p2i_fail_memory(error);
    }
    while (p2i_text_lines_next(&file->text, &text)) {
        struct p2i_prefix *prefix = &loading->prefixes[file->count];
        struct p2i_view field = {0};
        const char *wrong =
            parse_line(text, file->text.data, &file->lines[file->count], prefix, &field);
        if (wrong != NULL) {
            return p2i_text_lines_fail(&file->text, field, wrong, error);
        }
        prefix->value = (uint32_t)file->count++;
    }
    return P2I_OK;
}

/* Orders the lines of one prefix: the latest beginning first; of equal ones the last in the file.
 */
static int compare_lines(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;
    if (left->from_s != right->from_s) {
        return left->from_s > right->from_s ? -1 : 1;
    }
    return left->login_at > right->login_at ? -1 : left->login_at < right->login_at;
}

/* The first line of the longest prefix that covers this one; nested prefixes form a chain by
 * `shorter`. */
static uint32_t shorter_of(const struct p2i_subscriber_file *file,
                           const struct p2i_prefix *prefixes, size_t at, uint32_t previous)
{
    uint32_t candidate = previous;
    while (candidate != 0 && !p2i_prefix_holds(&prefixes[candidate - 1], &prefixes[at])) {
        candidate = file->lines[candidate - 1].shorter;
    }
    return candidate;
}

/* Orders the lines by the sorted prefixes and joins lines of one prefix. Keeps each prefix once,
 * with the number of its first line. Returns how many are kept. */
static size_t join(struct p2i_subscriber_file *file, struct p2i_prefix *prefixes,
                   struct line *sorted)
{
    for (size_t i = 0; i < file->count; i++) {
        sorted[i] = file->lines[prefixes[i].value];
    }
    p2i_pages_put(file->lines);
    file->lines = sorted;
    uint32_t previous = 0;
    for (size_t i = 0; i < file->count;) {
        size_t end = i + 1;
        while (end < file->count && p2i_prefix_equals(&prefixes[end], &prefixes[i])) {
            end++;
        }
        if (end - i > 1) {
            qsort(&sorted[i], end - i, sizeof *sorted, compare_lines);
        }
        uint32_t shorter = shorter_of(file, prefixes, i, previous);
        for (size_t at = i; at < end; at++) {
            sorted[at].more = at + 1 < end;
            sorted[at].shorter = shorter;
        }
        previous = (uint32_t)i + 1;
        i = end;
    }
    size_t kept = 0;
    for (size_t i = 0; i < file->count; i++) {
        if (i == 0 || !p2i_prefix_equals(&prefixes[i], &prefixes[kept - 1])) {
            prefixes[kept] = prefixes[i];
            prefixes[kept++].value = (uint32_t)i + 1;
        }
    }
    return kept;
}

static enum p2i_result load(struct loading *loading, const char *path, struct p2i_error *error)
{
    struct p2i_subscriber_file *file = loading->file;
    enum p2i_result result = p2i_text_lines_open(&file->text, path, error);
    if (result == P2I_OK) {
        result = read_lines(loading, error);
    }
    if (result != P2I_OK || file->count == 0) {
        return result;
    }
    struct line *sorted = p2i_pages_get(file->count * sizeof *sorted);
    if (sorted == NULL || file->count > INT32_MAX ||
        !p2i_prefix_sort(loading->prefixes, file->count)) {
        p2i_pages_put(sorted);
        return p2i_fail_memory(error);
    }
    size_t kept = join(file, loading->prefixes, sorted);
    return p2i_prefix_ranges_build(&file->ranges, loading->prefixes, kept) ? P2I_OK
                                                                           : p2i_fail_memory(error);
}

enum p2i_result p2i_subscriber_file_open(struct p2i_subscriber_file **file, const char *path,
                                         struct p2i_error *error)
{
    struct loading loading = {.file = calloc(1, sizeof **file)};
    *file = NULL;
    if (loading.file == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = load(&loading, path, error);
    p2i_pages_put(loading.prefixes);
    if (result != P2I_OK) {
        p2i_subscriber_file_close(loading.file);
        return result;
    }
    *file = loading.file;
    return P2I_OK;
}

void p2i_subscriber_file_close(struct p2i_subscriber_file *file)
{
    if (file != NULL) {
        p2i_prefix_ranges_free(&file->ranges);
        p2i_text_lines_free(&file->text);
        p2i_pages_put(file->lines);
        free(file);
    }
}

static struct p2i_subscriber answer_of(const struct p2i_subscriber_file *file,
                                       const struct line *line)
{
    return (struct p2i_subscriber){
        .login = p2i_view_of(file->text.data + line->login_at, line->login_size),
        .channel = line->channel,
        .has_channel = line->has_channel,
    };
}

/* Most lines are valid at all times, so that the cached answer is final. */
static void note(const struct p2i_subscriber_file *file, const struct p2i_address *address,
                 uint8_t ip_version, struct p2i_subscriber_noted *noted)
{
    *noted = (struct p2i_subscriber_noted){
        .address = *address,
        .number = p2i_prefix_ranges_find(&file->ranges, address, ip_version),
        .ip_version = ip_version,
    };
    if (noted->number != 0) {
        const struct line *line = &file->lines[noted->number - 1];
        noted->is_always = line->from_s == 0 && line->to_s == UINT32_MAX;
        noted->always = answer_of(file, line);
    }
}

static bool is_of(const struct p2i_subscriber_noted *noted, const struct p2i_address *address,
                  uint8_t ip_version)
{
    return noted->ip_version == ip_version && noted->address.words[0] == address->words[0] &&
           noted->address.words[1] == address->words[1];
}

/* Searches from line `number`, from 1. */
static bool find_line(const struct p2i_subscriber_file *file, uint32_t number, uint32_t time_s,
                      struct p2i_subscriber *found)
{
    while (number != 0) {
        const struct line *line = &file->lines[number - 1];
        number = line->shorter;
        for (;; line++) {
            if (line->from_s <= time_s && time_s < line->to_s) {
                *found = answer_of(file, line);
                return true;
            }
            if (!line->more) {
                break;
            }
        }
    }
    return false;
}

bool p2i_subscriber_file_find(const struct p2i_subscriber_file *file,
                              struct p2i_subscriber_memo *memo, const struct p2i_address *address,
                              uint8_t ip_version, uint32_t time_s, struct p2i_subscriber *found)
{
    enum { PLACES = sizeof memo->noted / sizeof *memo->noted };
    uint64_t place = p2i_mix(address->words[0], address->words[1]);
    struct p2i_subscriber_noted *noted = &memo->noted[place % PLACES];
    if (!is_of(noted, address, ip_version)) {
        note(file, address, ip_version, noted);
    }
    if (noted->is_always && time_s != UINT32_MAX) {
        *found = noted->always;
        return true;
    }
    return find_line(file, noted->number, time_s, found);
}
