/* SPDX-License-Identifier: MIT */
#include "config/conflicts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/capture_name.h"
#include "pcap2ipfix/error.h"
#include "settings/output_name.h"

/* An output file and its option. */
struct output {
    const char *option;
    const char *path; /* NULL: there is none */
};

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* Finds the regular file of a path; "-" is `standard`, also when redirected. */
static bool find_regular(const char *path, int standard, struct stat *status)
{
    bool there = is_standard(path) ? fstat(standard, status) == 0 : stat(path, status) == 0;
    return there && S_ISREG(status->st_mode);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static enum p2i_result check_captures(const struct p2i_settings *settings, const char *output,
                                      struct p2i_error *error)
{
    struct stat written;
    struct stat read;
    if (output == NULL || !find_regular(output, STDOUT_FILENO, &written)) {
        return P2I_OK;
    }
    for (size_t i = 0; i < settings->capture_count; i++) {
        const char *capture = settings->captures[i];
        if (find_regular(capture, STDIN_FILENO, &read) && is_same(&written, &read)) {
            return p2i_fail(error, P2I_USAGE, "the output '%.80s' is the capture '%.80s'", output,
                            capture);
        }
    }
    return P2I_OK;
}

/* Finds the folder of a path. */
static bool find_folder(const char *path, struct stat *status)
{
    const char *name = p2i_last_part(path);
    char *folder = name > path ? strndup(path, (size_t)(name - path)) : strdup(".");
    bool there = folder != NULL && stat(folder, status) == 0;
    free(folder);
    return there;
}

/* Whether two paths will be one file; neither exists yet. */
static bool will_be_one_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return strcmp(a, b) == 0 ||
           (strcmp(p2i_last_part(a), p2i_last_part(b)) == 0 && find_folder(a, &first) &&
            find_folder(b, &second) && is_same(&first, &second));
}

static bool are_one_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    bool first_there = is_standard(a) || stat(a, &first) == 0;
    bool second_there = is_standard(b) || stat(b, &second) == 0;
    if (!first_there && !second_there) {
        return will_be_one_file(a, b);
    }
    return find_regular(a, STDOUT_FILENO, &first) && find_regular(b, STDOUT_FILENO, &second) &&
           is_same(&first, &second);
}

static enum p2i_result check_pair(const struct output *a, const struct output *b,
                                  struct p2i_error *error)
{
    if (a->path == NULL || b->path == NULL) {
        return P2I_OK;
    }
    if (is_standard(a->path) && is_standard(b->path)) {
        return p2i_fail(error, P2I_USAGE, "%s - and %s - cannot share standard output", a->option,
                        b->option);
    }
    if (are_one_file(a->path, b->path)) {
        return p2i_fail(error, P2I_USAGE, "%s and %s cannot share the file '%.80s'", a->option,
                        b->option, a->path);
    }
    return P2I_OK;
}

static bool is_terminal(const char *path)
{
    struct stat status;
    if (is_standard(path)) {
        return isatty(STDOUT_FILENO) == 1;
    }
    if (stat(path, &status) != 0 || !S_ISCHR(status.st_mode)) {
        return false;
    }
    int device = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    bool terminal = device >= 0 && isatty(device) == 1;
    if (device >= 0) {
        (void)close(device);
    }
    return terminal;
}

enum p2i_result p2i_find_conflicts(const struct p2i_settings *settings, const char *stats_file,
                                   struct p2i_error *error)
{
    const struct output outputs[] = {
        {"-w", settings->ipfix_path}, {"-j", settings->json_path}, {"--stats-file", stats_file}};
    enum { COUNT = sizeof outputs / sizeof *outputs };
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = i + 1; j < COUNT && result == P2I_OK; j++) {
            result = check_pair(&outputs[i], &outputs[j], error);
        }
    }
    for (size_t i = 0; i < COUNT && result == P2I_OK; i++) {
        result = check_captures(settings, outputs[i].path, error);
    }
    if (result == P2I_OK && settings->ipfix_path != NULL && is_terminal(settings->ipfix_path)) {
        result =
            p2i_fail(error, P2I_USAGE,
                     "IPFIX is binary and is not written to a terminal: redirect the output, or "
                     "use -j - for JSON Lines");
    }
    return result;
}

enum p2i_result p2i_find_each_conflicts(const struct p2i_settings *settings, const char *stats_file,
                                        struct p2i_error *error)
{
    struct p2i_arena names = {0};
    enum p2i_result result = check_captures(settings, stats_file, error);
    for (size_t i = 0; i < settings->capture_count && stats_file != NULL && result == P2I_OK; i++) {
        struct p2i_each_output output;
        if (!p2i_each_output_name(settings, i, &names, &output)) {
            result = p2i_fail_memory(error);
        } else if ((output.ipfix != NULL && are_one_file(output.ipfix, stats_file)) ||
                   (output.json != NULL && are_one_file(output.json, stats_file))) {
            result = p2i_fail(error, P2I_USAGE,
                              "--stats-file and the output of '%.80s' cannot "
                              "share the file '%.80s'",
                              settings->captures[i], stats_file);
        }
    }
    p2i_arena_free(&names);
    return result;
}
