/* SPDX-License-Identifier: MIT */
/* The files of a corpus. One thread. */
#ifndef P2I_CORPUS_FOLDER_H
#define P2I_CORPUS_FOLDER_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/values.h"

enum {
    P2I_CORPUS_PATH_MAX = 4096,
    P2I_CORPUS_NAME_MAX = 200,
    P2I_CORPUS_HASH_MAX = 65, /* SHA-256 as a string; empty: not known */
};

#define P2I_CORPUS_MANIFEST "manifest.json"
#define P2I_CORPUS_SETTINGS "settings.yaml"

/* "folder/name" and the ending. False: it is too long. */
bool p2i_corpus_path(char path[P2I_CORPUS_PATH_MAX], const char *folder, const char *name,
                     const char *ending);
/* Whether a name can be that of a file of a corpus: letters, digits, '.', '_' and '-', and no '.'
 * at its beginning. Others never become part of a path. */
bool p2i_corpus_is_name(struct p2i_view name);
/* Makes such names, all different, from the paths of captures: the last part without the endings of
 * captures and of compression; other bytes become '_'; of those that are equal the second gets "-2"
 * behind it, and so on. False: out of memory. */
bool p2i_corpus_names(const char *const *paths, size_t count, char (*names)[P2I_CORPUS_NAME_MAX]);

/* What a path of a corpus is. A symbolic link is no regular file: it may lead out of the folder. */
enum p2i_corpus_there { P2I_CORPUS_MISSING, P2I_CORPUS_REGULAR, P2I_CORPUS_OTHER };
enum p2i_corpus_there p2i_corpus_look(const char *path);

/* Makes the folder, unless there is an empty one. P2I_OK; P2I_OUTPUT. */
enum p2i_result p2i_corpus_make_folder(const char *folder, struct p2i_error *error);
/* Appends a whole regular file. P2I_OK; P2I_INPUT: it cannot be opened or read, or is something
 * else; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_corpus_read_file(const char *path, struct p2i_buffer *bytes,
                                     struct p2i_error *error);
/* Writes a whole file. Mode and results as p2i_output_file_open(). */
enum p2i_result p2i_corpus_write_file(const char *path, struct p2i_view bytes,
                                      const struct p2i_output_mode *mode, struct p2i_error *error);
/* The SHA-256 of a file; `text` is empty after an error, and where the library was built without
 * OpenSSL. *size: its bytes. P2I_OK; P2I_INPUT; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_corpus_hash(const char *path, char text[P2I_CORPUS_HASH_MAX], uint64_t *size,
                                struct p2i_error *error);

/* The path of a file as seen from a folder, "../captures/a.pcap"; both are there. The caller frees
 * it. NULL: out of memory, or one of them is not there. */
char *p2i_corpus_relative(const char *folder, const char *path);

#endif
