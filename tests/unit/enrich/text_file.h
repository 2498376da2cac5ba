/* SPDX-License-Identifier: MIT */
/* A file with a text of the test's. */
#ifndef TEST_ENRICH_TEXT_FILE_H
#define TEST_ENRICH_TEXT_FILE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct text_file {
    char path[32];
};

static inline void text_file_bytes(struct text_file *file, const void *bytes, size_t size)
{
    *file = (struct text_file){"/tmp/p2i-text-XXXXXX"};
    int made = mkstemp(file->path);
    cr_assert_geq(made, 0);
    FILE *out = fdopen(made, "w");
    cr_assert_not_null(out);
    cr_assert_eq(fwrite(bytes, 1, size, out), size);
    cr_assert_eq(fclose(out), 0);
}

static inline void text_file_make(struct text_file *file, const char *text)
{
    text_file_bytes(file, text, strlen(text));
}

static inline void text_file_remove(const struct text_file *file)
{
    cr_assert_eq(unlink(file->path), 0);
}

#endif
