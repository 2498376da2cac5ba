/* SPDX-License-Identifier: MIT */
/* Regression corpora: few small captures that cover what was met in many large ones, with their
 * records, to be converted again and compared.
 *
 *     struct p2i_corpus_settings settings = {.struct_size = sizeof settings, .folder = "corpus",
 *                                            .paths = paths, .path_count = 2};
 *     struct p2i_corpus_counts counts = {.struct_size = sizeof counts};
 *     enum p2i_result result = p2i_corpus_make(&settings, &counts, &error);
 *     ...
 *     struct p2i_corpus_check check = {.struct_size = sizeof check, .folder = "corpus",
 *                                      .temporary = "/tmp", .differs = print};
 *     result = p2i_corpus_verify(&check, &error);
 *
 * Sessions are chosen so that together they have every combination that the captures have: each
 * kind of record; each state of its fields: empty, full, the longest value, in a message that is
 * cut, with escaped bytes, and each value of codes such as METHOD and RRTYPE; each protocol with
 * each feature of its sessions, see feature.h, and with each reason why a session gave no record.
 * The session with most combinations that are still missing for its bytes comes first. Each capture
 * is read on its own.
 *
 * The folder has for each capture NAME.pcapng, NAME.ipfix and NAME.jsonl; settings.yaml, by which
 * they were converted, with copies of the files that it names; and manifest.json: captures,
 * sessions, combinations and what covers them. Packets get no comments.
 * With `whole` there is no NAME.pcapng, but the capture itself, where it is. */
#ifndef PCAP2IPFIX_CORPUS_H
#define PCAP2IPFIX_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything is borrowed for the call. */
struct p2i_corpus_settings {
    size_t struct_size; /* sizeof(struct p2i_corpus_settings), set by the caller */
    /* How the captures are converted; NULL: the defaults, with all kinds of records. What does not
     * shape records is not used; a filter and a key to anonymise records are refused, and with
     * `anonymise` what may name something that is replaced: subscribers, networks, locked hosts,
     * channels of files. */
    const struct p2i_settings *settings;
    const char *const *paths; /* of the captures: regular files */
    size_t path_count;
    const char *folder;    /* is made, or is empty */
    uint64_t size_most;    /* bytes of the captures of the corpus; 0: no limit */
    unsigned percent_most; /* the same in percent of the bytes of all captures; 0: no limit */
    bool whole;            /* no choice: all sessions, and the captures stay where they are; the
                              manifest has their paths, as seen from the folder */
    /* Everything in the captures of the corpus that could identify somebody is replaced under the
     * key in this file, see rewrite.h; nor has the manifest their names. NULL: nothing is. */
    const char *anonymise;
    bool redact; /* passwords and other credentials become asterisks */
    /* A capture is damaged. The error lives for the call. May be NULL, as is_stopped. */
    void (*log)(void *context, enum p2i_log_level level, const struct p2i_error *error);
    /* True: stop. */
    bool (*is_stopped)(void *context);
    void *context; /* first argument of the functions */
};

struct p2i_corpus_counts {
    size_t struct_size;    /* sizeof(struct p2i_corpus_counts), set by the caller */
    uint64_t combinations; /* that the captures have */
    uint64_t covered;      /* that the corpus has */
    uint64_t sessions;     /* of the corpus */
    uint64_t files;        /* captures of the corpus */
    uint64_t bytes;        /* of these captures */
    uint64_t source_bytes; /* of all captures, as they are stored */
};

/* P2I_OK, also where captures are damaged; P2I_END: stopped; P2I_USAGE: the settings are wrong;
 * P2I_INPUT: no capture could be read; P2I_OUTPUT: the folder is not empty, or a file cannot be
 * written; P2I_INTERNAL: out of memory. Without P2I_OK there is no manifest, but perhaps files.
 * error->file is NULL, or one of the settings. */
enum p2i_result p2i_corpus_make(const struct p2i_corpus_settings *settings,
                                struct p2i_corpus_counts *counts, struct p2i_error *error);

struct p2i_diff;

struct p2i_corpus_check {
    size_t struct_size;    /* sizeof(struct p2i_corpus_check), set by the caller */
    const char *folder;    /* of the corpus */
    const char *temporary; /* the folder of temporary files */
    bool update;      /* the records become those of this version, and the settings those of the
                         manifest */
    bool whole;       /* the corpus was made with `whole`: its captures are outside of the folder,
                         where the manifest says. Without, nothing outside of it is read */
    unsigned threads; /* of the conversion; 0: as in the settings of the corpus */
    /* Called for each difference: the file, what is wrong, and, where records differ, how (A: those
     * of the corpus, B: those of this version; else NULL). All live for the call. */
    void (*differs)(void *context, const char *file, const char *text, const struct p2i_diff *diff);
    bool (*is_stopped)(void *context); /* may be NULL */
    void *context;                     /* first argument of the functions */
    uint64_t files;                    /* set: captures of the corpus */
    uint64_t differences;              /* set: calls of `differs` */
    uint64_t updated;                  /* set: differences that `update` removed */
};

/* Converts the captures of a corpus again and compares the records, IPFIX and JSON, byte by byte,
 * and the captures, the settings and the names of files with the manifest. The corpus may come from
 * others: symbolic links are not followed, and its settings lead nowhere. P2I_OK: all is as it was,
 * or was updated; P2I_DAMAGED: there are differences; P2I_END: stopped; P2I_INPUT: there is no
 * manifest or no file of settings, or one cannot be read; P2I_USAGE: it is none; P2I_OUTPUT: a file
 * cannot be written; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_corpus_verify(struct p2i_corpus_check *check, struct p2i_error *error);

#ifdef __cplusplus
}
#endif
#endif
