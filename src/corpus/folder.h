/* SPDX-License-Identifier: MIT */
/* The files of a corpus. One thread. */
#ifndef P2I_CORPUS_FOLDER_H
#define P2I_CORPUS_FOLDER_H

#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/values.h"

enum {
    P2I_CORPUS_PATH_MAX = 4096,
    P2I_CORPUS_NAME_MAX = 200,
};

#define P2I_CORPUS_MANIFEST "manifest.json"
#define P2I_CORPUS_SETTINGS "settings.yaml"

/* "folder/name" and the ending. False: it is too long. */
bool p2i_corpus_path(char path[P2I_CORPUS_PATH_MAX], const char *folder, const char *name,
                     const char *ending);
/* Whether a name can be that of a file of a corpus: letters, digits, '.', '_' and '-', and no '.'
 * at its beginning. Others never become part of a path. */
bool p2i_corpus_is_name(struct p2i_view name);
/* Makes such a name from the path of a capture: its last part without the endings of captures and
 * of compression; other bytes become '_'. */
void p2i_corpus_name(const char *path, char name[P2I_CORPUS_NAME_MAX]);

/* Makes the folder, unless there is an empty one. P2I_OK; P2I_OUTPUT. */
enum p2i_result p2i_corpus_make_folder(const char *folder, struct p2i_error *error);
/* Appends a whole file. P2I_OK; P2I_INPUT; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_corpus_read_file(const char *path, struct p2i_buffer *bytes,
                                     struct p2i_error *error);
/* Writes a whole file. Results as p2i_output_file_open(). */
enum p2i_result p2i_corpus_write_file(const char *path, struct p2i_view bytes,
                                      struct p2i_error *error);

/* The path of a file as seen from a folder, "../captures/a.pcap"; both are there. The caller frees
 * it. NULL: out of memory, or one of them is not there. */
char *p2i_corpus_relative(const char *folder, const char *path);

/* Converts a capture by settings that are a configuration file; `threads`: 0: theirs. Results as
 * p2i_convert(). */
enum p2i_result p2i_corpus_convert(struct p2i_view settings, unsigned threads, const char *capture,
                                   const char *ipfix, const char *json, struct p2i_error *error);

#endif
