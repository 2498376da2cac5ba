/* SPDX-License-Identifier: MIT */
#include "config/key.h"

#include <stdarg.h>
#include <string.h>

#include "base/ascii.h"
#include "pcap2ipfix/nearest.h"

enum { SECTION_MAX = 64 };

enum p2i_result p2i_config_key_fail(const struct p2i_reading *reading,
                                    const struct p2i_config_key *key, const struct p2i_yaml *value,
                                    const char *format, ...)
{
    char why[192];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    if (reading->option != NULL) {
        return p2i_fail(reading->error, P2I_USAGE, "--%s: %s", reading->option, why);
    }
    (void)p2i_fail(reading->error, P2I_USAGE, "%s%s%s: %s", key->section,
                   key->section[0] != '\0' ? "." : "", key->name, why);
    reading->error->line = value->line;
    return P2I_USAGE;
}

static bool is_missing(const struct p2i_yaml *value)
{
    static const char *const none[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        if (value->type == P2I_YAML_SCALAR && !value->quoted && strcmp(value->text, none[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum p2i_result p2i_config_key_expect(const struct p2i_reading *reading,
                                      const struct p2i_config_key *key,
                                      const struct p2i_yaml *value, enum p2i_yaml_type type)
{
    static const char *const names[] = {
        [P2I_YAML_SCALAR] = "a single value",
        [P2I_YAML_LIST] = "a list",
        [P2I_YAML_MAP] = "a map",
    };
    if (is_missing(value)) {
        return p2i_config_key_fail(reading, key, value, "the value is missing");
    }
    if (value->type != type) {
        return p2i_config_key_fail(reading, key, value, "expected %s, found %s", names[type],
                                   names[value->type]);
    }
    return P2I_OK;
}

enum p2i_result p2i_config_key_each(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *value,
                                    enum p2i_result (*take)(struct p2i_reading *reading,
                                                            const struct p2i_config_key *key,
                                                            const struct p2i_yaml *item))
{
    enum p2i_result result = P2I_OK;
    if (value->type != P2I_YAML_SCALAR) {
        result = p2i_config_key_expect(reading, key, value, P2I_YAML_LIST);
        for (const struct p2i_yaml *at = value->first; at != NULL && result == P2I_OK;
             at = at->next) {
            result = p2i_config_key_expect(reading, key, at, P2I_YAML_SCALAR);
            result = result == P2I_OK ? take(reading, key, at) : result;
        }
        return result;
    }
    result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    const char *at = value->text[0] != '\0' ? value->text : NULL;
    while (at != NULL && result == P2I_OK) {
        size_t size = strcspn(at, ",");
        struct p2i_yaml item = *value;
        item.text = p2i_arena_text(&reading->settings->arena, at, size);
        result = item.text != NULL ? take(reading, key, &item) : p2i_fail_memory(reading->error);
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    return result;
}

bool p2i_config_key_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    bool octal = text[0] == '0' && text[1] != '\0';
    return !octal && p2i_parse_decimal(p2i_view_of(text, strlen(text)), most, number) &&
           *number >= least;
}

/* The first key of a section from `key` on; NULL: there is none. */
static const struct p2i_config_key *in_section(const struct p2i_config_key *key,
                                               const char *section)
{
    while (key->name != NULL && strcmp(key->section, section) != 0) {
        key++;
    }
    return key->name != NULL ? key : NULL;
}

static const struct p2i_config_key *find_key(const char *section, const char *name)
{
    const struct p2i_config_key *key = in_section(p2i_config_keys, section);
    while (key != NULL && strcmp(key->name, name) != 0) {
        key = in_section(key + 1, section);
    }
    return key;
}

/* Splits a path: returns the name, and the section ("": none) in `section`. */
static const char *split(const char *path, char section[SECTION_MAX])
{
    const char *dot = strchr(path, '.');
    int size = dot != NULL && dot - path < SECTION_MAX ? (int)(dot - path) : 0;
    (void)snprintf(section, SECTION_MAX, "%.*s", size, path);
    return size > 0 ? dot + 1 : path;
}

const struct p2i_config_key *p2i_config_key_find(const char *path)
{
    char section[SECTION_MAX];
    const char *name = split(path, section);
    const struct p2i_config_key *key = find_key(section, name);
    for (const struct p2i_config_key *at = p2i_config_run_keys; key == NULL && at->name != NULL;
         at++) {
        key = strcmp(at->name, path) == 0 ? at : NULL;
    }
    return key;
}

static enum p2i_result refuse_unknown(const struct p2i_reading *reading, const char *section,
                                      const struct p2i_yaml *entry)
{
    struct p2i_nearest nearest = p2i_nearest_to(entry->name);
    for (const struct p2i_config_key *key = in_section(p2i_config_keys, section); key != NULL;
         key = in_section(key + 1, section)) {
        p2i_nearest_offer(&nearest, key->name);
    }
    (void)p2i_fail(reading->error, P2I_USAGE, "%s%s%.80s: unknown key%s%s%s", section,
                   section[0] != '\0' ? "." : "", entry->name,
                   nearest.name != NULL ? "; did you mean '" : "",
                   nearest.name != NULL ? nearest.name : "", nearest.name != NULL ? "'?" : "");
    reading->error->line = entry->name_line;
    return P2I_USAGE;
}

enum p2i_result p2i_config_key_unknown(const struct p2i_reading *reading, const char *path)
{
    char section[SECTION_MAX];
    struct p2i_yaml entry = {.name = split(path, section)};
    return refuse_unknown(reading, section, &entry);
}

static const struct p2i_yaml *find(const struct p2i_yaml *map, const char *name)
{
    const struct p2i_yaml *at = map->first;
    while (at != NULL && strcmp(at->name, name) != 0) {
        at = at->next;
    }
    return at;
}

enum p2i_result p2i_config_keys_read(struct p2i_reading *reading, const char *section,
                                     const struct p2i_yaml *map)
{
    for (const struct p2i_yaml *at = map->first; at != NULL; at = at->next) {
        if (find_key(section, at->name) == NULL) {
            return refuse_unknown(reading, section, at);
        }
    }
    enum p2i_result result = P2I_OK;
    for (const struct p2i_config_key *key = in_section(p2i_config_keys, section);
         key != NULL && result == P2I_OK; key = in_section(key + 1, section)) {
        const struct p2i_yaml *value = find(map, key->name);
        result = value != NULL ? key->kind->read(reading, key, value) : P2I_OK;
    }
    return result;
}

void p2i_config_keys_print(struct p2i_yaml_printer *printer, const char *section,
                           const struct p2i_settings *settings)
{
    p2i_yaml_open_map(printer);
    for (const struct p2i_config_key *key = in_section(p2i_config_keys, section); key != NULL;
         key = in_section(key + 1, section)) {
        p2i_yaml_print_word(printer, key->name);
        key->kind->print(printer, key, settings);
    }
    p2i_yaml_close_map(printer);
}

static enum p2i_result read_section(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *value)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_MAP);
    return result == P2I_OK ? p2i_config_keys_read(reading, key->name, value) : result;
}

static void print_section(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                          const struct p2i_settings *settings)
{
    p2i_config_keys_print(printer, key->name, settings);
}

const struct p2i_config_key_kind p2i_config_key_section = {read_section, print_section};
