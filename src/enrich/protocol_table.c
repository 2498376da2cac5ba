/* SPDX-License-Identifier: MIT */
#include "enrich/protocol_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

void p2i_protocol_numbers_default(struct p2i_protocol_numbers *numbers)
{
    for (int id = 0; id < P2I_PROTOCOL_COUNT; id++) {
        numbers->number[id] = p2i_protocol_facts((enum p2i_protocol_id)id)->number;
    }
}

static bool find_protocol(struct p2i_view name, enum p2i_protocol_id *id)
{
    for (int i = 0; i < P2I_PROTOCOL_COUNT; i++) {
        const char *known = p2i_protocol_facts((enum p2i_protocol_id)i)->name;
        if (p2i_view_equals(name, p2i_view_of(known, strlen(known)))) {
            *id = (enum p2i_protocol_id)i;
            return true;
        }
    }
    return false;
}

static bool read_number(struct p2i_view text, uint16_t *number)
{
    uint64_t value;
    if (!p2i_parse_decimal(text, UINT16_MAX, &value)) {
        return false;
    }
    *number = (uint16_t)value;
    return true;
}

/* Splits off the next word. */
static struct p2i_view next_word(struct p2i_view *line)
{
    *line = p2i_view_trim(*line);
    size_t end = 0;
    while (end < line->size && line->data[end] > ' ') {
        end++;
    }
    struct p2i_view word = p2i_view_first(*line, end);
    *line = p2i_view_from(*line, end);
    return word;
}

static enum p2i_result take_line(struct p2i_protocol_numbers *numbers, struct p2i_view line,
                                 unsigned long number, struct p2i_error *error)
{
    line = p2i_view_trim(p2i_view_first(line, p2i_view_find(line, '#')));
    if (line.size == 0) {
        return P2I_OK;
    }
    struct p2i_view name = next_word(&line);
    struct p2i_view value = p2i_view_trim(line);
    enum p2i_protocol_id id;
    if (!find_protocol(name, &id)) {
        return p2i_fail(error, P2I_USAGE, "line %lu: unknown protocol '%.*s'", number,
                        (int)(name.size < 64 ? name.size : 64), (const char *)name.data);
    }
    if (!read_number(value, &numbers->number[id])) {
        return p2i_fail(error, P2I_USAGE, "line %lu: '%.*s' is not a number from 0 to 65535",
                        number, (int)(value.size < 64 ? value.size : 64),
                        value.size > 0 ? (const char *)value.data : "");
    }
    return P2I_OK;
}

static enum p2i_result fail_to_read(struct p2i_error *error)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_USAGE, "cannot read the protocol numbers: %s",
                   strerror(system_error));
    error->system_error = system_error;
    return P2I_USAGE;
}

static enum p2i_result read_lines(struct p2i_protocol_numbers *numbers, FILE *file,
                                  struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    char *line = NULL;
    size_t capacity = 0;
    unsigned long number = 0;
    ssize_t size;
    while (result == P2I_OK && (size = getline(&line, &capacity, file)) >= 0) {
        result = take_line(numbers, p2i_view_of(line, (size_t)size), ++number, error);
    }
    if (result == P2I_OK && ferror(file)) {
        result = fail_to_read(error);
    }
    free(line);
    return result;
}

enum p2i_result p2i_protocol_numbers_load(struct p2i_protocol_numbers *numbers, const char *path,
                                          struct p2i_error *error)
{
    struct p2i_protocol_numbers changed = *numbers;
    FILE *file = fopen(path, "re");
    enum p2i_result result = file != NULL ? read_lines(&changed, file, error) : fail_to_read(error);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (result == P2I_OK) {
        *numbers = changed;
    } else {
        error->file = path;
    }
    return result;
}
