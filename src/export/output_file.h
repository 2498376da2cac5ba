/* SPDX-License-Identifier: MIT */
/* A file that gets its name only when it is complete. One thread. */
#ifndef P2I_EXPORT_OUTPUT_FILE_H
#define P2I_EXPORT_OUTPUT_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/view.h"
#include "export/sync.h"

struct p2i_output_file;

/* Opens an output. "-" is standard output, which stays open. An existing device or FIFO is written
 * directly. Any other output is a temporary file in the folder of `path`; a symbolic link is
 * followed. A name ending in .gz or .zst is compressed. With `must_be_new` an existing file is an
 * error. `path` and `sync` (NULL: nothing is synced) must outlive the file and its errors. Writing
 * to a pipe without a reader raises SIGPIPE unless the program ignores it.
 *
 * P2I_OK; P2I_USAGE: the ending stands for a compression that this program cannot write;
 * P2I_OUTPUT: cannot be created; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_output_file_open(struct p2i_output_file **file, const char *path,
                                     bool must_be_new, struct p2i_sync *sync,
                                     struct p2i_error *error);

/* Writes through a buffer, so that an error may belong to an earlier write. */
enum p2i_result p2i_output_file_write(struct p2i_output_file *file, struct p2i_view bytes,
                                      struct p2i_error *error);

/* Writes the buffer, syncs the file and gives it its name; with `must_be_new` never replaces a file
 * that appeared meanwhile. Nothing may be written afterwards. */
enum p2i_result p2i_output_file_finish(struct p2i_output_file *file, struct p2i_error *error);

/* Removes an unfinished file. NULL is fine. */
void p2i_output_file_free(struct p2i_output_file *file);

#endif
