/* SPDX-License-Identifier: MIT */
/* Folders of output files. */
#ifndef P2I_EXPORT_FOLDERS_H
#define P2I_EXPORT_FOLDERS_H

#include "export/sync.h"

/* Makes the folders of a file's path that are missing; `path` is changed meanwhile. `sync` (NULL:
 * none) syncs their names later. P2I_OK; P2I_OUTPUT: one cannot be made, error->file is `path`;
 * P2I_INTERNAL: out of memory. */
enum p2i_result p2i_folders_make(char *path, struct p2i_sync *sync, struct p2i_error *error);

#endif
