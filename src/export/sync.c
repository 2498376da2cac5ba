/* SPDX-License-Identifier: MIT */
#include "export/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERIOD_NS UINT64_C(1000000000)

static int sync_descriptor(void *context, int descriptor)
{
    (void)context;
    return fsync(descriptor) == 0 ? 0 : errno;
}

void p2i_sync_init(struct p2i_sync *sync, const struct p2i_clock *clock)
{
    *sync = (struct p2i_sync){.clock = clock != NULL ? clock : &p2i_system_clock,
                              .sync = sync_descriptor};
}

/* Pipes, sockets, terminals, and file systems without storage. */
static bool cannot_be_synced(int system_error)
{
    return system_error == EINVAL || system_error == ENOTSUP || system_error == EROFS ||
           system_error == ENOSYS;
}

enum p2i_result p2i_sync_file(const struct p2i_sync *sync, int descriptor, const char *path,
                              struct p2i_error *error)
{
    int system_error = sync != NULL ? sync->sync(sync->context, descriptor) : 0;
    if (system_error == 0 || cannot_be_synced(system_error)) {
        return P2I_OK;
    }
    (void)p2i_fail(error, P2I_OUTPUT, "cannot sync to the disk");
    error->file = path;
    error->system_error = system_error;
    return P2I_OUTPUT;
}

/* A folder that was removed meanwhile, or is writable but not readable, is not an error of the
 * output. */
static int sync_folder(const struct p2i_sync *sync, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return 0;
    }
    int system_error = sync->sync(sync->context, descriptor);
    (void)close(descriptor);
    return cannot_be_synced(system_error) ? 0 : system_error;
}

static bool waits(const struct p2i_sync *sync, const char *folder, size_t size)
{
    for (size_t i = 0; i < sync->folder_count; i++) {
        if (strlen(sync->folders[i]) == size && memcmp(sync->folders[i], folder, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The folder of the path, once. False: out of memory. */
static bool add_folder(struct p2i_sync *sync, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash != NULL ? path : ".";
    size_t size = slash != NULL ? (size_t)(slash - path) + 1 : 1;
    if (waits(sync, folder, size)) {
        return true;
    }
    char *copy = strndup(folder, size);
    char **folders = realloc(sync->folders, (sync->folder_count + 1) * sizeof *folders);
    if (folders != NULL) {
        sync->folders = folders;
    }
    if (copy == NULL || folders == NULL) {
        free(copy);
        return false;
    }
    folders[sync->folder_count++] = copy;
    return true;
}

enum p2i_result p2i_sync_finish(struct p2i_sync *sync, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (sync == NULL || sync->folder_count == 0) {
        return P2I_OK;
    }
    for (size_t i = 0; i < sync->folder_count; i++) {
        int system_error = sync_folder(sync, sync->folders[i]);
        if (system_error != 0) {
            result = p2i_fail(error, P2I_OUTPUT, "cannot sync the folder %.180s to the disk",
                              sync->folders[i]);
            error->system_error = system_error;
        }
        free(sync->folders[i]);
    }
    sync->folder_count = 0;
    sync->synced_ns = sync->clock->now_ns(sync->clock->context);
    return result;
}

enum p2i_result p2i_sync_turn(struct p2i_sync *sync, struct p2i_error *error)
{
    if (sync == NULL || sync->folder_count == 0) {
        return P2I_OK;
    }
    uint64_t now = sync->clock->now_ns(sync->clock->context);
    bool due = sync->synced_ns == 0 || now - sync->synced_ns >= PERIOD_NS;
    return due ? p2i_sync_finish(sync, error) : P2I_OK;
}

enum p2i_result p2i_sync_name(struct p2i_sync *sync, const char *path, struct p2i_error *error)
{
    if (sync != NULL && !add_folder(sync, path)) {
        return p2i_fail_memory(error);
    }
    return p2i_sync_turn(sync, error);
}

void p2i_sync_free(struct p2i_sync *sync)
{
    struct p2i_error error;
    if (sync != NULL) {
        (void)p2i_sync_finish(sync, &error);
        free(sync->folders);
        sync->folders = NULL;
    }
}
