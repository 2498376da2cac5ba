/* SPDX-License-Identifier: MIT */
#include "corpus/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/capture_name.h"
#include "base/sha256.h"

bool p2i_corpus_path(char path[P2I_CORPUS_PATH_MAX], const char *folder, const char *name,
                     const char *ending)
{
    int size = snprintf(path, P2I_CORPUS_PATH_MAX, "%s/%s%s", folder, name, ending);
    return size > 0 && size < P2I_CORPUS_PATH_MAX;
}

static bool is_plain(uint8_t byte)
{
    return p2i_is_letter(byte) || p2i_is_digit(byte) || byte == '_' || byte == '-' || byte == '.';
}

bool p2i_corpus_is_name(struct p2i_view name)
{
    bool good = name.size > 0 && name.size < P2I_CORPUS_NAME_MAX && name.data[0] != '.';
    for (size_t i = 0; good && i < name.size; i++) {
        good = is_plain(name.data[i]);
    }
    return good;
}

static void plain_name(const char *path, char name[P2I_CORPUS_NAME_MAX])
{
    enum { ROOM = P2I_CORPUS_NAME_MAX - 16 }; /* for a number behind it */
    const char *from = p2i_last_part(path);
    size_t stem = p2i_capture_stem(from);
    size_t size = stem < ROOM ? stem : ROOM;
    for (size_t i = 0; i < size; i++) {
        bool plain = is_plain((uint8_t)from[i]) && !(i == 0 && from[i] == '.');
        name[i] = '_';
        if (plain) {
            name[i] = from[i];
        }
    }
    name[size] = '\0';
    if (size == 0) {
        (void)snprintf(name, P2I_CORPUS_NAME_MAX, "capture");
    }
}

/* A name before it has a number. */
struct plain {
    char name[P2I_CORPUS_NAME_MAX];
    size_t index; /* of its path */
};

static int compare_names(const void *left, const void *right)
{
    const struct plain *a = left;
    const struct plain *b = right;
    return strcmp(a->name, b->name);
}

static int compare_plain(const void *left, const void *right)
{
    const struct plain *a = left;
    const struct plain *b = right;
    int order = compare_names(a, b);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

/* Numbers the names of a group of equal ones; no number makes another name that is there. */
static void number_names(const struct plain *all, size_t count, size_t from, size_t to,
                         char (*names)[P2I_CORPUS_NAME_MAX])
{
    unsigned number = 2;
    (void)snprintf(names[all[from].index], sizeof *names, "%s", all[from].name);
    for (size_t i = from + 1; i < to; i++) {
        struct plain made = {.index = 0};
        do {
            (void)snprintf(made.name, sizeof made.name, "%.*s-%u", P2I_CORPUS_NAME_MAX - 16,
                           all[i].name, number++);
        } while (bsearch(&made, all, count, sizeof made, compare_names) != NULL);
        (void)snprintf(names[all[i].index], sizeof *names, "%s", made.name);
    }
}

bool p2i_corpus_names(const char *const *paths, size_t count, char (*names)[P2I_CORPUS_NAME_MAX])
{
    struct plain *all = calloc(count + 1, sizeof *all);
    if (all == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        plain_name(paths[i], all[i].name);
        all[i].index = i;
    }
    if (count > 1) {
        qsort(all, count, sizeof *all, compare_plain);
    }
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && strcmp(all[to].name, all[from].name) == 0;) {
            to++;
        }
        number_names(all, count, from, to, names);
    }
    free(all);
    return true;
}

enum p2i_corpus_there p2i_corpus_look(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0) {
        return P2I_CORPUS_MISSING;
    }
    return S_ISREG(status.st_mode) ? P2I_CORPUS_REGULAR : P2I_CORPUS_OTHER;
}

static enum p2i_result fail_folder(struct p2i_error *error, const char *folder, int number,
                                   const char *text)
{
    (void)p2i_fail(error, P2I_OUTPUT, "%s", text);
    error->system_error = number;
    error->file = folder;
    return P2I_OUTPUT;
}

enum p2i_result p2i_corpus_make_folder(const char *folder, struct p2i_error *error)
{
    if (mkdir(folder, 0777) == 0) {
        return P2I_OK;
    }
    if (errno != EEXIST) {
        return fail_folder(error, folder, errno, "cannot make the folder");
    }
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return fail_folder(error, folder, errno, "cannot use the folder");
    }
    size_t count = 0;
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count <= 2 ? P2I_OK : fail_folder(error, folder, 0, "the folder is not empty");
}

static enum p2i_result fail_open(struct p2i_error *error, int number)
{
    (void)p2i_fail(error, P2I_INPUT, "cannot open: %s", strerror(number));
    error->system_error = number;
    return P2I_INPUT;
}

static enum p2i_result read_all(int descriptor, struct p2i_buffer *bytes, struct p2i_error *error)
{
    enum { PIECE = 64 * 1024 };
    for (;;) {
        if (!p2i_buffer_reserve(bytes, PIECE)) {
            return p2i_fail_memory(error);
        }
        ssize_t got = read(descriptor, bytes->data + bytes->size, PIECE);
        if (got == 0) {
            return P2I_OK;
        }
        if (got < 0 && errno != EINTR) {
            return p2i_fail(error, P2I_INPUT, "cannot read: %s", strerror(errno));
        }
        bytes->size += got > 0 ? (size_t)got : 0;
    }
}

/* A link is not followed, and opening something that is no file does not wait. */
enum p2i_result p2i_corpus_read_file(const char *path, struct p2i_buffer *bytes,
                                     struct p2i_error *error)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return errno == ELOOP ? p2i_fail(error, P2I_INPUT, "not a regular file")
                              : fail_open(error, errno);
    }
    enum p2i_result result = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)
                                 ? read_all(descriptor, bytes, error)
                                 : p2i_fail(error, P2I_INPUT, "not a regular file");
    (void)close(descriptor);
    return result;
}

enum p2i_result p2i_corpus_write_file(const char *path, struct p2i_view bytes,
                                      const struct p2i_output_mode *mode, struct p2i_error *error)
{
    struct p2i_output_file *file = NULL;
    enum p2i_result result = p2i_output_file_open(&file, path, P2I_OUTPUT_SYNC, mode, error);
    if (result == P2I_OK) {
        result = p2i_output_file_write(file, bytes, error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_finish(file, error);
    }
    p2i_output_file_free(file);
    return result;
}

enum p2i_result p2i_corpus_hash(const char *path, char text[P2I_CORPUS_HASH_MAX], uint64_t *size,
                                struct p2i_error *error)
{
    uint8_t digest[P2I_SHA256_SIZE];
    struct stat status;
    text[0] = '\0';
    *size = stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
    if (!p2i_sha256_is_built_in()) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_sha256_file(path, digest, size, error);
    if (result == P2I_OK) {
        p2i_sha256_text(digest, text);
    }
    return result;
}

char *p2i_corpus_relative(const char *folder, const char *path)
{
    char *from = realpath(folder, NULL);
    char *to = realpath(path, NULL);
    char *relative = NULL;
    size_t common = 0; /* bytes of the folders that are the same */
    size_t up = 1;
    if (from != NULL && to != NULL) {
        size_t at = 0;
        for (; from[at] != '\0' && from[at] == to[at]; at++) {
            common = from[at] == '/' ? at + 1 : common;
        }
        if (from[at] == '\0' && to[at] == '/') {
            common = at + 1;
            up = 0;
        }
        for (size_t i = common; up > 0 && from[i] != '\0'; i++) {
            up += from[i] == '/';
        }
        size_t size = 3 * up + strlen(to + common) + 1;
        relative = malloc(size);
        for (size_t i = 0; relative != NULL && i < up; i++) {
            memcpy(relative + 3 * i, "../", 3);
        }
        if (relative != NULL) {
            memcpy(relative + 3 * up, to + common, size - 3 * up);
        }
    }
    free(from);
    free(to);
    return relative;
}
