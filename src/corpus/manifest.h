/* SPDX-License-Identifier: MIT */
/* The manifest of a corpus: a JSON object. One thread. */
#ifndef P2I_CORPUS_MANIFEST_H
#define P2I_CORPUS_MANIFEST_H

#include "corpus/candidates.h"
#include "corpus/folder.h"
#include "pcap2ipfix/corpus.h"

/* A capture of the corpus. */
struct p2i_corpus_file {
    char name[P2I_CORPUS_NAME_MAX];
    uint32_t capture; /* index of its source */
    uint64_t size;
    char sha256[65];                        /* empty: not known */
    char capture_path[P2I_CORPUS_PATH_MAX]; /* as seen from the folder; empty: NAME.pcapng */
};

/* A capture that was read. */
struct p2i_corpus_source {
    const char *path;
    uint64_t size;
    char sha256[65]; /* empty: not known */
    bool damaged, refused;
};

/* All pointers are borrowed. */
struct p2i_corpus_contents {
    const struct p2i_corpus_source *sources;
    size_t source_count;
    const struct p2i_corpus_file *files;
    size_t file_count;
    const struct p2i_candidates *candidates;
    size_t met;      /* the first combinations, which the sources have */
    bool anonymised; /* nothing may say where the captures come from */
    const struct p2i_corpus_counts *counts;
};

/* Writes the manifest to `path`. Results as p2i_corpus_write_file(). */
enum p2i_result p2i_corpus_manifest_write(const struct p2i_corpus_contents *contents,
                                          const char *path, struct p2i_error *error);

/* Takes a capture of a manifest. An error ends the reading with it. */
typedef enum p2i_result p2i_corpus_take_file(void *context, const struct p2i_corpus_file *file,
                                             struct p2i_error *error);
/* Reads the captures of a manifest. P2I_OK; P2I_USAGE: it is none, or its names are not names of a
 * corpus; else the error of `take`. */
enum p2i_result p2i_corpus_manifest_read(struct p2i_view manifest, p2i_corpus_take_file *take,
                                         void *context, struct p2i_error *error);

#endif
