/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/nearest.h"

#include "base/ascii.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
    SIZE_MAX_NAME = 64, /* longer names match nothing */
    SHORT_NAME = 6,     /* shorter names allow one edit, others three */
};

static bool is_same(char a, char b)
{
    return p2i_lower((uint8_t)a) == p2i_lower((uint8_t)b);
}

static unsigned least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance: insertions, deletions, replacements and swaps of neighbours. */
static unsigned edits(const char *a, const char *b)
{
    unsigned rows[3][SIZE_MAX_NAME + 1];
    size_t height = strlen(a);
    size_t width = strlen(b);
    for (unsigned i = 0; i <= width; i++) {
        rows[0][i] = i;
    }
    for (size_t i = 1; i <= height; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= width; j++) {
            unsigned replaced = above[j - 1] + !is_same(a[i - 1], b[j - 1]);
            row[j] = least_of(replaced, least_of(row[j - 1], above[j]) + 1);
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1])) {
                row[j] = least_of(row[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return rows[height % 3][width];
}

struct p2i_nearest p2i_nearest_to(const char *text)
{
    return (struct p2i_nearest){.text = text, .least = strlen(text) < SHORT_NAME ? 2 : 4};
}

void p2i_nearest_offer(struct p2i_nearest *nearest, const char *name)
{
    if (strlen(nearest->text) > SIZE_MAX_NAME || strlen(name) > SIZE_MAX_NAME) {
        return;
    }
    unsigned count = edits(nearest->text, name);
    /* With as many edits as the name has letters, any name would match. */
    if (count < nearest->least && count < strlen(name)) {
        nearest->least = count;
        nearest->name = name;
    }
}
