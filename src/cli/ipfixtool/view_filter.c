/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/view_filter.h"

#include <stdlib.h>
#include <strings.h>

#include "cli/ipfixtool/names.h"
#include "pcap2ipfix/address.h"
#include "pcap2ipfix/error.h"

enum subject {
    SUBJECT_FIELD,
    SUBJECT_HOST,
    SUBJECT_SOURCE,
    SUBJECT_DESTINATION,
    SUBJECT_ADDRESS, /* of either end */
    SUBJECT_SOURCE_PORT,
    SUBJECT_DESTINATION_PORT,
    SUBJECT_PORT,
};

static const struct {
    const char *name;
    enum subject subject;
} subjects[] = {
    {"host", SUBJECT_HOST},  {"src", SUBJECT_SOURCE},        {"dst", SUBJECT_DESTINATION},
    {"ip", SUBJECT_ADDRESS}, {"sport", SUBJECT_SOURCE_PORT}, {"dport", SUBJECT_DESTINATION_PORT},
    {"port", SUBJECT_PORT},
};
enum { SUBJECT_COUNT = sizeof(subjects) / sizeof(subjects[0]) };

struct p2i_condition {
    enum subject subject;
    bool met; /* a record had such a field */
    char *name;
    char *value;
    /* Of an address or a port: */
    struct p2i_prefix prefix;
    unsigned port;
};

/* Leaves `*number` as it was when the text is not a number up to `most`. */
static bool parse_number(const char *text, unsigned most, unsigned *number)
{
    uint64_t value = *number;
    bool parsed = p2i_tool_parse_number(text, most, &value);
    *number = (unsigned)value;
    return parsed;
}

static bool check_value(struct p2i_condition *condition, struct p2i_error *error)
{
    switch (condition->subject) {
    case SUBJECT_SOURCE:
    case SUBJECT_DESTINATION:
    case SUBJECT_ADDRESS:
        if (p2i_prefix_parse(p2i_view_of(condition->value, strlen(condition->value)),
                             &condition->prefix) != NULL) {
            (void)p2i_fail(error, P2I_USAGE, "'%.60s' is neither an address nor a prefix",
                           condition->value);
            return false;
        }
        return true;
    case SUBJECT_SOURCE_PORT:
    case SUBJECT_DESTINATION_PORT:
    case SUBJECT_PORT:
        if (!parse_number(condition->value, UINT16_MAX, &condition->port)) {
            (void)p2i_fail(error, P2I_USAGE, "'%.60s' is not a port from 0 to 65535",
                           condition->value);
            return false;
        }
        return true;
    case SUBJECT_FIELD:
        return p2i_view_filter_check_value(condition->name, condition->value, error);
    default:
        return true;
    }
}

/* Finds the operator, its size and whether it is `known`. NULL: there is none. */
static const char *find_operator(const char *text, size_t *size, bool *known)
{
    static const char *const others[] = {"!=", "!~", "<=", ">=", "<", ">", "~"};
    const char *at = text + strcspn(text, "=!<>~");
    *size = strncmp(at, "==", 2) == 0 ? 2 : 1;
    *known = at[0] == '=';
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && !*known; i++) {
        if (strncmp(at, others[i], strlen(others[i])) == 0) {
            *size = strlen(others[i]);
            break;
        }
    }
    return at[0] != '\0' ? at : NULL;
}

static struct p2i_condition *new_condition(struct p2i_view_filter *filter, const char *name,
                                           size_t name_size, const char *value)
{
    struct p2i_condition *conditions =
        realloc(filter->conditions, (filter->count + 1) * sizeof(*conditions));
    if (conditions == NULL) {
        return NULL;
    }
    filter->conditions = conditions;
    struct p2i_condition *condition = &conditions[filter->count++];
    *condition = (struct p2i_condition){.name = strndup(name, name_size), .value = strdup(value)};
    return condition->name != NULL && condition->value != NULL ? condition : NULL;
}

enum p2i_result p2i_view_filter_add(struct p2i_view_filter *filter, const char *text,
                                    struct p2i_error *error)
{
    size_t size = 0;
    bool known = false;
    const char *operator= find_operator(text, &size, &known);
    if (operator== NULL || operator== text) {
        return p2i_fail(error, P2I_USAGE, "'%.80s' is not a condition: expected NAME=VALUE", text);
    }
    if (!known) {
        return p2i_fail(error, P2I_USAGE, "unknown operator '%.*s'; did you mean '%.*s=%.60s'?",
                        (int)size, operator, (int)(operator- text), text, operator+ size);
    }
    struct p2i_condition *condition =
        new_condition(filter, text, (size_t)(operator- text), operator+ size);
    if (condition == NULL) {
        return p2i_fail_memory(error);
    }
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (strcasecmp(condition->name, subjects[i].name) == 0) {
            condition->subject = subjects[i].subject;
        }
    }
    return check_value(condition, error) ? P2I_OK : error->code;
}

const char *p2i_view_filter_field(const struct p2i_view_filter *filter, size_t index)
{
    const struct p2i_condition *condition = &filter->conditions[index];
    return condition->subject == SUBJECT_FIELD ? condition->name : NULL;
}

/* Equal except for the case of ASCII letters. */
static bool equals_nocase(struct p2i_view a, struct p2i_view b)
{
    return a.size == b.size &&
           (a.size == 0 || strncasecmp((const char *)a.data, (const char *)b.data, a.size) == 0);
}

static bool ends_with(struct p2i_view text, struct p2i_view end)
{
    return text.size >= end.size && equals_nocase(p2i_view_from(text, text.size - end.size), end);
}

/* "*" matches any text at either end of the pattern. */
static bool matches_pattern(struct p2i_view text, const char *value)
{
    struct p2i_view pattern = p2i_view_of(value, strlen(value));
    bool any_before = pattern.size > 0 && pattern.data[0] == '*';
    pattern = p2i_view_from(pattern, any_before ? 1 : 0);
    bool any_behind = pattern.size > 0 && pattern.data[pattern.size - 1] == '*';
    pattern = p2i_view_first(pattern, pattern.size - (any_behind ? 1 : 0));
    if (any_before && any_behind) {
        return pattern.size == 0 ||
               (text.size >= pattern.size &&
                memmem(text.data, text.size, pattern.data, pattern.size) != NULL);
    }
    if (any_behind) {
        return p2i_view_starts(text, pattern);
    }
    if (any_before) {
        return text.size >= pattern.size &&
               p2i_view_equals(p2i_view_from(text, text.size - pattern.size), pattern);
    }
    return p2i_view_equals(text, pattern);
}

/* ".example.org": the domain and all names below it. "*x": names that end so. Otherwise the name
 * itself. A port after the name (HOSTNAME keeps an unusual one) matters only if the pattern has it.
 */
static bool matches_host(struct p2i_view host, const char *value)
{
    struct p2i_view wanted = p2i_view_of(value, strlen(value));
    struct p2i_view bare = p2i_view_first(host, p2i_view_find(host, ':'));
    if (wanted.size > 0 && wanted.data[0] == '*') {
        wanted = p2i_view_from(wanted, 1);
        return ends_with(host, wanted) || ends_with(bare, wanted);
    }
    if (wanted.size > 0 && wanted.data[0] == '.') {
        return ends_with(bare, wanted) || ends_with(host, wanted) ||
               equals_nocase(bare, p2i_view_from(wanted, 1));
    }
    return equals_nocase(host, wanted) || equals_nocase(bare, wanted);
}

static bool matches_field(struct p2i_view_filter *filter, struct p2i_condition *condition,
                          const struct p2i_layout *layout, const struct p2i_read_record *record)
{
    int column = p2i_layout_column(layout, condition->name);
    if (column == COLUMN_NONE) {
        return false;
    }
    condition->met = true;
    for (int i = 0; i < 2; i++) {
        enum p2i_shown shown = i == 0 ? SHOWN_PLAIN : SHOWN_DECODED;
        filter->scratch.size = 0;
        if (p2i_layout_text(&filter->scratch, layout, record, column, shown) &&
            matches_pattern(p2i_view_of(filter->scratch.data, filter->scratch.size),
                            condition->value)) {
            return true;
        }
    }
    return false;
}

static bool matches_address(struct p2i_condition *condition, int index,
                            const struct p2i_read_record *record)
{
    condition->met = condition->met || index >= 0;
    return index >= 0 &&
           p2i_prefix_holds_bytes(&condition->prefix, p2i_layout_value(record, index));
}

static bool matches_port(struct p2i_condition *condition, int index,
                         const struct p2i_read_record *record)
{
    condition->met = condition->met || index >= 0;
    return index >= 0 && p2i_value_number(p2i_layout_value(record, index)) == condition->port;
}

static bool matches(struct p2i_view_filter *filter, struct p2i_condition *condition,
                    const struct p2i_layout *layout, const struct p2i_read_record *record)
{
    bool matched = false;
    switch (condition->subject) {
    case SUBJECT_HOST:
        condition->met = condition->met || layout->parts.host >= 0;
        return layout->parts.host >= 0 &&
               matches_host(p2i_layout_value(record, layout->parts.host), condition->value);
    case SUBJECT_SOURCE:
        return matches_address(condition, layout->parts.source, record);
    case SUBJECT_DESTINATION:
        return matches_address(condition, layout->parts.destination, record);
    case SUBJECT_ADDRESS:
        matched = matches_address(condition, layout->parts.source, record);
        return matches_address(condition, layout->parts.destination, record) || matched;
    case SUBJECT_SOURCE_PORT:
        return matches_port(condition, layout->parts.source_port, record);
    case SUBJECT_DESTINATION_PORT:
        return matches_port(condition, layout->parts.destination_port, record);
    case SUBJECT_PORT:
        matched = matches_port(condition, layout->parts.source_port, record);
        return matches_port(condition, layout->parts.destination_port, record) || matched;
    default:
        return matches_field(filter, condition, layout, record);
    }
}

bool p2i_view_filter_matches(struct p2i_view_filter *filter, const struct p2i_layout *layout,
                             const struct p2i_read_record *record)
{
    bool all = true;
    for (size_t i = 0; i < filter->count; i++) { /* each one notes whether it was met */
        all = matches(filter, &filter->conditions[i], layout, record) && all;
    }
    return all;
}

const char *p2i_view_filter_unmet(const struct p2i_view_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (!filter->conditions[i].met) {
            return filter->conditions[i].name;
        }
    }
    return NULL;
}

void p2i_view_filter_free(struct p2i_view_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        free(filter->conditions[i].name);
        free(filter->conditions[i].value);
    }
    free(filter->conditions);
    p2i_buffer_free(&filter->scratch);
    *filter = (struct p2i_view_filter){0};
}
