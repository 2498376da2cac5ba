/* SPDX-License-Identifier: MIT */
/* Preloaded: writes a line to the file that SYNCED names for each fsync(), `file` or `folder`, and
 * syncs nothing. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fsync(int descriptor)
{
    const char *path = getenv("SYNCED");
    struct stat status;
    int log = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (log >= 0 && fstat(descriptor, &status) == 0) {
        const char *line = S_ISDIR(status.st_mode) ? "folder\n" : "file\n";
        (void)!write(log, line, strlen(line));
    }
    if (log >= 0) {
        (void)close(log);
    }
    return 0;
}
