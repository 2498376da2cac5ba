/* SPDX-License-Identifier: MIT */
#include "extract/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extract/selection.h"

enum p2i_result p2i_extract_check_path(const char *path, struct p2i_error *error)
{
    struct stat status;
    if (strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode))) {
        enum p2i_result result =
            p2i_fail(error, P2I_USAGE, "it is read several times: expected a regular file");
        error->file = path;
        return result;
    }
    return P2I_OK;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A path that is there twice; NULL: none. Out of memory: NULL, too. */
static const char *repeated_path(const struct p2i_extract_settings *settings)
{
    const char **sorted = malloc(settings->path_count * sizeof *sorted);
    const char *repeated = NULL;
    if (sorted != NULL) {
        memcpy(sorted, settings->paths, settings->path_count * sizeof *sorted);
        qsort(sorted, settings->path_count, sizeof *sorted, by_text);
        for (size_t i = 1; i < settings->path_count && repeated == NULL; i++) {
            repeated = strcmp(sorted[i - 1], sorted[i]) == 0 ? sorted[i] : NULL;
        }
    }
    free(sorted);
    return repeated;
}

enum p2i_result p2i_extract_check(const struct p2i_extract_settings *settings,
                                  struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (settings->path_count == 0 || settings->output == NULL) {
        return p2i_fail(error, P2I_USAGE, "captures and an output are needed");
    }
    if (settings->filter == NULL && settings->record_file_count == 0 &&
        settings->session_count == 0 && settings->packet_count == 0) {
        return p2i_fail(error, P2I_USAGE, "nothing is asked for");
    }
    if (strcmp(settings->output, "-") == 0) {
        return p2i_fail(error, P2I_USAGE, "the output has a manifest beside it: expected a file");
    }
    for (size_t i = 0; i < settings->packet_count; i++) {
        if (settings->packets[i].capture >= settings->path_count) {
            return p2i_fail(error, P2I_USAGE, "there is no capture %" PRIu64,
                            settings->packets[i].capture + UINT64_C(1));
        }
        if (!p2i_is_packet_number(settings->packets[i].packet)) {
            return p2i_fail(error, P2I_USAGE, "packets are counted from 1");
        }
    }
    for (size_t i = 0; i < settings->path_count && result == P2I_OK; i++) {
        result = p2i_extract_check_path(settings->paths[i], error);
    }
    for (size_t i = 0; i < settings->record_file_count && result == P2I_OK; i++) {
        result = p2i_extract_check_path(settings->record_files[i], error);
    }
    const char *repeated = result == P2I_OK ? repeated_path(settings) : NULL;
    if (repeated != NULL) {
        result = p2i_fail(error, P2I_USAGE, "the capture is given twice");
        error->file = repeated;
    }
    return result;
}
