/* SPDX-License-Identifier: MIT */
#include "extract/outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract/copy.h"
#include "extract/names.h"

/* True when the file of a capture before this one has the name. */
static bool is_taken(const struct p2i_extract_outputs *outputs, size_t capture, const char *name)
{
    bool taken = false;
    for (size_t i = 0; i < capture && !taken; i++) {
        taken = strcmp(outputs->files[i].path, name) == 0;
    }
    return taken;
}

/* The name of the file of a capture, other than those before it. NULL: out of memory. */
static char *output_of(const struct p2i_extract_outputs *outputs, size_t capture)
{
    const struct p2i_extract_settings *settings = outputs->settings;
    if (settings->path_count == 1) {
        return strdup(settings->output);
    }
    char *name = p2i_extract_name(settings->output, settings->paths[capture], 0);
    for (size_t number = capture + 1; name != NULL && is_taken(outputs, capture, name); number++) {
        free(name);
        name = p2i_extract_name(settings->output, settings->paths[capture], number);
    }
    return name;
}

static enum p2i_result name_all(const struct p2i_extract_outputs *outputs, struct p2i_error *error)
{
    for (size_t i = 0; i < outputs->settings->path_count; i++) {
        outputs->files[i].path = output_of(outputs, i);
        if (outputs->files[i].path == NULL) {
            return p2i_fail_memory(error);
        }
    }
    return P2I_OK;
}

/* An output must not replace a capture. */
static bool is_capture(const struct p2i_extract_settings *settings, const char *path)
{
    struct stat output;
    struct stat capture;
    bool same = false;
    if (stat(path, &output) != 0) {
        return false;
    }
    for (size_t i = 0; i < settings->path_count && !same; i++) {
        same = stat(settings->paths[i], &capture) == 0 && capture.st_dev == output.st_dev &&
               capture.st_ino == output.st_ino;
    }
    return same;
}

static enum p2i_result check_all(const struct p2i_extract_outputs *outputs, struct p2i_error *error)
{
    for (size_t i = 0; i < outputs->settings->path_count; i++) {
        const char *path = outputs->files[i].path;
        if (is_capture(outputs->settings, path)) {
            (void)p2i_fail(error, P2I_USAGE, "the output is one of the captures");
            error->file = path;
            return P2I_USAGE;
        }
    }
    return P2I_OK;
}

static enum p2i_result copy_capture(const struct p2i_extract_outputs *outputs, size_t capture,
                                    struct p2i_error *error)
{
    const struct p2i_extract_settings *settings = outputs->settings;
    struct p2i_extracted_file *file = &outputs->files[capture];
    const struct p2i_copy_request request = {
        .path = settings->paths[capture],
        .capture = (uint32_t)capture,
        .output = file->path,
        .mode = outputs->mode,
        .memory = outputs->memory,
        .plain = outputs->plain,
        .memory_bytes = outputs->memory_bytes,
        .is_stopped = settings->is_stopped,
        .context = settings->context,
    };
    return p2i_copy_frames(outputs->selection, &request, &file->packets, error);
}

/* A link is removed itself; devices and pipes stay. */
static enum p2i_result remove_stale(const char *path, struct p2i_error *error)
{
    struct stat status;
    if (lstat(path, &status) != 0 || (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) ||
        unlink(path) == 0) {
        return P2I_OK;
    }
    (void)p2i_fail(error, P2I_OUTPUT, "cannot remove the file of an earlier run");
    error->system_error = errno;
    error->file = path;
    return P2I_OUTPUT;
}

enum p2i_result p2i_extract_outputs_write(const struct p2i_extract_outputs *outputs,
                                          struct p2i_error *error)
{
    bool files = outputs->memory == NULL;
    enum p2i_result result = name_all(outputs, error);
    if (result == P2I_OK && files) {
        result = check_all(outputs, error);
    }
    for (size_t i = 0; i < outputs->settings->path_count && result == P2I_OK; i++) {
        result = copy_capture(outputs, i, error);
        if (result == P2I_OK && outputs->files[i].packets == 0 && files) {
            result = remove_stale(outputs->files[i].path, error);
        }
    }
    return result;
}
