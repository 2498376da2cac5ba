/* SPDX-License-Identifier: MIT */
/* A file that appears under its name only when it is complete. One thread. */
#ifndef P2I_EXPORT_OUTPUT_FILE_H
#define P2I_EXPORT_OUTPUT_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/view.h"
#include "export/sync.h"

struct p2i_output_file;

/* "-" is standard output, which is not closed. What exists and is no regular file (a device, a
 * FIFO) is opened and written directly. Else a temporary is made in the folder of the file
 * (a symbolic link is followed). Under a name that ends in .gz or .zst the bytes are compressed;
 * one that ends in another usual way of compression is P2I_USAGE. With `must_be_new`, whatever
 * exists under the name is an error. `path` must live as long as the file and its errors, and so
 * must `sync` (NULL: nothing is synced). P2I_OUTPUT or P2I_INTERNAL. A write to a pipe that nobody
 * reads raises SIGPIPE unless the program ignores it. */
enum p2i_result p2i_output_file_open(struct p2i_output_file **file, const char *path,
                                     bool must_be_new, struct p2i_sync *sync,
                                     struct p2i_error *error);

/* Buffered; an error may be of what was written before. */
enum p2i_result p2i_output_file_write(struct p2i_output_file *file, struct p2i_view bytes,
                                      struct p2i_error *error);

/* Writes what is buffered, syncs it, and gives the file its name; with `must_be_new` never over a
 * file that has appeared meanwhile. Nothing may be written afterwards. */
enum p2i_result p2i_output_file_finish(struct p2i_output_file *file, struct p2i_error *error);

/* Removes what is not finished. NULL is fine. */
void p2i_output_file_free(struct p2i_output_file *file);

#endif
