/* SPDX-License-Identifier: MIT */
#include "config/inputs.h"

#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pcap2ipfix/view.h"

bool p2i_patterns_add(struct p2i_patterns *patterns, const char *pattern)
{
    size_t size = (patterns->count + 1) * sizeof *patterns->patterns;
    const char **all = realloc(patterns->patterns, size);
    if (all == NULL) {
        return false;
    }
    all[patterns->count++] = pattern;
    patterns->patterns = all;
    return true;
}

void p2i_patterns_free(struct p2i_patterns *patterns)
{
    free(patterns->patterns);
    *patterns = (struct p2i_patterns){0};
}

static bool matches(const struct p2i_patterns *patterns, const char *name)
{
    bool matched = patterns->count == 0;
    for (size_t i = 0; i < patterns->count && !matched; i++) {
        matched = fnmatch(patterns->patterns[i], name, 0) == 0;
    }
    return matched;
}

static bool reserve(struct p2i_inputs *inputs)
{
    if (inputs->count < inputs->capacity) {
        return true;
    }
    size_t capacity = inputs->capacity > 0 ? inputs->capacity * 2 : 16;
    char **paths = realloc(inputs->paths, capacity * sizeof *paths);
    if (paths == NULL) {
        return false;
    }
    inputs->paths = paths;
    bool *found = realloc(inputs->found, capacity * sizeof *found);
    if (found == NULL) {
        return false;
    }
    inputs->found = found;
    inputs->capacity = capacity;
    return true;
}

static enum p2i_result add(struct p2i_inputs *inputs, const char *path, bool found,
                           struct p2i_error *error)
{
    char *copy = reserve(inputs) ? strdup(path) : NULL;
    if (copy == NULL) {
        return p2i_fail_memory(error);
    }
    inputs->found[inputs->count] = found;
    inputs->paths[inputs->count++] = copy;
    return P2I_OK;
}

enum p2i_result p2i_inputs_add(struct p2i_inputs *inputs, const char *path, struct p2i_error *error)
{
    return add(inputs, path, false, error);
}

static enum p2i_result fail_on(struct p2i_error *error, const char *path, const char *what)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_INPUT, "%s: %s", what, strerror(system_error));
    error->system_error = system_error;
    error->file = path;
    return P2I_INPUT;
}

/* Reads up to a separator or the end, at most PATH_MAX bytes, and terminates them. Returns the
 * size; EOF: nothing is left. */
static int read_line(FILE *list, int separator, char line[PATH_MAX + 1])
{
    int size = 0;
    int byte = getc_unlocked(list);
    if (byte == EOF) {
        return EOF;
    }
    while (byte != EOF && byte != separator && size < PATH_MAX) {
        line[size++] = (char)byte;
        byte = size < PATH_MAX ? getc_unlocked(list) : EOF;
    }
    line[size] = '\0';
    return size;
}

/* `line` is terminated. A NUL in it would make another name of it. */
static enum p2i_result add_line(struct p2i_inputs *inputs, struct p2i_view line,
                                const char *list_path, struct p2i_error *error)
{
    const char *wrong = NULL;
    if (line.size == PATH_MAX) {
        wrong = "a name is too long";
    } else if (p2i_view_find(line, '\0') < line.size) {
        wrong = "a name has a NUL byte: with -0 these separate names";
    }
    if (wrong != NULL) {
        (void)p2i_fail(error, P2I_INPUT, "%s", wrong);
        error->file = list_path;
        return P2I_INPUT;
    }
    return p2i_inputs_add(inputs, (const char *)line.data, error);
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
    char line[PATH_MAX + 1];
    int size;
    int separator = nul_separated ? '\0' : '\n';
    while (result == P2I_OK && (size = read_line(list, separator, line)) != EOF) {
        if (!nul_separated && size > 0 && line[size - 1] == '\r') {
            line[--size] = '\0';
        }
        if (size > 0) {
            result = add_line(inputs, p2i_view_of(line, (size_t)size), list_path, error);
        }
    }
    if (result == P2I_OK && !feof(list)) {
        result = fail_on(error, list_path, "cannot read the list");
    }
    if (!is_stdin) {
        (void)fclose(list);
    }
    return result;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A directory during the walk. */
struct walk {
    FTS *tree;
    const struct p2i_patterns *patterns;
    struct p2i_inputs *out;
    struct p2i_notes *notes;
    uint64_t links;
};

static enum p2i_result take_entry(struct walk *walk, FTSENT *entry, struct p2i_error *error)
{
    if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
        (void)fts_set(walk->tree, entry, FTS_SKIP);
        return P2I_OK;
    }
    switch (entry->fts_info) {
    case FTS_F:
        if (matches(walk->patterns, entry->fts_name)) {
            return add(walk->out, entry->fts_path, true, error);
        }
        walk->out->excluded++;
        return P2I_OK;
    case FTS_SL:
    case FTS_SLNONE:
        walk->links++;
        return P2I_OK;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        if (entry->fts_errno == ENOMEM) {
            return p2i_fail_memory(error);
        }
        p2i_notes_add(walk->notes, "%s: cannot read the folder: %s", entry->fts_path,
                      strerror(entry->fts_errno));
        return P2I_OK;
    default:
        return P2I_OK;
    }
}

static enum p2i_result walk_directory(struct walk *walk, char *path, struct p2i_error *error)
{
    char *roots[] = {path, NULL};
    /* The root itself may be a link. */
    walk->tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    if (walk->tree == NULL) {
        return fail_on(error, path, "cannot walk the directory");
    }
    walk->links = 0;
    enum p2i_result result = P2I_OK;
    FTSENT *entry;
    while (result == P2I_OK && (entry = fts_read(walk->tree)) != NULL) {
        result = take_entry(walk, entry, error);
    }
    if (result == P2I_OK && errno != 0) { /* at the end fts_read() sets it to 0 */
        result = fail_on(error, path, "cannot walk the directory");
    }
    (void)fts_close(walk->tree);
    if (walk->links > 0) {
        p2i_notes_add(walk->notes, "%s: %" PRIu64 " symbolic link%s not followed", path,
                      walk->links, walk->links == 1 ? "" : "s");
    }
    return result;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

enum p2i_result p2i_inputs_walk(struct p2i_inputs *inputs, const struct p2i_patterns *patterns,
                                struct p2i_notes *notes, struct p2i_error *error)
{
    struct p2i_inputs out = {0};
    struct walk walk = {.patterns = patterns, .out = &out, .notes = notes};
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < inputs->count && result == P2I_OK; i++) {
        result = is_directory(inputs->paths[i])
                     ? walk_directory(&walk, inputs->paths[i], error)
                     : add(&out, inputs->paths[i], inputs->found[i], error);
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
    free(inputs->found);
    *inputs = (struct p2i_inputs){0};
}
