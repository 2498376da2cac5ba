/* SPDX-License-Identifier: MIT */
/* A file that gets its name only when it is complete:
 *
 *     struct p2i_output_file *file;
 *     enum p2i_result result = p2i_output_file_open(&file, "out.json.gz", 0, NULL, &error);
 *     if (result == P2I_OK) {
 *         result = p2i_output_file_write(file, P2I_VIEW("{}\n"), &error);
 *     }
 *     if (result == P2I_OK) {
 *         result = p2i_output_file_finish(file, &error);
 *     }
 *     p2i_output_file_free(file);
 *
 * A file belongs to one thread at a time. */
#ifndef PCAP2IPFIX_OUTPUT_FILE_H
#define PCAP2IPFIX_OUTPUT_FILE_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_output_file;

/* Bits. */
enum p2i_output_flag {
    P2I_OUTPUT_NEW = 1,  /* an existing file is an error, and stays as it is */
    P2I_OUTPUT_SYNC = 2, /* the complete file survives a power failure: its bytes, then its name
                            reach the disk before p2i_output_file_finish() returns */
};

/* Who may read an output file; start with {0}. The struct never changes. */
struct p2i_output_mode {
    unsigned exact;  /* its permissions, as chmod(2) has them; 0: see p2i_output_file_open() */
    unsigned denied; /* permissions that a new file does not get; 0077: it is its owner's alone */
};

/* Denies a new file to those who may not read this input; "-" is standard input. What is no regular
 * file forbids nothing. */
void p2i_output_mode_limit(struct p2i_output_mode *mode, const char *input);

/* Opens an output. "-" is standard output, which stays open. An existing device or FIFO is written
 * directly. Any other output is a temporary file in the folder of `path`; a symbolic link is
 * followed. A name ending in .gz or .zst is compressed. `path` must outlive the file and its
 * errors. Writing to a pipe without a reader raises SIGPIPE unless the program ignores it.
 *
 * Only its owner may read the temporary file. The complete file has the permissions of `mode`;
 * without any those of the file that it replaces, if that belongs to the user of the process; else
 * those that the umask leaves, without the denied ones. `mode` may be NULL; devices and FIFOs keep
 * theirs.
 *
 * P2I_OK: the caller frees *file; P2I_USAGE: the ending stands for a compression that this library
 * cannot write; P2I_OUTPUT: cannot be created, or not with these permissions; P2I_INTERNAL: out of
 * memory. *file is NULL after an error. */
enum p2i_result p2i_output_file_open(struct p2i_output_file **file, const char *path,
                                     unsigned flags /* enum p2i_output_flag */,
                                     const struct p2i_output_mode *mode, struct p2i_error *error);

/* Writes through a buffer, so that an error may belong to an earlier write. P2I_OK; P2I_OUTPUT: it
 * cannot be written; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_output_file_write(struct p2i_output_file *file, struct p2i_view bytes,
                                      struct p2i_error *error);

/* Writes the buffer, syncs the file and gives it its name; with P2I_OUTPUT_NEW never replaces a
 * file that appeared meanwhile. Nothing may be written afterwards. Results as
 * p2i_output_file_write(). */
enum p2i_result p2i_output_file_finish(struct p2i_output_file *file, struct p2i_error *error);

/* Frees the file, and removes it if it is unfinished. NULL is fine. */
void p2i_output_file_free(struct p2i_output_file *file);

#ifdef __cplusplus
}
#endif
#endif
