/* SPDX-License-Identifier: MIT */
/* Bytes as a file in memory, for functions that take a path. */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pcap2ipfix/view.h"

struct memory_file {
    int descriptor;
    char path[32]; /* may be opened any number of times, until the file is closed */
};

/* Aborts when the system refuses. */
static inline void memory_file_open(struct memory_file *file, struct p2i_view bytes)
{
    file->descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    if (file->descriptor < 0) {
        abort();
    }
    while (bytes.size > 0) {
        ssize_t written = write(file->descriptor, bytes.data, bytes.size);
        if (written <= 0) {
            abort();
        }
        bytes = p2i_view_from(bytes, (size_t)written);
    }
    (void)snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor);
}

static inline void memory_file_close(struct memory_file *file)
{
    (void)close(file->descriptor);
}

#endif
