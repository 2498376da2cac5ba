/* SPDX-License-Identifier: MIT */
#include "base/capture_name.h"

#include <string.h>
#include <strings.h>

/* Of tcpdump, Wireshark and other programs that write captures. */
static const char *const compressions[] = {".gz", ".zst", ".xz", ".lz4", ".bz2", NULL};
static const char *const containers[] = {".pcap",  ".pcapng", ".cap",  ".dmp", ".erf",
                                         ".snoop", ".trace",  ".ntar", ".enc", NULL};

const char *p2i_last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool p2i_capture_is_named(const char *path, const char *name)
{
    return strcmp(name, path) == 0 || strcmp(name, p2i_last_part(path)) == 0;
}

/* The size of a name without its ending, if that is one of these. */
static size_t without(const char *name, size_t size, const char *const *endings)
{
    for (size_t i = 0; endings[i] != NULL; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && strncasecmp(name + size - ending, endings[i], ending) == 0) {
            return size - ending;
        }
    }
    return size;
}

size_t p2i_capture_stem(const char *name)
{
    return without(name, without(name, strlen(name), compressions), containers);
}
