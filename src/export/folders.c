/* SPDX-License-Identifier: MIT */
#include "export/folders.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum p2i_result p2i_folders_make(char *path, struct p2i_sync *sync, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (char *at = strchr(path, '/'); at != NULL && result == P2I_OK; at = strchr(at + 1, '/')) {
        if (at == path || at[-1] == '/') {
            continue;
        }
        *at = '\0';
        bool made = mkdir(path, 0777) == 0;
        if (made) {
            result = p2i_sync_name(sync, path, error);
        } else if (errno != EEXIST) {
            int system_error = errno;
            result = p2i_fail(error, P2I_OUTPUT, "cannot make its folder");
            error->file = path;
            error->system_error = system_error;
        }
        *at = '/';
    }
    return result;
}
