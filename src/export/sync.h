/* SPDX-License-Identifier: MIT */
/* Files that are complete survive a power failure: the bytes of each reach the disk before it gets
 * its name, and the names (the folders) within about a second and at the end. One thread. */
#ifndef P2I_EXPORT_SYNC_H
#define P2I_EXPORT_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "pcap2ipfix/clock.h"

/* Start with p2i_sync_init(); whoever opens files keeps it until p2i_sync_free(). */
struct p2i_sync {
    const struct p2i_clock *clock;
    int (*sync)(void *context, int descriptor); /* of a file or folder; 0, or an errno */
    void *context;
    char **folders; /* whose names have changed since they were synced */
    size_t folder_count;
    uint64_t synced_ns; /* when folders were synced last; 0: never */
};

/* `clock` NULL: p2i_system_clock. */
void p2i_sync_init(struct p2i_sync *sync, const struct p2i_clock *clock);

/* In all of these NULL for `sync` does nothing. What cannot be synced by its nature, such as a pipe
 * or a terminal, is no error. P2I_OUTPUT, with error->file = `path` where it is a file;
 * P2I_INTERNAL. */

/* Before the file of the descriptor is complete under its name. */
enum p2i_result p2i_sync_file(const struct p2i_sync *sync, int descriptor, const char *path,
                              struct p2i_error *error);
/* The file at `path` has got its name: its folder is synced, unless one was less than a second ago;
 * then it waits. */
enum p2i_result p2i_sync_name(struct p2i_sync *sync, const char *path, struct p2i_error *error);
/* From time to time: syncs the folders that have waited long enough. */
enum p2i_result p2i_sync_turn(struct p2i_sync *sync, struct p2i_error *error);
/* Syncs the folders that wait. */
enum p2i_result p2i_sync_finish(struct p2i_sync *sync, struct p2i_error *error);
void p2i_sync_free(struct p2i_sync *sync); /* what waits is synced, if that can be done */

#endif
