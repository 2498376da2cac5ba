/* SPDX-License-Identifier: MIT */
/* How the captures of a corpus are converted: by the settings that shape records, and by the files
 * that these name, which are part of the corpus. A corpus may come from others: because of its
 * settings nothing outside of its folder is read, and nothing is written or sent. One thread. */
#ifndef P2I_CORPUS_CONVERSION_H
#define P2I_CORPUS_CONVERSION_H

#include "corpus/folder.h"
#include "pcap2ipfix/settings.h"

struct p2i_corpus_conversion {
    const char *folder;     /* borrowed */
    struct p2i_buffer text; /* of settings.yaml */
    unsigned needed;        /* a bit for each file that settings may name */
};

/* Whether a corpus may have the settings; NULL: the defaults. P2I_OK; P2I_USAGE: one is refused: a
 * filter, a key to anonymise records, or, if the corpus is to be `anonymised`, one that may name
 * what is replaced. */
enum p2i_result p2i_corpus_conversion_check(const struct p2i_settings *given, bool anonymised,
                                            struct p2i_error *error);
/* For a new corpus: takes what shapes records out of `given`, which were checked, NULL: the
 * defaults with all kinds of records; writes settings.yaml and copies the files that it names.
 * P2I_OK; P2I_INPUT: a file that a setting names cannot be read; P2I_OUTPUT: a file cannot be
 * written; P2I_INTERNAL: out of memory. The caller frees it in any case. */
enum p2i_result p2i_corpus_conversion_make(struct p2i_corpus_conversion *conversion,
                                           const char *folder, const struct p2i_settings *given,
                                           struct p2i_error *error);
/* Reads the settings of a corpus. P2I_OK; P2I_INPUT: they cannot be read; P2I_USAGE: they are
 * wrong, or name a file outside of the corpus; P2I_INTERNAL: out of memory. The caller frees it in
 * any case. */
enum p2i_result p2i_corpus_conversion_read(struct p2i_corpus_conversion *conversion,
                                           const char *folder, struct p2i_error *error);
void p2i_corpus_conversion_free(struct p2i_corpus_conversion *conversion);

/* The name of file `index` of the conversion: settings.yaml, then those that it names. NULL: there
 * are fewer. */
const char *p2i_corpus_conversion_file(const struct p2i_corpus_conversion *conversion,
                                       size_t index);

/* Settings for a conversion, without captures and outputs. Results as p2i_corpus_conversion_read();
 * the caller frees *settings in any case. */
enum p2i_result p2i_corpus_conversion_settings(const struct p2i_corpus_conversion *conversion,
                                               struct p2i_settings **settings,
                                               struct p2i_error *error);
/* Converts a capture. `threads`: 0: as in the settings; `sync`: waits for the disk. Results as
 * p2i_convert(). */
enum p2i_result p2i_corpus_convert(const struct p2i_corpus_conversion *conversion, unsigned threads,
                                   const char *capture, const char *ipfix, const char *json,
                                   bool sync, struct p2i_error *error);

#endif
