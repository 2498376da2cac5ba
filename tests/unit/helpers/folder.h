/* SPDX-License-Identifier: MIT */
/* A folder for the files of a test, and what is in it. */
#ifndef TEST_HELPERS_FOLDER_H
#define TEST_HELPERS_FOLDER_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcap2ipfix/view.h"

struct folder {
    char path[256];
    char file[512]; /* PATH/out */
};

static inline struct folder folder_make(void)
{
    struct folder folder = {.path = "/tmp/p2i_test_XXXXXX"};
    cr_assert_not_null(mkdtemp(folder.path));
    (void)snprintf(folder.file, sizeof folder.file, "%s/out", folder.path);
    return folder;
}

/* Files in it; -1 when there is no such folder. */
static inline int folder_count(const struct folder *folder)
{
    DIR *directory = opendir(folder->path);
    int count = 0;
    cr_assert_not_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(directory);
    return count;
}

static inline void folder_remove(const struct folder *folder)
{
    (void)unlink(folder->file);
    cr_expect_eq(folder_count(folder), 0);
    (void)rmdir(folder->path);
}

/* The bytes of a file; free them. */
static inline struct p2i_view file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    uint8_t *data = malloc(16 * 1024 * 1024);
    size_t size = fread(data, 1, 16 * 1024 * 1024, file);
    (void)fclose(file);
    return p2i_view_of(data, size);
}

static inline void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
}

static inline void expect_file(const char *path, const char *text)
{
    struct p2i_view bytes = file_read(path);
    cr_expect(p2i_view_equals(bytes, p2i_view_of(text, strlen(text))), "%s", path);
    free((void *)(uintptr_t)bytes.data);
}

#endif
