/* SPDX-License-Identifier: MIT */
#include "config/conflicts.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* The regular file that a path means; "-" means `standard`, whatever that was redirected to. */
static bool find_regular(const char *path, int standard, struct stat *status)
{
    bool there = strcmp(path, "-") == 0 ? fstat(standard, status) == 0 : stat(path, status) == 0;
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

static bool are_one_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    bool first_there = stat(a, &first) == 0;
    bool second_there = stat(b, &second) == 0;
    if (!first_there && !second_there) {
        return strcmp(a, b) == 0;
    }
    return find_regular(a, STDOUT_FILENO, &first) && find_regular(b, STDOUT_FILENO, &second) &&
           is_same(&first, &second);
}

enum p2i_result p2i_find_conflicts(const struct p2i_settings *settings, struct p2i_error *error)
{
    const char *ipfix = settings->ipfix_path;
    const char *json = settings->json_path;
    if (ipfix != NULL && json != NULL && are_one_file(ipfix, json)) {
        return p2i_fail(error, P2I_USAGE, "-w and -j cannot share the file '%.80s'", ipfix);
    }
    enum p2i_result result = check_captures(settings, ipfix, error);
    return result == P2I_OK ? check_captures(settings, json, error) : result;
}
