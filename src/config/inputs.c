/* SPDX-License-Identifier: MIT */
#include "config/inputs.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum p2i_result p2i_inputs_add(struct p2i_inputs *inputs, const char *path, struct p2i_error *error)
{
    if (inputs->count == inputs->capacity) {
        size_t capacity = inputs->capacity > 0 ? inputs->capacity * 2 : 16;
        char **paths = realloc(inputs->paths, capacity * sizeof *paths);
        if (paths == NULL) {
            return p2i_fail(error, P2I_INTERNAL, "out of memory");
        }
        inputs->paths = paths;
        inputs->capacity = capacity;
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    inputs->paths[inputs->count++] = copy;
    return P2I_OK;
}

static enum p2i_result fail_on(struct p2i_error *error, const char *path, const char *what)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_INPUT, "%s: %s", what, strerror(system_error));
    error->system_error = system_error;
    error->file = path;
    return P2I_INPUT;
}

enum p2i_result p2i_inputs_add_list(struct p2i_inputs *inputs, const char *list_path,
                                    bool nul_separated, struct p2i_error *error)
{
    bool is_stdin = strcmp(list_path, "-") == 0;
    FILE *list = is_stdin ? stdin : fopen(list_path, "re");
    if (list == NULL) {
        return fail_on(error, list_path, "cannot open the list");
    }
    enum p2i_result result = P2I_OK;
    char *line = NULL;
    size_t capacity = 0;
    int separator = nul_separated ? '\0' : '\n';
    for (;;) {
        ssize_t size = getdelim(&line, &capacity, separator, list);
        if (size < 0 || result != P2I_OK) {
            break;
        }
        if (size > 0 && line[size - 1] == (char)separator) {
            line[--size] = '\0';
        }
        if (!nul_separated && size > 0 && line[size - 1] == '\r') {
            line[--size] = '\0';
        }
        if (size > 0) {
            result = p2i_inputs_add(inputs, line, error);
        }
    }
    if (result == P2I_OK && ferror(list)) {
        result = fail_on(error, list_path, "cannot read the list");
    }
    free(line);
    if (!is_stdin) {
        (void)fclose(list);
    }
    return result;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static enum p2i_result walk_entry(FTS *walk, FTSENT *entry, struct p2i_inputs *out,
                                  struct p2i_error *error)
{
    if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
        (void)fts_set(walk, entry, FTS_SKIP);
        return P2I_OK;
    }
    switch (entry->fts_info) {
    case FTS_F:
        return p2i_inputs_add(out, entry->fts_path, error);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = entry->fts_errno;
        return fail_on(error, NULL, "cannot walk the directory");
    default:
        return P2I_OK;
    }
}

static enum p2i_result walk_directory(char *path, struct p2i_inputs *out, struct p2i_error *error)
{
    char *roots[] = {path, NULL};
    FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    if (walk == NULL) {
        return fail_on(error, path, "cannot walk the directory");
    }
    enum p2i_result result = P2I_OK;
    for (FTSENT *entry = fts_read(walk); entry != NULL && result == P2I_OK;
         entry = fts_read(walk)) {
        result = walk_entry(walk, entry, out, error);
    }
    (void)fts_close(walk);
    if (result == P2I_INPUT) {
        error->file = path;
    }
    return result;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

enum p2i_result p2i_inputs_walk(struct p2i_inputs *inputs, struct p2i_error *error)
{
    struct p2i_inputs out = {0};
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < inputs->count && result == P2I_OK; i++) {
        result = is_directory(inputs->paths[i]) ? walk_directory(inputs->paths[i], &out, error)
                                                : p2i_inputs_add(&out, inputs->paths[i], error);
    }
    if (result != P2I_OK) {
        p2i_inputs_free(&out);
        return result;
    }
    p2i_inputs_free(inputs);
    *inputs = out;
    return P2I_OK;
}

void p2i_inputs_free(struct p2i_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        free(inputs->paths[i]);
    }
    free(inputs->paths);
    *inputs = (struct p2i_inputs){0};
}
