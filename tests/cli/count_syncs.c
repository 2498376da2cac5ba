/* SPDX-License-Identifier: MIT */
/* Preloaded: writes a line to the file that SYNCED names for each fsync(), `file` or `folder`, and
 * syncs nothing. The file is opened at once, since the program seals itself off. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int synced = -1;

__attribute__((constructor)) static void open_log(void)
{
    const char *path = getenv("SYNCED");
    synced = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
}

int fsync(int descriptor)
{
    struct stat status;
    if (synced >= 0 && fstat(descriptor, &status) == 0) {
        const char *line = S_ISDIR(status.st_mode) ? "folder\n" : "file\n";
        (void)!write(synced, line, strlen(line));
    }
    return 0;
}
