/* SPDX-License-Identifier: MIT */
#include "extract/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/utf8.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void p2i_capture_name(const char *path, char *name, size_t size)
{
    bool escaped;
    bool cut;
    const char *part = last_part(path);
    size_t used =
        p2i_utf8_clean(p2i_view_of(part, strlen(part)), (uint8_t *)name, size - 1, &escaped, &cut);
    name[used] = '\0';
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size > end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

/* Size of a name of a file without its endings. */
static size_t stem_of(const char *name, const char *const *endings)
{
    size_t size = strlen(name);
    for (size_t i = 0; endings[i] != NULL; i++) {
        if (ends_with(name, size, endings[i])) {
            size -= strlen(endings[i]);
        }
    }
    return size;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

char *p2i_extract_name(const char *output, const char *path, size_t number)
{
    static const char *const compressions[] = {".gz", ".zst", ".xz", ".bz2", ".lz4", NULL};
    static const char *const outputs[] = {".gz", ".zst", ".pcapng", NULL};
    static const char *const captures[] = {".pcap", ".pcapng", ".cap", ".erf", ".snoop", NULL};
    enum { NUMBER_MAX = 24 };
    const char *part = last_part(path);
    size_t part_size = stem_of(part, compressions);
    char *clean = strndup(part, part_size);
    size_t stem = stem_of(output, outputs);
    size_t size = strlen(output) + part_size + NUMBER_MAX;
    char *name = malloc(size);
    if (clean != NULL && name != NULL) {
        part_size = stem_of(clean, captures);
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
