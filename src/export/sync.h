/* SPDX-License-Identifier: MIT */
/* Lets complete files survive a power failure: the bytes of each file reach the disk before it gets
 * its name, and the names (the folders) within about a second, and at the end. One thread. */
#ifndef P2I_EXPORT_SYNC_H
#define P2I_EXPORT_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "pcap2ipfix/error.h"

/* Start with p2i_sync_init(); it must outlive the files that are opened with it. */
struct p2i_sync {
    const struct p2i_clock *clock;
    int (*sync)(void *context, int descriptor); /* syncs a file or folder; 0, or an errno */
    void *context;
    char **folders; /* changed since they were synced */
    size_t folder_count;
    uint64_t synced_ns; /* time of the last sync of folders; 0: never */
};

/* `clock` NULL: p2i_system_clock. */
void p2i_sync_init(struct p2i_sync *sync, const struct p2i_clock *clock);

/* The functions below do nothing when `sync` is NULL. A descriptor that cannot be synced, such as a
 * pipe or a terminal, is no error. P2I_OK; P2I_OUTPUT: the sync failed, error->file is `path` when
 * it was a file; P2I_INTERNAL: out of memory. */

/* Syncs a file; call it before the file gets its name. */
enum p2i_result p2i_sync_file(const struct p2i_sync *sync, int descriptor, const char *path,
                              struct p2i_error *error);
/* Syncs the folder of `path` after the file got its name; defers that when folders were synced less
 * than a second ago. */
enum p2i_result p2i_sync_name(struct p2i_sync *sync, const char *path, struct p2i_error *error);
/* Syncs deferred folders when a second has passed; call it from time to time. */
enum p2i_result p2i_sync_turn(struct p2i_sync *sync, struct p2i_error *error);
/* Syncs all deferred folders. */
enum p2i_result p2i_sync_finish(struct p2i_sync *sync, struct p2i_error *error);
void p2i_sync_free(struct p2i_sync *sync); /* tries to sync deferred folders */

#endif
