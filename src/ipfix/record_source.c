/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/record_source.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ascii.h"
#include "base/counts.h"
#include "base/json.h"
#include "base/ntp.h"
#include "base/put.h"
#include "base/time_text.h"
#include "ipfix/json_lines.h"
#include "ipfix/reader_raw.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/value_names.h"

enum {
    VALUE_ROOM = 16, /* bytes of a number or an address */
    MEMBERS_MAX = 65535,
};

struct p2i_record_source {
    char *path;
    struct p2i_reader *reader;
    struct p2i_reader *ahead; /* has read the whole file, for names; NULL: it is none, or not yet */
    bool looked_ahead;
    bool json;
    struct p2i_json_lines lines;
    const struct p2i_element **by_name; /* sorted; of JSON */
    size_t element_count;
    /* The current record of JSON. */
    struct p2i_value *values;
    struct p2i_source_extra *extras;
    size_t value_count, extra_count, capacity;
    struct p2i_buffer bytes; /* of its values */
    struct p2i_buffer text;  /* the name of its capture */
};

/* ---- JSON ---- */

static int compare_elements(const void *left, const void *right)
{
    const struct p2i_element *const *a = left;
    const struct p2i_element *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

static bool sort_elements(struct p2i_record_source *source)
{
    const struct p2i_element *all = p2i_elements(&source->element_count);
    source->by_name = calloc(source->element_count, sizeof(struct p2i_element *));
    if (source->by_name == NULL) {
        return false;
    }
    for (size_t i = 0; i < source->element_count; i++) {
        source->by_name[i] = &all[i];
    }
    qsort(source->by_name, source->element_count, sizeof(struct p2i_element *), compare_elements);
    return true;
}

static const struct p2i_element *find_element(const struct p2i_record_source *source,
                                              struct p2i_view name)
{
    size_t low = 0;
    size_t high = source->element_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct p2i_element *element = source->by_name[middle];
        int order = strncmp(element->name, (const char *)name.data, name.size);
        order = order == 0 && element->name[name.size] != '\0' ? 1 : order;
        if (order == 0) {
            return element;
        }
        low = order < 0 ? middle + 1 : low;
        high = order > 0 ? middle : high;
    }
    return NULL;
}

static size_t number_size(int type)
{
    switch (type) {
    case P2I_TYPE_UNSIGNED8:
        return 1;
    case P2I_TYPE_UNSIGNED16:
        return 2;
    case P2I_TYPE_UNSIGNED32:
    case P2I_TYPE_SECONDS:
        return 4;
    case P2I_TYPE_UNSIGNED64:
    case P2I_TYPE_MILLISECONDS:
        return 8;
    default:
        return 0;
    }
}

/* Bytes that are written as pairs of hexadecimal digits, joined by `separator` unless that is 0.
 * Returns their number; SIZE_MAX: the text is something else. */
static size_t parse_hex(struct p2i_view text, uint8_t separator, uint8_t *out)
{
    size_t step = separator != 0 ? 3 : 2;
    size_t count = 0;
    for (size_t at = 0; at < text.size; at += step, count++) {
        int high = p2i_hex_value(text.data[at]);
        int low = at + 1 < text.size ? p2i_hex_value(text.data[at + 1]) : -1;
        bool more = at + 2 < text.size;
        if (high < 0 || low < 0 || (separator != 0 && more && text.data[at + 2] != separator)) {
            return SIZE_MAX;
        }
        out[count] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    return count;
}

static size_t parse_address(struct p2i_view text, uint8_t *out)
{
    char room[INET6_ADDRSTRLEN];
    if (text.size >= sizeof room) {
        return SIZE_MAX;
    }
    memcpy(room, text.data, text.size);
    room[text.size] = '\0';
    if (inet_pton(AF_INET, room, out) == 1) {
        return sizeof(struct in_addr);
    }
    return inet_pton(AF_INET6, room, out) == 1 ? sizeof(struct in6_addr) : SIZE_MAX;
}

/* "0x1301", as cipher suites are shown. */
static bool parse_shown_hex(struct p2i_view text, uint64_t *number)
{
    uint8_t bytes[sizeof(uint64_t)];
    struct p2i_view digits = p2i_view_from(text, 2);
    bool fits =
        p2i_view_starts(text, P2I_VIEW("0x")) && digits.size > 0 && digits.size <= 2 * sizeof bytes;
    size_t size = fits ? parse_hex(digits, 0, bytes) : SIZE_MAX;
    *number = size <= sizeof bytes ? p2i_value_number(p2i_view_of(bytes, size)) : 0;
    return size <= sizeof bytes;
}

/* Digits, or the name that the element has for a number. */
static size_t parse_number(const struct p2i_element *element, struct p2i_view text, size_t size,
                           uint8_t *out)
{
    uint64_t number;
    uint8_t bytes[8];
    uint64_t most = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
    bool named = !p2i_parse_decimal(text, most, &number);
    if (named && !p2i_value_named(element->pen, element->id, text, &number) &&
        !(p2i_value_is_hex(element->pen, element->id) && parse_shown_hex(text, &number))) {
        return SIZE_MAX;
    }
    if (number > most) {
        return SIZE_MAX;
    }
    (void)p2i_put64(bytes, number);
    memcpy(out, bytes + sizeof bytes - size, size);
    return size;
}

/* A time as p2i_format_json() writes it: the fraction is rounded up, so that it gives the same text
 * again. */
static size_t parse_nanoseconds(struct p2i_view text, uint8_t *out)
{
    const int64_t ns_per_s = 1000000000;
    struct p2i_time_span_ns time;
    if (!p2i_time_span_parse(text, &time)) {
        return SIZE_MAX;
    }
    uint64_t fraction = (uint64_t)(time.begin_ns % ns_per_s);
    uint8_t *at = p2i_put32(out, (uint32_t)(time.begin_ns / ns_per_s + P2I_NTP_EPOCH_S));
    at =
        p2i_put32(at, (uint32_t)(((fraction << 32) + (uint64_t)ns_per_s - 1) / (uint64_t)ns_per_s));
    return (size_t)(at - out);
}

/* Encodes a value as its element has it. `out` has room for VALUE_ROOM bytes and for the raw text.
 * Returns the size; SIZE_MAX: it is no value of that type. */
static size_t encode_value(const struct p2i_element *element, const struct p2i_json_value *value,
                           uint8_t *out)
{
    size_t size = number_size(element->type);
    if (size > 0) { /* identifiers of 64 bits are strings */
        bool digits = value->type == P2I_JSON_NUMBER || value->type == P2I_JSON_STRING;
        return digits ? parse_number(element, value->raw, size, out) : SIZE_MAX;
    }
    if (value->type != P2I_JSON_STRING) {
        return SIZE_MAX;
    }
    switch (element->type) {
    case P2I_TYPE_STRING:
        return p2i_json_string(value, out);
    case P2I_TYPE_OCTETS:
        return parse_hex(value->raw, 0, out);
    case P2I_TYPE_MAC:
        size = parse_hex(value->raw, ':', out);
        return size == 6 ? size : SIZE_MAX;
    case P2I_TYPE_IPV4:
    case P2I_TYPE_IPV6:
        return parse_address(value->raw, out);
    case P2I_TYPE_NANOSECONDS:
        return parse_nanoseconds(value->raw, out);
    default:
        return SIZE_MAX;
    }
}

static bool reserve_members(struct p2i_record_source *source)
{
    size_t count = source->value_count + source->extra_count;
    if (count < source->capacity) {
        return true;
    }
    size_t capacity = count > 0 ? 2 * count : 64;
    struct p2i_value *values = realloc(source->values, capacity * sizeof *values);
    if (values == NULL) {
        return false;
    }
    source->values = values;
    struct p2i_source_extra *extras = realloc(source->extras, capacity * sizeof *extras);
    if (extras == NULL) {
        return false;
    }
    source->extras = extras;
    source->capacity = capacity;
    return true;
}

/* The value with its quotes, if it has any. */
static struct p2i_view whole_value(const struct p2i_json_value *value)
{
    bool quoted = value->type == P2I_JSON_STRING;
    return quoted ? p2i_view_of(value->raw.data - 1, value->raw.size + 2) : value->raw;
}

/* The bytes of values move when there are more, so their places are set at the end. False: out of
 * memory. */
static bool add_member(struct p2i_record_source *source, const struct p2i_json_member *member)
{
    const struct p2i_element *element = find_element(source, member->name);
    size_t size = SIZE_MAX;
    if (!reserve_members(source) ||
        !p2i_buffer_reserve(&source->bytes, member->value.raw.size + VALUE_ROOM)) {
        return false;
    }
    if (element != NULL) {
        size = encode_value(element, &member->value, source->bytes.data + source->bytes.size);
    }
    if (size <= UINT16_MAX) {
        source->values[source->value_count++] =
            (struct p2i_value){.pen = element->pen, .id = element->id, .size = (uint16_t)size};
        source->bytes.size += size;
    } else {
        source->extras[source->extra_count++] =
            (struct p2i_source_extra){.name = member->name, .json = whole_value(&member->value)};
    }
    return true;
}

static enum p2i_result refuse_line(const struct p2i_record_source *source, const char *text,
                                   struct p2i_error *error)
{
    (void)p2i_fail(error, P2I_DAMAGED, "%s", text);
    error->line = source->lines.line;
    return P2I_DAMAGED;
}

static enum p2i_result read_members(struct p2i_record_source *source, struct p2i_view line,
                                    struct p2i_view *kind, struct p2i_error *error)
{
    struct p2i_json_member member;
    struct p2i_view rest = line;
    size_t count = 0;
    source->value_count = source->extra_count = source->bytes.size = 0;
    while (p2i_json_next_member(&rest, &member)) {
        if (p2i_view_equals(member.name, P2I_VIEW("record"))) {
            *kind = member.value.raw;
        } else if (++count > MEMBERS_MAX) {
            return refuse_line(source, "a JSON object of more than 65535 members", error);
        } else if (!add_member(source, &member)) {
            return p2i_fail_memory(error);
        }
    }
    if (rest.size > 0) {
        return refuse_line(source, "expected a JSON object, found something else", error);
    }
    const uint8_t *at = source->bytes.data;
    for (size_t i = 0; i < source->value_count; i++) {
        source->values[i].data = at;
        at += source->values[i].size;
    }
    return P2I_OK;
}

/* For the template id of a record: 1 + the kind of this name; 0: there is none. */
static uint16_t number_of_kind(struct p2i_view name)
{
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        const char *known = p2i_record_name((enum p2i_record_kind)i);
        if (p2i_view_equals(name, p2i_view_of(known, strlen(known)))) {
            return (uint16_t)(i + 1);
        }
    }
    return 0;
}

static enum p2i_result next_line(struct p2i_record_source *source, struct p2i_source_record *record,
                                 struct p2i_error *error)
{
    struct p2i_view line;
    enum p2i_result result = p2i_json_lines_next(&source->lines, &line, error);
    *record = (struct p2i_source_record){0};
    if (result == P2I_OK) {
        result = read_members(source, line, &record->kind, error);
    }
    if (result == P2I_OK) {
        record->line = line;
        record->record.value_count = source->value_count;
        record->record.values = source->values;
        record->record.template_id = number_of_kind(record->kind);
        record->record.options = p2i_view_equals(record->kind, P2I_VIEW("options"));
        record->extra_count = source->extra_count;
        record->extras = source->extras;
    }
    return result;
}

/* ---- Both ---- */

/* IPFIX begins with its version, 10; a JSON text with a brace or a blank. */
static enum p2i_result look(struct p2i_record_source *source, struct p2i_error *error)
{
    struct p2i_reader_input *input = p2i_reader_input_of(source->reader);
    uint8_t first = 0;
    enum p2i_result result = p2i_reader_input_peek(input, &first, error);
    source->json = result == P2I_OK && (first == '{' || p2i_is_space(first));
    source->lines.input = input;
    if (source->json && !sort_elements(source)) {
        return p2i_fail_memory(error);
    }
    return result == P2I_END ? P2I_OK : result;
}

enum p2i_result p2i_record_source_open(struct p2i_record_source **source, const char *path,
                                       struct p2i_error *error)
{
    struct p2i_record_source *made = calloc(1, sizeof *made);
    *source = NULL;
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    made->path = strdup(path);
    enum p2i_result result = made->path != NULL
                                 ? p2i_reader_open(&made->reader, path, NULL, NULL, error)
                                 : p2i_fail_memory(error);
    if (result == P2I_OK) {
        result = look(made, error);
    }
    if (result != P2I_OK) {
        p2i_record_source_close(made);
        return result;
    }
    *source = made;
    return P2I_OK;
}

enum p2i_result p2i_record_source_next(struct p2i_record_source *source,
                                       struct p2i_source_record *record, struct p2i_error *error)
{
    if (source->json) {
        return next_line(source, record, error);
    }
    *record = (struct p2i_source_record){0};
    return p2i_reader_next(source->reader, &record->record, error);
}

const struct p2i_reader *p2i_record_source_reader(const struct p2i_record_source *source)
{
    return source->json ? NULL : source->reader;
}

uint64_t p2i_record_source_line(const struct p2i_record_source *source)
{
    return source->json ? source->lines.line : 0;
}

/* Reads the file to its end. Errors are reported when it is read for its records. */
static void read_ahead(struct p2i_record_source *source)
{
    struct p2i_error ignored = {0};
    struct p2i_read_record record;
    struct stat status;
    if (source->looked_ahead || stat(source->path, &status) != 0 || !S_ISREG(status.st_mode) ||
        p2i_reader_open(&source->ahead, source->path, NULL, NULL, &ignored) != P2I_OK) {
        source->looked_ahead = true;
        return;
    }
    source->looked_ahead = true;
    while (p2i_reader_next(source->ahead, &record, &ignored) == P2I_OK) {
    }
}

/* The name in a line of JSON. */
static struct p2i_view capture_of_line(struct p2i_record_source *source,
                                       const struct p2i_source_record *record)
{
    for (size_t i = 0; i < record->extra_count; i++) {
        struct p2i_view json = record->extras[i].json;
        if (p2i_view_equals(record->extras[i].name, P2I_VIEW("capture")) && json.size > 2 &&
            p2i_buffer_reserve(&source->text, json.size)) {
            struct p2i_json_value value = {p2i_view_of(json.data + 1, json.size - 2),
                                           P2I_JSON_STRING};
            return p2i_view_of(source->text.data, json.data[0] == '"'
                                                      ? p2i_json_string(&value, source->text.data)
                                                      : 0);
        }
    }
    return (struct p2i_view){0};
}

struct p2i_view p2i_record_source_capture(struct p2i_record_source *source,
                                          const struct p2i_source_record *record,
                                          const struct p2i_record_parts *parts)
{
    if (source->json) {
        return capture_of_line(source, record);
    }
    if (parts->capture < 0) {
        return (struct p2i_view){0};
    }
    read_ahead(source);
    const struct p2i_value *value = &record->record.values[parts->capture];
    const struct p2i_reader *reader = source->ahead != NULL ? source->ahead : source->reader;
    const char *name =
        p2i_reader_capture(reader, p2i_value_number(p2i_view_of(value->data, value->size)));
    return p2i_view_of(name, name != NULL ? strlen(name) : 0);
}

void p2i_record_source_close(struct p2i_record_source *source)
{
    if (source == NULL) {
        return;
    }
    p2i_json_lines_free(&source->lines);
    p2i_reader_close(source->reader);
    p2i_reader_close(source->ahead);
    p2i_buffer_free(&source->bytes);
    p2i_buffer_free(&source->text);
    free(source->path);
    free(source->by_name);
    free(source->values);
    free(source->extras);
    free(source);
}
