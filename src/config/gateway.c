/* SPDX-License-Identifier: MIT */
#include "config/gateway.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "config/configuration.h"
#include "config/gateway_file.h"
#include "config/key.h"
#include "pcap2ipfix/nearest.h"

/* A row of gateway.def. */
struct row {
    const char *name;
    const char *initial;
    const char *why;
};

static const struct row rows[] = {
#define GATEWAY(name, initial, why) {name, initial, why},
#include "config/gateway.def"
#undef GATEWAY
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

enum { FULL_EXPORT = 8 }; /* bit of the parameter `netflow` */

/* What becomes of a parameter. */
struct fate {
    const struct row *row; /* NULL: unknown */
    const char *why;       /* it is ignored; NULL: it is used */
    uint64_t again;        /* line that sets it again; 0: none */
    const char *value;     /* that is used */
};

/* A file that is being read. */
struct gateway {
    struct p2i_settings *settings;
    struct p2i_error *error;
    const struct p2i_gateway_parameter *parameters;
    struct fate *fates; /* by parameter */
    size_t count;
    struct p2i_yaml map;    /* of the keys to set */
    struct p2i_yaml **tail; /* place of the next key */
};

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        size_t size = strlen(rows[i].name);
        bool family = rows[i].name[size - 1] == '*';
        if (family ? strncmp(rows[i].name, name, size - 1) == 0 : strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool is_list(const struct p2i_config_key *key)
{
    return key != NULL && key->kind == &p2i_config_key_collectors;
}

/* Whether two lines are about the same value. */
static bool is_same(const struct p2i_gateway_parameter *a, const struct p2i_gateway_parameter *b)
{
    bool both = a->index != NULL && b->index != NULL;
    return strcmp(a->name, b->name) == 0 &&
           (both ? strcmp(a->index, b->index) == 0 : a->index == b->index);
}

static uint64_t find_again(const struct gateway *gateway, size_t index)
{
    for (size_t i = index + 1; i < gateway->count; i++) {
        if (is_same(&gateway->parameters[index], &gateway->parameters[i])) {
            return gateway->parameters[i].line;
        }
    }
    return 0;
}

/* The value of a parameter that is used; NULL: the file has none. */
static const char *value_of(const struct gateway *gateway, const char *name)
{
    for (size_t i = 0; i < gateway->count; i++) {
        const struct fate *fate = &gateway->fates[i];
        if (fate->row != NULL && fate->why == NULL && fate->again == 0 &&
            strcmp(gateway->parameters[i].name, name) == 0) {
            return fate->value;
        }
    }
    return NULL;
}

/* Switches have numbers other than 0 and 1 for kinds of what they switch on. */
static const char *switch_value(const struct p2i_config_key *key, const char *value)
{
    bool two =
        key != NULL && (key->kind == &p2i_config_key_switch || key->kind == &p2i_config_key_record);
    const char *digits = value[0] == '-' ? value + 1 : value;
    uint64_t number;
    bool on = two && p2i_parse_decimal(p2i_view_of(digits, strlen(digits)), UINT32_MAX, &number) &&
              number > 0;
    return on ? "1" : value;
}

/* What becomes of a parameter on its own. */
static struct fate judge(const struct gateway *gateway, size_t index)
{
    const struct p2i_gateway_parameter *parameter = &gateway->parameters[index];
    const struct p2i_config_key *key = p2i_config_key_find(parameter->name);
    struct fate fate = {.row = find_row(parameter->name), .again = find_again(gateway, index)};
    if (fate.row == NULL) {
        return fate;
    }
    fate.value = switch_value(key, parameter->value);
    if (fate.row->why[0] != '\0') {
        fate.why = fate.row->why;
    } else if (parameter->index != NULL && !is_list(key)) {
        fate.why = "only lists have an index";
    } else if (parameter->value[0] == '\0') {
        fate.why = "it has no value";
    }
    return fate;
}

static void ignore(struct gateway *gateway, const char *name, const char *why)
{
    for (size_t i = 0; i < gateway->count; i++) {
        struct fate *fate = &gateway->fates[i];
        if (strcmp(gateway->parameters[i].name, name) == 0 && fate->why == NULL) {
            fate->why = why;
        }
    }
}

/* Reads the mask of the parameter `netflow`, decimal or hexadecimal; 0 if the file has none. */
static enum p2i_result read_mask(const struct gateway *gateway, unsigned long *mask)
{
    const char *value = value_of(gateway, "netflow");
    *mask = 0;
    if (value == NULL) {
        return P2I_OK;
    }
    char *end = NULL;
    *mask = p2i_is_digit((uint8_t)value[0]) ? strtoul(value, &end, 0) : 0;
    if (end != NULL && *end == '\0' && *mask <= UINT8_MAX) {
        return P2I_OK;
    }
    (void)p2i_fail(gateway->error, P2I_USAGE, "netflow: '%.80s' is not a mask from 0 to 255",
                   value);
    for (size_t i = 0; i < gateway->count; i++) {
        if (gateway->fates[i].value == value) {
            gateway->error->line = gateway->parameters[i].line;
        }
    }
    return P2I_USAGE;
}

/* The collector of flows gets IPFIX only with its bit in `netflow` and a type other than 0. */
static enum p2i_result judge_flows(struct gateway *gateway, bool *flows)
{
    unsigned long mask;
    enum p2i_result result = read_mask(gateway, &mask);
    const char *type = value_of(gateway, "netflow_full_collector_type");
    bool ipfix = type != NULL && strcmp(type, "0") != 0;
    *flows = result == P2I_OK && (mask & FULL_EXPORT) != 0;
    const char *why = !*flows ? "netflow has no 8: the full export of flows is off"
                      : !ipfix
                          ? "netflow_full_collector_type is 0: the gateway sends NetFlow v5 there"
                          : NULL;
    if (why != NULL) {
        ignore(gateway, "netflow_full_collector", why);
        ignore(gateway, "netflow_full_collector_type", why);
    }
    if (!*flows) {
        ignore(gateway, "netflow", "it has no 8: the full export of flows is off");
    }
    return result;
}

static struct p2i_yaml *new_node(struct gateway *gateway, enum p2i_yaml_type type, uint64_t line)
{
    struct p2i_yaml *node = p2i_arena_take(&gateway->settings->arena, sizeof *node);
    if (node != NULL) {
        node->type = type;
        node->line = line;
        node->name_line = line;
    }
    return node;
}

/* Appends a key to the map; a list is found if it is there already. NULL: out of memory. */
static struct p2i_yaml *put_key(struct gateway *gateway, const char *name, enum p2i_yaml_type type,
                                uint64_t line)
{
    for (struct p2i_yaml *at = gateway->map.first; at != NULL; at = at->next) {
        if (strcmp(at->name, name) == 0) {
            return at;
        }
    }
    struct p2i_yaml *node = new_node(gateway, type, line);
    if (node != NULL) {
        node->name = name;
        *gateway->tail = node;
        gateway->tail = &node->next;
    }
    return node;
}

/* Appends the items of a text with ',' between them, and blanks around. */
static enum p2i_result put_items(struct gateway *gateway, const char *name, const char *text,
                                 uint64_t line)
{
    struct p2i_yaml *list = put_key(gateway, name, P2I_YAML_LIST, line);
    if (list == NULL) {
        return p2i_fail_memory(gateway->error);
    }
    struct p2i_yaml **tail = &list->first;
    while (*tail != NULL) {
        tail = &(*tail)->next;
    }
    for (struct p2i_view rest = p2i_view_of(text, strlen(text)); rest.size > 0;) {
        struct p2i_view item = p2i_view_first(rest, p2i_view_find(rest, ','));
        rest = p2i_view_from(rest, item.size + 1);
        item = p2i_view_trim(item);
        if (item.size == 0) {
            continue; /* a comma at the end */
        }
        struct p2i_yaml *node = new_node(gateway, P2I_YAML_SCALAR, line);
        if (node != NULL) {
            node->text =
                p2i_arena_text(&gateway->settings->arena, (const char *)item.data, item.size);
        }
        if (node == NULL || node->text == NULL) {
            return p2i_fail_memory(gateway->error);
        }
        list->count++;
        *tail = node;
        tail = &node->next;
    }
    return P2I_OK;
}

static enum p2i_result put_value(struct gateway *gateway, const char *name, const char *value,
                                 uint64_t line)
{
    const struct p2i_config_key *key = p2i_config_key_find(name);
    if (key == NULL) {
        return P2I_OK; /* netflow */
    }
    if (is_list(key)) {
        return put_items(gateway, name, value, line);
    }
    struct p2i_yaml *node = put_key(gateway, name, P2I_YAML_SCALAR, line);
    if (node == NULL) {
        return p2i_fail_memory(gateway->error);
    }
    node->text = value;
    return P2I_OK;
}

/* The keys of the file, and those of which the gateway has other defaults. */
static enum p2i_result make_map(struct gateway *gateway)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < gateway->count && result == P2I_OK; i++) {
        const struct p2i_gateway_parameter *parameter = &gateway->parameters[i];
        const struct fate *fate = &gateway->fates[i];
        if (fate->row != NULL && fate->why == NULL && fate->again == 0) {
            result = put_value(gateway, parameter->name, fate->value, parameter->line);
        }
    }
    for (size_t i = 0; i < ROW_COUNT && result == P2I_OK; i++) {
        if (rows[i].initial[0] != '\0' && value_of(gateway, rows[i].name) == NULL) {
            result = put_value(gateway, rows[i].name, rows[i].initial, 0);
        }
    }
    return result;
}

static void note_unknown(const struct p2i_gateway_parameter *parameter, const char *path,
                         struct p2i_notes *notes)
{
    struct p2i_nearest nearest = p2i_nearest_to(parameter->name);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strchr(rows[i].name, '*') == NULL) {
            p2i_nearest_offer(&nearest, rows[i].name);
        }
    }
    p2i_notes_add(notes, "%s:%" PRIu64 ": %s: unknown%s%s%s", path, parameter->line,
                  parameter->name, nearest.name != NULL ? "; did you mean '" : "",
                  nearest.name != NULL ? nearest.name : "", nearest.name != NULL ? "'?" : "");
}

static void add_notes(const struct gateway *gateway, const char *path, struct p2i_notes *notes)
{
    for (size_t i = 0; i < gateway->count; i++) {
        const struct p2i_gateway_parameter *parameter = &gateway->parameters[i];
        const struct fate *fate = &gateway->fates[i];
        const char *name = parameter->name;
        if (fate->row == NULL) {
            note_unknown(parameter, path, notes);
        } else if (fate->why != NULL) {
            p2i_notes_add(notes, "%s:%" PRIu64 ": %s: ignored: %s", path, parameter->line, name,
                          fate->why);
        } else if (fate->again != 0) {
            p2i_notes_add(notes, "%s:%" PRIu64 ": %s: ignored: line %" PRIu64 " sets it again",
                          path, parameter->line, name, fate->again);
        } else {
            p2i_notes_add(notes, "%s:%" PRIu64 ": %s: used: %s", path, parameter->line, name,
                          fate->value);
        }
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].initial[0] != '\0' && value_of(gateway, rows[i].name) == NULL) {
            p2i_notes_add(notes, "%s: %s: used: %s, default of the gateway", path, rows[i].name,
                          rows[i].initial);
        }
    }
}

static enum p2i_result apply(struct gateway *gateway, const char *path, struct p2i_notes *notes)
{
    bool flows = false;
    for (size_t i = 0; i < gateway->count; i++) {
        gateway->fates[i] = judge(gateway, i);
    }
    enum p2i_result result = judge_flows(gateway, &flows);
    if (result == P2I_OK) {
        result = make_map(gateway);
    }
    if (result == P2I_OK) {
        result = p2i_config_map_read(gateway->settings, &gateway->map, gateway->error);
    }
    if (result == P2I_OK && flows) {
        gateway->settings->records |= UINT32_C(1) << P2I_RECORD_FLOW;
    }
    if (result == P2I_OK) {
        add_notes(gateway, path, notes);
    }
    return result;
}

enum p2i_result p2i_gateway_read(struct p2i_settings *settings, const char *path,
                                 struct p2i_notes *notes, struct p2i_error *error)
{
    char *bytes = NULL;
    size_t size = 0;
    struct p2i_gateway_parameter *parameters = NULL;
    struct gateway gateway = {.settings = settings, .error = error, .map = {.type = P2I_YAML_MAP}};
    gateway.tail = &gateway.map.first;
    enum p2i_result result = p2i_config_file_read(&bytes, &size, path, error);
    if (result == P2I_OK && size > P2I_YAML_BYTES_MAX) {
        result = p2i_fail(error, P2I_USAGE, "more than %d bytes", P2I_YAML_BYTES_MAX);
    }
    if (result == P2I_OK) {
        result = p2i_gateway_file_parse(&parameters, &gateway.count, &settings->arena,
                                        p2i_view_of(bytes, size), error);
    }
    if (result == P2I_OK) {
        gateway.parameters = parameters;
        gateway.fates = calloc(gateway.count + 1, sizeof *gateway.fates);
        result = gateway.fates != NULL ? apply(&gateway, path, notes) : p2i_fail_memory(error);
    }
    if (result != P2I_OK) {
        error->file = path;
    }
    free(gateway.fates);
    free(parameters);
    free(bytes);
    return result;
}
