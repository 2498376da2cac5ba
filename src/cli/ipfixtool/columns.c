/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/columns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/ipfixtool/ipfixtool.h"
#include "pcap2ipfix/fields.h"

bool p2i_columns_add(struct p2i_columns *columns, const char *name, size_t size)
{
    char **names = realloc(columns->names, (columns->count + 1) * sizeof(*names));
    if (names == NULL) {
        return false;
    }
    columns->names = names;
    names[columns->count] = strndup(name, size);
    if (names[columns->count] == NULL) {
        return false;
    }
    columns->count++;
    return true;
}

bool p2i_columns_add_list(struct p2i_columns *columns, const char *list)
{
    bool done = true;
    while (done && *list != '\0') {
        size_t size = strcspn(list, ",");
        done = size == 0 || p2i_columns_add(columns, list, size);
        list += size + (list[size] == ',' ? 1 : 0);
    }
    return done;
}

int p2i_columns_option(struct p2i_columns *columns, const char *verb, const char *option,
                       const char *list)
{
    if (!p2i_columns_add_list(columns, list)) {
        return p2i_tool_out_of_memory();
    }
    return columns->count > 0 ? TOOL_OK : p2i_tool_usage("%s: --%s needs names", verb, option);
}

bool p2i_columns_has(const struct p2i_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (strcasecmp(columns->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool p2i_columns_add_kind(struct p2i_columns *columns, const char *kind, bool extended)
{
    int number = 0;
    while (strcmp(p2i_record_name((enum p2i_record_kind)number), kind) != 0) {
        number++;
    }
    bool done = true;
    for (uint8_t version = 4; version <= 6; version += 2) {
        const struct p2i_template *of =
            extended ? p2i_extended_template_of((enum p2i_record_kind)number, version)
                     : p2i_template_of((enum p2i_record_kind)number, version);
        for (size_t i = 0; done && i < of->field_count; i++) {
            const char *name = of->fields[i].element->name;
            done = p2i_columns_has(columns, name) || p2i_columns_add(columns, name, strlen(name));
        }
    }
    return done;
}

void p2i_columns_free(struct p2i_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->names[i]);
    }
    free(columns->names);
    *columns = (struct p2i_columns){0};
}
