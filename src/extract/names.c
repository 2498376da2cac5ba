/* SPDX-License-Identifier: MIT */
#include "extract/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/capture_name.h"
#include "pcap2ipfix/utf8.h"

void p2i_capture_name(const char *path, char *name, size_t size)
{
    bool escaped;
    bool cut;
    const char *part = p2i_last_part(path);
    size_t used =
        p2i_utf8_clean(p2i_view_of(part, strlen(part)), (uint8_t *)name, size - 1, &escaped, &cut);
    name[used] = '\0';
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

char *p2i_extract_name(const char *output, const char *path, size_t number)
{
    enum { NUMBER_MAX = 24 };
    const char *part = p2i_last_part(path);
    size_t part_size = p2i_capture_stem(part);
    char *clean = strndup(part, part_size);
    size_t stem = p2i_capture_stem(output);
    size_t size = strlen(output) + part_size + NUMBER_MAX;
    char *name = malloc(size);
    if (clean != NULL && name != NULL) {
        for (size_t i = 0; i < part_size; i++) {
            if (!is_plain(clean[i])) {
                clean[i] = '_';
            }
        }
        char digits[NUMBER_MAX] = "";
        if (number != 0) {
            (void)snprintf(digits, sizeof digits, "-%zu", number);
        }
        (void)snprintf(name, size, "%.*s-%.*s%s%s", (int)stem, output, (int)part_size, clean,
                       digits, output + stem);
    } else {
        free(name);
        name = NULL;
    }
    free(clean);
    return name;
}
