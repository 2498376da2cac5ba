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
    uint32_t capture; /* index of its source; in a manifest that is read: 0 */
    uint64_t size;
    char sha256[P2I_CORPUS_HASH_MAX];
    char *path; /* of the capture, as seen from the folder; NULL: it is NAME.pcapng. Owned */
    const uint64_t *sessions; /* borrowed; only written */
    size_t session_count;
};

/* A capture that was read. */
struct p2i_corpus_source {
    const char *path;
    uint64_t size;
    char sha256[P2I_CORPUS_HASH_MAX];
    bool damaged, refused;
    const char *same; /* the path of an earlier one with the same bytes; NULL: none */
};

/* A file of the conversion. */
struct p2i_corpus_input {
    char name[P2I_CORPUS_NAME_MAX];
    char sha256[P2I_CORPUS_HASH_MAX];
    size_t hash_at; /* in the text of a manifest that was read; 0: no hash there */
};

/* All pointers are borrowed. */
struct p2i_corpus_contents {
    const struct p2i_corpus_source *sources;
    size_t source_count;
    const struct p2i_corpus_file *files;
    size_t file_count;
    const struct p2i_corpus_input *inputs;
    size_t input_count;
    const struct p2i_candidates *candidates;
    size_t met;      /* the first combinations, which the sources have */
    bool anonymised; /* nothing may say where the captures come from */
    const struct p2i_corpus_counts *counts;
};

/* Writes the manifest to `path`. Mode and results as p2i_corpus_write_file(). */
enum p2i_result p2i_corpus_manifest_write(const struct p2i_corpus_contents *contents,
                                          const char *path, const struct p2i_output_mode *mode,
                                          struct p2i_error *error);

/* A manifest that was read. Start zeroed. */
struct p2i_corpus_manifest {
    struct p2i_buffer text;
    struct p2i_corpus_file *files; /* sorted by name */
    size_t file_count;
    struct p2i_corpus_input *inputs;
    size_t input_count;
    bool anonymised;
    /* What the summary says, and what the lists of the manifest have. */
    struct p2i_corpus_summary {
        uint64_t combinations, covered, sessions, bytes, source_bytes;
    } said, listed;
};

/* Reads a manifest. P2I_OK; P2I_INPUT: it cannot be read; P2I_USAGE: it is none, or its names are
 * not names of a corpus; P2I_INTERNAL: out of memory. The caller frees it in any case. */
enum p2i_result p2i_corpus_manifest_read(struct p2i_corpus_manifest *manifest, const char *path,
                                         struct p2i_error *error);
void p2i_corpus_manifest_free(struct p2i_corpus_manifest *manifest);

#endif
