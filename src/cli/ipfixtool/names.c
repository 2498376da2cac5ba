/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum p2i_column column;
} parts[] = {
    {"time", COLUMN_TIME},         {"src", COLUMN_SOURCE},
    {"dst", COLUMN_DESTINATION},   {"client", COLUMN_CLIENT},
    {"server", COLUMN_SERVER},     {"port", COLUMN_SERVER_PORT},
    {"sport", COLUMN_SOURCE_PORT}, {"dport", COLUMN_DESTINATION_PORT},
    {"host", COLUMN_HOST},         {"record", COLUMN_RECORD},
    {"capture", COLUMN_CAPTURE},   {"packet", COLUMN_PACKET},
    {"session", COLUMN_SESSION},
};
enum { PART_COUNT = sizeof(parts) / sizeof(parts[0]) };

enum p2i_column p2i_tool_part(const char *name)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (strcasecmp(name, parts[i].name) == 0) {
            return parts[i].column;
        }
    }
    return COLUMN_NONE;
}

/* Parses the digits in front of `end`, which stands behind all of them. */
static bool parse_digits(const char *text, char end, uint64_t most, uint64_t *number)
{
    size_t size = strspn(text, "0123456789");
    if (size == 0 || text[size] != end) {
        return false;
    }
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0 || value > most) {
        return false;
    }
    *number = value;
    return true;
}

bool p2i_tool_parse_number(const char *text, uint64_t most, uint64_t *number)
{
    return parse_digits(text, '\0', most, number);
}

bool p2i_tool_parse_element(const char *name, uint32_t *pen, uint16_t *id)
{
    uint64_t left;
    uint64_t right;
    if (!parse_digits(name, '/', UINT32_MAX, &left) ||
        !p2i_tool_parse_number(strchr(name, '/') + 1, UINT16_MAX, &right)) {
        return false;
    }
    *pen = (uint32_t)left;
    *id = (uint16_t)right;
    return true;
}

const struct p2i_element *p2i_tool_element(const char *name)
{
    uint32_t pen = 0;
    uint16_t id = 0;
    if (p2i_tool_parse_element(name, &pen, &id)) {
        return p2i_element_find(pen, id);
    }
    size_t count = 0;
    const struct p2i_element *all = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(all[i].name, name) == 0) {
            return &all[i];
        }
    }
    return NULL;
}

bool p2i_tool_is_field(const char *name)
{
    uint32_t pen = 0;
    uint16_t id = 0;
    return p2i_tool_part(name) != COLUMN_NONE || p2i_tool_parse_element(name, &pen, &id) ||
           p2i_tool_element(name) != NULL;
}

void p2i_tool_offer_fields(struct p2i_nearest *nearest)
{
    size_t count = 0;
    const struct p2i_element *all = p2i_elements(&count);
    for (size_t i = 0; i < PART_COUNT; i++) {
        p2i_nearest_offer(nearest, parts[i].name);
    }
    for (size_t i = 0; i < count; i++) {
        p2i_nearest_offer(nearest, all[i].name);
    }
}

const char *p2i_tool_own_kind(const char *name)
{
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        const char *kind = p2i_record_name((enum p2i_record_kind)i);
        if (strcasecmp(name, kind) == 0) {
            return kind;
        }
    }
    return NULL;
}

bool p2i_tool_is_kind(const char *name)
{
    uint64_t id = 0;
    return p2i_tool_own_kind(name) != NULL || strcasecmp(name, "options") == 0 ||
           p2i_tool_parse_number(name, UINT16_MAX, &id);
}
